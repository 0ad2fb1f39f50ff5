// What the page computes by itself, without a browser: given the folder of its modules, prints what a test compares.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
// Two choices of sixteen that change nothing, and a switch that explains all but a little.
const n = 48;
let state = 12345;
const draw = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
const at = (of, count) => ({ ...of, levels: Array.from({ length: count }, (_, i) => String(i)), at: Array.from({ length: n }, (_, i) => i % count), unit: "", what: "", role: "uncertainty" });
const shuffled = (factor) => {
  for (let i = n - 1; i > 0; i -= 1) {
    const j = Math.floor(draw() * (i + 1));
    [factor.at[i], factor.at[j]] = [factor.at[j], factor.at[i]];
  }
  return factor;
};
const a = shuffled(at({ name: "a", number: false }, 16));
const b = shuffled(at({ name: "b", number: false }, 16));
const on = shuffled({ ...at({ name: "switch", number: false }, 2), levels: ["off", "on"] });
const noise = Array.from({ length: n }, () => draw() + draw() + draw() - 1.5);
const measure = (name, of) => ({ name, mean: noise.map((e, i) => of(i, e)), half: [], upper: {} });
const measures = [measure("hours_lost", (i, e) => 0.5 * on.at[i] + e), measure("visits", (_, e) => e), measure("logins", (i) => 5 * on.at[i])];
const report = { sweep: { factors: [a, b, on], measures, keeps: [], point: noise.map((_, i) => i) }, kpis: [], services: [], regions: [], arms: [], clock: { start: "2021-04-06T07:00:00", end: 3600, bin: 300, shifts: [] } };
const words = JSON.parse(readFileSync(folder + "/words.json", "utf8"));
globalThis.document = { getElementById: () => ({ textContent: JSON.stringify({ words, lang: "en", report }) }) };
if (!globalThis.navigator) globalThis.navigator = { language: "en" };

const load = (name) => import(pathToFileURL(folder + "/" + name).href);
const { plusMinus, inUnit, brief, pct, dur, apart, asTyped, tongue } = await load("lang.js");
const plain = (text) => text.replace(/\u00a0|\u202f/g, " ");
const pairs = [[[1.012, 0.013], "s"], [[75.3, 2.24], "s"], [[750, 12], "s"], [[7384, 300], "s"], [[-0.5, 0.044], "min"], [[90, 3], "min"], [[0.8432, 0.0123], "share"], [[0.00412, 0.000131], "share"], [[0.5, 0.31], "share"], [[12, 0], "s"], [[312345.6, 9042], "count"], [[4, 99.6], "h"]];
const out = { plusMinus: pairs.map(([pair, unit]) => plain(plusMinus(pair, unit))) };
const single = [[0.84297, "share"], [0.00412, "share"], [0.99958, "share"], [1.0412, "ratio"], [3.2071, "h"], [312345.6, "h"], [12.5, "count"], [0.0412, "s"], [0.96, "s"], [750, "s"], [3596, "s"], [3598, "s"], [98.4, "min"], [35423.68, "EUR"], [-0.2, "EUR"], [0, "share"]];
out.single = single.map(([value, unit]) => plain(inUnit(value, unit)));
out.short = [[0.84297, "share"], [0.0004, "share"], [-0.0231, "share"], [-0.001, "h"]].map(([value, unit]) => plain(brief(value, unit)));
// Differences of two values: of shares in points, of two instants a length of time.
const between = [["share of visits", [-0.0213, 0.0041]], ["share", [0.0042, null]], ["s since the start", [630, 60]], ["h", [-12.5, 2]]];
out.between = between.map(([unit, pair]) => plain(plusMinus(pair, apart(unit))) + " / " + plain(brief(pair[0], apart(unit))));
out.zero = [plain(pct(-0.001, 0)), plain(dur(0.004))];
tongue.code = "fr";
out.french = [plusMinus([-0.0213, 0.0041], apart("share")), plusMinus([0.8432, 0.0123], "share"), inUnit(1234.5, "h"), asTyped("0.25"), asTyped("400000"), asTyped("20 min")].map(plain);
tongue.code = "en";
await load("data.js");
const study = await load("study.js");
const effect = (m) => study.byEffect(m).map(([factor, reach, clear]) => [factor.name, reach, clear ?? null]);
out.effects = measures.map(effect);
console.log(JSON.stringify(out));
