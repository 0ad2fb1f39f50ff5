// A sweep's points: factors, measures, constraints, what the reader looks at, and words for them.
import { t, rough, brief, known } from "./lang.js";
import { report, regionOf, serviceOf, unitOf } from "./data.js";
import { h } from "./svg.js";

export const study = report.sweep ?? null;

/** What a measure is called: hours lost, Île-de-France. */
export function measureName(column) {
  const [kpi, scope] = column.split("@");
  const name = known("kpi." + kpi) ? t("kpi." + kpi) : kpi;
  if (!scope) return name;
  const key = scope.slice(scope.indexOf(":") + 1);
  return name + ", " + (regionOf.get(key)?.name ?? serviceOf.get(key)?.name ?? key);
}
export const measureUnit = (column) => unitOf.get(column.split("@")[0]) ?? "";
const betterOf = new Map(report.kpis.map(([name, , better]) => [name, better]));
/** 1 where less is better, -1 where more is, 0 where neither. */
export const sense = (column) => ({ lower: 1, higher: -1 })[betterOf.get(column.split("@")[0])] ?? 0;

/** A constraint in words: hours lost ≤ 2 %. */
export function constraintWords(text) {
  return text
    .split(" and ")
    .map((one) => {
      const words = one.split(" ");
      const at = words.findIndex((word) => unitOf.has(word.split("@")[0]));
      if (at < 0) return one;
      const unit = measureUnit(words[at]);
      return words.map((word, i) => (i === at ? measureName(word) : word === "<=" ? "≤" : word === ">=" ? "≥" : word === "not" ? t("sweep.not") : Number.isFinite(Number(word)) ? brief(Number(word), unit) : word)).join(" ");
    })
    .join(" " + t("sweep.and") + " ");
}

const SWITCH = { on: "word.on", off: "word.off" };
/** A setting of a factor, with its unit. */
export function settingText(factor, level) {
  const text = factor.levels[level];
  if (factor.number) return rough(Number(text)) + (factor.unit ? "\u00a0" + factor.unit : "");
  return text in SWITCH ? t(SWITCH[text]) : text;
}
export const isTimes = (factor) => factor.what.includes("times what the model says");
/** A factor's name, with what its numbers are. */
export const factorName = (factor) => factor.name + (isTimes(factor) ? " (×)" : "");

/** All settings of a point in words. */
export const pointWords = (i) => study.factors.map((f) => f.name + " " + settingText(f, f.at[i])).join(", ");

const MANY = 9;
const BANDS = 6;
const classes = new Map();
/** A factor's settings in classes for charts: each setting by itself, or six bands of equally many points where there are many. */
export function classesOf(factor) {
  if (!classes.has(factor)) classes.set(factor, classify(factor));
  return classes.get(factor);
}
function classify(factor) {
  const n = factor.levels.length;
  if (n <= MANY || !factor.number) return { labels: factor.levels.map((_, i) => () => settingText(factor, i)), of: factor.at, mids: factor.levels.map((text, i) => (factor.number ? Number(text) : i)), banded: false };
  const order = factor.at.map((_, i) => i).sort((a, b) => factor.at[a] - factor.at[b]);
  const of = new Array(order.length);
  order.forEach((point, rank) => (of[point] = Math.floor((rank * BANDS) / order.length)));
  // Equal settings are of one band.
  const least = new Map();
  order.forEach((point) => least.set(factor.at[point], Math.min(least.get(factor.at[point]) ?? BANDS, of[point])));
  factor.at.forEach((level, point) => (of[point] = least.get(level)));
  const used = [...new Set(of)].sort((a, b) => a - b);
  const ends = used.map((band) => {
    const values = factor.at.filter((_, i) => of[i] === band).map((level) => Number(factor.levels[level]));
    return [Math.min(...values), Math.max(...values)];
  });
  const unit = factor.unit ? "\u00a0" + factor.unit : "";
  return { labels: ends.map(([a, b]) => () => rough(a, 2) + "–" + rough(b, 2) + unit), of: of.map((band) => used.indexOf(band)), mids: ends.map(([a, b]) => (a + b) / 2), banded: true };
}

export const measureOf = (name) => study.measures.find((m) => m.name === name);
/** All constraints together: the last of them. */
export const keepsOf = () => (study.keeps.length ? study.keeps[study.keeps.length - 1] : null);
/** Whether a point keeps all constraints in every run: null where there are none. */
export function keepsAll(i) {
  const share = keepsOf()?.shares[i]?.[0];
  return share === null || share === undefined ? null : share >= 1;
}

export function mean(values) {
  const there = values.filter((v) => v !== null && v !== undefined);
  return there.length ? there.reduce((a, b) => a + b, 0) / there.length : null;
}

/** Mean of a measure by class of a factor, over all points (or some). */
export function meansBy(factor, measure, some = null) {
  const { of, labels } = classesOf(factor);
  const sums = labels.map(() => []);
  of.forEach((c, i) => measure.mean[i] !== null && (!some || some(i)) && sums[c].push(measure.mean[i]));
  return sums.map((values) => ({ n: values.length, mean: mean(values), low: values.length ? Math.min(...values) : null, high: values.length ? Math.max(...values) : null }));
}

/**
 * What a factor by itself explains of a measure over the points: how far apart its classes' means are, the share of variance
 * adjusted for their number, 1 − (1 − R²)(n − 1)/(n − k) (Ezekiel 1930; the range of means grows with the number of classes by
 * chance alone), and whether the F-test of equal means refuses at 5 %. Without a point to spare nothing can be told.
 */
export function explained(factor, measure) {
  const groups = meansBy(factor, measure).filter((m) => m.n > 0);
  const { of } = classesOf(factor);
  const values = measure.mean.filter((v) => v !== null);
  const [n, k] = [values.length, groups.length];
  const none = { reach: 0, share: 0, clear: false };
  if (k < 2) return none;
  const all = mean(values);
  const sum = (v) => v.reduce((a, b) => a + b, 0);
  const byClass = meansBy(factor, measure);
  const between = sum(groups.map((m) => m.n * (m.mean - all) ** 2));
  const within = sum(measure.mean.map((v, i) => (v === null ? 0 : (v - byClass[of[i]].mean) ** 2)));
  const means = groups.map((m) => m.mean);
  const reach = Math.max(...means) - Math.min(...means);
  // A factor that is alone is all that there is.
  if (study.factors.length === 1) return { reach, share: reach > 0 ? 1 : 0, clear: reach > 0 };
  // Rounding of equal means is no effect.
  if (n <= k || !(between > 1e-18 * n * all * all)) return { ...none, reach };
  const share = 1 - (within / (between + within)) * ((n - 1) / (n - k));
  const clear = share > 0 && beyondF(between / (between + within), k - 1, n - k) < 0.05;
  return { reach, share, clear };
}

/** P(F ≥ f) of a share of variance R² with a and b degrees of freedom: 1 − I(R²; a/2, b/2). */
function beyondF(share, a, b) {
  return 1 - betaShare(share, a / 2, b / 2);
}

/** The regularised incomplete beta function by its continued fraction (Abramowitz and Stegun 26.5.8, after Lentz). */
function betaShare(x, a, b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a);
  let [c, d, found] = [1, 1 / (1 - ((a + b) * x) / (a + 1)), 0];
  found = d;
  for (let m = 1; m < 500; m += 1) {
    const steps = [(m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)), (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))];
    const before = found;
    for (const step of steps) {
      d = 1 / (1 + step * d);
      c = 1 + step / c;
      found *= c * d;
    }
    if (Math.abs(found - before) < 1e-12 * found) break;
  }
  return (Math.exp(a * Math.log(x) + b * Math.log(1 - x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a) * found;
}

/** ln Γ of half-whole numbers from 1/2, by the recurrence and Stirling's series. */
function logGamma(x) {
  let low = 0;
  for (; x < 10; x += 1) low += Math.log(x);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - low;
}

/** Factors, that which explains most of a measure first: `[factor, how far its means are apart, whether that is beyond chance]`. */
export function byEffect(measure) {
  const found = study.factors.map((factor) => [factor, explained(factor, measure)]);
  found.sort(([, a], [, b]) => b.clear - a.clear || b.share - a.share || b.reach - a.reach);
  return found.map(([factor, { reach, clear }]) => [factor, reach, clear]);
}

/** Settings of the levers; where each meets the same uncertainties, their points can be averaged. */
export function leverGroups() {
  const levers = study.factors.filter((f) => f.role === "lever");
  const others = study.factors.filter((f) => f.role !== "lever");
  const groups = new Map();
  study.point.forEach((_, i) => {
    const key = levers.map((f) => f.at[i]).join(" ");
    if (!groups.has(key)) groups.set(key, { points: [], futures: [] });
    groups.get(key).points.push(i);
    groups.get(key).futures.push(others.map((f) => f.at[i]).join(" "));
  });
  const all = [...groups.values()];
  const of = (group) => [...group.futures].sort().join("|");
  const fair = levers.length > 0 && all.every((group) => of(group) === of(all[0]));
  const text = (group) => levers.map((f) => f.name + " " + settingText(f, f.at[group.points[0]])).join(", ");
  return { levers, others, groups: all, fair, text };
}

/** What the reader of a sweep looks at. */
export const looked = { kpi: "", x: 0, y: 1, fixed: {} };
let watchers = [];
export const forgetWatchers = () => (watchers = []);
export const watch = (watcher) => watchers.push(watcher);
export function lookAt(patch) {
  Object.assign(looked, patch);
  for (const watcher of watchers) watcher();
}

/** A list to choose from. */
export function chooser(label, options, chosen, does) {
  const select = h("select", { onchange: (event) => does(event.target.value) }, options.map(([value, text]) => h("option", { value, selected: String(value) === String(chosen) }, text)));
  return h("label", {}, label, " ", select);
}

/** Round steps within a range. */
export function ticks(low, high, count = 4) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find((m) => m * power >= raw * 0.999) ?? 10);
  const found = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-6; v += step) found.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return found;
}

const SHADES = [[222, 235, 243], [251, 223, 168], [243, 171, 91], [191, 79, 12], [127, 39, 4]];
/** A colour from pale to dark, and whether white text is needed on it; told apart by light alone. */
export function shade(share) {
  const at = Math.max(0, Math.min(1, share)) * (SHADES.length - 1);
  const i = Math.min(SHADES.length - 2, Math.floor(at));
  const rgb = SHADES[i].map((a, c) => Math.round(a + (SHADES[i + 1][c] - a) * (at - i)));
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return { fill: `rgb(${rgb.join(",")})`, light: 0.2126 * r + 0.7152 * g + 0.0722 * b < 0.22 };
}

export const clip = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
