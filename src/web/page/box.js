// The corner that fails: PRIM's boxes in words, each with a picture of its limits and of the points inside and outside.
import { t, num, pct, rough, listed, tongue } from "./lang.js";
import { report } from "./data.js";
import { h, s, scale } from "./svg.js";
import { figure } from "./figure.js";
import { study, factorName, constraintWords, ticks, clip } from "./study.js";

const boxes = () => report.analysis?.boxes;
const factorOf = (axis) => study.factors.find((f) => f.name === axis.name);
const choicesOf = (axis) => axis.kind?.Choice ?? null;
const unitText = (axis) => {
  const unit = axis.kind?.Number?.unit ?? "";
  return unit === "times the model's" ? "×" : unit;
};
function valueText(axis, value) {
  const names = choicesOf(axis);
  if (names) return t("word.quoted", { text: names[value] });
  if (axis.kind === "Share") return pct(value);
  const unit = unitText(axis);
  return rough(value) + (unit ? "\u00a0" + unit : "");
}

/** A limit in words of the page's language. */
function limitWords(axis, limit) {
  if (limit.among) return t("box.among", { factor: axis.name, list: either(limit.among.map((i) => switchWord(axis, i))) });
  if (limit.above !== null && limit.below !== null) return t("box.between", { factor: axis.name, low: valueText(axis, limit.above), high: valueText(axis, limit.below) });
  if (limit.above !== null) return t("box.above", { factor: axis.name, low: valueText(axis, limit.above) });
  return t("box.below", { factor: axis.name, high: valueText(axis, limit.below) });
}
const either = (items) => new Intl.ListFormat(tongue.code === "fr" ? "fr-FR" : "en-GB", { type: "disjunction" }).format(items);
function switchWord(axis, i) {
  const text = choicesOf(axis)[i];
  return { on: t("word.on"), off: t("word.off") }[text] ?? (Number.isFinite(Number(text)) ? rough(Number(text)) : text);
}
const boxWords = (box, axes) => listed(box.limits.map((limit) => limitWords(axes[limit.axis], limit)));
const failWords = (text) => text.split(" or ").map((one) => constraintWords(one.replace(/([<>]=?)/, " $1 ").replace(/ +/g, " ").trim())).join(" " + t("box.or") + " ");

/** The number of a point on an axis, as the analysis counts it. */
function standsAt(axis, i) {
  const factor = factorOf(axis);
  const text = factor.levels[factor.at[i]];
  const names = choicesOf(axis);
  return names ? names.indexOf(text) : Number(text);
}
const holds = (limit, v) => (limit.among ? limit.among.includes(v) : (limit.above === null || v > limit.above) && (limit.below === null || v < limit.below));

/** An axis of the picture: its range, and where its values stand. */
function axisOf(axis, from, to) {
  const names = choicesOf(axis);
  if (names) return { at: scale(-0.5, names.length - 0.5, from, to), marks: names.map((_, i) => [i, switchWord(axis, i)]), low: -0.5, high: names.length - 0.5, wobble: 0.32 };
  const values = factorOf(axis).levels.map(Number);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low || 1) * 0.04;
  const few = values.length <= 6;
  return { at: scale(low - margin, high + margin, from, to), marks: (few ? values : ticks(low, high, 4).filter((v) => v >= low && v <= high)).map((v) => [v, rough(v)]), low: low - margin, high: high + margin, wobble: few ? (high - low) * 0.06 : 0 };
}

function pictureOf(box, n) {
  const { cover, axes } = boxes();
  const failing = new Set(boxes().failing_points);
  // The two limits that chance explains least; with one limit the other way up is any factor.
  const limits = [...box.limits].sort((a, b) => (a.quasi_p ?? 0) - (b.quasi_p ?? 0));
  const first = limits[0];
  const other = limits[1]?.axis ?? axes.findIndex((_, i) => i !== first?.axis);
  const second = limits[1] ?? null;
  const inBox = (i) => box.limits.every((limit) => holds(limit, standsAt(axes[limit.axis], i)));
  const fig = figure({
    id: "box-" + n,
    title: t(n === 0 ? "box.title" : "box.title_more", { n: num(n + 1) }),
    how: t("box.how"),
    name: "preau-box-" + (n + 1),
    says: () => t("box.says", { words: boxWords(box, axes), failures: num(box.failures), points: num(box.points), density: pct(box.density), coverage: pct(box.coverage), mass: pct(box.mass) }) + (n ? " " + t("box.says_more") : "") + (box.limits.some((limit) => limit.quasi_p === null) ? " " + t("box.no_p") : ""),
    table: () => ({
      head: [t("sweep.factor"), t("box.limit"), t("box.p")],
      rows: box.limits.map((limit) => [axes[limit.axis].name, limitWords(axes[limit.axis], limit), limit.quasi_p !== null && limit.quasi_p < 0.001 ? "< " + num(0.001, 3) : num(limit.quasi_p, 3)]),
      file: { head: ["point", ...axes.map((a) => a.name), "fails", "in_box"], rows: study.point.map((p, i) => [p, ...axes.map((a) => factorOf(a).levels[factorOf(a).at[i]]), failing.has(p) ? 1 : 0, inBox(i) ? 1 : 0]) },
    }),
    draw: () => {
      const wide = fig.place.clientWidth || 960;
      const narrow = wide < 600;
      const left = narrow ? 60 : 110;
      const right = Math.min(wide - 12, left + 640);
      const [top, bottom] = [26, narrow ? 290 : 346];
      const x = axisOf(axes[first.axis], left, right);
      const y = other >= 0 ? axisOf(axes[other], bottom, top) : { at: () => (top + bottom) / 2, marks: [], low: 0, high: 0, wobble: 0 };
      const parts = [];
      const reach = (limit, axis, to) => {
        if (!limit) return [to.at(to.low), to.at(to.high)];
        if (limit.among) return [to.at(Math.min(...limit.among) - 0.5), to.at(Math.max(...limit.among) + 0.5)];
        return [to.at(limit.above ?? to.low), to.at(limit.below ?? to.high)];
      };
      const [x0, x1] = reach(first, axes[first.axis], x);
      const [y0, y1] = other >= 0 ? reach(second, axes[other], y) : [bottom, top];
      parts.push(s("rect", { class: "prim", x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0) }));
      for (const [v, text] of x.marks) parts.push(s("line", { class: "level", x1: x.at(v), x2: x.at(v), y1: top, y2: bottom }), s("text", { class: "tick", x: x.at(v), y: bottom + 15, "text-anchor": "middle" }, clip(text, 14)));
      for (const [v, text] of y.marks) parts.push(s("line", { class: "level", x1: left, x2: right, y1: y.at(v), y2: y.at(v) }), s("text", { class: "tick", x: left - 6, y: y.at(v) + 4, "text-anchor": "end" }, clip(text, narrow ? 8 : 16)));
      let [well, bad] = ["", ""];
      study.point.forEach((p, i) => {
        const wobble = (k) => (((i * k) % 31) / 31 - 0.5) * 2;
        const px = x.at(standsAt(axes[first.axis], i) + wobble(17) * x.wobble);
        const py = other >= 0 ? y.at(standsAt(axes[other], i) + wobble(11) * y.wobble) : (top + bottom) / 2 + wobble(11) * 60;
        if (failing.has(p)) bad += `M${(px - 3.5).toFixed(1)} ${(py - 3.5).toFixed(1)}l7 7m-7 0l7 -7`;
        else well += `M${(px - 3).toFixed(1)} ${py.toFixed(1)}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`;
      });
      parts.push(s("path", { class: "well", d: well }), s("path", { class: "bad", d: bad }));
      parts.push(s("text", { class: "name", x: left, y: bottom + 36 }, clip(factorName(factorOf(axes[first.axis])), 40) + " →"));
      if (other >= 0) parts.push(s("text", { class: "name", x: 0, y: 14 }, "↑ " + clip(factorName(factorOf(axes[other])), 40)));
      const ky = bottom + 58;
      const step = narrow ? 0 : 1;
      parts.push(s("path", { class: "bad", d: `M2 ${ky - 7}l7 7m-7 0l7 -7` }), s("text", { class: "tick", x: 16, y: ky }, t("box.fails")));
      parts.push(s("path", { class: "well", d: `M${110 + 40 * step} ${ky - 4}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0` }), s("text", { class: "tick", x: 122 + 40 * step, y: ky }, t("box.holds")));
      parts.push(s("rect", { class: "prim", x: 210 + 90 * step, y: ky - 9, width: 18, height: 11 }), s("text", { class: "tick", x: 234 + 90 * step, y: ky }, t("box.box")));
      const rest = box.limits.filter((l) => l !== first && l !== second);
      let height = ky + 10;
      if (rest.length) {
        parts.push(s("text", { class: "tick", x: 0, y: ky + 18 }, clip(t("box.and_also", { list: rest.map((l) => limitWords(axes[l.axis], l)).join("; ") }), Math.floor(wide / 6))));
        height += 18;
      }
      return s("svg", { class: "picture", role: "img", width: wide, height, viewBox: `0 0 ${wide} ${height}` }, parts);
    },
  });
  return { fig, cover };
}

export function corner() {
  const found = boxes();
  if (!found || !study) return null;
  const { cover } = found;
  const pictures = cover.boxes.filter((box) => box.limits.length).map(pictureOf);
  const values = { failures: num(cover.failures), points: num(cover.points), when: failWords(found.fails), coverage: pct(cover.coverage), boxes: num(cover.boxes.length) };
  const said = cover.failures === 0 ? "box.none" : cover.failures === cover.points ? "box.all" : !pictures.length ? "box.nowhere" : pictures.length === 1 ? "box.lead_one" : "box.lead";
  const node = h("section", { class: "group", id: "box", "aria-labelledby": "box-title" }, h("h2", { id: "box-title" }, t("box.heading")), h("p", { class: "lead" }, t(said, values)), pictures.map(({ fig }) => fig.node));
  return { node, draw: () => pictures.forEach(({ fig }) => fig.refresh()), title: t("box.heading"), id: "box" };
}
