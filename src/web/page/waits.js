// How soon visits got in: of all visits the share that was in within a time, one curve a policy.
import { t, num, pct } from "./lang.js";
import { report, armLabel, view, onLook, picked } from "./data.js";
import { h, s, scale, line } from "./svg.js";
import { figure } from "./figure.js";

/** Marks of the axis of time, s. */
const MARKS = [1, 10, 60, 300, 900, 3600, 14400, 86400];
/** Limits of the sentence, s. */
const TOLD = [60, 900, 7200];

const span = (seconds) => (seconds < 60 ? num(seconds) + "\u00a0s" : seconds < 3600 ? num(seconds / 60) + "\u00a0min" : num(seconds / 3600, seconds % 3600 ? 1 : 0) + "\u00a0h");

/** `[limit, share]` of what the picker means: the country by its people, services by their doors. */
function curveOf(arm) {
  const of = report.waits[arm];
  const all = (view.pick ? picked(view.pick) : [""]).map((key) => of?.[key]).filter(Boolean);
  if (!all.length) return [];
  return all[0].map(([limit], i) => {
    const [within, visits] = [1, 2].map((k) => all.reduce((sum, one) => sum + one[i][k], 0));
    return [limit, visits ? within / visits : null];
  });
}

const at = (curve, limit) => curve.find(([l]) => l === limit)?.[1] ?? null;
const shown = (share) => (share === null ? "–" : pct(share));
const arms = () => report.arms.map((arm) => arm.name).filter((name) => report.waits[name]);

/** Names at the right end, moved apart where curves end close together. */
function names(ends) {
  const placed = ends.map((end) => ({ ...end })).sort((a, b) => a.y - b.y);
  for (let i = 1; i < placed.length; i++) placed[i].y = Math.max(placed[i].y, placed[i - 1].y + 14);
  return placed;
}

export function waits() {
  if (!report.waits) return null;
  const fig = figure({
    id: "waits",
    title: t("waits.title"),
    how: t("waits.how"),
    name: "preau-waits",
    says: () => {
      const curve = curveOf(view.arm);
      const list = TOLD.map((limit) => shown(at(curve, limit)));
      return (report.arms.length > 1 ? armLabel(view.arm) + t("lesson.colon") : "") + t("waits.says", { a: list[0], b: list[1], c: list[2] });
    },
    table: () => {
      const curves = arms().map(curveOf);
      const limits = curves[0].map(([limit]) => limit);
      return {
        head: [t("waits.within"), ...arms().map(armLabel)],
        rows: limits.map((limit) => [span(limit), ...curves.map((curve) => shown(at(curve, limit)))]),
        file: { head: ["within_s", ...arms()], rows: limits.map((limit) => [limit, ...curves.map((curve) => at(curve, limit))]) },
      };
    },
    draw: () => {
      const wide = fig.place.clientWidth || 900;
      const many = report.arms.length > 1;
      const [left, right, top, bottom] = [46, wide - (many ? (wide < 600 ? 100 : 150) : 16), 12, 232];
      const x = scale(0, Math.log10(MARKS[MARKS.length - 1]), left, right);
      const y = scale(0, 1, bottom, top);
      const parts = [];
      for (const v of [0, 0.25, 0.5, 0.75, 1]) parts.push(s("line", { class: v ? "level" : "ground", x1: left, x2: right, y1: y(v), y2: y(v) }), s("text", { class: "tick", x: left - 6, y: y(v) + 4, "text-anchor": "end" }, pct(v)));
      for (const v of MARKS) parts.push(s("line", { class: "level", x1: x(Math.log10(v)), x2: x(Math.log10(v)), y1: top, y2: bottom }), s("text", { class: "tick", x: x(Math.log10(v)), y: bottom + 16, "text-anchor": "middle" }, span(v)));
      const ends = [];
      // The one that is looked at lies on top.
      for (const arm of [...arms().filter((name) => name !== view.arm), view.arm]) {
        const curve = curveOf(arm);
        parts.push(s("path", { class: "curve " + (arm === view.arm ? "c-line" : "c-base"), d: line(curve.map(([limit, share]) => [x(Math.log10(limit)), share === null ? null : y(share)])) }));
        const last = curve.at(-1)?.[1] ?? null;
        if (last !== null) ends.push({ arm, y: y(last) + 4 });
      }
      if (many) for (const end of names(ends)) parts.push(s("text", { class: "name", x: right + 8, y: end.y }, armLabel(end.arm)));
      parts.push(s("text", { class: "tick", x: left, y: bottom + 32 }, t("waits.axis") + " →"));
      return s("svg", { class: "picture", role: "img", width: wide, height: bottom + 40, viewBox: `0 0 ${wide} ${bottom + 40}` }, parts);
    },
  });
  onLook((changed) => ["pick", "arm"].some((key) => changed.has(key)) && fig.refresh());
  return { node: fig.node, draw: () => fig.refresh() };
}
