// A calibration: what was believed of each number and what the facts leave, and how often fresh runs show each fact.
import { t, num, pct, rough, listed } from "./lang.js";
import { report } from "./data.js";
import { h, s, scale } from "./svg.js";
import { figure, grid } from "./figure.js";
import { ticks, clip } from "./study.js";
import { wrap } from "./parallel.js";

const fitted = report.calibration ?? null;
const last = () => fitted.rounds[fitted.rounds.length - 1];
const contracted = (p) => Math.max(0, p.contraction);
/** Two standard deviations of the contraction of nothing learnt, 2/√5 over the root of the effective draws (docs/calibration.md). */
const told = (p) => p.contraction >= 4 / Math.sqrt(5 * fitted.effective);

export function calibrationVerdict() {
  if (!fitted) return null;
  const sentence = (label, text) => text && h("p", {}, h("strong", {}, label), " ", text);
  const order = [...fitted.parameters].sort((a, b) => b.contraction - a.contraction);
  const learnt = order.filter(told);
  const one = (p) => t("calibration.range", { name: p.name, low: rough(p.p05), high: rough(p.p95), before_low: rough(p.before[0]), before_high: rough(p.before[4]) });
  const idle = order.filter((p) => !told(p));
  const taught = learnt.length ? t("calibration.learnt", { list: learnt.slice(0, 3).map(one).join("; ") }) : t("calibration.learnt_none");
  const nothing = idle.length ? t("calibration.nothing", { list: listed(idle.map((p) => p.name)) }) : t("calibration.all_learnt");
  const checks = fitted.facts;
  const often = checks?.filter((f) => f.share >= 0.8).length;
  const never = checks?.filter((f) => f.shown === 0);
  const shown = !checks ? t("calibration.no_check") : t("calibration.shown", { often: num(often), all: num(checks.length), of: num(checks[0]?.of) }) + (never.length ? " " + t(never.length === 1 ? "calibration.never_one" : "calibration.never", { list: listed(never.map((f) => f.id)) }) : "");
  const runs = fitted.rounds.reduce((sum, r) => sum + r.runs, 0);
  const sure = [t("calibration.effective", { n: rough(fitted.effective, 2), draws: num(fitted.draws) }), fitted.effective < 50 && t("calibration.rough"), last()?.tolerance > 0 && t("calibration.tolerance", { by: rough(last().tolerance, 2) }), report.made.size !== 1 && t("calibration.size", { size: pct(report.made.size) }), t("calibration.of_model")].filter(Boolean);
  const cell = (label, value, note) => h("div", { class: "five" }, h("dt", {}, label), h("dd", {}, h("b", {}, value), h("span", {}, note)));
  return h(
    "section",
    { class: "verdict", "aria-labelledby": "verdict-title" },
    h("h2", { id: "verdict-title" }, t("verdict.title")),
    h("div", { class: "sentences" }, sentence(t("calibration.what_taught"), taught), sentence(t("calibration.what_not"), nothing), sentence(t("calibration.what_shows"), shown)),
    h("dl", { class: "numbers" }, cell(t("sweep.runs_made"), num(runs), t("calibration.rounds_n", { n: num(fitted.rounds.length) })), cell(t("calibration.draws"), num(fitted.draws), t("calibration.worth", { n: rough(fitted.effective, 2) })), cell(t("calibration.distance"), rough(last()?.tolerance, 2), t("calibration.tolerances")), cell(t("calibration.most"), pct(contracted(order[0])), order[0].name), cell(t("calibration.least"), pct(contracted(order[order.length - 1])), order[order.length - 1].name)),
    h("p", { class: "sure" }, h("strong", {}, t("verdict.sure")), " ", sure.join(" ")),
  );
}

/** Each parameter on its own scale: the range before, the draws after, their middle and 90 % range. */
function ranges() {
  const ps = fitted.parameters;
  const { values, weights } = fitted.posterior;
  const heaviest = Math.max(...weights);
  const fig = figure({
    id: "ranges",
    title: t("ranges.title"),
    how: t("ranges.how"),
    name: "preau-posterior",
    says: () => {
      const order = [...ps].sort((a, b) => b.contraction - a.contraction);
      return t("ranges.says", { most: order[0].name, by: pct(contracted(order[0])), least: order[order.length - 1].name, least_by: pct(contracted(order[order.length - 1])) });
    },
    table: () => ({
      head: [t("ranges.parameter"), t("ranges.before"), t("ranges.mean"), "5 %", "50 %", "95 %", t("ranges.contraction")],
      rows: ps.map((p) => [p.name, rough(p.before[0]) + "–" + rough(p.before[4]) + (p.log ? ", " + t("ranges.log") : ""), rough(p.mean), rough(p.p05), rough(p.p50), rough(p.p95), pct(contracted(p)) + (told(p) ? "" : " (" + t("ranges.not_told") + ")")]),
      file: { head: ["parameter", "before_least", "before_p05", "before_p50", "before_p95", "before_greatest", "mean", "p05", "p50", "p95", "contraction"], rows: ps.map((p) => [p.key, ...p.before, p.mean, p.p05, p.p50, p.p95, p.contraction]) },
    }),
    draw: () => {
      const wide = fig.place.clientWidth || 960;
      const narrow = wide < 600;
      const row = narrow ? 92 : 74;
      const [left, right] = [narrow ? 6 : 250, wide - (narrow ? 10 : 120)];
      const parts = [];
      ps.forEach((p, n) => {
        const top = n * row + (narrow ? 22 : 4);
        const place = (v) => (p.log ? Math.log(v) : v);
        const x = ((to) => (v) => to(place(v)))(scale(place(p.before[0]), place(p.before[4]), left, right));
        const name = narrow ? [clip(p.name, 36)] : wrap(p.name, 30).slice(0, 2);
        name.forEach((text, row) => parts.push(s("text", { class: "name small", x: 0, y: narrow ? top - 8 : top + 24 - (name.length - 1) * 8 + row * 16 }, s("title", {}, p.name + ". " + p.why), text)));
        parts.push(s("text", { class: "value", x: narrow ? wide : wide, y: narrow ? top - 8 : top + 22, "text-anchor": "end" }, contracted(p) > 0 ? t("ranges.by", { by: pct(contracted(p)) }) : pct(0)));
        parts.push(s("rect", { class: "prior", x: left, y: top + 6, width: right - left, height: 24 }), s("rect", { class: "prior mid", x: x(p.before[1]), y: top + 6, width: x(p.before[3]) - x(p.before[1]), height: 24 }));
        // Weighted counts of draws in 24 bins as a small hill.
        const bins = new Array(24).fill(0);
        values[p.key].forEach((v, i) => v !== null && (bins[Math.max(0, Math.min(23, Math.floor(((x(v) - left) / (right - left)) * 24)))] += weights[i]));
        const most = Math.max(...bins) || 1;
        const w = (right - left) / 24;
        bins.forEach((b, i) => b > 0 && parts.push(s("rect", { class: "hill", x: left + i * w, y: top + 30 - (24 * b) / most, width: w - 0.6, height: (24 * b) / most })));
        parts.push(s("line", { class: "whisker better", x1: x(p.p05), x2: x(p.p95), y1: top + 38, y2: top + 38 }), s("circle", { class: "dot better", cx: x(p.p50), cy: top + 38, r: 4.5 }, s("title", {}, rough(p.p50))));
        const marks = p.log ? [p.before[0], Math.sqrt(p.before[0] * p.before[4]), p.before[4]] : ticks(p.before[0], p.before[4], narrow ? 3 : 5);
        for (const v of marks) parts.push(s("text", { class: "tick", x: x(v), y: top + 57, "text-anchor": x(v) > right - 14 ? "end" : x(v) < left + 14 ? "start" : "middle" }, rough(v, 2)));
      });
      const foot = ps.length * row + (narrow ? 18 : 12);
      parts.push(s("rect", { class: "prior", x: 0, y: foot, width: 18, height: 12 }), s("text", { class: "tick", x: 24, y: foot + 10 }, t("ranges.key_before")), s("rect", { class: "hill", x: narrow ? 150 : 200, y: foot, width: 18, height: 12 }), s("text", { class: "tick", x: narrow ? 174 : 224, y: foot + 10 }, t("ranges.key_after")));
      const by = narrow ? [0, foot + 20] : [400, foot];
      parts.push(s("line", { class: "whisker better", x1: by[0], x2: by[0] + 20, y1: by[1] + 6, y2: by[1] + 6 }), s("circle", { class: "dot better", cx: by[0] + 10, cy: by[1] + 6, r: 4 }), s("text", { class: "tick", x: by[0] + 28, y: by[1] + 10 }, t("ranges.key_range")));
      const height = foot + (narrow ? 42 : 22);
      return s("svg", { class: "picture", role: "img", width: wide, height, viewBox: `0 0 ${wide} ${height}` }, parts);
    },
  });
  return fig;
}

/** How often fresh runs at draws of the posterior show each fact. */
function predicted() {
  const facts = fitted.facts;
  if (!facts?.length || weightsMissing(facts)) return null;
  const text = (f) => f.id + ". " + f.text;
  const fig = figure({
    id: "predicted",
    title: t("predicted.title"),
    how: t("predicted.how"),
    name: "preau-posterior-check",
    says: () => {
      const order = [...facts].sort((a, b) => a.share - b.share);
      return t("predicted.says", { of: num(facts[0].of), worst: order[0].id, share: pct(order[0].share), always: num(facts.filter((f) => f.shown === f.of).length), all: num(facts.length) });
    },
    table: () => ({
      head: [t("predicted.fact"), t("predicted.shown"), t("predicted.share"), t("held.interval"), t("predicted.sources")],
      rows: facts.map((f) => [text(f), t("predicted.times", { shown: num(f.shown), of: num(f.of) }), pct(f.share), pct(f.low) + "–" + pct(f.high), f.sources]),
      file: { head: ["fact", "shown", "of", "share", "low", "high", "sources"], rows: facts.map((f) => [f.id, f.shown, f.of, f.share, f.low, f.high, f.sources]) },
    }),
    draw: () => {
      const wide = fig.place.clientWidth || 960;
      const narrow = wide < 600;
      const row = narrow ? 44 : 26;
      const [left, right] = [narrow ? 0 : Math.min(460, wide * 0.48), wide - 50];
      const x = scale(0, 1, left + 6, right);
      const foot = 6 + facts.length * row;
      const parts = [];
      for (const v of [0, 0.5, 1]) parts.push(s("line", { class: v ? "level" : "ground", x1: x(v), x2: x(v), y1: 2, y2: foot }), s("text", { class: "tick", x: x(v), y: foot + 15, "text-anchor": v ? "middle" : "start" }, pct(v)));
      facts.forEach((f, i) => {
        const y = 6 + i * row;
        const at = narrow ? y + 28 : y + 12;
        const kind = f.share >= 0.8 ? "better" : f.share <= 0.2 ? "worse" : "";
        parts.push(s("text", { class: "lane", x: 0, y: y + 15 }, s("title", {}, text(f)), clip(text(f), Math.floor((narrow ? wide : left - 8) / 6.1))), s("line", { class: "whisker " + kind, x1: x(f.low), x2: x(f.high), y1: at, y2: at }), s("circle", { class: "dot " + kind, cx: x(f.share), cy: at, r: 4.5 }), s("text", { class: "tick", x: wide, y: at + 4, "text-anchor": "end" }, num(f.shown) + "/" + num(f.of)));
      });
      return s("svg", { class: "picture", role: "img", width: wide, height: foot + 22, viewBox: `0 0 ${wide} ${foot + 22}` }, parts);
    },
  });
  return fig;
}
const weightsMissing = (facts) => facts.some((f) => f.low === undefined);

function rounds() {
  const rows = fitted.rounds.map((r, i) => [num(i + 1), num(r.runs), rough(r.tolerance), pct(r.accepted), rough(r.effective)]);
  return h("section", { class: "figure", id: "rounds", "aria-labelledby": "rounds-title" }, h("h3", { id: "rounds-title" }, t("rounds.title")), h("p", { class: "says" }, t("rounds.says")), grid({ head: [t("rounds.round"), t("rounds.runs"), t("rounds.kept"), t("rounds.nearer"), t("rounds.worth")], rows }, t("rounds.title")));
}

export function calibration() {
  if (!fitted) return null;
  const figures = [ranges(), predicted()].filter(Boolean);
  const node = h("section", { class: "group", id: "calibration", "aria-labelledby": "calibration-title" }, h("h2", { id: "calibration-title" }, t("calibration.heading")), h("p", { class: "lead" }, t("calibration.lead")), figures.map((fig) => fig.node), rounds());
  return { node, draw: () => figures.forEach((fig) => fig.refresh()), title: t("calibration.heading"), id: "calibration" };
}
