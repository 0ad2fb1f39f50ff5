// A sweep: the verdict, the choice of the measure, its charts, the runs that collapse, all points.
import { t, num, pct, plusMinus, brief, apart } from "./lang.js";
import { report } from "./data.js";
import { upper } from "./causes.js";
import { h, s, scale } from "./svg.js";
import { figure, grid } from "./figure.js";
import { study, looked, lookAt, watch, forgetWatchers, measureOf, measureName, measureUnit, sense, settingText, pointWords, keepsOf, keepsAll, leverGroups, byEffect, mean, chooser, constraintWords, clip } from "./study.js";
import { effects, effectsNote } from "./effects.js";
import { heatmap, chooseAxes } from "./heatmap.js";
import { parallel } from "./parallel.js";

const pairOf = (measure, i) => [measure.mean[i], measure.half?.[i] ?? null];
const valueAt = (measure, i) => plusMinus(pairOf(measure, i), measureUnit(measure.name));

/** The points or settings that do best in the measure, among those that keep the constraints where some do. */
function bestOf(name) {
  const measure = measureOf(name);
  const way = sense(name) || 1;
  const { levers, others, groups, fair, text } = leverGroups();
  const fairly = fair && groups.some((g) => g.points.length > 1);
  const all = fairly ? groups : study.point.map((_, i) => ({ points: [i] }));
  const rated = all
    .map((group) => {
      const values = group.points.map((i) => measure.mean[i]).filter((v) => v !== null);
      return { points: group.points, values, mean: mean(values), kept: group.points.every((i) => keepsAll(i) === true), text: fairly ? text(group) : pointWords(group.points[0]) };
    })
    .filter((g) => g.mean !== null);
  const able = rated.filter((g) => g.kept);
  const from = able.length ? able : rated;
  return { fairly, levers, others, rated, able, order: [...from].sort((a, b) => way * (a.mean - b.mean)) };
}

function bestSentence(name) {
  const { fairly, levers, rated, able, order } = bestOf(name);
  const measure = measureOf(name);
  const unit = measureUnit(name);
  const kpi = measureName(name);
  if (!order.length) return t("sweep.no_value", { kpi });
  const best = order[0];
  const among = keepsOf() ? t(able.length ? "sweep.among_kept" : "sweep.none_kept") + " " : "";
  if (!levers.length || !sense(name)) {
    const last = order[order.length - 1];
    return upper(t("sweep.spread", { kpi, low: brief(best.mean, unit), at_low: shortened(best.text), high: brief(last.mean, unit), at_high: shortened(last.text), n: num(rated.length) }));
  }
  if (fairly) return among + t("sweep.best_setting", { setting: best.text, kpi, value: brief(best.mean, unit), low: brief(Math.min(...best.values), unit), high: brief(Math.max(...best.values), unit), futures: num(best.values.length), n: num(rated.length) });
  return among + t("sweep.best_point", { setting: best.text, point: num(study.point[best.points[0]]), kpi, value: valueAt(measure, best.points[0]), n: num(rated.length) });
}
const shortened = (text) => clip(text, 110);

/** The cheapest that keeps all, where money is among the measures. */
function cheapSentence() {
  if (!measureOf("euros_total") || !keepsOf()) return null;
  const { able, order } = bestOf("euros_total");
  if (!able.length) return null;
  return t("sweep.cheapest", { setting: order[0].text, value: brief(order[0].mean, "EUR") });
}

function constraintSentences() {
  const several = study.keeps.length > 1;
  const { groups, fair, others } = leverGroups();
  return study.keeps.map((one, k) => {
    const shares = one.shares.map((x) => x[0]).filter((x) => x !== null);
    const always = shares.filter((x) => x >= 1).length;
    const never = shares.filter((x) => x <= 0).length;
    const values = { words: several && k === study.keeps.length - 1 ? t("sweep.all_constraints") : constraintWords(one.words), always: num(always), never: num(never), some: num(shares.length - always - never), n: num(shares.length) };
    const said = upper(t("sweep.constraint", values));
    if (!fair || !others.length || k !== study.keeps.length - 1) return said;
    const held = groups.filter((g) => g.points.every((i) => (one.shares[i][0] ?? 0) >= 1)).length;
    return said + " " + t(held === 1 ? "sweep.robust_one" : "sweep.robust", { held: num(held), groups: num(groups.length) });
  });
}

function sureSentences(name) {
  const measure = measureOf(name);
  const unit = measureUnit(name);
  const [least, most] = [Math.min(...study.n), Math.max(...study.n)];
  const parts = [least === most ? t(least === 1 ? "sweep.runs_one" : "sweep.runs", { n: num(least) }) : t("sweep.runs_from", { least: num(least), most: num(most) })];
  if (least < 2) parts.push(t("sweep.no_interval"));
  else if (least < 10) parts.push(t("verdict.few_runs"));
  const { order, fairly } = bestOf(name);
  if (!fairly && order.length > 1 && measure.half) {
    const [a, b] = [order[0].points[0], order[1].points[0]];
    const gap = Math.abs(measure.mean[a] - measure.mean[b]);
    const near = order.filter((g) => Math.abs(g.mean - order[0].mean) <= (measure.half[a] ?? 0) + (measure.half[g.points[0]] ?? 0)).length - 1;
    parts.push(near > 0 ? t(near === 1 ? "sweep.close_one" : "sweep.close", { n: num(near) }) : t("sweep.apart", { gap: brief(gap, apart(unit)) }));
  }
  if (study.failed > 0) parts.push(t(study.failed === 1 ? "sweep.failed_one" : "sweep.failed", { n: num(study.failed), why: study.reasons.map(([why, n]) => why + (study.reasons.length > 1 ? " (" + num(n) + ")" : "")).slice(0, 3).join("; ") }));
  if (study.missing > 0) parts.push(t("sweep.missing", { n: num(study.missing) }));
  if (study.imprecise > 0) parts.push(t(study.imprecise === 1 ? "sweep.imprecise_one" : "sweep.imprecise", { n: num(study.imprecise) }));
  if (study.split > 0) parts.push(t(study.split === 1 ? "sweep.split_one" : "sweep.split", { n: num(study.split) }));
  if (study.every > 1) parts.push(t("sweep.every", { every: num(study.every) }));
  if (study.left_out > 0) parts.push(t("sweep.left_out", { n: num(study.left_out) }));
  if (report.stale_analysis) parts.push(t("sweep.stale_analysis"));
  if (report.made.size !== 1) parts.push(t("verdict.size", { size: pct(report.made.size) }));
  parts.push(t("verdict.model"));
  return parts.join(" ");
}

function matterSentence(name) {
  const [[factor, reach, clear], ...rest] = byEffect(measureOf(name));
  const unit = apart(measureUnit(name));
  if (!clear) return null;
  const next = rest[0]?.[2] ? t("sweep.next", { factor: rest[0][0].name, reach: brief(rest[0][1], unit) }) : "";
  return upper(t("sweep.matters", { kpi: measureName(name), factor: factor.name, reach: brief(reach, unit) })) + " " + next;
}

function fiveOf(name) {
  const { order, able } = bestOf(name);
  const unit = measureUnit(name);
  const kept = study.point.filter((_, i) => keepsAll(i)).length;
  const cell = (label, value, note) => h("div", { class: "five" }, h("dt", {}, label), h("dd", {}, h("b", {}, value), h("span", {}, note)));
  const values = measureOf(name).mean.filter((v) => v !== null);
  return [
    cell(t("sweep.points"), num(study.points), t("sweep.design", { design: t("design." + study.design) })),
    cell(t("sweep.runs_made"), num(study.runs), study.failed ? t("sweep.failed_short", { n: num(study.failed) }) : t("sweep.all_well")),
    keepsOf() ? cell(t("sweep.points_kept"), num(kept) + " / " + num(study.point.length), t("sweep.in_every_run")) : cell(t("sweep.factors"), num(study.factors.length), ""),
    order.length && cell(t(sense(name) ? "sweep.best_value" : "sweep.least_value"), brief(order[0].mean, unit), measureName(name) + (able.length ? ", " + t("sweep.among_kept_short") : "")),
    values.length && cell(t(sense(name) ? "sweep.worst_value" : "sweep.greatest_value"), brief(sense(name) < 0 ? Math.min(...values) : Math.max(...values), unit), measureName(name)),
  ].filter(Boolean);
}

/** The measure that the verdict is about: hours lost where it is kept, else the first. */
export const mainMeasure = () => (study.measures.find((m) => m.name === "hours_lost") ?? study.measures.find((m) => m.name.startsWith("hours_lost")) ?? study.measures[0]).name;

export function sweepVerdict() {
  if (!study) return null;
  const name = mainMeasure();
  const sentence = (label, text) => text && h("p", {}, h("strong", {}, label), " ", text);
  return h(
    "section",
    { class: "verdict", "aria-labelledby": "verdict-title" },
    h("h2", { id: "verdict-title" }, t("verdict.title")),
    h("div", { class: "sentences" }, sentence(t("sweep.what_best"), [bestSentence(name), cheapSentence()].filter(Boolean).join(" ")), study.keeps.length > 0 && sentence(t("sweep.where_held"), constraintSentences().join(" ")), sentence(t("sweep.what_matters"), matterSentence(name))),
    h("dl", { class: "numbers" }, fiveOf(name)),
    h("p", { class: "sure" }, h("strong", {}, t("verdict.sure")), " ", sureSentences(name)),
  );
}

/** Points at which some runs collapse and others do not, by the share of runs in the upper mode. */
function modes() {
  if (!study.measures.some((m) => Object.keys(m.upper).length)) return null;
  const found = () => Object.entries(measureOf(looked.kpi).upper).map(([i, share]) => [Number(i), share]).sort((a, b) => b[1] - a[1]);
  const fig = figure({
    id: "modes",
    title: t("modes.title"),
    how: t("modes.how"),
    name: "preau-two-modes",
    says: () => t(found().length === 1 ? "modes.says_one" : "modes.says", { n: num(found().length), all: num(study.point.length), kpi: measureName(looked.kpi) }),
    table: () => ({
      head: [t("sweep.point"), ...study.factors.map((f) => f.name), t("modes.share"), t("effects.mean")],
      rows: found().map(([i, share]) => [num(study.point[i]), ...study.factors.map((f) => settingText(f, f.at[i])), pct(share), valueAt(measureOf(looked.kpi), i)]),
      file: { head: ["point", ...study.factors.map((f) => f.name), "upper_mode", looked.kpi], rows: found().map(([i, share]) => [study.point[i], ...study.factors.map((f) => f.levels[f.at[i]]), share, measureOf(looked.kpi).mean[i]]) },
    }),
    draw: () => {
      const some = found().slice(0, 24);
      const wide = fig.place.clientWidth || 960;
      const narrow = wide < 600;
      const row = narrow ? 36 : 24;
      const left = narrow ? 0 : Math.min(420, wide * 0.5);
      const x = scale(0, 1, left, wide - 60);
      const parts = [];
      some.forEach(([i, share], k) => {
        const y = 6 + k * row;
        const by = narrow ? y + 15 : y;
        parts.push(s("text", { class: "lane", x: 0, y: y + 12 }, s("title", {}, pointWords(i)), clip(num(study.point[i]) + ": " + pointWords(i), Math.floor((narrow ? wide : left - 10) / 6))));
        parts.push(s("rect", { class: "whole", x: left, y: by + 1, width: x(1) - left, height: 14 }), s("rect", { class: "fall worse", x: left, y: by + 1, width: x(share) - left, height: 14 }), s("text", { class: "value", x: x(1) + 8, y: by + 13 }, pct(share)));
      });
      const height = some.length * row + 12;
      return s("svg", { class: "picture", role: "img", width: wide, height: Math.max(20, height), viewBox: `0 0 ${wide} ${Math.max(20, height)}` }, parts);
    },
  });
  watch(fig.refresh);
  return fig;
}

const ROWS = 300;
/** All points with intervals, the best first. */
function pointsTable() {
  const holder = h("div", {});
  const fill = () => {
    const way = sense(looked.kpi) || 1;
    const main = measureOf(looked.kpi);
    const shown = [main, ...study.measures.filter((m) => m !== main)].slice(0, 8);
    const order = study.point.map((_, i) => i).sort((a, b) => (main.mean[a] === null) - (main.mean[b] === null) || way * (main.mean[a] - main.mean[b]));
    const keep = keepsOf();
    const kept = (i) => {
      const [share, low, high] = keep.shares[i];
      return share === null ? "–" : pct(share) + " [" + pct(low) + "–" + pct(high) + "]";
    };
    const head = [t("sweep.point"), ...study.factors.map((f) => f.name), t("sweep.n"), ...(keep ? [t("sweep.keeps")] : []), ...shown.map((m) => measureName(m.name))];
    const rows = order.slice(0, ROWS).map((i) => [num(study.point[i]), ...study.factors.map((f) => settingText(f, f.at[i])), num(study.n[i]), ...(keep ? [kept(i)] : []), ...shown.map((m) => valueAt(m, i) + (m.upper[i] === undefined ? "" : " ≈"))]);
    holder.replaceChildren(grid({ head, rows }, t("points.title")));
  };
  watch(fill);
  fill();
  const says = t(study.point.length > ROWS ? "points.says_some" : "points.says", { n: num(ROWS), all: num(study.points) });
  return h("section", { class: "figure", id: "points", "aria-labelledby": "points-title" }, h("h3", { id: "points-title" }, t("points.title")), h("p", { class: "says" }, says), holder);
}

/** What was varied, and the experiment as a file. */
function factorsPart() {
  const roles = { lever: "sweep.lever", uncertainty: "sweep.uncertainty" };
  const rows = study.factors.map((f) => [f.name, t(roles[f.role]), f.what]);
  const node = h("details", { class: "part" }, h("summary", {}, t("sweep.varied")));
  node.addEventListener("toggle", () => node.open && !node.querySelector(".scroll") && node.append(grid({ head: [t("sweep.factor"), t("sweep.role"), t("sweep.takes")], rows }, t("sweep.varied"))));
  const text = h("details", { class: "part" }, h("summary", {}, t("sweep.file")), study.sets.length ? h("p", {}, t("sweep.sets"), " ", h("code", {}, study.sets.join(" · "))) : "", h("pre", { class: "file", tabindex: 0 }, study.study));
  return h("section", { class: "figure", id: "factors", "aria-label": t("sweep.varied") }, node, text);
}

export function sweep() {
  if (!study) return null;
  forgetWatchers();
  if (!measureOf(looked.kpi)) {
    looked.kpi = mainMeasure();
    if (study.factors.length > 1) chooseAxes();
  }
  const figures = [heatmap(), study.factors.length > 0 && effects(), study.factors.length > 2 && parallel(), modes()].filter(Boolean);
  const choose = chooser(t("sweep.measure"), study.measures.map((m) => [m.name, measureName(m.name)]), looked.kpi, (kpi) => lookAt({ kpi }));
  const nodes = figures.map((fig) => fig.node);
  const node = h(
    "section",
    { class: "group", id: "sweep", "aria-labelledby": "sweep-title" },
    h("h2", { id: "sweep-title" }, t("sweep.heading")),
    h("div", { class: "controls measure" }, choose),
    nodes,
    effectsNote(),
    pointsTable(),
    factorsPart(),
  );
  return { node, draw: () => figures.forEach((fig) => fig.refresh()), title: t("sweep.heading"), id: "sweep" };
}
