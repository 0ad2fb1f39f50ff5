// Every point as a line across its settings and numbers; what is not of interest can be brushed away.
import { t, num, rough, brief } from "./lang.js";
import { h, s, scale } from "./svg.js";
import { figure, grid } from "./figure.js";
import { study, looked, watch, measureOf, measureName, measureUnit, settingText, factorName, keepsOf, keepsAll, byEffect, ticks, clip } from "./study.js";

/** Most axes of factors. */
const MOST = 7;

/** The axes: factors that matter most, in the order of the file, then the measure and those of constraints. */
function axesOf() {
  const measure = measureOf(looked.kpi);
  const some = new Set(byEffect(measure).slice(0, MOST).map(([f]) => f));
  const factors = study.factors.filter((f) => some.has(f)).map((f) => {
    const values = f.number ? f.levels.map(Number) : f.levels.map((_, i) => i);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    // Multiples from a third to three are as far down as up.
    const log = f.number && low > 0 && high / low >= 4;
    const place = (v) => (log ? Math.log(v) : v);
    return { key: "f:" + f.name, name: f.name, title: factorName(f), of: (i) => (f.at[i] === null ? null : values[f.at[i]]), raw: (i) => f.levels[f.at[i]], low, high, place, marks: f.levels.length <= 8 ? f.levels.map((_, i) => [values[i], settingText(f, i)]) : ticks(low, high, 4).filter((v) => v >= low && v <= high).map((v) => [v, rough(v)]), show: (v) => (f.number ? rough(v) : settingText(f, Math.round(v))), whole: !f.number };
  });
  const limited = study.measures.filter((m) => study.keeps.some((k) => k.words.split(" ").includes(m.name)) && m.name !== looked.kpi).slice(0, 2);
  const measures = [measure, ...limited].map((m) => {
    const values = m.mean.filter((v) => v !== null);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const unit = measureUnit(m.name);
    return { key: "m:" + m.name, name: measureName(m.name), title: measureName(m.name), of: (i) => m.mean[i], low, high, place: (v) => v, marks: ticks(low, high, 4).map((v) => [v, brief(v, unit)]), show: (v) => brief(v, unit), measure: true };
  });
  return [...factors, ...measures];
}

export function parallel() {
  if (study.factors.length < 2) return null;
  /** Axis: [from, to] in its values; what is outside is brushed away. */
  let brushes = {};
  let axes = axesOf();
  const inside = (i) => axes.every((axis) => {
    const brush = brushes[axis.key];
    const v = axis.of(i);
    return !brush || (v !== null && v >= brush[0] - 1e-9 * Math.abs(brush[0]) && v <= brush[1] + 1e-9 * Math.abs(brush[1]));
  });
  const left = () => study.point.map((_, i) => i).filter(inside);
  const list = h("div", { class: "scroll short" });
  const fig = figure({
    id: "parallel",
    title: t("parallel.title"),
    how: t("parallel.how"),
    name: "preau-parallel-coordinates",
    says: () => {
      const some = left();
      const kept = some.filter((i) => keepsAll(i)).length;
      const said = t(Object.keys(brushes).length ? "parallel.says_some" : "parallel.says_all", { n: num(some.length), all: num(study.point.length) });
      const shown = study.factors.length > MOST ? " " + t("parallel.axes", { n: num(MOST), all: num(study.factors.length) }) : "";
      return said + (keepsOf() ? " " + t(kept === 1 ? "parallel.kept_one" : "parallel.kept", { n: num(kept) }) : "") + shown;
    },
    table: () => tableOf(),
    draw: () => drawn(),
  });
  function tableOf() {
      const some = left();
      const head = [t("sweep.point"), ...axes.map((a) => a.title), ...(keepsOf() ? [t("sweep.keeps")] : [])];
      const rows = some.slice(0, 500).map((i) => [num(study.point[i]), ...axes.map((a) => a.show(a.of(i))), ...(keepsOf() ? [keepsAll(i) ? t("word.yes") : t("word.no")] : [])]);
      return { head, rows, file: { head: ["point", ...axes.map((a) => a.key.slice(2)), ...(keepsOf() ? ["keeps_all"] : [])], rows: some.map((i) => [study.point[i], ...axes.map((a) => (a.raw ?? a.of)(i)), ...(keepsOf() ? [keepsAll(i) ? 1 : 0] : [])]) } };
  }
  function drawn() {
      const wide = Math.max(fig.place.clientWidth || 960, axes.length * 92);
      const [top, bottom] = [58, 332];
      const x = scale(0, axes.length - 1, 66, wide - 58);
      const ys = axes.map((a) => {
        const to = scale(a.place(a.low), a.place(a.high), bottom, top);
        return a.high > a.low ? (v) => to(a.place(v)) : () => (top + bottom) / 2;
      });
      const d = { away: "", not: "", kept: "" };
      study.point.forEach((_, i) => {
        const values = axes.map((a) => a.of(i));
        if (values.some((v) => v === null)) return;
        const kind = !inside(i) ? "away" : keepsOf() && !keepsAll(i) ? "not" : "kept";
        // Lines of listed settings would lie on one another: each goes its own way by a hair.
        const hair = (((i * 37) % 23) / 23 - 0.5) * 9;
        d[kind] += "M" + values.map((v, k) => x(k).toFixed(1) + " " + (ys[k](v) + (axes[k].measure ? 0 : hair)).toFixed(1)).join("L");
      });
      const many = study.point.length > 400 ? " many" : "";
      const parts = [s("path", { class: "thread away" + many, d: d.away }), s("path", { class: "thread not" + many, d: d.not }), s("path", { class: "thread kept-line" + many, d: d.kept })];
      axes.forEach((a, k) => {
        const end = k === axes.length - 1 ? "end" : k === 0 ? "start" : "middle";
        parts.push(s("line", { class: "axis", x1: x(k), x2: x(k), y1: top, y2: bottom }));
        const tx = k === 0 ? 2 : k === axes.length - 1 ? wide - 2 : x(k);
        const most = Math.max(9, Math.floor(((x(1) - x(0) || wide) * (k % (axes.length - 1) ? 1 : 0.72)) / 8.4));
        wrap(a.title, most).forEach((text, row) => parts.push(s("text", { class: "name small", x: tx, y: 12 + row * 13, "text-anchor": end }, s("title", {}, a.title), text)));
        a.marks.forEach(([v, text]) => parts.push(s("text", { class: "tick level", x: x(k) + (k === axes.length - 1 ? 5 : -5), y: ys[k](v) + 4, "text-anchor": k === axes.length - 1 ? "start" : "end" }, clip(text, 11))));
        const brush = brushes[a.key];
        const band = s("rect", { class: "axis-brush", x: x(k) - 8, width: 16, y: brush ? Math.min(ys[k](brush[0]), ys[k](brush[1])) : top, height: brush ? Math.max(3, Math.abs(ys[k](brush[0]) - ys[k](brush[1]))) : 0 });
        parts.push(band, grip(a, k, ys[k], x(k), band, top, bottom));
      });
      const height = bottom + 38;
      const key = keepsOf() ? [s("path", { class: "thread kept-line", d: `M0 ${bottom + 28}h22` }), s("text", { class: "tick", x: 28, y: bottom + 32 }, t("parallel.key_kept")), s("path", { class: "thread not", d: `M${wide < 600 ? 190 : 260} ${bottom + 28}h22` }), s("text", { class: "tick", x: wide < 600 ? 218 : 288, y: bottom + 32 }, t("parallel.key_not"))] : [];
      return h("div", { class: "sideways", tabindex: 0, role: "group", "aria-label": t("parallel.title") }, s("svg", { class: "picture parallel", role: "img", width: wide, height, viewBox: `0 0 ${wide} ${height}` }, parts, key));
  }
  /** Dragging along an axis keeps a range of it; a click lets it go. */
  function grip(axis, k, y, x, band, top, bottom) {
    const area = s("rect", { class: "grip", x: x - 14, y: top - 6, width: 28, height: bottom - top + 12 });
    const back = (py) => {
      const [a, b] = [axis.place(axis.low), axis.place(axis.high)];
      const v = a + ((bottom - py) / (bottom - top)) * (b - a);
      const value = axis.place(1) === 0 && axis.place(Math.E) === 1 ? Math.exp(v) : v;
      return Math.max(axis.low, Math.min(axis.high, value));
    };
    const at = (event) => Math.max(top, Math.min(bottom, event.clientY - area.ownerSVGElement.getBoundingClientRect().top));
    let begun = null;
    area.addEventListener("pointerdown", (event) => {
      begun = at(event);
      area.setPointerCapture(event.pointerId);
    });
    area.addEventListener("pointermove", (event) => {
      if (begun === null) return;
      band.setAttribute("y", Math.min(begun, at(event)));
      band.setAttribute("height", Math.abs(at(event) - begun));
    });
    area.addEventListener("pointerup", (event) => {
      if (begun === null) return;
      const [from, to] = [back(Math.max(begun, at(event))), back(Math.min(begun, at(event)))];
      if (Math.abs(begun - at(event)) < 4) delete brushes[axis.key];
      else brushes[axis.key] = axis.whole ? [from - 0.25, to + 0.25] : [from, to];
      begun = null;
      again();
    });
    return area;
  }
  /** The same by the keyboard: two sliders an axis. */
  const fields = h("div", { class: "ranges" });
  const fillFields = () =>
    fields.replaceChildren(
      ...axes.map((a) => {
        const [low, high] = [a.place(a.low), a.place(a.high)];
        const value = (input) => (a.place(1) === 0 && a.place(Math.E) === 1 ? Math.exp(Number(input.value)) : Number(input.value));
        const said = h("output", {});
        const tell = () => {
          const brush = brushes[a.key];
          said.textContent = brush ? a.show(Math.max(a.low, brush[0])) + " – " + a.show(Math.min(a.high, brush[1])) : t("parallel.any");
        };
        const slider = (which, start) => h("input", { type: "range", min: low, max: high, step: a.whole ? 1 : (high - low) / 50 || 1, value: start, disabled: high === low, "aria-label": t("parallel." + which, { axis: a.title }), oninput: moved });
        const from = slider("from", brushes[a.key] ? a.place(Math.max(a.low, brushes[a.key][0])) : low);
        const to = slider("to", brushes[a.key] ? a.place(Math.min(a.high, brushes[a.key][1])) : high);
        function moved() {
          const [p, q] = [value(from), value(to)].sort((m, n) => m - n);
          if (p <= a.low * (1 + 1e-9) && q >= a.high * (1 - 1e-9)) delete brushes[a.key];
          else brushes[a.key] = [p, q];
          tell();
          fig.refresh();
          fillList();
        }
        tell();
        return h("fieldset", {}, h("legend", {}, a.title), from, to, said);
      }),
    );
  const fillList = () => {
    const some = left();
    list.replaceChildren(Object.keys(brushes).length && some.length <= 12 ? grid(tableOf(), t("parallel.left")) : "");
  };
  const again = () => {
    fig.refresh();
    fillFields();
    fillList();
  };
  const clear = h("button", { type: "button", onclick: () => ((brushes = {}), again()) }, t("parallel.clear"));
  fig.place.before(h("div", { class: "controls" }, h("details", { class: "more", id: "brushes" }, h("summary", {}, t("parallel.narrow")), fields), clear));
  fig.place.after(list);
  fillFields();
  watch(() => {
    axes = axesOf();
    brushes = Object.fromEntries(Object.entries(brushes).filter(([key]) => axes.some((a) => a.key === key)));
    again();
  });
  return fig;
}

/** Words on three lines at most. */
export function wrap(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.length - 1;
    if (!lines[last] || (lines[last] + " " + word).length <= most) lines[last] = (lines[last] + " " + word).trim();
    else lines.push(word);
  }
  return [...lines.slice(0, 2), lines.slice(2).join(" ")].filter(Boolean).map((line) => clip(line, most));
}
