// The day as a time line: lanes above curves, one cursor over all.
import { t, num, rough, large, many, dur, clock, moment, day, midnight } from "./lang.js";
import { report, armLabel, view, look, onLook, picked, summed, ofService, latencyOf, worstLatency, serviceOf, width, bins, binAt, main } from "./data.js";
import { h, s, scale, steps, hours, nights, line, band, iso } from "./svg.js";
import { figure, grid } from "./figure.js";
import { laneGroups } from "./lanes.js";

const PANEL = 104;
const GAP = 18;
const LANE = 15;

/** Curves of the services looked at. */
function panels(arm, services) {
  const sum = (name) => summed(arm, services, name);
  const perMinute = (name) => sum(name).map((v) => (v * 60) / width);
  const some = (values) => values.some((v) => v > 0);
  const cap = sum("cap");
  const gated = services.filter((key) => some(ofService(arm, key, "cap")));
  const seats = summed(arm, gated, "seats");
  const flood = sum("flood");
  const good = services.length === 1 ? serviceOf.get(services[0])?.good : null;
  const all = [
    {
      key: "knocks",
      stacked: true,
      unit: "per_minute",
      series: [
        { key: "logins", class: "c-login", values: perMinute("logins") },
        { key: "refused_quota", class: "c-quota", values: perMinute("refused_quota") },
        { key: "refused_full", class: "c-full", values: perMinute("refused_full") },
        { key: "timeouts", class: "c-timeout", values: perMinute("timeouts") },
        { key: "refused_other", class: "c-other", values: perMinute("refused_other") },
      ],
    },
    {
      key: "concurrency",
      unit: "people",
      series: [
        { key: "sessions", class: "c-login", area: true, values: sum("sessions") },
        { key: "seats", class: "c-seats", values: seats },
        { key: "cap", class: "c-cap", step: true, values: cap.map((v) => (v > 0 ? v : NaN)) },
      ],
    },
    {
      key: "waiting",
      stacked: true,
      unit: "people",
      series: [
        { key: "room", class: "c-room", values: sum("room") },
        { key: "orbit", class: "c-orbit", values: sum("orbit") },
      ],
    },
    {
      key: "latency",
      unit: "seconds",
      log: true,
      good,
      series: [
        { key: "latency", class: "c-line", values: latencyOf(arm, services) },
        ...(services.length > 1 ? [{ key: "latency_worst", class: "c-worst", values: worstLatency(arm, services) }] : []),
      ],
    },
    { key: "flood", unit: "per_second", series: [{ key: "flood", class: "c-flood", area: true, values: flood }] },
  ];
  for (const panel of all) panel.series = panel.series.filter((one) => one.values.some((v) => v > 0));
  return all.filter((panel) => panel.series.length);
}

const show = (panel, value) => (Number.isNaN(value) ? "–" : panel.unit === "seconds" ? dur(value) : Math.abs(value) >= 1e6 ? large(value) : value >= 1000 ? rough(value) : num(value));

function pickName() {
  if (view.pick.startsWith("s:")) return serviceOf.get(view.pick.slice(2))?.name ?? "";
  if (view.pick.startsWith("o:")) return view.pick.slice(2);
  return t("pick.all");
}

export function timeline() {
  let frame = null;
  const fig = figure({ id: "timeline", title: t("timeline.title"), how: t("timeline.how"), name: "preau-timeline", says, table, draw: () => null });
  const readout = h("output", { class: "readout", for: "cursor" });
  const slider = h("input", { id: "cursor", type: "range", step: width, "aria-label": t("cursor.label"), oninput: () => look({ cursor: Number(slider.value) }) });
  const button = (label, does, title) => h("button", { type: "button", "aria-label": /\p{L}/u.test(label) ? null : title, title, onclick: does }, label);
  const zoom = (factor) => {
    const length = Math.min(report.clock.end, Math.max(width * 12, (view.to - view.from) * factor));
    const from = Math.max(0, Math.min(report.clock.end - length, view.cursor - length * ((view.cursor - view.from) / (view.to - view.from))));
    look({ from, to: from + length });
  };
  const days = [];
  for (let n = 0; n < 8 && midnight(n) < report.clock.end; n++) {
    const from = Math.max(0, midnight(n) + (main[0] - midnight(0)));
    const to = Math.min(report.clock.end, midnight(n) + (main[1] - midnight(0)));
    if (to - from > 7200) days.push([from, to]);
  }
  const dayButtons = days.length > 1 ? days.map(([from, to]) => button(day(from, true), () => look({ from, to, cursor: from + Math.max(0, view.cursor - view.from) < to ? from + Math.max(0, view.cursor - view.from) : from }), t("zoom.day", { day: day(from) }))) : [];
  const controls = h(
    "div",
    { class: "controls" },
    picker(),
    h("span", { class: "buttons", role: "group", "aria-label": t("zoom.label") }, dayButtons, button(t("zoom.whole"), () => look({ from: 0, to: report.clock.end })), button("+", () => zoom(0.5), t("zoom.in")), button("−", () => zoom(2), t("zoom.out"))),
  );
  fig.place.before(controls, h("div", { class: "cursor" }, slider, readout));
  // What the bars of the lanes say to a pointer, in words for everybody else.
  const events = h("details", { class: "tool" }, h("summary", {}, t("timeline.events")));
  const tell = () => {
    events.querySelector(".scroll, p")?.remove();
    if (!events.open) return;
    const rows = laneGroups(picked(view.pick)).flatMap((group) => group.rows.flatMap((row) => [...row.bars, ...(row.marks ?? [])].map((one) => [t("lane." + group.key), row.title, one.text])));
    events.append(rows.length ? grid({ head: [t("timeline.kind"), t("timeline.whom"), t("timeline.what")], rows }, t("timeline.events")) : h("p", {}, t("timeline.no_events")));
  };
  events.addEventListener("toggle", tell);
  onLook((changed) => ["arm", "pick"].some((key) => changed.has(key)) && tell());
  fig.node.querySelector(".tools .files").before(events);
  fig.place.classList.add("timeline");

  function says() {
    const services = picked(view.pick);
    const knocks = summed(view.arm, services, "knocks");
    const logins = summed(view.arm, services, "logins");
    const [a, b] = [binAt(view.from), binAt(view.to - 1)];
    let top = a;
    for (let i = a; i <= b; i++) if (knocks[i] > knocks[top]) top = i;
    const part = (v) => v.slice(a, b + 1).reduce((x, y) => x + y, 0);
    return t("timeline.says", { what: pickName(), peak: many((knocks[top] * 60) / width), at: moment(top * width), knocks: many(part(knocks)), logins: many(part(logins)), from: moment(view.from), until: moment(view.to) });
  }

  function table() {
    const found = panels(view.arm, picked(view.pick)).flatMap((p) => p.series.map((one) => ({ p, one })));
    const [a, b] = [binAt(view.from), binAt(view.to - 1)];
    const rows = [];
    const plain = [];
    for (let i = a; i <= b; i++) {
      rows.push([moment(i * width), ...found.map(({ p, one }) => show(p, one.values[i]))]);
      plain.push([iso(i * width), ...found.map(({ one }) => (Number.isNaN(one.values[i]) ? "" : Math.round(one.values[i] * 1000) / 1000))]);
    }
    const head = [t("table.time"), ...found.map(({ p, one }) => t("series." + one.key) + " (" + t("unit." + p.unit) + ")")];
    return { head, rows, file: { head: ["from", ...found.map(({ p, one }) => one.key + "_" + p.unit)], rows: plain } };
  }

  function draw() {
    const services = picked(view.pick);
    const all = panels(view.arm, services);
    const groups = laneGroups(services);
    const wide = fig.place.clientWidth || 960;
    const narrow = wide < 720;
    const left = narrow ? 0 : 262;
    const right = narrow ? wide : wide - 6;
    const x = scale(view.from, view.to, left, right);
    const clip = (from, to) => [Math.max(left, x(from)), Math.min(right, x(to))];
    const parts = [];
    const rules = s("g", { class: "rules" });
    let y = 4;
    for (const group of groups) {
      const seen = (row) => row.bars.some((bar) => bar.to > view.from && bar.from < view.to) || (row.marks ?? []).some((mark) => mark.at >= view.from && mark.at <= view.to);
      const rows = group.rows.filter(seen);
      if (!rows.length) continue;
      parts.push(s("text", { x: 0, y: y + 11, class: "group" }, t("lane." + group.key)));
      y += 17;
      for (const row of rows) {
        const label = row.title.length > 39 && !narrow ? row.title.slice(0, 38) + "…" : row.title;
        if (narrow) y += 12;
        parts.push(s("text", { x: narrow ? 0 : 8, y: narrow ? y - 2 : y + 9.5, class: "lane" }, s("title", {}, row.title), label));
        for (const bar of row.bars) {
          const [from, to] = clip(bar.from, bar.to);
          if (to > from) parts.push(s("rect", { x: from, y: y + 1.5, width: Math.max(1.5, to - from - 0.6), height: LANE - 5, class: "bar b-" + bar.part }, s("title", {}, bar.text)));
        }
        for (const mark of row.marks ?? []) {
          const at = x(mark.at);
          if (mark.at >= view.from && mark.at <= view.to) parts.push(s("path", { d: `M${at} ${y + 0.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`, class: "mark" }, s("title", {}, mark.text)));
        }
        y += LANE;
      }
      if (group.key === "tickets") y = ticketKey(parts, y, left, narrow, wide);
      y += 8;
    }
    const lanesEnd = y;
    const [a, b] = [binAt(view.from), Math.min(bins - 1, binAt(view.to) + 1)];
    const values = [];
    for (const panel of all) {
      const head = narrow ? 17 + panel.series.length * 15 : 0;
      const top = y + head + 4;
      const bottom = top + PANEL;
      parts.push(s("text", { x: 0, y: y + 12, class: "panel" }, t("panel." + panel.key), s("tspan", { class: "unit" }, "  " + t("unit." + panel.unit))));
      drawPanel(panel, { parts, rules, x, left, right, top, bottom, a, b });
      panel.series.forEach((one, i) => {
        const at = narrow ? [0, y + 28 + i * 15] : [0, y + 30 + i * 16];
        const value = s("tspan", { class: "value" });
        parts.push(s("rect", { x: at[0] + (narrow ? 0 : 8), y: at[1] - 8, width: 9, height: 9, class: "key " + one.class }), s("text", { x: at[0] + (narrow ? 13 : 21), y: at[1], class: "series" }, t("series." + one.key) + " ", value));
        values.push({ value, panel, one });
      });
      y = bottom + GAP;
    }
    const foot = y - GAP + 16;
    for (const at of hours(view.from, view.to, right - left)) {
      rules.append(s("line", { x1: x(at), x2: x(at), y1: 0, y2: foot - 13 }));
      if (x(at) > left + 12 && x(at) < right - 12) parts.push(s("text", { x: x(at), y: foot, class: "tick", "text-anchor": "middle" }, clock(at)));
    }
    // A day has its name where there is room behind the one before and up to the edge.
    const name = (at, px) => {
      const width = day(at).length * 6.4;
      if (px < free || px + width > right) return;
      parts.push(s("text", { x: px, y: foot + 14, class: "tick" }, day(at)));
      free = px + width + 10;
    };
    let free = left;
    const midnights = nights(view.from, view.to);
    // What is left of a night's first hours needs no name of its own where the next day's would not fit behind it.
    if (!midnights.length || x(midnights[0]) - left > day(view.from).length * 6.4) name(view.from, left);
    for (const at of midnights) {
      parts.push(s("line", { class: "night", x1: x(at), x2: x(at), y1: 0, y2: foot - 13 }));
      name(at, x(at) + 4);
    }
    const cursor = s("line", { class: "at", y1: 0, y2: foot - 13 });
    const brush = s("rect", { class: "brush", y: 0, height: foot - 13, width: 0 });
    // Words lie above the cursor: on a narrow screen it would cross them out.
    const [words, shapes] = [parts.flat(9).filter((one) => one && one.tagName === "text"), parts.flat(9).filter((one) => one && one.tagName !== "text")];
    const chart = s("svg", { class: "picture", role: "img", width: wide, height: foot + 20, viewBox: `0 0 ${wide} ${foot + 20}` }, rules, shapes, brush, cursor, words);
    chart.dataset.lanes = lanesEnd;
    frame = { x, left, right, cursor, values };
    follow(chart, brush);
    fig.place.replaceChildren(chart);
    fig.refresh();
    point();
  }

  /** The pointer: moves the cursor, drags a span to look at. */
  function follow(chart, brush) {
    const at = (event) => {
      const px = event.clientX - chart.getBoundingClientRect().left;
      const { left, right } = frame;
      return view.from + ((Math.min(right, Math.max(left, px)) - left) / (right - left)) * (view.to - view.from);
    };
    let begun = null;
    chart.addEventListener("pointerdown", (event) => (begun = event.button === 0 ? at(event) : null));
    chart.addEventListener("pointermove", (event) => {
      if (begun !== null && event.pointerType === "mouse") {
        const [from, to] = [Math.min(begun, at(event)), Math.max(begun, at(event))];
        brush.setAttribute("x", frame.x(from));
        brush.setAttribute("width", Math.max(0, frame.x(to) - frame.x(from)));
      } else if (!view.playing) look({ cursor: at(event) });
    });
    chart.addEventListener("pointerup", (event) => {
      const end = at(event);
      if (begun !== null && event.pointerType === "mouse" && Math.abs(frame.x(end) - frame.x(begun)) > 8) look({ from: Math.max(0, Math.min(begun, end)), to: Math.min(report.clock.end, Math.max(begun, end, Math.min(begun, end) + width * 3)) });
      else look({ cursor: end });
      begun = null;
    });
    chart.addEventListener("pointerleave", () => {
      begun = null;
      brush.setAttribute("width", 0);
    });
    chart.addEventListener("dblclick", () => look({ from: main[0], to: main[1] }));
  }

  /** Puts the cursor and what it reads in place. */
  function point() {
    if (!frame) return;
    const inside = Math.max(view.from, Math.min(view.to, view.cursor));
    frame.cursor.setAttribute("x1", frame.x(inside));
    frame.cursor.setAttribute("x2", frame.x(inside));
    const bin = binAt(inside);
    for (const { value, panel, one } of frame.values) value.textContent = show(panel, one.values[bin]);
    slider.min = view.from;
    slider.max = view.to;
    slider.value = inside;
    const said = day(inside) + ", " + clock(inside);
    slider.setAttribute("aria-valuetext", said);
    readout.textContent = said;
  }

  onLook((changed) => (["arm", "pick", "from", "to"].some((key) => changed.has(key)) ? draw() : changed.has("cursor") && point()));
  return { node: fig.node, draw };
}

/** What the colours and marks of tickets mean, on as many lines as it takes; gives where the last ends. */
function ticketKey(parts, y, left, narrow, wide) {
  const start = narrow ? 0 : left;
  let at = start;
  for (const part of ["waits", "diagnosis", "mending", "watching", "fix"]) {
    const text = t("ticket." + part);
    const length = 34 + text.length * 6;
    if (at > start && at + length - 14 > wide) [at, y] = [start, y + 15];
    parts.push(part === "fix" ? s("path", { d: `M${at + 7} ${y + 1.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`, class: "mark" }) : s("rect", { x: at, y: y + 3, width: 14, height: 8, class: "bar b-" + part }), s("text", { x: at + 18, y: y + 11, class: "lane" }, text));
    at += length;
  }
  return y + 15;
}

function drawPanel(panel, { parts, rules, x, left, right, top, bottom, a, b }) {
  const xs = [];
  for (let i = a; i <= b; i++) xs.push(Math.max(left, Math.min(right, x(i * width + (panel.stacked ? width / 2 : width)))));
  const inSpan = (values) => Array.from(values.slice(a, b + 1));
  const columns = panel.series.map((one) => inSpan(one.values));
  const totals = panel.stacked ? xs.map((_, i) => columns.reduce((sum, c) => sum + c[i], 0)) : columns.flat();
  const most = Math.max(1e-9, ...totals.filter((v) => !Number.isNaN(v)));
  const y = panel.log ? logScale(most, bottom, top) : scale(0, most * 1.06, bottom, top);
  const ticks = panel.log ? [0.1, 1, 10, 100, 1000].filter((v) => v < most * 1.5 && y(v) > top + 10) : steps(most, 2);
  for (const v of ticks) rules.append(s("line", { class: v ? "level" : "ground", x1: left, x2: right, y1: y(v), y2: y(v) }));
  if (panel.log) rules.append(s("line", { class: "ground", x1: left, x2: right, y1: bottom, y2: bottom }));
  if (panel.good) parts.push(s("line", { class: "good", x1: left, x2: right, y1: y(panel.good), y2: y(panel.good) }), s("text", { class: "note", x: right - 2, y: y(panel.good) - 3, "text-anchor": "end" }, t("latency.good", { time: dur(panel.good) })));
  let ground = xs.map(() => bottom);
  const sums = xs.map(() => 0);
  panel.series.forEach((one, n) => {
    if (panel.stacked) {
      const tops = columns[n].map((v, i) => y((sums[i] += v)));
      parts.push(s("path", { d: band(xs, tops, ground), class: "area " + one.class }));
      ground = tops;
    } else {
      const ys = columns[n].map((v) => (Number.isNaN(v) || (panel.log && v <= 0) ? null : y(v)));
      if (one.area) parts.push(s("path", { d: band(xs, columns[n].map(y), ground), class: "area " + one.class }));
      else parts.push(s("path", { d: line(one.step ? stepped(xs, ys) : xs.map((px, i) => [px, ys[i]])), class: "curve " + one.class }));
    }
  });
  for (const v of ticks) if (v) parts.push(s("text", { class: "tick level", x: left + 2, y: y(v) - 3 }, show(panel, v)));
}

function stepped(xs, ys) {
  return xs.flatMap((px, i) => (i && ys[i - 1] !== null ? [[px, ys[i - 1]], [px, ys[i]]] : [[px, ys[i]]]));
}

function logScale(most, bottom, top) {
  const low = Math.log10(0.08);
  const to = scale(low, Math.log10(Math.max(1.5, most * 1.2)), bottom, top);
  return (v) => to(Math.max(low, Math.log10(Math.max(v, 1e-6))));
}

/** What the curves are of: everything, an operator, a service; and under which policy. */
function picker() {
  const option = (value, text) => h("option", { value, selected: view.pick === value }, text);
  const operators = [...new Set(report.services.map((one) => one.operator).filter(Boolean))].filter((o) => report.services.filter((one) => one.operator === o).length > 1);
  const select = h(
    "select",
    { id: "pick", onchange: (event) => look({ pick: event.target.value }) },
    option("", t("pick.all")),
    h("optgroup", { label: t("pick.operators") }, operators.map((o) => option("o:" + o, o))),
    h("optgroup", { label: t("pick.services") }, report.services.map((one) => option("s:" + one.key, one.name))),
  );
  onLook((changed) => changed.has("pick") && (select.value = view.pick));
  const arms = report.arms.length > 1 && h("label", {}, t("pick.arm"), " ", h("select", { id: "arm", onchange: (event) => look({ arm: event.target.value }) }, report.arms.map((arm) => h("option", { value: arm.name, selected: view.arm === arm.name }, armLabel(arm.name)))));
  return h("span", { class: "picks" }, h("label", {}, t("pick.label"), " ", select), arms);
}
