// A choice of levers: the choice and its confirmation, the Pareto front, regrets, in how many futures constraints held.
import { t, num, pct, plusMinus, listed, brief, apart, asTyped } from "./lang.js";
import { report } from "./data.js";
import { upper } from "./causes.js";
import { h, s, scale, line } from "./svg.js";
import { figure, grid } from "./figure.js";
import { measureName, measureUnit, constraintWords, ticks, clip } from "./study.js";

const found = report.optimum ?? null;
const settingWords = (one) => one.settings.map((text) => ({ on: t("word.on"), off: t("word.off") })[text] ?? asTyped(text));
const settingsOf = (one) => settingWords(one).map((text, i) => found.levers[i] + " " + text).join(", ");
const triedBy = (name) => found.tried.find((one) => one.name === name);
const objectiveAt = (one, k) => plusMinus(one.objectives[k], measureUnit(found.objectives[k]));
const verdictWord = (word) => t("optimum.verdict_" + word);

export function optimumVerdict() {
  if (!found) return null;
  const chosen = found.tried.find((one) => one.chosen);
  const sentence = (label, text) => text && h("p", {}, h("strong", {}, label), " ", text);
  const limits = found.constraints.map(constraintWords);
  const confidence = pct(found.confidence);
  const promise = !limits.length ? t("optimum.no_constraint") : t(found.in_share ? "optimum.promise_share" : "optimum.promise_mean", { limits: listed(limits), share: pct(found.in_share), confidence });
  const first = measureName(found.objectives[0]);
  const choice = chosen ? t("optimum.chosen", { first, name: chosen.name, setting: settingsOf(chosen), value: objectiveAt(chosen, 0), promise }) : t("optimum.none_chosen", { promise });
  const close = found.close.length ? " " + t("optimum.close", { list: listed(found.close), first }) : "";
  const fresh = found.fresh.map((c) => (c.failed ? t("optimum.fresh_failed", { name: c.candidate, why: c.failed }) : t("optimum.fresh", { name: c.candidate, n: num(c.futures), held: num(c.held), verdict: verdictWord(c.verdict) })));
  const front = t(found.front_keeps ? "optimum.front_keeps" : "optimum.front_all", { n: num(found.front.length), tried: num(found.tried.length) });
  const most = Math.max(0, ...found.tried.map((one) => one.futures ?? 0));
  const failed = found.tried.filter((one) => one.failed).length;
  const sure = [t(found.exhaustive ? "optimum.tried_all" : "optimum.tried_some", { n: num(found.tried.length) }), t("optimum.futures", { n: num(most) }), failed && t("optimum.failed", { n: num(failed) }), report.made.size !== 1 && t("verdict.size", { size: pct(report.made.size) }), t("verdict.model")].filter(Boolean);
  const cell = (label, value, note) => h("div", { class: "five" }, h("dt", {}, label), h("dd", {}, h("b", {}, value), h("span", {}, note)));
  const shown = chosen ?? triedBy(found.front[0]?.candidate);
  const kept = found.tried.filter((one) => one.verdict === "keeps").length;
  return h(
    "section",
    { class: "verdict", "aria-labelledby": "verdict-title" },
    h("h2", { id: "verdict-title" }, t("verdict.title")),
    h("div", { class: "sentences" }, sentence(t("optimum.the_choice"), choice + close), sentence(t("optimum.confirmed"), fresh.join(" ") || t("optimum.no_fresh")), sentence(t("optimum.the_front"), front)),
    h("dl", { class: "numbers" }, cell(t("sweep.runs_made"), num(found.runs), ""), cell(t("optimum.settings_tried"), num(found.tried.length), t("optimum.kept_of", { n: num(kept) })), shown ? found.objectives.slice(0, 3).map((name, k) => cell(measureName(name), brief(shown.objectives[k][0], measureUnit(name)), t(chosen ? "optimum.of_chosen" : "optimum.of_front", { name: shown.name }))) : ""),
    h("p", { class: "sure" }, h("strong", {}, t("verdict.sure")), " ", sure.join(" ")),
  );
}

/** The first objective against the second; the third as the size of the dot. */
function frontFigure() {
  if (found.objectives.length < 2) return null;
  const [xo, yo, zo] = found.objectives;
  const alive = () => found.tried.filter((one) => !one.failed && one.objectives[0][0] !== null && one.objectives[1][0] !== null);
  const fig = figure({
    id: "front",
    title: upper(t("front.title", { x: measureName(xo), y: measureName(yo) })),
    how: t(zo ? "front.how_third" : "front.how", { z: zo ? measureName(zo) : "" }),
    name: "preau-pareto-front",
    says: () => {
      const on = alive().filter((one) => one.front).sort((a, b) => a.objectives[0][0] - b.objectives[0][0]);
      if (!on.length) return t("front.says_none");
      const [cheap, dear] = [on[0], on[on.length - 1]];
      return t(on.length === 1 ? "front.says_one" : "front.says", { n: num(on.length), cheap: cheap.name, x0: brief(cheap.objectives[0][0], measureUnit(xo)), y0: brief(cheap.objectives[1][0], measureUnit(yo)), dear: dear.name, x1: brief(dear.objectives[0][0], measureUnit(xo)), y1: brief(dear.objectives[1][0], measureUnit(yo)), y: measureName(yo) });
    },
    table: () => ({
      head: [t("optimum.setting"), ...found.levers, ...found.objectives.map(measureName), t("optimum.held"), t("optimum.limits"), t("costs.front")],
      rows: [...alive()].sort((a, b) => b.front - a.front || a.objectives[0][0] - b.objectives[0][0]).map((one) => [one.name + (one.chosen ? " ★" : ""), ...settingWords(one), ...found.objectives.map((_, k) => objectiveAt(one, k)), pct(one.held[0]), verdictWord(one.verdict), one.front ? t("word.yes") : t("word.no")]),
      file: { head: ["candidate", ...found.levers, ...found.objectives.flatMap((o) => [o, o + "_half_width"]), "held_share", "verdict", "front", "chosen"], rows: alive().map((one) => [one.name, ...one.settings, ...one.objectives.flat(), one.held[0], one.verdict, one.front ? 1 : 0, one.chosen ? 1 : 0]) },
    }),
    draw: () => {
      const all = alive();
      const wide = fig.place.clientWidth || 960;
      const narrow = wide < 600;
      const [left, right, top, bottom] = [narrow ? 58 : 78, wide - (narrow ? 26 : 60), 28, narrow ? 300 : 380];
      const ends = (k) => {
        const values = all.map((one) => one.objectives[k][0]);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const margin = (high - low || Math.abs(high) || 1) * 0.07;
        return [low - margin, high + margin];
      };
      const [[a0, a1], [b0, b1]] = [ends(0), ends(1)];
      const x = scale(a0, a1, left, right);
      const y = scale(b0, b1, bottom, top);
      const thirds = zo ? all.map((one) => one.objectives[2][0]).filter((v) => v !== null) : [];
      const [c0, c1] = [Math.min(...thirds), Math.max(...thirds)];
      const r = (one) => (zo && one.objectives[2][0] !== null && c1 > c0 ? 3.5 + 7.5 * Math.sqrt((one.objectives[2][0] - c0) / (c1 - c0)) : 5);
      const parts = [];
      for (const v of ticks(b0, b1, 5)) parts.push(s("line", { class: "level", x1: left, x2: right, y1: y(v), y2: y(v) }), s("text", { class: "tick", x: left - 6, y: y(v) + 4, "text-anchor": "end" }, brief(v, measureUnit(yo))));
      for (const v of ticks(a0, a1, narrow ? 3 : 6)) parts.push(s("text", { class: "tick", x: x(v), y: bottom + 16, "text-anchor": "middle" }, brief(v, measureUnit(xo))));
      parts.push(s("line", { class: "ground", x1: left, x2: right, y1: bottom, y2: bottom }));
      const on = all.filter((one) => one.front).sort((a, b) => a.objectives[0][0] - b.objectives[0][0]);
      parts.push(s("path", { class: "curve c-front", d: line(on.map((one) => [x(one.objectives[0][0]), y(one.objectives[1][0])])) }));
      const order = [...all].sort((a, b) => a.front - b.front || a.chosen - b.chosen);
      const placed = [];
      for (const one of order) {
        const [[ax, ah], [bx, bh]] = one.objectives;
        const kind = one.front ? "better" : "unsure";
        if (one.front && ah) parts.push(s("line", { class: "whisker thin " + kind, x1: x(ax - ah), x2: x(ax + ah), y1: y(bx), y2: y(bx) }));
        if (one.front && bh) parts.push(s("line", { class: "whisker thin " + kind, x1: x(ax), x2: x(ax), y1: y(bx - bh), y2: y(bx + bh) }));
        const title = one.name + ": " + settingsOf(one) + " · " + found.objectives.map((o, k) => measureName(o) + " " + objectiveAt(one, k)).join(" · ");
        parts.push(s("circle", { class: "tried " + one.verdict + (one.front ? " on" : ""), cx: x(ax), cy: y(bx), r: r(one).toFixed(1) }, s("title", {}, title)));
        if (one.chosen) parts.push(s("circle", { class: "ring-chosen", cx: x(ax), cy: y(bx), r: (r(one) + 4).toFixed(1) }));
        if (!one.front && !one.chosen) continue;
        let [tx, ty] = [x(ax) + r(one) + 5, y(bx) - 6];
        while (placed.some(([px, py]) => Math.abs(px - tx) < 30 && Math.abs(py - ty) < 13)) ty += 13;
        placed.push([tx, ty]);
        parts.push(s("text", { class: "name small", x: tx, y: ty }, one.name));
      }
      parts.push(s("text", { class: "tick", x: left, y: bottom + 34 }, measureName(xo) + " →"), s("text", { class: "tick", x: 0, y: 12 }, "↑ " + measureName(yo)));
      let kx = 0;
      let ky = bottom + 58;
      for (const [kind, label] of [["keeps", "front.key_keeps"], ["open", "front.key_open"], ["breaks", "front.key_breaks"], ["chosen", "front.key_chosen"]]) {
        const text = t(label);
        if (kx + 26 + text.length * 6.3 > wide) [kx, ky] = [0, ky + 18];
        parts.push(kind === "chosen" ? s("circle", { class: "ring-chosen", cx: kx + 7, cy: ky - 4, r: 6 }) : s("circle", { class: "tried on " + kind, cx: kx + 7, cy: ky - 4, r: 5 }), s("text", { class: "tick", x: kx + 19, y: ky }, text));
        kx += 40 + text.length * 6.3;
      }
      return s("svg", { class: "picture", role: "img", width: wide, height: ky + 10, viewBox: `0 0 ${wide} ${ky + 10}` }, parts);
    },
  });
  return fig;
}

/** How much worse than the best of the front in the same future, a panel an objective. */
function regretFigure() {
  if (!found.regret.length) return null;
  const names = [...new Set(found.regret.map((r) => r.candidate))];
  const cellOf = (name, o) => found.regret.find((r) => r.candidate === name && r.objective === o);
  const fig = figure({
    id: "regret",
    title: t("regret.title"),
    how: t("regret.how"),
    name: "preau-regret",
    says: () => {
      const least = found.objectives.map((o) => {
        const order = [...names].sort((a, b) => cellOf(a, o).worst - cellOf(b, o).worst);
        return t("regret.least", { kpi: measureName(o), name: order[0], worst: brief(cellOf(order[0], o).worst, apart(measureUnit(o))) });
      });
      return t("regret.says", { list: least.join("; "), n: num(found.regret[0].futures) });
    },
    table: () => ({
      head: [t("optimum.setting"), ...found.objectives.flatMap((o) => [measureName(o) + ", " + t("regret.mean"), t("regret.p90"), t("regret.worst")])],
      rows: names.map((name) => [name, ...found.objectives.flatMap((o) => {
        const r = cellOf(name, o);
        const unit = apart(measureUnit(o));
        return [plusMinus([r.mean, r.half], unit), brief(r.p90, unit), brief(r.worst, unit)];
      })]),
      file: { head: ["candidate", "objective", "futures", "mean", "half_width", "p90", "worst"], rows: found.regret.map((r) => [r.candidate, r.objective, r.futures, r.mean, r.half, r.p90, r.worst]) },
    }),
    draw: () => {
      const wide = fig.place.clientWidth || 960;
      const across = Math.max(1, Math.min(found.objectives.length, Math.floor(wide / 280)));
      const cell = wide / across;
      const row = 24;
      const high = 60 + names.length * row;
      const parts = [];
      found.objectives.forEach((o, n) => {
        const [left, top] = [(n % across) * cell, Math.floor(n / across) * high];
        const unit = apart(measureUnit(o));
        const most = Math.max(1e-12, ...names.map((name) => cellOf(name, o).worst));
        const x = scale(0, most, left + 44, left + cell - 70);
        parts.push(s("text", { class: "name", x: left, y: top + 14 }, clip(measureName(o), Math.floor(cell / 7.5))));
        names.forEach((name, i) => {
          const y = top + 26 + i * row;
          const r = cellOf(name, o);
          parts.push(s("text", { class: "lane", x: left, y: y + 12 }, name), s("rect", { class: "whole", x: x(0), y: y + 2, width: Math.max(0.5, x(r.worst) - x(0)), height: 12 }), s("rect", { class: "bar-main", x: x(0), y: y + 4.5, width: Math.max(0.5, x(r.mean) - x(0)), height: 7 }), s("line", { class: "p90", x1: x(r.p90), x2: x(r.p90), y1: y, y2: y + 16 }), s("text", { class: "tick", x: x(r.worst) + 5, y: y + 12 }, brief(r.worst, unit)));
        });
      });
      const rows = Math.ceil(found.objectives.length / across);
      const foot = rows * high;
      const key = (at, node, text) => parts.push(node, s("text", { class: "tick", x: at + 22, y: foot + 4 }, text));
      key(0, s("rect", { class: "bar-main", x: 0, y: foot - 4, width: 16, height: 7 }), t("regret.mean"));
      key(130, s("line", { class: "p90", x1: 138, x2: 138, y1: foot - 8, y2: foot + 6 }), t("regret.p90"));
      key(230, s("rect", { class: "whole", x: 230, y: foot - 6, width: 16, height: 12 }), t("regret.worst"));
      return s("svg", { class: "picture", role: "img", width: wide, height: foot + 14, viewBox: `0 0 ${wide} ${foot + 14}` }, parts);
    },
  });
  return fig;
}

/** In what share of futures all constraints held; confirmations apart. */
function heldFigure() {
  if (!found.constraints.length || !found.satisficing.length) return null;
  const rows = found.satisficing;
  const fig = figure({
    id: "satisficing",
    title: t("held.title"),
    how: t("held.how"),
    name: "preau-satisficing",
    says: () => {
      const fresh = rows.filter((r) => r.fresh);
      const best = [...(fresh.length ? fresh : rows)].sort((a, b) => b.share - a.share)[0];
      return t(fresh.length ? "held.says_fresh" : "held.says", { name: best.candidate, share: pct(best.share), n: num(best.futures), low: pct(best.low), high: pct(best.high) });
    },
    table: () => ({
      head: [t("optimum.setting"), t("held.fresh"), t("held.futures"), t("optimum.held"), t("held.interval"), t("optimum.limits")],
      rows: rows.map((r) => [r.candidate, r.fresh ? t("word.yes") : t("word.no"), num(r.futures), pct(r.share), pct(r.low) + "–" + pct(r.high), verdictWord(r.verdict)]),
      file: { head: ["candidate", "fresh", "futures", "held_share", "held_low", "held_high", "verdict"], rows: rows.map((r) => [r.candidate, r.fresh ? 1 : 0, r.futures, r.share, r.low, r.high, r.verdict]) },
    }),
    draw: () => {
      const wide = fig.place.clientWidth || 960;
      const narrow = wide < 600;
      const [left, right] = [narrow ? 96 : 190, wide - (narrow ? 52 : 130)];
      const x = scale(0, 1, left, right);
      const parts = [];
      const foot = 8 + rows.length * 24;
      for (const v of [0, 0.25, 0.5, 0.75, 1]) parts.push(s("line", { class: v ? "level" : "ground", x1: x(v), x2: x(v), y1: 4, y2: foot }), s("text", { class: "tick", x: x(v), y: foot + 15, "text-anchor": "middle" }, pct(v)));
      rows.forEach((r, i) => {
        const y = 8 + i * 24 + 11;
        parts.push(s("text", { class: r.fresh ? "name small" : "lane", x: 0, y: y + 4 }, r.candidate + (r.fresh ? ", " + t("held.fresh_short") : "")), s("line", { class: "whisker " + (r.fresh ? "better" : ""), x1: x(r.low), x2: x(r.high), y1: y, y2: y }), s("circle", { class: "dot " + (r.fresh ? "better" : ""), cx: x(r.share), cy: y, r: 4.5 }), s("text", { class: "tick", x: right + 8, y: y + 4 }, narrow ? pct(r.share) : pct(r.share) + " · " + verdictWord(r.verdict)));
      });
      return s("svg", { class: "picture", role: "img", width: wide, height: foot + 22, viewBox: `0 0 ${wide} ${foot + 22}` }, parts);
    },
  });
  return fig;
}

export function optimum() {
  if (!found) return null;
  const figures = [frontFigure(), regretFigure(), heldFigure()].filter(Boolean);
  const front = found.tried.filter((one) => one.front || one.chosen);
  const names = grid({ head: [t("optimum.setting"), ...found.levers], rows: front.map((one) => [one.name + (one.chosen ? " ★" : ""), ...settingWords(one)]) }, t("optimum.names"));
  const node = h("section", { class: "group", id: "optimum", "aria-labelledby": "optimum-title" }, h("h2", { id: "optimum-title" }, t("optimum.heading")), h("p", { class: "lead" }, t("optimum.lead")), h("section", { class: "figure", "aria-label": t("optimum.names") }, names), figures.map((fig) => fig.node), found.notes.length ? h("ul", { class: "notes" }, found.notes.map((note) => h("li", { lang: "en" }, note))) : "");
  return { node, draw: () => figures.forEach((fig) => fig.refresh()), title: t("optimum.heading"), id: "optimum" };
}
