// Numbers within sentences, worked out anew from the files beside the page: those of the verdict, the time line, the map, the
// comparison and the causes one by one, so that a sentence holds all of them and no other; those of all other sentences have to be
// numbers of the files. In both languages.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bare, table } from "./shown.mjs";

const SIZES = { "": 1, million: 1e6, millions: 1e6, "%": 0.01, points: 0.01, point: 0.01, s: 1, min: 60, h: 3600 };
const KINDS = { "%": "share", points: "share", point: "share", s: "time", min: "time", h: "time" };

/** Every number of a sentence: `{ kind, value, step }`; of a civil time its text. */
export function tokens(text, lang) {
  const found = [];
  let rest = bare(text, lang).replace(/[\u00a0\u202f]/g, " ");
  rest = rest.replace(/\d\d:\d\d/g, (clock) => (found.push({ kind: "clock", value: clock }), "|"));
  rest = rest.replace(/(\d+) h (\d\d)(?!\d)/g, (_, h, min) => (found.push({ kind: "time", value: h * 3600 + min * 60, step: 60 }), "|"));
  for (const { 1: number, 2: unit, index } of rest.matchAll(/(?<![\p{L}\d.])(-?\d+(?:\.\d+)?)(?: ?(%|points?|millions?|min|s|h)(?![\p{L}\d]))?/gu)) {
    const size = SIZES[unit ?? ""];
    const zeros = /^-?\d{4,}$/.test(number) ? /0*$/.exec(number)[0].length : 0;
    // Two digits of a half-width say how far its mean goes.
    const half = Number(/^[\d.-]+ ± (\d+(?:\.\d+)?)/.exec(rest.slice(index))?.[1] ?? (rest.slice(0, index).endsWith("± ") ? number : 0));
    const coarse = half > 0 ? 10 ** (Math.floor(Math.log10(half) + 1e-9) - 1) : 0;
    const step = Math.max(coarse, number.includes(".") ? 10 ** -number.split(".")[1].length : 10 ** zeros);
    // "9.24 ± 0.93 %": the mean has the unit of its half-width.
    const shared = SIZES[/^[\d.-]+ ± \d+(?:\.\d+)? ?(%|points?|min|s|h)(?![\p{L}\d])/u.exec(rest.slice(index))?.[1] ?? ""];
    found.push({ shared, kind: KINDS[unit] ?? "count", value: Number(number) * size, step: step * size, text: number + " " + (unit ?? "") });
  }
  return found;
}

const of = (kind) => (value) => ({ kind, value });
const [share, time, count, clock] = ["share", "time", "count", "clock"].map(of);
const fits = (shown, exact) => shown.kind === exact.kind && (shown.kind === "clock" ? shown.value === exact.value : Math.abs(shown.value - exact.value) <= shown.step * 0.51 + 1e-9 * Math.abs(exact.value));

/** What a sentence says too much, and what it does not say. */
export function apart(text, lang, wanted) {
  const left = [...wanted];
  const odd = [];
  for (const one of tokens(text, lang)) {
    const at = left.findIndex((exact) => fits(one, exact));
    if (at < 0) odd.push(one.text ?? one.value);
    else left.splice(at, 1);
  }
  return [odd, left.map((exact) => exact.kind + " " + exact.value)];
}

const civil = (from, shift = 0) => new Date(Date.parse(from.slice(0, 19) + "Z") + shift * 1000).toISOString();
const sum = (rows, name) => rows.reduce((all, row) => all + Number(row[name]), 0);
/** Rows by what they have in common, in the order of the first of each. */
function grouped(rows, key) {
  const found = new Map();
  for (const row of rows) {
    if (!found.has(key(row))) found.set(key(row), []);
    found.get(key(row)).push(row);
  }
  return found;
}
const by = (rows, name) => grouped(rows, (row) => row[name]);

/** Files of runs, as far as sentences need them. */
function read(folder, { report }) {
  const csv = (name) => (existsSync(join(folder, name)) ? table(readFileSync(join(folder, name), "utf8")) : []);
  const base = report.arms[0].name;
  const first = String(report.made.replications[0]);
  const own = (rows) => rows.filter((row) => row.replication === first);
  const summary = csv("summary.csv");
  const kpi = (name, kind = "total", scope = "") => summary.find((row) => row.arm === base && row.scope_kind === kind && row.scope === scope && row.kpi === name);
  return { base, kpi, result: JSON.parse(readFileSync(join(folder, "result.json"), "utf8")), series: own(csv("series.csv")), regions: own(csv("series_regions.csv")), comparison: csv("comparison.csv"), waits: own(csv("waits.csv")), text: JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")).model, runs: report.made.replications[1] - report.made.replications[0], width: report.series.bin, end: report.clock.end };
}

/** Regions with half an hour of bins of 20 visits or more of which fewer than 80 % were in within five minutes. */
function failed({ regions, base, width, end }) {
  const days = new Map();
  for (const [region, rows] of by(regions.filter((row) => row.arm === base), "region"))
    for (const [day, bins] of grouped(rows, (row) => civil(row.from, -4 * 3600).slice(0, 10))) {
      const bad = bins.filter((row) => row.visits >= 20 && Number(row.second) + width + 300 <= end && row.in_5min < 0.8 * row.visits);
      const same = bad.filter((row) => row.from.slice(0, 10) === bad[0].from.slice(0, 10));
      if (bad.length * width >= 1800) days.set(day, [...(days.get(day) ?? []), [region, bad[0].from.slice(11, 16), civil(same.at(-1).from, width).slice(11, 16)]]);
    }
  const all = new Set(regions.map((row) => row.region)).size;
  return [...days].flatMap(([day, those]) => [count(Number(day.slice(8))), ...(those.length > 1 ? [count(those.length)] : [count(1)]), count(all), ...those.flatMap(([, from, until]) => [clock(from), clock(until)])]);
}

function quota({ series, base, width, text }) {
  const services = [...by(series.filter((row) => row.arm === base), "service").values()];
  const full = services.map((rows) => ({ rows, full: rows.filter((row) => row.cap > 0 && row.seats >= 0.98 * row.cap) })).filter((one) => one.full.length);
  const wanted = [];
  full.sort((a, b) => sum(b.rows, "refused_quota") - sum(a.rows, "refused_quota"));
  if (full.length) {
    const main = full.slice(0, 3);
    const middle = ({ full }) => full.map((row) => Number(row.latency)).sort((a, b) => a - b)[Math.floor(full.length / 2)];
    const [refused, knocks] = ["refused_quota", "knocks"].map((name) => full.reduce((all, one) => all + sum(one.rows, name), 0));
    const idle = 1 - full.reduce((all, one) => all + sum(one.full, "sessions"), 0) / full.reduce((all, one) => all + sum(one.full, "seats"), 0);
    wanted.push(...main.map((one) => time(one.full.length * width)), count(refused), share(refused / knocks), time(Math.max(...main.map(middle))));
    if (idle > 0.1) wanted.push(share(idle));
  }
  // The model may say otherwise what is slow.
  if (text.includes("latency_good")) return null;
  const slow = (rows) => rows.filter((row) => row.latency > 3);
  const open = services.filter((rows) => rows.every((row) => !(row.cap > 0)) && rows.some((row) => row.sessions > 0) && slow(rows).length).sort((a, b) => slow(b).length - slow(a).length)[0];
  if (open) wanted.push(time(Math.max(...open.map((row) => Number(row.latency)))), time(slow(open).length * width));
  return wanted;
}

/** Within a minute, a quarter of an hour, two hours: of everybody, or at a door. */
function soonIn({ waits }, arm, service) {
  const rows = waits.filter((row) => row.arm === arm && row.scope_kind === (service ? "service" : "total") && row.scope === service && row.share !== "");
  const [a, b, c] = ["60", "900", "7200"].map((limit) => rows.find((row) => row.within_s === limit)).filter(Boolean).map((row) => share(Number(row.share)));
  return a ? [a, b, count(15), c] : [count(15)];
}

function down({ result, kpi, base, series, runs }) {
  const found = result.stayed_down ?? result.arms?.find((arm) => arm.name === base)?.stayed_down ?? [];
  if (!found.length) return [];
  const services = [...by(found, "service")].map(([key, all]) => ({ key, all, minutes: sum(all, "minutes") / runs })).sort((a, b) => b.minutes - a.minutes);
  const { key, all, minutes } = services[0];
  const longest = all.reduce((a, b) => (b.minutes > a.minutes ? b : a));
  const mean = (name) => Number(kpi(name, "service", key)?.mean ?? 0);
  const [wasted, logins] = [mean("logins_wasted"), mean("logins")];
  // A stretch begins where a bin does.
  const since = series.find((row) => Number(row.second) === longest.since)?.from;
  const wanted = [time(minutes * 60), ...(since ? [clock(since.slice(11, 16))] : []), share(longest.load), { kind: "count", value: mean("knocks_per_login") }];
  if (wasted > 0.02 * logins) wanted.push(share(wasted / (wasted + logins || 1)));
  if (services.length > 2) wanted.push(count(services.length - 1));
  return wanted;
}

/** The policy of which most is shown. */
function helped({ result, kpi }) {
  const best = (result.verdicts ?? []).filter((v) => ["saves", "one_run"].includes(v.effect)).sort((a, b) => a.hours_lost.mean - b.hours_lost.mean)[0];
  if (!best || best.hours_lost.mean >= 0) return [];
  const euros = Math.round(best.euros);
  return [count(-best.hours_lost.mean), ...(best.hours_lost.half_width ? [count(best.hours_lost.half_width)] : []), count(Number(kpi("hours_lost").mean)), ...(euros ? [count(Math.abs(euros))] : [])];
}

function sure({ kpi, runs }, { report }) {
  const lost = kpi("hours_lost");
  const wanted = runs > 1 && Number(lost?.half_width) ? [count(runs), share(lost.half_width / lost.mean), share(0.95)] : [];
  return report.made.size === 1 ? wanted : [...wanted, share(report.made.size)];
}

function timeline(files, picked, arm, [from, until]) {
  const rows = files.series.filter((row) => row.arm === arm && picked(row.service));
  const first = rows[0].from.slice(0, 10);
  const bins = [...by(rows, "from")].filter(([at]) => at.slice(0, 10) === first && at.slice(11, 16) >= from && at.slice(11, 16) < until);
  const peak = bins.reduce((a, b) => (sum(b[1], "knocks") > sum(a[1], "knocks") ? b : a));
  const all = bins.flatMap(([, rows]) => rows);
  return [clock(from), clock(until), count(sum(all, "knocks")), count(sum(all, "logins")), count((sum(peak[1], "knocks") * 60) / files.width), clock(peak[0].slice(11, 16))];
}

/** At an instant, of the visits of the half hour before: the regions in which fewer than three quarters were in within 15 minutes. */
function map({ regions, width }, arm, second) {
  const last = Math.floor(second / width + 1e-9);
  const many = Math.max(1, Math.round(1800 / width));
  const shares = [];
  for (const rows of by(regions.filter((row) => row.arm === arm), "region").values()) {
    const window = rows.slice(Math.max(0, last - many + 1), last + 1);
    if (sum(window, "visits") >= 10) shares.push(sum(window, "in_15min") / sum(window, "visits"));
  }
  const bad = shares.filter((one) => one < 0.75);
  const at = clock(civil(regions[0].from, second).slice(11, 16));
  if (!shares.length) return [at];
  return [at, share(0.75), count(15), ...(bad.length ? [...bad.map(share), count(bad.length), count(shares.length)] : [])].map((one) => (one.value === 15 && one.kind === "count" ? { ...one, kind: "minutes" } : one));
}

function differences({ result, comparison }) {
  const saves = (result.verdicts ?? []).filter((v) => v.effect === "saves");
  if (!saves.length) return [];
  const row = (arm) => comparison.find((one) => one.arm === arm && one.scope_kind === "total" && one.kpi === "hours_lost");
  const best = saves.map((v) => row(v.arm)).sort((a, b) => a.difference - b.difference)[0];
  return [count(-best.difference), count(Number(best.half_width)), count(saves.length), count(result.verdicts.length)];
}

function multiples(files, [from, until]) {
  const { series } = files;
  const first = series[0].from.slice(0, 10);
  const peak = (rows) => Math.max(...[...by(rows, "from")].filter(([at]) => at.slice(0, 10) === first && at.slice(11, 16) >= from && at.slice(11, 16) < until).map(([, bin]) => sum(bin, "room") + sum(bin, "orbit")));
  return [...by(series, "arm").values()].map((rows) => count(peak(rows)));
}

const textOf = (page, selector) => page.locator(selector).first().textContent();
/** A page is drawn a moment after it was asked to be: so often is it looked at, and so long waited between, ms. */
const LOOKS = 40;
const BETWEEN = 25;

/** Sentences of a page of runs; what is wrong goes to `wrong`. Answers how many numbers were compared. */
export async function sentencesOfRuns(page, bundle, folder, lang, wrong) {
  const files = read(folder, bundle);
  if (files.width !== bundle.report.clock.bin) return 0;
  let compared = 0;
  const names = [...bundle.report.policies, ...bundle.report.services, ...bundle.report.regions].map((one) => one.name).filter((name) => /\d/.test(name));
  const judged = (text, wanted) => {
    for (const name of names) text = text.replaceAll(name, "");
    const minutes = wanted.some((one) => one.kind === "minutes");
    const plain = wanted.map((one) => (one.kind === "minutes" ? count(15) : one));
    // "15 min" in French, "15 minutes" in English.
    return apart(minutes ? text.replace(/15[\s\u00a0]min\b/g, "15 minutes") : text, lang, plain);
  };
  const look = (what, text, wanted) => {
    if (!text || !wanted) return;
    const [odd, lacking] = judged(text, wanted);
    compared += wanted.length;
    if (odd.length || lacking.length) wrong.push(`${folder} (${lang}), ${what}: "${text}" says ${odd.join(", ") || "nothing"} too much and lacks ${lacking.join(", ") || "nothing"}`);
  };
  const soon = async (what, selector, wanted) => {
    let text = "";
    for (let i = 0; i < LOOKS; i++) {
      text = await textOf(page, selector);
      if (judged(text, wanted).every((list) => !list.length)) break;
      await page.waitForTimeout(BETWEEN);
    }
    look(what, text, wanted);
  };
  const said = await page.$$eval(".verdict .sentences p", (all) => all.map((p) => [p.querySelector("strong").textContent, p.textContent]));
  const plain = (text) => text.replace(/\u00a0/g, " ");
  const verdict = (key) => said.find(([title]) => plain(title) === plain(bundle.words["verdict." + key][lang]))?.[1];
  // "One region" is a word.
  const regions = failed(files);
  const one = regions.filter((x) => x.kind === "count" && x.value === 1);
  look("who could not get in", verdict("who"), one.length && !/(^|\D)1 (of|sur)/.test(plain(verdict("who") ?? "")) ? regions.filter((x) => x !== one[0]) : regions);
  look("what the quota did", verdict("quota"), quota(files));
  look("what stayed down", verdict("stayed"), down(files));
  look("what helped", verdict("help"), helped(files));
  look("how sure", await textOf(page, ".verdict .sure"), sure(files, bundle));
  const wantedShare = files.kpi("hours_lost_share");
  if (wantedShare) look("of the hours wanted", await page.$$eval(".numbers .five dd", (all) => all.map((dd) => dd.querySelector("span").textContent).find((text) => /hours wanted|heures voulues/.test(text))), [share(Number(wantedShare.mean))]);
  const arms = bundle.report.arms.map((arm) => arm.name);
  for (const arm of arms) {
    if (arms.length > 1) await page.selectOption("#arm", arm);
    for (const service of ["", ...bundle.report.services.slice(0, 2).map((one) => one.key)]) {
      await page.selectOption("#pick", service && "s:" + service);
      const span = tokens(await textOf(page, "#timeline .says"), lang).slice(0, 2).map((one) => one.value);
      await soon(`time line of ${arm} ${service}`, "#timeline .says", timeline(files, (key) => !service || key === service, arm, span));
      await soon(`how soon, ${arm} ${service}`, "#waits .says", soonIn(files, arm, service));
      if (!service && (await page.$("#multiples"))) await soon("curves side by side", "#multiples .says", multiples(files, span));
    }
    await page.selectOption("#pick", "");
    if (!(await page.$("#map"))) continue;
    for (const hour of [8.25, 9.5, 14]) {
      // The run begins when its first bin does.
      const second = hour * 3600 - (Number(files.regions[0].from.slice(11, 13)) * 3600 + Number(files.regions[0].from.slice(14, 16)) * 60);
      await page.$eval("#hour", (slider, value) => ((slider.value = value), slider.dispatchEvent(new Event("input"))), second);
      await soon(`map of ${arm} at ${hour} h`, "#map .says", map(files, arm, second));
    }
  }
  if (arms.length > 1) {
    await page.selectOption("#arm", arms[0]);
    await soon("differences", "#differences .says", differences(files));
  }
  return compared;
}

/** All numbers of a folder's files, and what pages make of them: differences of neighbours in a row, means by setting, counts of rows. */
function pool(folder, { report }) {
  const all = [];
  const walk = (value) => {
    if (typeof value === "number") all.push(value);
    else if (typeof value === "string") for (const [number] of value.matchAll(/-?\d+(?:\.\d+)?/g)) all.push(Number(number));
    else if (Array.isArray(value)) (all.push(value.length), value.forEach(walk));
    else if (value) Object.values(value).forEach(walk);
  };
  const folders = [folder, join(folder, "results")].filter((one) => existsSync(one));
  for (const place of folders) {
    for (const name of ["points.csv", "attribution.csv", "sensitivity.csv", "boxes.csv", "pareto.csv", "regret.csv", "parameters.csv"]) if (existsSync(join(place, name))) table(readFileSync(join(place, name), "utf8")).forEach(walk);
    for (const name of ["result.json", "analysis.json", "facts.json", "manifest.json"]) if (existsSync(join(place, name))) walk(JSON.parse(readFileSync(join(place, name), "utf8")));
    if (report.sweep && existsSync(join(place, "points.csv"))) means(table(readFileSync(join(place, "points.csv"), "utf8")), report.sweep).forEach(walk);
  }
  return all;
}

/** Means of every measure by the settings of each factor and of each two, and how far the greatest lies above the least. */
function means(rows, { factors, measures }) {
  const found = [];
  for (const { name } of measures) {
    const there = rows.filter((row) => row[name] !== "" && row[name] !== undefined);
    const mean = (some) => sum(some, name) / some.length;
    const over = (key) => {
      const all = [...grouped(there, key).values()].map(mean);
      found.push(...all, Math.max(...all) - Math.min(...all));
    };
    factors.forEach((a, i) => (over((row) => row[a.name]), factors.slice(0, i).forEach((b) => over((row) => row[a.name] + " " + row[b.name]))));
  }
  return found;
}

/** Sentences of all other pages: numbers of the files, as far as their digits go. Numbers that stand in the table of words are passed over. */
export async function sentencesOfQuestions(page, bundle, folder, lang, wrong) {
  const numbers = pool(folder, bundle);
  const fixed = new Set(Object.values(bundle.words).flatMap((entry) => tokens(entry[lang] ?? "", lang).map((one) => one.text ?? one.value)));
  const said = await page.$$eval(".says, .lead, .verdict p, .five b, .five span, h3", (all) => all.map((node) => node.textContent).filter((text) => /\d/.test(text)));
  let compared = 0;
  for (const text of said)
    for (const one of tokens(text, lang)) {
      if (one.kind === "clock" || fixed.has(one.text)) continue;
      compared += 1;
      const [low, high] = [one.value - one.step * 0.51, one.value + one.step * 0.51];
      const size = SIZES[one.text?.split(" ")[1] ?? ""];
      // Times stand in files in their unit or in seconds, shares as such or in per cent, multiples of what is written.
      if (!numbers.some((v) => [v, v * size, -v, v / one.shared, -v / one.shared].some((x) => x >= low && x <= high) || (one.kind === "count" && Math.abs(v) >= low && Math.abs(v) <= high))) wrong.push(`${folder} (${lang}): "${one.text}" in "${text.slice(0, 200)}" is in no file`);
    }
  return compared;
}
