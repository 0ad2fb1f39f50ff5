// An attribution: the shares of causes as a waterfall, beside "alone" and "but for it", and what causes do together.
import { t, num, pct, plusMinus, rough, known, listed, apart, brief } from "./lang.js";
import { report } from "./data.js";
import { h, s, scale, steps } from "./svg.js";
import { figure } from "./figure.js";

const pair = (interval) => (interval ? [interval.mean, interval.half_width] : null);
const nameOf = (key) => report.attribution.causes.find((cause) => cause.key === key)?.name ?? key;
/** The first letter of a sentence. */
export const upper = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
const clipped = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);

function waterfall(part) {
  const { unit, kpi } = report.attribution;
  const total = part.total;
  const what = known("kpi." + kpi) ? t("kpi." + kpi) : kpi;
  const causes = [...total.causes].sort((a, b) => Math.abs(b.shapley.mean) - Math.abs(a.shapley.mean));
  const show = (interval) => plusMinus(pair(interval), unit);
  const between = (interval) => plusMinus(pair(interval), apart(unit));
  const fig = figure({
    id: "causes-" + part.part,
    title: t("causes.title_" + part.part, { what }),
    how: t("causes.how"),
    name: "preau-causes-" + part.part,
    says: () => upper(t("causes.says", { what, with: show(total.with), without: show(total.without), first: nameOf(causes[0].cause), share: between(causes[0].shapley) })),
    table: () => {
      const whole = total.difference?.mean;
      const head = [t("causes.cause"), t("causes.shapley"), t("causes.of_all"), t("causes.alone"), t("causes.but_for")];
      const rows = causes.map((c) => [nameOf(c.cause), between(c.shapley), whole ? pct(c.shapley.mean / whole, 1) : "–", between(c.alone), between(c.but_for)]);
      const plain = causes.map((c) => [c.cause, whole ? c.shapley.mean / whole : "", ...["shapley", "alone", "but_for"].flatMap((m) => pair(c[m]) ?? ["", ""])]);
      for (const p of total.pairs ?? []) {
        rows.push([p.causes.map(nameOf).join(" × "), t("causes.together") + " " + between(p.interaction), "–", "–", "–"]);
        plain.push([p.causes.join("+"), "", ...pair(p.interaction), "", "", "", ""]);
      }
      return { head, rows, file: { head: ["cause", "of_difference", "shapley", "shapley_half_width", "alone", "alone_half_width", "but_for", "but_for_half_width"], rows: plain } };
    },
    draw: () => {
      const wide = fig.place.clientWidth || 960;
      const narrow = wide < 640;
      const left = narrow ? 0 : 250;
      const right = wide - (narrow ? 8 : 150);
      const row = narrow ? 48 : 36;
      let sum = total.without.mean;
      const bars = causes.map((c) => {
        const from = sum;
        sum += c.shapley.mean;
        return { c, from, to: sum };
      });
      const ends = [0, total.with.mean, total.without.mean, ...bars.flatMap((b) => [b.to - (b.c.shapley.half_width ?? 0), b.to + (b.c.shapley.half_width ?? 0), b.from + b.c.alone.mean, b.from + b.c.but_for.mean])];
      const x = scale(Math.min(...ends), Math.max(...ends) * 1.03, left, right);
      const parts = [];
      const foot = 10 + (bars.length + 2) * row + (narrow ? 14 : 0);
      for (const v of steps(Math.max(...ends), narrow ? 3 : 5)) parts.push(s("line", { class: v ? "level" : "ground", x1: x(v), x2: x(v), y1: 4, y2: foot }), s("text", { class: "tick", x: x(v), y: foot + 15, "text-anchor": "middle" }, brief(v, unit)));
      const label = (text, value, y) => [s("text", { class: "name", x: 0, y: narrow ? y - 6 : y + 14 }, s("title", {}, text), clipped(text, narrow ? 34 : 36)), s("text", { class: "value", x: narrow ? wide : right + 10, y: narrow ? y - 6 : y + 14, "text-anchor": narrow ? "end" : "start" }, value)];
      const plain = (text, interval, y) => parts.push(s("rect", { class: "whole", x: x(Math.min(0, interval.mean)), y, width: Math.abs(x(interval.mean) - x(0)), height: 20 }), label(text, show(interval), y));
      plain(t("causes.without"), total.without, narrow ? 18 : 8);
      bars.forEach(({ c, from, to }, i) => {
        const y = (narrow ? 18 : 8) + (i + 1) * row;
        const kind = c.shapley.mean >= 0 ? "worse" : "better";
        parts.push(s("rect", { class: "fall " + kind, x: Math.min(x(from), x(to)), y, width: Math.max(1, Math.abs(x(to) - x(from))), height: 20 }, s("title", {}, nameOf(c.cause) + " · " + between(c.shapley))));
        if (c.shapley.half_width) parts.push(s("line", { class: "whisker", x1: x(to - c.shapley.half_width), x2: x(to + c.shapley.half_width), y1: y + 10, y2: y + 10 }));
        for (const measure of ["alone", "but_for"]) {
          const at = x(from + c[measure].mean);
          const d = measure === "alone" ? `M${at - 4} ${y + 24}l4 -7l4 7z` : `M${at - 4} ${y - 3}l4 7l4 -7z`;
          parts.push(s("path", { class: "beside-" + measure, d }, s("title", {}, t("causes." + measure) + " · " + between(c[measure]))));
        }
        parts.push(label(nameOf(c.cause), (c.shapley.mean > 0 ? "+" : "") + between(c.shapley), y));
      });
      plain(t("causes.with"), total.with, (narrow ? 18 : 8) + (bars.length + 1) * row);
      parts.push(s("path", { class: "beside-but_for", d: `M${left} ${foot + 25}l4 7l4 -7z` }), s("text", { class: "tick", x: left + 13, y: foot + 33 }, t("causes.but_for")), s("path", { class: "beside-alone", d: `M${left + 110} ${foot + 32}l4 -7l4 7z` }), s("text", { class: "tick", x: left + 123, y: foot + 33 }, t("causes.alone")));
      return s("svg", { class: "picture", role: "img", width: wide, height: foot + 40, viewBox: `0 0 ${wide} ${foot + 40}` }, parts);
    },
  });
  return fig;
}

/** A remark in the language of the page, which says its size at the top. */
function worded({ kind, text, values }) {
  if (!known("causes.note." + kind)) return text;
  const shown = Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? listed(value) : typeof value === "number" ? rough(value) : value]);
  return t("causes.note." + kind, { ...Object.fromEntries(shown), claims: values.claims ? t("causes.note.claims") : "" });
}

export function causes() {
  const found = report.attribution;
  const parts = (found?.parts ?? []).filter((part) => part.total?.causes?.length);
  if (!parts.length) return null;
  const figures = parts.map(waterfall);
  const notes = [...(found.remarks ?? []).filter((remark) => remark.kind !== "size").map(worded), t("causes.caveat.shares"), t("causes.caveat.choices")];
  const node = h("section", { class: "group", id: "causes", "aria-labelledby": "causes-title" }, h("h2", { id: "causes-title" }, t("causes.heading")), h("p", { class: "lead" }, t("causes.lead", { runs: num(found.replications) })), figures.map((fig) => fig.node), h("ul", { class: "notes" }, notes.map((note) => h("li", {}, note))));
  return { node, draw: () => figures.forEach((fig) => fig.refresh()) };
}
