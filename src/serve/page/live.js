// A run while it simulates: the clock, and curves that grow.
import { t, num, rough, large, dur, clock, moment } from "./lang.js";
import { h, s, scale, steps, band, line, hours } from "./svg.js";

const HIGH = 128;

/** A length of time that is only estimated. */
export const slow = (seconds) => (seconds < 9.5 ? num(Math.max(1, Math.round(seconds))) + "\u00a0s" : dur(seconds < 90 ? Math.round(seconds / 5) * 5 : Math.round(seconds / 60) * 60));

/** The panels: what is stacked or drawn as a line, of the columns that the server sends. */
const PANELS = [
  { key: "knocks", stacked: true, rate: true, series: [["logins", "c-login"], ["refused_quota", "c-quota"], ["refused_full", "c-full"], ["refused_other", "c-other"]] },
  { key: "concurrency", series: [["sessions", "c-login", "area"], ["seats", "c-seats"], ["cap", "c-cap", "step"]] },
  { key: "waiting", stacked: true, series: [["room", "c-room"], ["orbit", "c-orbit"]] },
];

/** The view of a run under way; `tell` takes what the server says of it. */
export function liveView(about, onCancel) {
  const columns = about.columns;
  const books = about.services.map(() => []);
  let told = null;
  let pick = "";
  const bar = h("progress", { max: 1, value: 0, "aria-label": t("live.progress") });
  const clockText = h("b", { class: "live-clock" }, "–");
  const left = h("span", { class: "live-left" });
  const cancel = h("button", { type: "button", class: "cancel", onclick: onCancel }, t("live.cancel"));
  const place = h("div", { class: "live-charts" });
  const word = h("p", { class: "unseen", role: "status" });
  const picker = h("select", { id: "live-pick", onchange: (event) => ((pick = event.target.value), draw()) }, h("option", { value: "" }, t("pick.all")), about.services.map((service, i) => h("option", { value: String(i) }, service.name)));
  const node = h(
    "section",
    { class: "live", id: "live", "aria-labelledby": "live-title" },
    h("h2", { id: "live-title" }, t("live.title")),
    h("div", { class: "live-bar" }, clockText, bar, left, cancel),
    word,
    h("div", { class: "controls" }, h("label", { for: "live-pick" }, t("pick.label"), " "), picker),
    place,
  );

  /** A column of what is looked at, by bin; seats only where there is a gate, so that they compare with the quota. */
  function column(name) {
    const at = columns.indexOf(name);
    const cap = columns.indexOf("cap");
    const of = pick === "" ? books : [books[Number(pick)]];
    const bins = Math.max(0, ...of.map((rows) => rows.length));
    const sum = new Array(bins).fill(0);
    for (const rows of of) rows.forEach((row, i) => (sum[i] += name === "seats" && !row[cap] ? 0 : row[at]));
    return sum;
  }

  function panel({ key, stacked, rate, series }, wide) {
    const width = about.bin;
    const found = series.map(([name, kind, form]) => ({ name, kind, form, values: column(name).map((v) => (rate ? (v * 60) / width : v)) })).filter((one) => one.values.some((v) => v > 0));
    const [left, right, top, bottom] = [4, wide - 4, 24, HIGH];
    const end = about.clock.end;
    const x = scale(0, end, left, right);
    const length = Math.max(0, ...found.map((one) => one.values.length));
    const xs = Array.from({ length }, (_, i) => x((i + (stacked ? 0.5 : 1)) * width));
    const totals = xs.map((_, i) => (stacked ? found.reduce((sum, one) => sum + one.values[i], 0) : Math.max(...found.map((one) => one.values[i]))));
    const most = Math.max(10, ...totals);
    const y = scale(0, most * 1.08, bottom, top);
    const parts = [];
    for (const v of steps(most, 2)) parts.push(s("line", { class: v ? "level" : "ground", x1: left, x2: right, y1: y(v), y2: y(v) }), v > 0 && s("text", { class: "tick level", x: left + 2, y: y(v) - 3 }, v >= 1e6 ? large(v) : rough(v)));
    for (const at of hours(0, end, wide)) if (x(at) > left + 14 && x(at) < right - 14) parts.push(s("text", { class: "tick", x: x(at), y: bottom + 14, "text-anchor": "middle" }, clock(at)));
    let ground = xs.map(() => bottom);
    const sums = xs.map(() => 0);
    for (const one of found) {
      if (stacked) {
        const tops = one.values.map((v, i) => y((sums[i] += v)));
        parts.push(s("path", { class: "area " + one.kind, d: band(xs, tops, ground) }));
        ground = tops;
      } else if (one.form === "area") parts.push(s("path", { class: "area " + one.kind, d: band(xs, one.values.map(y), xs.map(() => bottom)) }));
      else parts.push(s("path", { class: "curve " + one.kind, d: line(xs.map((px, i) => [px, one.form === "step" && !one.values[i] ? null : y(one.values[i])])) }));
    }
    const now = x(Math.min(end, told?.simulated ?? 0));
    parts.push(s("line", { class: "at", x1: now, x2: now, y1: top - 6, y2: bottom }), s("text", { class: "panel", x: 0, y: 12 }, t("panel." + key), s("tspan", { class: "unit" }, "  " + t(rate ? "unit.per_minute" : "unit.people"))));
    const last = (one) => one.values.at(-1) ?? 0;
    const sentence = found.map((one) => t("series." + one.name) + " " + rough(Math.round(last(one)))).join(", ") || t("live.nothing");
    const keys = h("ul", { class: "legend" }, found.map((one) => h("li", {}, swatch(one.kind), t("series." + one.name) + " ", h("b", {}, rough(Math.round(last(one)))))));
    return h("figure", { class: "live-panel" }, s("svg", { class: "picture", role: "img", "aria-label": t("panel." + key) + ". " + sentence, width: wide, height: HIGH + 20, viewBox: `0 0 ${wide} ${HIGH + 20}` }, parts), keys);
  }

  const swatch = (kind) => s("svg", { class: "dot-key", width: 11, height: 11, "aria-hidden": "true" }, s("rect", { width: 11, height: 11, class: "key " + kind }));

  function draw() {
    const room = place.clientWidth || 960;
    const across = getComputedStyle(place).gridTemplateColumns.split(" ").length;
    const wide = Math.floor((room - (across - 1) * 24) / across);
    place.replaceChildren(...PANELS.map((one) => panel(one, wide)));
  }

  /** Takes a word of the server. */
  function tell(now) {
    told = now;
    for (const [service, from, rows] of now.books) {
      books[service].length = Math.min(books[service].length, from);
      books[service].push(...rows);
    }
    const first = now.done === 0 ? now.simulated / now.end : 0;
    const share = now.phase === "done" ? 1 : Math.min(1, (now.done + first) / now.replications);
    bar.value = share;
    clockText.textContent = now.done === 0 ? moment(now.simulated) : t("live.replications", { n: num(now.done), all: num(now.replications) });
    left.textContent = now.phase === "running" ? t("live.left", { left: slow(now.left), wall: now.wall < 60 ? num(Math.round(now.wall)) + "\u00a0s" : dur(now.wall) }) : t("live." + now.phase, { wall: dur(now.wall) });
    // A screen reader hears quarters, not every step.
    const quarter = t("live.share", { share: num(Math.floor(share * 4) * 25) });
    if (word.textContent !== quarter) word.textContent = quarter;
    cancel.hidden = now.phase !== "running";
    draw();
  }

  return { node, tell, draw };
}
