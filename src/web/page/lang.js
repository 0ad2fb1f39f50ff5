// Words and numbers in the language of the page.

export const bundle = JSON.parse(document.getElementById("data").textContent);
/** Without a language asked for, that of the reader's browser. */
export const tongue = { code: bundle.lang ?? (/^fr\b/i.test(navigator.language) ? "fr" : "en") };

const THIN = "\u202f";

/** A label of the table, its holes filled. */
export function t(key, values = {}) {
  const entry = bundle.words[key];
  const text = (entry ? entry[tongue.code] : key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "").replace(/ ± /g, "\u00a0±\u00a0");
  return tongue.code === "fr" ? text.replace(/ ([:;?!%€»])/g, "\u00a0$1").replace(/(\S); /g, "$1\u00a0; ").replace(/« /g, "«\u00a0") : text;
}

/** Whether the table has a label. */
export function known(key) {
  return key in bundle.words;
}

const formats = new Map();
function format(options) {
  const key = tongue.code + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(tongue.code === "fr" ? "fr-FR" : "en-GB", options));
  return formats.get(key);
}

/** A minus as in print; what rounds to zero has no sign. */
const signed = (text) => text.replace(/^-/, /[1-9]/.test(text) ? "−" : "");

/** A number with so many decimals. */
export function num(value, digits = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return signed(format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value + 0));
}

/** A number to three digits that count. */
export function rough(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return signed(format({ maximumSignificantDigits: digits }).format(value + 0));
}

/** A number of a file as it was typed there, in the page's language; other words as they are. */
export function asTyped(text) {
  const value = Number(text);
  return String(text).trim() !== "" && Number.isFinite(value) ? rough(value, 12) : String(text);
}

/** Large counts in short: 45.3 million. */
export function large(value) {
  const millions = Math.abs(value) / 1e6;
  if (millions >= 1) return t(millions < 2 ? "unit.one_million" : "unit.million", { n: rough(value / 1e6) });
  return rough(value);
}

/** The same before a noun: French says "3 millions de". */
export function many(value) {
  return large(value) + (tongue.code === "fr" && Math.abs(value) >= 1e6 ? " de" : "");
}

const PERCENT = THIN + "%";
const points = () => "\u00a0" + t("unit.points");

/** A share as a percentage, in short: what is small, or all but one, needs decimals. */
export function pct(share, digits) {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  const size = Math.abs(share);
  const d = digits ?? (size > 0 && size < 0.001 ? 2 : size > 0 && size < 0.1 ? 1 : size > 0.99 && size < 0.9995 ? 1 : 0);
  return num(share * 100, d) + PERCENT;
}

/** One decimal of a percentage, two below 1: as the terminal has shares. */
const inHundred = (share) => num(share * 100, share && Math.abs(share) < 0.00995 ? 2 : 1);

/** Four digits, whole from a thousand on. */
const counted = (value) => (Math.abs(value) >= 1000 ? num(value) : rough(value, 4));

/** A length of time. */
export function dur(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const sign = seconds < 0 ? "−" : "";
  const s = Math.abs(seconds);
  if (s === 0) return "0";
  if (s < 0.995) return sign + rough(s, 2) + "\u00a0s";
  if (s < 59.5) return sign + num(s, s < 9.95 ? 1 : 0) + "\u00a0s";
  if (s < 59.95 * 60) return sign + num(s / 60, s % 60 ? 1 : 0) + "\u00a0min";
  const minutes = Math.round(s / 60);
  const rest = minutes % 60;
  return sign + num(Math.floor(minutes / 60)) + "\u00a0h" + (rest ? "\u00a0" + String(rest).padStart(2, "0") : "");
}

/** The unit of a difference of two values: points of percentages, a length of time between two instants. */
export const apart = (unit) => (unit.startsWith("share") ? "points" : unit === "s since the start" ? "s" : unit);

/** A value of a KPI by its unit. */
export function inUnit(value, unit) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (unit.startsWith("share")) return inHundred(value) + PERCENT;
  if (unit === "points") return inHundred(value) + points();
  if (unit === "s since the start") return moment(value);
  if (unit === "s") return dur(value);
  if (unit === "min") return dur(value * 60);
  if (unit === "h") return counted(value) + "\u00a0h";
  if (unit === "EUR") return num(value) + "\u00a0€";
  if (unit === "ratio") return num(value, 2);
  return counted(value);
}

/** A value in short, with its unit. */
export function brief(value, unit) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (unit.startsWith("share")) return pct(value);
  if (unit === "points") return rough(value * 100) + points();
  if (unit === "s" || unit === "min" || unit === "s since the start") return inUnit(value, unit);
  return rough(value) + (unit === "h" ? "\u00a0h" : unit === "EUR" ? "\u00a0€" : "");
}

/** Two digits of the half-width, after rounding (99.7 is 100, to the tens), say how many the mean has. */
function twoDigits(mean, half, tail) {
  const places = 1 - Math.floor(Math.log10(Number(half.toPrecision(2))));
  const step = 10 ** -places;
  const digits = Math.min(12, Math.max(0, places));
  const to = (x) => num(step >= 1 ? Math.round(x / step) * step : x, digits);
  return to(mean) + " ± " + to(half) + tail;
}

/** Lengths of time in one unit, that of the longer: 1.012 ± 0.013 s. */
function twoLengths(mean, half) {
  const most = Math.max(Math.abs(mean), half);
  const [unit, seconds] = most < 59.5 ? ["s", 1] : most < 3570 ? ["min", 60] : ["h", 3600];
  return twoDigits(mean / seconds, half / seconds, "\u00a0" + unit);
}

/** A mean and how far it is known, in a unit. */
export function plusMinus(pair, unit) {
  if (!pair) return "–";
  const [mean, half] = pair;
  // Of what is the same in every replication, as the number of people, there is nothing to say more; nor does the terminal.
  if (!(half > 0) || mean === null) return inUnit(mean, unit);
  if (unit === "s since the start") return moment(mean) + " ± " + dur(half);
  if (unit.startsWith("share")) return twoDigits(mean * 100, half * 100, PERCENT);
  if (unit === "points") return twoDigits(mean * 100, half * 100, points());
  if (unit === "s") return twoLengths(mean, half);
  if (unit === "min") return twoLengths(mean * 60, half * 60);
  return twoDigits(mean, half, unit === "h" ? "\u00a0h" : unit === "EUR" ? "\u00a0€" : "");
}

let clockOf = null;
let startOf = 0;

/** The clock of the run that is shown. */
export function setClock(clock) {
  clockOf = clock;
  startOf = Date.parse(clock.start + "Z");
}

/** Civil time of an instant of the run, as if its zone were UTC. */
export function civil(seconds) {
  let shift = 0;
  for (const [at, by] of clockOf.shifts) if (seconds >= at) shift += by;
  return new Date(startOf + (seconds + shift) * 1000);
}

/** Seconds of the run of a civil midnight so many days after the first. */
export function midnight(days) {
  const first = Math.floor(startOf / 864e5) * 864e5;
  let seconds = (first + days * 864e5 - startOf) / 1000;
  for (const [at, by] of clockOf.shifts) if (seconds >= at) seconds -= by;
  return seconds;
}

/** 08:40 */
export function clock(seconds) {
  return civil(seconds).toISOString().slice(11, 16);
}

/** Tuesday 6 April */
export function day(seconds, short = false) {
  const options = short ? { weekday: "short", day: "numeric" } : { weekday: "long", day: "numeric", month: "long" };
  return new Intl.DateTimeFormat(tongue.code === "fr" ? "fr-FR" : "en-GB", { ...options, timeZone: "UTC" }).format(civil(seconds));
}

/** 08:40, with the day where it is not the first. */
export function moment(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const same = civil(seconds).toISOString().slice(0, 10) === civil(0).toISOString().slice(0, 10);
  return same ? clock(seconds) : day(seconds, true) + " " + clock(seconds);
}

/** a, b and c */
export function listed(items) {
  return new Intl.ListFormat(tongue.code === "fr" ? "fr-FR" : "en-GB", { type: "conjunction" }).format(items);
}
