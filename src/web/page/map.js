// The map of France and the regions over the day, on the same clock as the time line.
import { bundle, t, num, pct, clock, day, moment, tongue } from "./lang.js";
import { report, view, look, onLook, ofRegion, width, bins, binAt, summaryOf } from "./data.js";
import { h, s, scale, hours, nights, iso } from "./svg.js";
import { figure } from "./figure.js";

const WINDOW = 1800;
const SHORT = { 11: "Île-de-France", 24: "Centre", 27: "Bourgogne-FC", 28: "Normandie", 32: "Hauts-de-F.", 44: "Grand Est", 52: "Pays de la L.", 53: "Bretagne", 75: "N.-Aquitaine", 76: "Occitanie", 84: "Auvergne-RA", 93: "PACA", 94: "Corse", "01": "Guadeloupe", "02": "Martinique", "03": "Guyane", "04": "La Réunion", "06": "Mayotte" };

/** What colours the map: a value at an instant, its class from 0 (well) to 4 (bad), and its text. */
const METRICS = {
  share: {
    bounds: [0.95, 0.9, 0.75, 0.5],
    at: (arm, region, second) => {
      const visits = windowed(arm, region, "visits", second);
      return visits >= 10 ? windowed(arm, region, "in_15min", second) / visits : null;
    },
    classOf: (value) => METRICS.share.bounds.filter((bound) => value < bound).length,
    text: (value) => pct(value, 0),
    labels: () => ["≥ 95 %", "90–95 %", "75–90 %", "50–75 %", "< 50 %"],
    moves: true,
  },
  wait: {
    at: (arm, region, second) => {
      const visits = windowed(arm, region, "visits", second);
      if (visits < 10) return null;
      const half = visits / 2;
      return ["in_5min", "in_15min", "in_ever"].findIndex((name) => windowed(arm, region, name, second) >= half);
    },
    classOf: (value) => [0, 2, 3, 4][value < 0 ? 3 : value],
    text: (value) => [t("wait.5"), t("wait.15"), t("wait.more"), t("wait.never")][value < 0 ? 3 : value],
    labels: () => [t("wait.5"), null, t("wait.15"), t("wait.more"), t("wait.never")],
    moves: true,
  },
  lost: {
    bounds: [0.03, 0.05, 0.1, 0.2],
    at: (arm, region, second) => {
      const ofDay = report.days?.[arm]?.[region]?.[bookDay(second)];
      if (!ofDay) return report.days ? null : (summaryOf(arm, "region", region, "hours_lost_share")?.[0] ?? null);
      return ofDay[0] > 0 ? ofDay[1] / ofDay[0] : null;
    },
    classOf: (value) => METRICS.lost.bounds.filter((bound) => value >= bound).length,
    text: (value) => pct(value, 1),
    labels: () => ["< 3 %", "3–5 %", "5–10 %", "10–20 %", "≥ 20 %"],
    moves: false,
  },
};

/** The day of the books of an instant: they turn at 04:00. */
const bookDay = (second) => iso(Math.max(0, second - 4 * 3600)).slice(0, 10);

function windowed(arm, region, name, second) {
  const values = ofRegion(arm, region, name);
  const last = binAt(second);
  const many = Math.max(1, Math.round(WINDOW / width));
  let sum = 0;
  for (let i = Math.max(0, last - many + 1); i <= last; i++) sum += values[i];
  return sum;
}

const press = () => (report.made.name.startsWith("2021-04-06") || civilDate() === bundle.press.date ? bundle.press : null);
const civilDate = () => report.clock.start.slice(0, 10);
const shapeOf = (region) => bundle.map.regions.find((shape) => shape.insee === region.insee);
const named = (region) => press()?.regions[region.insee] ?? [];

function legend(metric) {
  const labels = METRICS[metric].labels();
  return h(
    "ul",
    { class: "legend", "aria-label": t("map.metric." + metric) },
    labels.map((label, i) => label && h("li", {}, h("i", { class: "swatch k" + i }), label)),
    h("li", {}, h("i", { class: "swatch none" }), t("map.none")),
    press() && view.press && h("li", {}, h("i", { class: "swatch outline" }), t("map.press_key")),
  );
}

/** Whether any of these regions lies in France: without a code nobody knows where. */
export const canMap = (regions) => regions.some((region) => shapeOf(region));

export function franceMap() {
  if (!canMap(report.regions)) return null;
  const fig = figure({ id: "map", title: t("map.title"), how: t("map.how"), name: "preau-map", says, table, draw: () => null });
  const holder = h("div", { class: "map" });
  const strips = h("div", { class: "strips" });
  const keys = h("div", { class: "keys" });
  let shapes = new Map();
  let cursor = null;
  /** The region that Tab leads to, and what is said of the one that is looked at. */
  let reached = report.regions[0].key;
  const ring = s("g", { class: "ring-of" });
  const told = h("p", { class: "told", "aria-hidden": "true" });
  const metrics = h(
    "fieldset",
    { class: "metrics" },
    h("legend", { class: "unseen" }, t("map.colour")),
    Object.keys(METRICS).map((key) => h("label", {}, h("input", { type: "radio", name: "metric", value: key, checked: view.metric === key, onchange: () => look({ metric: key }) }), " ", t("map.metric." + key))),
    press() && h("label", {}, h("input", { type: "checkbox", checked: view.press, onchange: (event) => look({ press: event.target.checked }) }), " ", t("map.press")),
  );
  const play = h("button", { type: "button", class: "play", onclick: () => (view.playing ? stop() : start()) }, t("map.play"));
  const slider = h("input", { id: "hour", type: "range", step: width, "aria-label": t("cursor.label"), oninput: () => look({ cursor: Number(slider.value) }) });
  const readout = h("output", { class: "readout", for: "hour" });
  fig.place.before(h("div", { class: "controls" }, metrics), h("div", { class: "cursor" }, play, slider, readout));
  fig.place.classList.add("beside");
  fig.place.append(h("div", { class: "of-map" }, holder, told, keys), strips);

  let timer = null;
  function start() {
    if (view.cursor >= view.to - width) look({ cursor: view.from });
    look({ playing: true });
    timer = setInterval(() => {
      const next = view.cursor + width;
      if (next >= view.to) stop();
      look({ cursor: Math.min(view.to, next) });
    }, 110);
  }
  function stop() {
    clearInterval(timer);
    look({ playing: false });
  }

  const now = () => report.regions.map((region) => ({ region, value: METRICS[view.metric].at(view.arm, region.key, view.cursor) }));

  function says() {
    const metric = METRICS[view.metric];
    const there = now().filter((one) => one.value !== null);
    const bad = there.filter((one) => metric.classOf(one.value) >= 3).sort((a, b) => metric.classOf(b.value) - metric.classOf(a.value));
    const when = metric.moves ? t("map.says_at", { at: moment(view.cursor) }) : report.days ? t("map.says_day", { day: day(view.cursor - 4 * 3600) }) : t("map.says_whole");
    if (!there.length) return when + t("map.says_nobody");
    const list = bad.map((one) => one.region.name + " (" + metric.text(one.value) + ")").join(", ");
    return when + (bad.length ? t("map.says_bad_" + view.metric, { n: num(bad.length), all: num(there.length), list }) : t("map.says_good_" + view.metric));
  }

  function table() {
    const metric = METRICS[view.metric];
    const head = [t("table.region"), t("map.metric." + view.metric), t("map.visits"), t("map.press_key")];
    const rows = now().map(({ region, value }) => [region.name, value === null ? "–" : metric.text(value), windowed(view.arm, region.key, "visits", view.cursor), named(region).length ? named(region).map((key) => bundle.press.sources[key][tongue.code]).join("; ") : "–"]);
    const plain = [];
    for (const region of report.regions) for (let i = 0; i < bins; i++) plain.push([region.name, iso(i * width), ...["visits", "in_5min", "in_15min", "in_ever", "gave_up"].map((name) => ofRegion(view.arm, region.key, name)[i])]);
    return { head, rows, file: { head: ["region", "from", "visits", "in_5min", "in_15min", "in_ever", "gave_up"], rows: plain } };
  }

  function draw() {
    shapes = new Map();
    const svg = s("svg", { class: "picture", role: "group", viewBox: "-6 0 630 690" });
    const land = s("g", {});
    const outlines = s("g", { class: "outlines" });
    const texts = s("g", { class: "texts" });
    svg.append(land, outlines, ring, texts);
    let inset = 0;
    for (const region of report.regions) {
      const shape = shapeOf(region);
      let node;
      let at;
      if (shape) {
        node = s("path", { d: shape.path });
        at = shape.at;
        if (named(region).length) outlines.append(s("path", { d: shape.path, class: named(region).length > 2 ? "press many" : "press" }));
      } else {
        const x = 4 + inset * 124;
        node = s("rect", { x, y: 606, width: 112, height: 62, rx: 3 });
        at = [x + 56, 634];
        inset++;
      }
      const value = s("text", { class: "value", x: at[0], y: at[1] + 14 });
      const title = s("title", {});
      node.append(title);
      node.setAttribute("role", "button");
      node.addEventListener("click", () => choose(region));
      node.addEventListener("focus", () => ((reached = region.key), mark(node), paint()));
      node.addEventListener("blur", () => ring.replaceChildren());
      node.addEventListener("keydown", (event) => step(event, region));
      land.append(node);
      const label = s("text", { class: "place", x: at[0], y: at[1] - 2 }, SHORT[region.insee] ?? region.name);
      texts.append(label, value);
      shapes.set(region.key, { node, value, label, title, region });
    }
    if (inset) texts.append(s("text", { class: "inset", x: 4, y: 598 }, t("map.overseas")));
    holder.replaceChildren(svg);
    drawStrips();
    paint();
  }

  /** A row a region: how it went over the whole span, so that when and where is seen at once. */
  function drawStrips() {
    const metric = METRICS[view.metric];
    const wide = strips.clientWidth || 520;
    const left = wide < 480 ? 112 : 168;
    const right = wide - 4;
    const high = 20;
    const x = scale(view.from, view.to, left, right);
    const parts = [];
    const order = [...report.regions].sort((a, b) => (summaryOf(view.arm, "region", b.key, "hours_lost_share")?.[0] ?? 0) - (summaryOf(view.arm, "region", a.key, "hours_lost_share")?.[0] ?? 0));
    order.forEach((region, row) => {
      const y = 20 + row * high;
      const sources = view.press ? named(region) : [];
      const text = wide < 480 ? (SHORT[region.insee] ?? region.name) : region.name.length > 24 ? (SHORT[region.insee] ?? region.name) : region.name;
      parts.push(s("text", { class: "lane", x: 0, y: y + 13 }, s("title", {}, region.name), text));
      if (sources.length) parts.push(s("text", { class: "dots", x: left - 6, y: y + 13, "text-anchor": "end" }, s("title", {}, sources.map((key) => bundle.press.sources[key][tongue.code]).join("; ")), "●" + (sources.length > 1 ? sources.length : "")));
      const [a, b] = [binAt(view.from), binAt(view.to - 1)];
      let from = a;
      const kind = (i) => {
        const value = metric.at(view.arm, region.key, i * width);
        return value === null ? "none" : "k" + metric.classOf(value);
      };
      let last = kind(a);
      for (let i = a + 1; i <= b + 1; i++) {
        const next = i <= b ? kind(i) : null;
        if (next === last) continue;
        const [low, up] = [Math.max(left, x(from * width)), Math.min(right, x(i * width))];
        parts.push(s("rect", { class: "cell " + last, x: low, y, width: Math.max(0, up - low + 0.3), height: high - 3 }));
        [from, last] = [i, next];
      }
    });
    const foot = 20 + order.length * high;
    for (const at of hours(view.from, view.to, right - left)) if (x(at) > left + 8 && x(at) < right - 8) parts.push(s("text", { class: "tick", x: x(at), y: foot + 12, "text-anchor": "middle" }, clock(at)));
    for (const at of nights(view.from, view.to)) parts.push(s("line", { class: "night", x1: x(at), x2: x(at), y1: 18, y2: foot }));
    cursor = s("line", { class: "at", y1: 16, y2: foot });
    parts.push(s("text", { class: "panel", x: 0, y: 11 }, metric.moves ? t("map.strips") : t("map.strips_day")));
    const svg = s("svg", { class: "strip", "aria-hidden": "true", width: wide, height: foot + 18, viewBox: `0 0 ${wide} ${foot + 18}` }, parts, cursor);
    svg.addEventListener("click", (event) => {
      const px = event.clientX - svg.getBoundingClientRect().left;
      const row = Math.floor((event.clientY - svg.getBoundingClientRect().top - 20) / high);
      if (px > left) look({ cursor: view.from + ((px - left) / (right - left)) * (view.to - view.from) });
      else if (order[row]) choose(order[row]);
    });
    cursor.place = x;
    strips.replaceChildren(svg);
  }

  /** Drawn above the outlines, which would hide a stroke of the region's own. */
  function mark(node) {
    if (!node.matches(":focus-visible")) return;
    const shape = node.cloneNode(false);
    for (const name of ["tabindex", "role", "aria-label", "class"]) shape.removeAttribute(name);
    ring.replaceChildren(shape);
  }

  /** The arrows lead from region to region, in the order of the table; Enter and the space bar choose. */
  function step(event, region) {
    const all = report.regions.map((one) => one.key);
    const at = all.indexOf(region.key);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) shapes.get(all[(to + all.length) % all.length]).node.focus();
    else if (event.key === "Enter" || event.key === " ") choose(region);
    else return;
    event.preventDefault();
  }

  function choose(region) {
    const own = report.services.find((one) => one.region === region.key);
    if (own) look({ pick: "s:" + own.key });
  }

  function paint() {
    const metric = METRICS[view.metric];
    holder.querySelector(".outlines").style.display = view.press && press() ? "" : "none";
    for (const { region, value } of now()) {
      const shape = shapes.get(region.key);
      const kind = value === null ? -1 : metric.classOf(value);
      shape.node.setAttribute("class", "region " + (kind < 0 ? "none" : "k" + kind));
      const light = kind >= 3 ? " light" : "";
      shape.value.setAttribute("class", "value" + light);
      shape.label.setAttribute("class", "place" + light);
      shape.value.textContent = value === null ? "" : metric.text(value);
      const sources = named(region).map((key) => bundle.press.sources[key][tongue.code]);
      const words = region.name + (value === null ? "" : " · " + metric.text(value)) + (sources.length ? " · " + t("map.named_by", { list: sources.join(", ") }) : "");
      shape.title.textContent = words;
      shape.node.setAttribute("aria-label", words);
      shape.node.setAttribute("tabindex", region.key === reached ? 0 : -1);
      if (shape.node === document.activeElement) told.textContent = words;
    }
    if (!holder.contains(document.activeElement)) told.textContent = "";
    const inside = Math.max(view.from, Math.min(view.to, view.cursor));
    cursor.setAttribute("x1", cursor.place(inside));
    cursor.setAttribute("x2", cursor.place(inside));
    slider.min = view.from;
    slider.max = view.to;
    slider.value = inside;
    const said = day(inside) + ", " + clock(inside);
    slider.setAttribute("aria-valuetext", said);
    readout.textContent = said;
    play.textContent = view.playing ? t("map.stop") : t("map.play");
    fig.refresh();
  }

  onLook((changed) => {
    if (["arm", "from", "to", "metric", "press"].some((key) => changed.has(key))) {
      keys.replaceChildren(legend(view.metric));
      drawStrips();
      paint();
    } else if (changed.has("cursor") || changed.has("playing")) paint();
  });
  keys.append(legend(view.metric));
  return { node: fig.node, draw };
}
