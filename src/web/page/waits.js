// How soon visits got in: of all visits the share that was in within a time, one curve a policy.
import { t, num, pct } from "./lang.js";
import { report, armLabel, view, onLook, picked } from "./data.js";
import { s, scale, line } from "./svg.js";
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

/** Lines of the arms, as in the legend: the one that is looked at is blue. */
const DASHES = [null, "7 3", "2 3", "9 3 2 3", "4 6", "1 5"];
const styleOf = (arm, n) => ({ class: "curve " + (arm === view.arm ? "c-line" : "c-base"), "stroke-dasharray": DASHES[n % DASHES.length] });

export function waits() {
  if (!report.waits || !arms().length) return null;
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
      const [left, right, top, bottom] = [46, wide - (many && wide >= 600 ? 160 : 24), 12, 232];
      // Beside the curves, or below where there is no room.
      const [besides, below] = wide >= 600 ? [right + 10, top + 8] : [left, bottom + 54];
      const x = scale(0, Math.log10(MARKS[MARKS.length - 1]), left, right);
      const y = scale(0, 1, bottom, top);
      const parts = [];
      for (const v of [0, 0.25, 0.5, 0.75, 1]) parts.push(s("line", { class: v ? "level" : "ground", x1: left, x2: right, y1: y(v), y2: y(v) }), s("text", { class: "tick", x: left - 6, y: y(v) + 4, "text-anchor": "end" }, pct(v)));
      let free = -Infinity;
      for (const v of MARKS) {
        const px = x(Math.log10(v));
        parts.push(s("line", { class: "level", x1: px, x2: px, y1: top, y2: bottom }));
        if (px < free) continue;
        parts.push(s("text", { class: "tick", x: px, y: bottom + 16, "text-anchor": "middle" }, span(v)));
        free = px + 46;
      }
      // The one that is looked at lies on top.
      for (const [n, arm] of [...arms().entries()].sort(([, a], [, b]) => (a === view.arm) - (b === view.arm))) {
        parts.push(s("path", { ...styleOf(arm, n), d: line(curveOf(arm).map(([limit, share]) => [x(Math.log10(limit)), share === null ? null : y(share)])) }));
        if (!many) continue;
        const row = below + n * 18;
        parts.push(s("path", { ...styleOf(arm, n), d: line([[besides, row - 4], [besides + 28, row - 4]]) }), s("text", { class: "name", x: besides + 34, y: row }, armLabel(arm)));
      }
      parts.push(s("text", { class: "tick", x: left, y: bottom + 32 }, t("waits.axis") + " →"));
      const high = Math.max(bottom + 40, many ? below + arms().length * 18 - 8 : 0);
      return s("svg", { class: "picture", role: "img", width: wide, height: high, viewBox: `0 0 ${wide} ${high}` }, parts);
    },
  });
  onLook((changed) => ["pick", "arm"].some((key) => changed.has(key)) && fig.refresh());
  return { node: fig.node, draw: () => fig.refresh() };
}
