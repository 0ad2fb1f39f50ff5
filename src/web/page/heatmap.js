// A measure over two factors, the others averaged or held.
import { t, num, pct, listed, brief } from "./lang.js";
import { upper } from "./causes.js";
import { h, s } from "./svg.js";
import { figure } from "./figure.js";
import { study, looked, lookAt, watch, measureOf, measureName, measureUnit, sense, classesOf, factorName, keepsOf, mean, chooser, shade, byEffect, constraintWords, clip } from "./study.js";

const restOf = () => study.factors.map((f, i) => [f, i]).filter(([, i]) => i !== looked.x && i !== looked.y);
const isIn = (point) => restOf().every(([f, i]) => looked.fixed[i] === undefined || classesOf(f).of[point] === looked.fixed[i]);

/** Cells by column and row: the mean over their points, and in what share of runs all constraints hold. */
function heatCells() {
  const [fx, fy] = [study.factors[looked.x], study.factors[looked.y]];
  const [cx, cy] = [classesOf(fx), classesOf(fy)];
  const measure = measureOf(looked.kpi);
  const keeps = keepsOf();
  const found = cy.labels.map(() => cx.labels.map(() => ({ values: [], keeps: [], split: 0 })));
  study.point.forEach((_, i) => {
    if (!isIn(i) || measure.mean[i] === null) return;
    const cell = found[cy.of[i]][cx.of[i]];
    cell.values.push(measure.mean[i]);
    if (keeps) cell.keeps.push(keeps.shares[i][0]);
    if (measure.upper[i] !== undefined) cell.split += 1;
  });
  for (const row of found) for (const cell of row) Object.assign(cell, { mean: mean(cell.values), held: keeps ? mean(cell.keeps) : null });
  return { fx, fy, cx, cy, found };
}

/** The two factors that matter most, the levers among them first. */
export function chooseAxes() {
  const order = byEffect(measureOf(looked.kpi)).map(([f]) => f);
  const levers = order.filter((f) => f.role === "lever");
  const first = [...levers, ...order.filter((f) => f.role !== "lever")].slice(0, 2);
  [looked.x, looked.y] = first.map((f) => study.factors.indexOf(f));
}

/** What is done with the factors that are not on an axis. */
function restWords() {
  const rest = restOf();
  const held = rest.filter(([, i]) => looked.fixed[i] !== undefined).map(([f, i]) => f.name + " = " + classesOf(f).labels[looked.fixed[i]]());
  const averaged = rest.filter(([, i]) => looked.fixed[i] === undefined).map(([f]) => f.name);
  const some = averaged.length > 5 ? [t("heat.others", { n: num(averaged.length) })] : averaged;
  return [held.length && t("heat.held", { list: listed(held) }), averaged.length && t("heat.averaged", { list: listed(some) })].filter(Boolean).join("; ");
}

export function heatmap() {
  if (study.factors.length < 2) return null;
  const unit = () => measureUnit(looked.kpi);
  let at = [0, 0];
  const readout = h("p", { class: "readout wide", "aria-live": "polite" });
  const fig = figure({
    id: "heat",
    title: t("heat.title"),
    how: t("heat.how"),
    name: "preau-heat-map",
    says: () => {
      const { fx, fy, cx, cy, found } = heatCells();
      const flat = found.flatMap((row, j) => row.map((cell, i) => ({ ...cell, i, j }))).filter((c) => c.mean !== null);
      if (!flat.length) return t("heat.says_nothing");
      const way = sense(looked.kpi) || 1;
      const order = [...flat].sort((a, b) => way * (a.mean - b.mean));
      const place = (c) => `${fx.name} ${cx.labels[c.i]()}, ${fy.name} ${cy.labels[c.j]()}`;
      const rest = restWords();
      const words = upper(t(sense(looked.kpi) ? "heat.says" : "heat.says_range", { kpi: measureName(looked.kpi), best: brief(order[0].mean, unit()), at_best: place(order[0]), worst: brief(order[order.length - 1].mean, unit()), at_worst: place(order[order.length - 1]) }));
      return words + (rest ? " " + t("heat.rest", { rest }) : "");
    },
    table: () => {
      const { fx, fy, cx, cy, found } = heatCells();
      return {
        head: [fy.name + " ↓ / " + fx.name + " →", ...cx.labels.map((label) => label())],
        rows: cy.labels.map((label, j) => [label(), ...found[j].map((cell) => brief(cell.mean, unit()))]),
        file: { head: [fx.name, fy.name, looked.kpi, "points", "constraints_held"], rows: found.flatMap((row, j) => row.map((cell, i) => [cx.labels[i](), cy.labels[j](), cell.mean, cell.values.length, cell.held])) },
      };
    },
    draw: () => {
      const { fx, fy, cx, cy, found } = heatCells();
      const wide = fig.place.clientWidth || 960;
      const narrow = wide < 600;
      const left = narrow ? 64 : 130;
      const width = Math.min(130, (wide - left - 4) / cx.labels.length);
      const tall = Math.max(30, Math.min(52, width * 0.62));
      const top = 24;
      const bottom = top + tall * cy.labels.length;
      const all = found.flat().map((c) => c.mean).filter((v) => v !== null);
      const [low, high] = [Math.min(...all), Math.max(...all)];
      const way = sense(looked.kpi) || 1;
      const share = (v) => (high > low ? (way > 0 ? (v - low) / (high - low) : (high - v) / (high - low)) : 0);
      const parts = [];
      const spots = [];
      const rows = cy.labels.length;
      found.forEach((row, j) => {
        const y = top + (rows - 1 - j) * tall;
        row.forEach((cell, i) => {
          const x = left + i * width;
          const { fill, light } = cell.mean === null ? { fill: "var(--sheet)", light: false } : shade(share(cell.mean));
          const title = `${fx.name} ${cx.labels[i]()}, ${fy.name} ${cy.labels[j]()}: ${brief(cell.mean, unit())}` + (cell.held === null || cell.mean === null ? "" : " · " + t("heat.kept_in", { share: pct(cell.held) })) + (cell.split ? " · " + t("heat.split", { n: num(cell.split) }) : "");
          spots.push({ i, j, x, y, title });
          parts.push(s("rect", { class: "heat-cell", x: x + 1, y: y + 1, width: width - 2, height: tall - 2, fill }, s("title", {}, title)));
          if (cell.held !== null && cell.held >= 1 && cell.mean !== null) parts.push(s("rect", { class: "kept", x: x + 3.5, y: y + 3.5, width: width - 7, height: tall - 7 }));
          const text = brief(cell.mean, unit()) + (cell.split ? " ≈" : "");
          const size = Math.min(13, (width - 8) / (text.length * 0.56));
          if (size >= 8) parts.push(s("text", { class: "heat-text" + (light ? " light" : ""), x: x + width / 2, y: y + tall / 2 + 4.5, "text-anchor": "middle", "font-size": size.toFixed(1) }, text));
        });
        parts.push(s("text", { class: "tick", x: left - 6, y: y + tall / 2 + 4, "text-anchor": "end" }, s("title", {}, cy.labels[j]()), clip(cy.labels[j](), narrow ? 9 : 20)));
      });
      const every = Math.ceil((cx.labels.length * 46) / Math.max(46, width * cx.labels.length));
      cx.labels.forEach((label, i) => i % every === 0 && parts.push(s("text", { class: "tick", x: left + (i + 0.5) * width, y: bottom + 15, "text-anchor": "middle" }, clip(label(), Math.max(5, Math.floor((width * every) / 6.2))))));
      parts.push(s("text", { class: "name", x: left, y: bottom + 36 }, factorName(fx) + " →"), s("text", { class: "name", x: 0, y: 13 }, "↑ " + clip(factorName(fy), 34)));
      const key = heatLegend(left, bottom + 50, wide, { low, high, way, unit: unit() });
      const ring = s("rect", { class: "ring", width: width - 2, height: tall - 2 });
      const height = bottom + 50 + key.height;
      const chart = s("svg", { class: "picture heat", role: "img", tabindex: 0, width: wide, height, viewBox: `0 0 ${wide} ${height}` }, parts, key.parts, ring);
      const point = () => {
        at = [Math.max(0, Math.min(cx.labels.length - 1, at[0])), Math.max(0, Math.min(rows - 1, at[1]))];
        const spot = spots.find((p) => p.i === at[0] && p.j === at[1]);
        ring.setAttribute("x", spot.x + 1);
        ring.setAttribute("y", spot.y + 1);
        readout.textContent = spot.title;
      };
      chart.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (!step) return;
        event.preventDefault();
        at = [at[0] + step[0], at[1] + step[1]];
        point();
      });
      chart.addEventListener("focus", point);
      chart.addEventListener("pointermove", (event) => {
        const box = chart.getBoundingClientRect();
        const [px, py] = [event.clientX - box.left, event.clientY - box.top];
        const spot = spots.find((p) => px >= p.x && px < p.x + width && py >= p.y && py < p.y + tall);
        if (spot) {
          at = [spot.i, spot.j];
          point();
        }
      });
      return chart;
    },
  });
  const controls = h("div", { class: "controls" });
  const fill = () => {
    const axes = study.factors.map((f, i) => [i, f.name]);
    const axis = (key, label) => chooser(label, axes, looked[key], (value) => {
      const other = key === "x" ? "y" : "x";
      const swapped = Number(value) === looked[other] ? { [other]: looked[key] } : {};
      lookAt({ ...swapped, [key]: Number(value) });
      fill();
    });
    const hold = restOf().map(([f, i]) => chooser(f.name, [["", t("heat.average")], ...classesOf(f).labels.map((label, c) => [c, label()])], looked.fixed[i] ?? "", (value) => {
      const fixed = { ...looked.fixed };
      if (value === "") delete fixed[i];
      else fixed[i] = Number(value);
      lookAt({ fixed });
    }));
    const more = hold.length > 4 ? h("details", { class: "more" }, h("summary", {}, t("heat.hold", { n: num(hold.length) })), h("div", { class: "picks" }, hold)) : hold;
    controls.replaceChildren(h("span", { class: "picks" }, axis("x", t("heat.across")), axis("y", t("heat.up")), more));
  };
  fill();
  fig.place.before(controls);
  fig.place.after(readout);
  watch(fig.refresh);
  return fig;
}

/** What the shades mean, and the outline. */
function heatLegend(left, top, wide, { low, high, way, unit }) {
  const parts = [];
  const n = 24;
  const width = Math.min(220, wide - 20) / n;
  for (let i = 0; i < n; i++) parts.push(s("rect", { x: i * width, y: top, width: width + 0.5, height: 12, fill: shade(i / (n - 1)).fill }));
  const [first, last] = way > 0 ? [low, high] : [high, low];
  parts.push(s("text", { class: "tick", x: 0, y: top + 27 }, brief(first, unit)), s("text", { class: "tick", x: n * width, y: top + 27, "text-anchor": "end" }, brief(last, unit)));
  let height = 34;
  const keeps = keepsOf();
  if (keeps) {
    const below = wide < 700;
    const [x, y] = below ? [0, top + 36] : [n * width + 26, top];
    const text = t("heat.kept", { list: constraintWords(keeps.words) });
    parts.push(s("rect", { class: "kept", x: x + 1, y: y + 1, width: 20, height: 12 }), s("text", { class: "tick", x: x + 28, y: y + 11 }, s("title", {}, text), clip(text, Math.floor((wide - x - 30) / 6))));
    if (below) height = 56;
  }
  return { parts, height };
}
