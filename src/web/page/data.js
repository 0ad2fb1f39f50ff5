// The document, its series unpacked when they are asked for, and what the reader looks at.
import { bundle, t, known, setClock } from "./lang.js";

export let report = null;
/** Whether there are runs to draw; an attribution has none. */
export let hasRuns = false;
export let width = 0;
export let bins = 0;
export let serviceOf = new Map();
export let regionOf = new Map();
export let unitOf = new Map();
export let base = "";

/** What an arm is called. */
export const armLabel = (name) => (known("arm." + name) ? t("arm." + name) : name);

let emptyColumn = null;

function unpack(text) {
  const values = new Float64Array(bins);
  let at = 0;
  for (const word of text.split(" ")) {
    const star = word.indexOf("*");
    const value = Number(star < 0 ? word : word.slice(0, star));
    const end = Math.min(bins, at + (star < 0 ? 1 : Number(word.slice(star + 1))));
    values.fill(value, at, end);
    at = end;
  }
  return values;
}

let unpacked = new Map();
function column(kind, arm, place, name) {
  const key = [kind, arm, place, name].join("\n");
  if (!unpacked.has(key)) {
    const text = report.series[kind][arm]?.[place]?.[name];
    unpacked.set(key, text === undefined ? emptyColumn : unpack(text));
  }
  return unpacked.get(key);
}

export const ofService = (arm, service, name) => column("services", arm, service, name);
export const ofRegion = (arm, region, name) => column("regions", arm, region, name);

/** The services that a choice of the picker means. */
export function picked(pick) {
  if (pick.startsWith("s:")) return [pick.slice(2)];
  if (pick.startsWith("o:")) return report.services.filter((s) => s.operator === pick.slice(2)).map((s) => s.key);
  return report.services.map((s) => s.key);
}

/** The sum over services of a column. */
export function summed(arm, services, name) {
  const sum = new Float64Array(bins);
  for (const service of services) ofService(arm, service, name).forEach((v, i) => (sum[i] += v));
  return sum;
}

/** Page latency over services: the mean of what sessions meet. */
export function latencyOf(arm, services) {
  if (services.length === 1) return ofService(arm, services[0], "latency");
  const sum = new Float64Array(bins);
  const weight = new Float64Array(bins);
  for (const service of services) {
    const latency = ofService(arm, service, "latency");
    const sessions = ofService(arm, service, "sessions");
    for (let i = 0; i < bins; i++) {
      if (latency[i] > 0) {
        sum[i] += latency[i] * (sessions[i] + 1e-9);
        weight[i] += sessions[i] + 1e-9;
      }
    }
  }
  return sum.map((v, i) => (weight[i] ? v / weight[i] : 0));
}

/** The slowest pages among services, by bin. */
export function worstLatency(arm, services) {
  const worst = new Float64Array(bins);
  for (const service of services) ofService(arm, service, "latency").forEach((v, i) => (worst[i] = Math.max(worst[i], v)));
  return worst;
}

export const summaryOf = (arm, kind, scope, kpi) => report.summary[arm]?.[kind]?.[scope]?.[kpi];
export const binAt = (seconds) => Math.max(0, Math.min(bins - 1, Math.floor(seconds / width + 1e-9)));

/** From when until when most of what the run holds happens: the first day on which people come. */
function mainSpan() {
  const total = new Float64Array(bins);
  const regions = Object.keys(report.series.regions[base] ?? {});
  for (const region of regions) ofRegion(base, region, "visits").forEach((v, i) => (total[i] += v));
  if (!regions.length) summed(base, picked(""), "knocks").forEach((v, i) => (total[i] += v));
  const perDay = Math.min(bins, Math.max(1, Math.round(86400 / width)));
  const first = total.slice(0, perDay);
  const all = first.reduce((a, b) => a + b, 0);
  if (!all || report.clock.end < 43200) return [0, report.clock.end];
  let before = 0;
  let from = 0;
  let until = perDay;
  for (let i = 0; i < first.length; i++) {
    if (before <= all * 0.005) from = i;
    before += first[i];
    if (before <= all * 0.985) until = i + 1;
  }
  const hour = 3600;
  const low = Math.floor((from * width) / hour) * hour;
  return [low, Math.min(report.clock.end, Math.ceil((until * width) / hour + 1) * hour)];
}

export let main = [0, 0];

/** What the reader looks at. Components listen; whoever changes it says so by `look`. */
export const view = { arm: base, pick: "", from: 0, to: 0, cursor: 0, metric: "share", press: true, playing: false };

/** Takes a document to be shown. */
export function take(document) {
  report = document;
  setClock(report.clock);
  hasRuns = Boolean(report.series);
  width = report.series?.bin ?? report.clock.bin;
  bins = Math.ceil(report.clock.end / width - 1e-9);
  serviceOf = new Map(report.services.map((s) => [s.key, s]));
  regionOf = new Map(report.regions.map((r) => [r.key, r]));
  unitOf = new Map(report.kpis.map(([name, unit]) => [name, unit]));
  base = report.arms[0]?.name ?? "";
  emptyColumn = new Float64Array(bins);
  unpacked = new Map();
  main = hasRuns ? mainSpan() : [0, report.clock.end];
  Object.assign(view, { arm: base, pick: "", from: main[0], to: main[1], cursor: hasRuns ? busiest() : main[0], playing: false });
}

/** When most people knock: there the map shows something. */
function busiest() {
  const knocks = summed(base, picked(""), "knocks");
  const last = binAt(main[1] - 1);
  let top = binAt(main[0]);
  for (let i = top; i <= last; i++) if (knocks[i] > knocks[top]) top = i;
  return Math.min(main[1], (top + 1) * width);
}

const listeners = [];
let asked = false;
let changed = new Set();
export function onLook(listener) {
  listeners.push(listener);
}
export function look(patch) {
  for (const [key, value] of Object.entries(patch)) {
    if (view[key] !== value) {
      view[key] = value;
      changed.add(key);
    }
  }
  if (asked || !changed.size) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const now = changed;
    changed = new Set();
    for (const listener of listeners) listener(now);
  });
}
export function forgetListeners() {
  listeners.length = 0;
}

if (bundle.report) take(bundle.report);
