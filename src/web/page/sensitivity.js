// Which factor matters: Morris's effects or Sobol's shares of variance, with intervals.
import { t, num, listed, brief, apart, plusMinus } from "./lang.js";
import { report } from "./data.js";
import { h, s, scale } from "./svg.js";
import { figure } from "./figure.js";
import { measureName, measureUnit, ticks, clip } from "./study.js";

/** Rows of a KPI, the greatest first: name, main number with ends, second number with ends. */
function rowsOf(one) {
  const morris = Array.isArray(one.indices);
  const row = (name, i) => {
    if (morris) {
      const e = one.indices[i];
      return { name, main: [e.mu_star, e.mu_star_low, e.mu_star_high], second: [e.sigma, null, null], mean: e.mu };
    }
    const [total, first] = [one.indices.total[i], one.indices.first[i]];
    return { name, main: [total.value, total.low, total.high], second: [first.value, first.low, first.high] };
  };
  // One trajectory shows no spread; of σ there is no interval at all.
  return { morris, rows: one.factors.map(row).sort((a, b) => b.main[0] - a.main[0]) };
}

function chart(one, n) {
  const { morris, rows } = rowsOf(one);
  const unit = morris ? apart(measureUnit(one.kpi)) : "";
  const show = (v) => (morris ? brief(v, unit) : num(v, 2));
  const has = (v) => v !== null && v !== undefined;
  const range = ([v, low, high]) => (has(v) && has(low) && has(high) ? `${show(v)} [${show(low)} – ${show(high)}]` : show(has(v) ? v : null));
  /** Whether a row's interval is told from that of the first. */
  const below = (r) => has(r.main[2]) && has(rows[0].main[1]) && r.main[2] < rows[0].main[1];
  const few = one.groups < (morris ? 10 : 64);
  const kind = morris ? "morris" : "sobol";
  const fig = figure({
    id: "sensitivity-" + n,
    title: t("sensitivity.title", { kpi: measureName(one.kpi) }),
    how: t("sensitivity.how_" + kind),
    name: "preau-sensitivity-" + one.kpi.replace(/[^a-z0-9_]+/gi, "-"),
    says: () => {
      const sure = rows.filter((r, i) => i > 0 && below(r)).length;
      const values = { first: rows[0].name, value: show(rows[0].main[0]), groups: num(one.groups) };
      const lead = t("sensitivity.says_" + kind, values);
      const next = rows.length > 1 ? " " + (one.groups < 2 ? t("sensitivity.says_one") : sure === rows.length - 1 ? t("sensitivity.says_clear") : t("sensitivity.says_close", { list: listed(rows.filter((r, i) => i > 0 && !below(r)).slice(0, 3).map((r) => r.name)) })) : "";
      return lead + next + (few && one.groups > 1 ? " " + t("sensitivity.says_few") : "") + (one.left_out ? " " + t("sensitivity.left_out", { n: num(one.left_out) }) : "");
    },
    table: () => ({
      head: [t("sweep.factor"), t("sensitivity." + kind + "_main"), t("sensitivity." + kind + "_second"), ...(morris ? [t("sensitivity.mu")] : [])],
      rows: rows.map((r) => [r.name, range(r.main), range(r.second), ...(morris ? [plusMinus([r.mean.mean, r.mean.half_width], unit)] : [])]),
      file: { head: ["factor", ...(morris ? ["mu_star", "mu_star_low", "mu_star_high", "sigma", "mu", "mu_half_width"] : ["total", "total_low", "total_high", "first", "first_low", "first_high"])], rows: rows.map((r) => [r.name, ...r.main, ...(morris ? [r.second[0], r.mean.mean, r.mean.half_width] : r.second)]) },
    }),
    draw: () => {
      const wide = fig.place.clientWidth || 960;
      const narrow = wide < 600;
      const row = narrow ? 46 : 34;
      const left = narrow ? 2 : 190;
      const ends = rows.flatMap((r) => [...r.main, ...r.second]).filter(has);
      // Of two or three trajectories intervals reach so far that bars would be lines: they run out of the picture.
      const longest = Math.max(...rows.flatMap((r) => [r.main[0], r.second[0] ?? 0]));
      const high = Math.min(Math.max(...ends), 3 * longest) || 1;
      const low = Math.min(0, ...ends);
      const x = scale(low, high * 1.04, left, wide - 16);
      const foot = 8 + rows.length * row;
      const parts = [];
      for (const v of ticks(low, high, narrow ? 3 : 5)) parts.push(s("line", { class: Math.abs(v) < 1e-12 ? "ground" : "level", x1: x(v), x2: x(v), y1: 4, y2: foot }), s("text", { class: "tick", x: x(v), y: foot + 15, "text-anchor": x(v) > wide - 40 ? "end" : "middle" }, morris ? show(v) : num(v, 1)));
      rows.forEach((r, i) => {
        const y = 8 + i * row + (narrow ? 14 : 0);
        const bar = (values, dy, name) => has(values[0]) && parts.push(s("rect", { class: name, x: Math.min(x(0), x(values[0])), y: y + dy, width: Math.max(1, Math.abs(x(values[0]) - x(0))), height: 11 }, s("title", {}, range(values))), has(values[1]) && has(values[2]) && s("path", { class: "fork", d: `M${x(values[1]).toFixed(1)} ${y + dy + 5.5}H${x(Math.min(values[2], high * 1.04)).toFixed(1)}m0 -3.5v7M${x(values[1]).toFixed(1)} ${y + dy + 2}v7` }));
        bar(r.main, 1, "bar-main");
        bar(r.second, 14, "bar-second");
        parts.push(s("text", { class: "name small", x: 0, y: narrow ? y - 3 : y + 17 }, s("title", {}, r.name), clip(r.name, narrow ? 40 : 26)));
      });
      const key = (at, name, text) => parts.push(s("rect", { class: name, x: at[0], y: at[1], width: 14, height: 10 }), s("text", { class: "tick", x: at[0] + 20, y: at[1] + 9 }, text));
      key([left, foot + 26], "bar-main", t("sensitivity." + kind + "_main"));
      key(narrow ? [left, foot + 44] : [left + 320, foot + 26], "bar-second", t("sensitivity." + kind + "_second"));
      const height = foot + (narrow ? 60 : 42);
      return s("svg", { class: "picture", role: "img", width: wide, height, viewBox: `0 0 ${wide} ${height}` }, parts);
    },
  });
  return fig;
}

export function sensitivity() {
  const found = report.analysis?.sensitivity ?? [];
  if (!found.length) return null;
  const figures = found.map(chart);
  const node = h("section", { class: "group", id: "sensitivity", "aria-labelledby": "sensitivity-title" }, h("h2", { id: "sensitivity-title" }, t("sensitivity.heading")), h("p", { class: "lead" }, t("sensitivity.lead", { design: t("design." + report.analysis.design) })), figures.map((fig) => fig.node));
  return { node, draw: () => figures.forEach((fig) => fig.refresh()), title: t("sensitivity.heading"), id: "sensitivity" };
}
