// Policies side by side: differences with intervals, curves on one scale, cost against hours lost.
import { t, known, num, rough, clock, plusMinus } from "./lang.js";
import { report, armLabel, view, onLook, base, picked, summed, width, binAt, bins, summaryOf } from "./data.js";
import { h, s, scale, steps, hours, band, line, iso } from "./svg.js";
import { figure } from "./figure.js";

/** Words of policies; where two runs of the local application are compared, those of runs. */
const $t = (key, values) => t(base === "before" && known("pair." + key) ? "pair." + key : key, values);

const others = () => report.arms.map((arm) => arm.name).filter((name) => name !== base);
const differenceOf = (arm, kind, scope) => report.comparison?.[arm]?.[kind]?.[scope]?.hours_lost;

/** The difference of every replication. */
function paired(arm) {
  const [own, other] = [report.runs[arm]?.hours_lost ?? [], report.runs[base]?.hours_lost ?? []];
  return own.map((value, i) => value - other[i]).filter(Number.isFinite);
}

/** One dot and its interval. */
function dot(x, y, [mean, half], kind) {
  const parts = [];
  if (half !== null && half !== undefined) parts.push(s("line", { class: "whisker " + kind, x1: x(mean - half), x2: x(mean + half), y1: y, y2: y }));
  parts.push(s("circle", { class: "dot " + kind, cx: x(mean), cy: y, r: 4.5 }));
  return parts;
}

/** As the verdict has it, which judges all policies together: the interval of one alone may stay clear of zero by chance. */
const sureness = (arm) => ({ saves: "better", costs: "worse" })[report.verdicts.find((v) => v.arm === arm)?.effect] ?? "unsure";

function differences() {
  const rows = () => others().map((arm) => ({ arm, d: differenceOf(arm, "total", "") })).filter((row) => row.d);
  const fig = figure({
    id: "differences",
    title: $t("compare.title"),
    how: $t("compare.how"),
    name: "preau-differences",
    says: () => {
      const found = rows();
      const shown = found.filter((row) => sureness(row.arm) === "better").sort((a, b) => a.d[0] - b.d[0]);
      if (!shown.length) return $t("compare.says_none");
      return $t("compare.says", { arm: armLabel(shown[0].arm), hours: plusMinus([-shown[0].d[0], shown[0].d[1]], "count"), n: num(shown.length), all: num(found.length) });
    },
    table: () => {
      const regions = report.regions.filter((region) => rows().some((row) => differenceOf(row.arm, "region", region.key)));
      const head = [$t("table.policy"), t("compare.difference"), ...regions.map((region) => region.name)];
      const body = rows().map((row) => [armLabel(row.arm), plusMinus(row.d, "h"), ...regions.map((region) => plusMinus(differenceOf(row.arm, "region", region.key), "h"))]);
      const file = { head: ["arm", "scope", "hours_lost_difference", "half_width", "correlation", "p_value"], rows: rows().flatMap((row) => [["", row.d], ...regions.map((region) => [region.key, differenceOf(row.arm, "region", region.key)])].filter(([, d]) => d).map(([key, d]) => [row.arm, key, ...d])) };
      return { head, rows: body, file };
    },
    draw: () => {
      const found = rows();
      const wide = fig.place.clientWidth || 900;
      const left = wide < 600 ? 96 : 150;
      const right = wide - (wide < 600 ? 12 : 190);
      const reach = found.flatMap(({ arm, d }) => [...paired(arm), d[0] - (d[1] ?? 0), d[0] + (d[1] ?? 0), 0]);
      const [low, high] = [Math.min(...reach), Math.max(...reach)];
      const margin = (high - low || 1) * 0.06;
      const x = scale(low - margin, high + margin, left, right);
      const parts = [];
      const ticks = [...steps(-low, 4).map((v) => -v), ...steps(high, 2)].filter((v, i, all) => all.indexOf(v) === i);
      const foot = 14 + found.length * 34;
      for (const v of ticks) parts.push(s("line", { class: v ? "level" : "zero", x1: x(v), x2: x(v), y1: 6, y2: foot }), s("text", { class: "tick", x: x(v), y: foot + 15, "text-anchor": "middle" }, num(v)));
      found.forEach(({ arm, d }, i) => {
        const y = 24 + i * 34;
        for (const one of paired(arm)) parts.push(s("line", { class: "once", x1: x(one), x2: x(one), y1: y - 9, y2: y + 9 }));
        parts.push(s("text", { class: "name", x: 0, y: y + 4 }, armLabel(arm)), dot(x, y, d, sureness(arm)));
        if (wide >= 600) parts.push(s("text", { class: "value", x: right + 12, y: y + 4 }, plusMinus(d, "h")));
      });
      parts.push(s("text", { class: "tick", x: x(0) - 8, y: foot + 31, "text-anchor": "end" }, "← " + t("compare.better")), s("text", { class: "tick", x: x(0) + 8, y: foot + 31 }, high > 0 ? t("compare.worse") + " →" : ""));
      return s("svg", { class: "picture", role: "img", width: wide, height: foot + 38, viewBox: `0 0 ${wide} ${foot + 38}` }, parts);
    },
  });
  return fig;
}

const KINDS = { waiting: ["room", "orbit"], refused: ["refused_quota", "refused_full", "timeouts", "refused_other"], sessions: ["sessions"] };
const choice = { kind: "waiting" };

function multiples() {
  const valuesOf = (arm) => {
    const sum = new Float64Array(bins);
    for (const name of KINDS[choice.kind]) summed(arm, picked(view.pick), name).forEach((v, i) => (sum[i] += choice.kind === "refused" ? (v * 60) / width : v));
    return sum;
  };
  const fig = figure({
    id: "multiples",
    title: $t("multiples.title"),
    how: $t("multiples.how"),
    name: "preau-multiples",
    says: () => {
      const peak = (arm) => Math.max(...valuesOf(arm).slice(binAt(view.from), binAt(view.to - 1) + 1));
      return t("multiples.says", { what: t("multiples." + choice.kind), list: report.arms.map((arm) => armLabel(arm.name) + " " + rough(peak(arm.name))).join(", ") });
    },
    table: () => {
      const all = report.arms.map((arm) => valuesOf(arm.name));
      const rows = [];
      for (let i = binAt(view.from); i <= binAt(view.to - 1); i++) rows.push([clock(i * width), ...all.map((v) => Math.round(v[i]))]);
      const file = { head: ["from", ...report.arms.map((arm) => arm.name)], rows: rows.map((row, i) => [iso((i + binAt(view.from)) * width), ...row.slice(1)]) };
      return { head: [t("table.time"), ...report.arms.map((arm) => armLabel(arm.name))], rows, file };
    },
    draw: () => {
      const wide = fig.place.clientWidth || 900;
      const across = Math.max(1, Math.min(report.arms.length, Math.floor(wide / 270)));
      const cell = wide / across;
      const [a, b] = [binAt(view.from), binAt(view.to - 1)];
      const all = report.arms.map((arm) => Array.from(valuesOf(arm.name).slice(a, b + 1)));
      const most = Math.max(1, ...all.flat());
      const parts = [];
      const high = 150;
      report.arms.forEach((arm, n) => {
        const [left, top] = [(n % across) * cell, Math.floor(n / across) * high];
        const x = scale(view.from, view.to, left + 4, left + cell - 18);
        const y = scale(0, most * 1.05, top + high - 26, top + 26);
        const xs = all[n].map((_, i) => x((a + i + 0.5) * width));
        const ground = xs.map(() => y(0));
        for (const v of steps(most, 3)) {
          parts.push(s("line", { class: v ? "level" : "ground", x1: left + 4, x2: left + cell - 18, y1: y(v), y2: y(v) }));
          if (v) parts.push(s("text", { class: "tick", x: left + 6, y: y(v) - 3 }, rough(v)));
        }
        parts.push(s("path", { class: "area " + (n ? "c-orbit" : "c-seen"), d: band(xs, all[n].map(y), ground) }));
        if (n) parts.push(s("path", { class: "curve c-base", d: line(xs.map((px, i) => [px, y(all[0][i])])) }));
        parts.push(s("text", { class: "name", x: left + 4, y: top + 14 }, armLabel(arm.name)));
        for (const at of hours(view.from, view.to, cell * 0.9)) if (x(at) > left + 14 && x(at) < left + cell - 34) parts.push(s("text", { class: "tick", x: x(at), y: top + high - 12, "text-anchor": "middle" }, clock(at)));
      });
      const height = Math.ceil(report.arms.length / across) * high;
      return s("svg", { class: "picture", role: "img", width: wide, height, viewBox: `0 0 ${wide} ${height}` }, parts);
    },
  });
  const chooser = h("select", { id: "multiples-kind", onchange: (event) => ((choice.kind = event.target.value), fig.refresh()) }, Object.keys(KINDS).map((kind) => h("option", { value: kind, selected: choice.kind === kind }, t("multiples." + kind))));
  fig.place.before(h("div", { class: "controls" }, h("label", {}, t("multiples.show"), " ", chooser)));
  onLook((changed) => ["pick", "from", "to"].some((key) => changed.has(key)) && fig.refresh());
  return fig;
}

/** Arms that no other beats in both hours lost and cost. */
function front(points) {
  return points.filter((p) => !points.some((q) => q !== p && q.lost[0] <= p.lost[0] && q.euros[0] <= p.euros[0] && (q.lost[0] < p.lost[0] || q.euros[0] < p.euros[0])));
}

function costs() {
  const points = () => report.arms.map((arm) => ({ arm: arm.name, lost: summaryOf(arm.name, "total", "", "hours_lost"), euros: summaryOf(arm.name, "total", "", "euros_total") })).filter((p) => p.lost && p.euros);
  if (points().length < 2) return null;
  const fig = figure({
    id: "costs",
    title: t("costs.title"),
    how: $t("costs.how"),
    name: "preau-costs",
    says: () => t("costs.says", { list: front(points()).sort((a, b) => a.euros[0] - b.euros[0]).map((p) => armLabel(p.arm)).join(", ") }),
    table: () => {
      const on = front(points());
      return {
        head: [$t("table.policy"), t("kpi.euros_total"), t("kpi.hours_lost"), t("costs.front")],
        rows: points().map((p) => [armLabel(p.arm), plusMinus(p.euros, "EUR"), plusMinus(p.lost, "h"), on.includes(p) ? t("word.yes") : t("word.no")]),
        file: { head: ["arm", "euros_total", "euros_half_width", "hours_lost", "hours_half_width", "on_front"], rows: points().map((p) => [p.arm, ...p.euros, ...p.lost, on.includes(p) ? 1 : 0]) },
      };
    },
    draw: () => {
      const found = points();
      const wide = fig.place.clientWidth || 900;
      const [left, right, top, bottom] = [64, wide - (wide < 600 ? 80 : 130), 14, 286];
      const span = (values) => {
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const margin = (high - low || high || 1) * 0.12;
        return [Math.max(0, low - margin), high + margin];
      };
      const ends = (key) => found.flatMap((p) => [p[key][0] - (p[key][1] ?? 0), p[key][0] + (p[key][1] ?? 0)]);
      const [x0, x1] = span(ends("euros"));
      const [, y1] = span(ends("lost"));
      const x = scale(x0, x1, left, right);
      const y = scale(0, y1, bottom, top);
      const parts = [];
      for (const v of steps(y1, 4)) parts.push(s("line", { class: v ? "level" : "ground", x1: left, x2: right, y1: y(v), y2: y(v) }), s("text", { class: "tick", x: left - 6, y: y(v) + 4, "text-anchor": "end" }, rough(v)));
      for (const v of steps(x1, wide < 600 ? 3 : 5)) if (v >= x0) parts.push(s("text", { class: "tick", x: x(v), y: bottom + 16, "text-anchor": "middle" }, rough(v) + "\u00a0€"));
      const on = front(found).sort((a, b) => a.euros[0] - b.euros[0]);
      parts.push(s("path", { class: "curve c-front", d: line(on.map((p) => [x(p.euros[0]), y(p.lost[0])])) }));
      const placed = [];
      for (const p of found) {
        const [px, py] = [x(p.euros[0]), y(p.lost[0])];
        const kind = on.includes(p) ? "better" : "unsure";
        if (p.lost[1]) parts.push(s("line", { class: "whisker " + kind, x1: px, x2: px, y1: y(p.lost[0] - p.lost[1]), y2: y(p.lost[0] + p.lost[1]) }));
        if (p.euros[1]) parts.push(s("line", { class: "whisker " + kind, x1: x(p.euros[0] - p.euros[1]), x2: x(p.euros[0] + p.euros[1]), y1: py, y2: py }));
        let ly = py + 4;
        while (placed.some(([qx, qy]) => Math.abs(qx - px) < 90 && Math.abs(qy - ly) < 14)) ly += 14;
        placed.push([px, ly]);
        parts.push(s("circle", { class: "dot " + kind, cx: px, cy: py, r: 5 }), s("text", { class: "name", x: px + 10, y: ly }, armLabel(p.arm)));
      }
      parts.push(s("text", { class: "tick", x: left, y: bottom + 32 }, t("kpi.euros_total") + " →"), s("text", { class: "tick", x: 0, y: 10 }, t("kpi.hours_lost") + " ↑"));
      return s("svg", { class: "picture", role: "img", width: wide, height: bottom + 40, viewBox: `0 0 ${wide} ${bottom + 40}` }, parts);
    },
  });
  return fig;
}

export function compare() {
  if (!report.comparison || report.arms.length < 2) return null;
  const figures = [differences(), multiples(), costs()].filter(Boolean);
  const node = h("section", { class: "group", id: "compare", "aria-labelledby": "compare-title" }, h("h2", { id: "compare-title" }, $t("compare.heading")), h("p", { class: "lead" }, $t("compare.lead"), " ", h("span", {}, policiesText())), figures.map((fig) => fig.node));
  return { node, draw: () => figures.forEach((fig) => fig.refresh()) };
}

function policiesText() {
  const on = new Set(report.arms.flatMap((arm) => arm.policies));
  const list = report.policies.filter((policy) => on.has(policy.key)).map((policy) => policy.key + ": " + policy.name);
  return list.length ? list.join("; ") + "." : "";
}
