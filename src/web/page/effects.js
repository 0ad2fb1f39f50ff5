// Main effects: how a measure's mean moves with each factor, all others averaged.
import { t, num, brief, apart } from "./lang.js";
import { upper } from "./causes.js";
import { h, s, scale, line } from "./svg.js";
import { figure } from "./figure.js";
import { study, looked, watch, measureOf, measureName, measureUnit, classesOf, meansBy, byEffect, factorName, ticks, clip } from "./study.js";

/** More factors than this are left to the table. */
const SHOWN = 12;

export function effects() {
  const unit = () => measureUnit(looked.kpi);
  const fig = figure({
    id: "effects",
    title: t("effects.title"),
    how: t("effects.how"),
    name: "preau-main-effects",
    says: () => {
      const measure = measureOf(looked.kpi);
      const [[factor, , clear], second] = byEffect(measure);
      const means = meansBy(factor, measure);
      const there = means.map((m, i) => [m.mean, i]).filter(([m]) => m !== null).sort((a, b) => a[0] - b[0]);
      if (!there.length || !clear) return upper(t("effects.says_none", { kpi: measureName(looked.kpi) }));
      const label = (i) => classesOf(factor).labels[i]();
      const low = there[0];
      const high = there[there.length - 1];
      const first = upper(t("effects.says", { kpi: measureName(looked.kpi), factor: factor.name, low: brief(low[0], unit()), at_low: label(low[1]), high: brief(high[0], unit()), at_high: label(high[1]) }));
      return second?.[2] ? first + " " + t("effects.says_next", { factor: second[0].name, reach: brief(second[1], apart(unit())) }) : first;
    },
    table: () => {
      const measure = measureOf(looked.kpi);
      const rows = byEffect(measure).flatMap(([factor]) => meansBy(factor, measure).map((m, i) => [factor, i, m]));
      return {
        head: [t("sweep.factor"), t("sweep.setting"), t("effects.mean"), t("effects.least"), t("effects.greatest"), t("sweep.points")],
        rows: rows.map(([f, i, m]) => [f.name, classesOf(f).labels[i](), brief(m.mean, unit()), brief(m.low, unit()), brief(m.high, unit()), num(m.n)]),
        file: { head: ["kpi", "factor", "setting", "mean", "least", "greatest", "points"], rows: rows.map(([f, i, m]) => [looked.kpi, f.name, classesOf(f).labels[i](), m.mean, m.low, m.high, m.n]) },
      };
    },
    draw: () => {
      const measure = measureOf(looked.kpi);
      const order = byEffect(measure).slice(0, SHOWN).map(([f]) => f);
      const wide = fig.place.clientWidth || 960;
      const across = Math.max(1, Math.min(order.length, Math.floor(wide / 240)));
      const cell = wide / across;
      const high = 190;
      const values = measure.mean.filter((v) => v !== null);
      const [low, top] = [Math.min(...values), Math.max(...values)];
      const margin = (top - low || Math.abs(top) || 1) * 0.05;
      const parts = [];
      order.forEach((factor, n) => {
        const [left, up] = [(n % across) * cell + 52, Math.floor(n / across) * high];
        const right = left + cell - 68;
        const y = scale(low - margin, top + margin, up + high - 44, up + 28);
        const { labels, of } = classesOf(factor);
        const x = scale(-0.5, labels.length - 0.5, left, right);
        for (const v of ticks(low, top, 5)) parts.push(s("line", { class: "level", x1: left, x2: right, y1: y(v), y2: y(v) }), s("text", { class: "tick", x: left - 5, y: y(v) + 4, "text-anchor": "end" }, brief(v, unit())));
        parts.push(s("text", { class: "name", x: left, y: up + 16 }, s("title", {}, factor.what), clip(factorName(factor), Math.floor(cell / 8.5))));
        // One path of small strokes: thousands of points stay light.
        const jitter = (i) => (((i * 61) % 29) / 29 - 0.5) * 0.5;
        const strokes = measure.mean.map((v, i) => (v === null ? "" : `M${(x(of[i] + jitter(i)) - 2).toFixed(1)} ${y(v).toFixed(1)}h4`)).join("");
        parts.push(s("path", { class: "once-point", d: strokes }));
        const means = meansBy(factor, measure);
        parts.push(s("path", { class: "curve c-seats", d: line(means.map((m, i) => [x(i), m.mean === null ? null : y(m.mean)])) }));
        const room = (right - left) / labels.length;
        const every = Math.ceil(labels.length / Math.max(1, Math.floor((right - left) / 44)));
        means.forEach((m, i) => {
          if (m.mean !== null) parts.push(s("circle", { class: "dot better", cx: x(i), cy: y(m.mean), r: 4.5 }, s("title", {}, labels[i]() + " · " + brief(m.mean, unit()))));
          if (i % every === 0) parts.push(s("text", { class: "tick", x: x(i), y: up + high - 26, "text-anchor": "middle" }, clip(labels[i](), Math.max(4, Math.floor((room * every) / 6)))));
        });
      });
      const height = Math.ceil(order.length / across) * high;
      return s("svg", { class: "picture", role: "img", width: wide, height, viewBox: `0 0 ${wide} ${height}` }, parts);
    },
  });
  watch(fig.refresh);
  return fig;
}

/** A word on factors that the chart leaves to the table. */
export const effectsNote = () => (study.factors.length > SHOWN ? h("p", { class: "says" }, t("effects.more", { shown: num(SHOWN), all: num(study.factors.length) })) : "");
