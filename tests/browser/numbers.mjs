// Numbers of pages against the files beside them: every cell of every table that a page can show, in both languages and under every
// policy, is read as a person reads it and held against its CSV or JSON; and what a chart gives away as CSV is what the files say.
// Usage: node numbers.mjs BROWSER REPORT...    (see .ci/browser)
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { sentencesOfQuestions, sentencesOfRuns } from "./sentences.mjs";
import { parsed, near, numbersIn, table } from "./shown.mjs";

const [executablePath, ...reports] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
let compared = 0;
let where = "";
const wrong = [];

/** One number that is shown against what the file says. */
function check(shown, unit, [mean, half], lang, what) {
  const found = parsed(shown, unit, lang);
  const empty = mean === null || mean === undefined || mean === "";
  // What is the same in every replication has no interval to show.
  if (Number(half) === 0) half = null;
  compared += found?.half ? 2 : 1;
  const fits = empty ? shown === "–" : found && near(found.mean, Number(mean)) && (half === null || half === undefined || half === "" ? !found.half : found.half && near(found.half, Number(half)));
  if (!fits) wrong.push(`${where}, ${what}: "${shown}" for ${mean} ± ${half} (${unit})`);
}

/** What a chart gives away must be what the file has, but for the last bits. */
const same = (given, file, what) => close(given, file, what, 1e-9);
/** The same to six digits, which pages of many points have. */
function close(given, file, what, within = 5.1e-6) {
  compared += 1;
  const [a, b] = [given, file].map((v) => (v === "" || v === null || v === undefined ? null : Number(v)));
  if (!(a === b || (a !== null && b !== null && Math.abs(a - b) <= 1e-12 + within * Math.abs(b)))) wrong.push(`${where}, ${what}: ${given} for ${file}`);
}

const cellsOf = (scroll) => scroll.evaluate((node) => [...node.querySelectorAll("tr")].map((tr) => [...tr.children].map((cell) => cell.textContent)));

async function givenBy(page, id) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(`#${id} .files button >> nth=0`)]);
  return table(readFileSync(await file.path(), "utf8"));
}

/** The five numbers of the verdict, in three digits where there is no interval; they are of the first policy. */
async function headlines(page, { report, words }, files, lang) {
  const plain = (text) => text.replace(/\u00a0/g, " ");
  const five = await page.$$eval(".numbers .five", (all) => all.map((one) => [one.querySelector("dt").textContent, one.querySelector("b").textContent]));
  assert.ok(five.length > 0, where);
  for (const [title, shown] of five) {
    const [kpi] = report.kpis.find(([name]) => plain(words["kpi." + name][lang]) === plain(title));
    const file = files.summary.find((row) => row.arm === report.arms[0].name && row.scope_kind === "total" && row.kpi === kpi);
    if (file.half_width) check(shown, file.unit, [file.mean, file.half_width], lang, "the verdict's " + kpi);
    else if (!numbersIn(shown, lang).some((one) => one.factors.some((factor) => Math.abs(Number(file.mean) * factor - one.value) <= one.step * 0.51))) wrong.push(`${where}, the verdict's ${kpi}: "${shown}" for ${file.mean}`);
  }
}

/** Tables of regions, services and the whole country. */
async function tablesOfRuns(page, { report, words }, files, lang) {
  const keyOf = (kind, name) => (kind === "total" ? "" : report[kind === "region" ? "regions" : "services"].find((one) => one.name === name).key);
  const plain = (text) => text?.replace(/\u00a0/g, " ");
  const kpiOf = (name) => report.kpis.find(([kpi]) => plain(words["kpi." + kpi]?.[lang]) === plain(name) || kpi === name)?.[0];
  for (const part of await page.$$("#tables details.part")) if (!(await part.evaluate((node) => node.open))) await part.$eval("summary", (s) => s.click());
  await page.waitForFunction(() => [...document.querySelectorAll("#tables details.part")].every((part) => part.querySelector("table")));
  for (const arm of report.arms.map((one) => one.name)) {
    if (report.arms.length > 1) {
      await page.selectOption("#arm", arm);
      await page.waitForTimeout(150);
    }
    const rows = new Map(files.summary.filter((row) => row.arm === arm).map((row) => [[row.scope_kind, row.scope, row.kpi].join(" "), row]));
    const parts = await page.$$("#tables details.part .scroll");
    const kinds = report.regions.length ? ["region", "service", "total"] : ["service", "total"];
    for (const [i, kind] of kinds.entries()) {
      const [head, ...body] = await cellsOf(parts[i]);
      for (const row of body)
        for (const [k, shown] of row.slice(1).entries()) {
          const kpi = kind === "total" ? kpiOf(row[0]) : kpiOf(head[k + 1]);
          const file = rows.get([kind, keyOf(kind, row[0]), kpi].join(" "));
          const [, some] = shown.match(/ \((\d+)\)$/) ?? [];
          check(shown.replace(/ \(\d+\)$/, ""), file?.unit ?? "", [file?.mean, file?.half_width], lang, `${arm} ${kind} ${row[0]} ${kpi}`);
          const of = file && Number(file.n) < files.runs && file.n > 0 ? file.n : undefined;
          if (some !== of) wrong.push(`${where}, ${arm} ${row[0]} ${kpi}: of ${some} runs for ${of}`);
        }
    }
  }
}

/** Curves of a few services and the lanes of regions against the series; the differences of policies. */
async function chartsOfRuns(page, { report }, files, folder) {
  const series = table(readFileSync(join(folder, "series.csv"), "utf8")).filter((row) => row.replication === files.first);
  const base = report.arms[0].name;
  if (report.arms.length > 1) await page.selectOption("#arm", base);
  const columns = { logins: "logins", refused_quota: "refused_quota", refused_full: "refused_full", timeouts: "timeouts", sessions: "sessions", seats: "seats", cap: "cap", room: "room", orbit: "orbit", flood: "flood", latency: "latency" };
  for (const service of report.services.slice(0, 3)) {
    await page.selectOption("#pick", "s:" + service.key);
    await page.waitForTimeout(150);
    const own = new Map(series.filter((row) => row.arm === base && row.service === service.key).map((row) => [row.from.slice(0, 16), row]));
    if (report.series.joined > 1) continue;
    for (const bin of await givenBy(page, "timeline"))
      for (const [head, value] of Object.entries(bin)) {
        const [, name, unit] = head.match(/^(.*?)_(per_minute|people|seconds|per_second)$/) ?? [];
        const row = own.get(bin.from);
        if (!columns[name] || !row || value === "") continue;
        const exact = Number(row[columns[name]]) * (unit === "per_minute" ? 60 / report.series.bin : 1);
        compared += 1;
        // Packed series have three digits, the file of the chart three decimals.
        if (Math.abs(Number(value) - exact) > 0.006 * Math.abs(exact) + 0.001) wrong.push(`${where}, ${service.key} ${bin.from} ${head}: ${value} for ${exact}`);
      }
  }
  await page.selectOption("#pick", "");
  if ((await page.$("#map")) !== null && report.series.joined === 1) {
    const regions = new Map(table(readFileSync(join(folder, "series_regions.csv"), "utf8")).filter((row) => row.arm === base && row.replication === files.first).map((row) => [row.region + row.from.slice(0, 16), row]));
    for (const row of await givenBy(page, "map"))
      for (const name of ["visits", "in_5min", "in_15min", "in_ever", "gave_up"]) same(row[name], regions.get(report.regions.find((r) => r.name === row.region).key + row.from)[name], `map ${row.region} ${row.from} ${name}`);
  }
  // How soon visits got in: of everybody, and at a door.
  const waited = table(readFileSync(join(folder, "waits.csv"), "utf8"));
  for (const [kind, scope] of [["total", ""], ...report.services.slice(0, 2).map((one) => ["service", one.key])]) {
    await page.selectOption("#pick", scope && "s:" + scope);
    await page.waitForTimeout(150);
    const own = new Map(waited.filter((row) => row.scope_kind === kind && row.scope === scope).map((row) => [row.arm + " " + row.within_s, row.share]));
    for (const row of await givenBy(page, "waits")) for (const { name } of report.arms) same(row[name], own.get(name + " " + row.within_s), `waits of ${kind} ${scope}, ${name} within ${row.within_s} s`);
  }
  await page.selectOption("#pick", "");
  if (files.comparison) {
    const of = (row) => files.comparison.find((c) => c.arm === row.arm && c.scope === row.scope && (row.scope ? c.scope_kind === "region" : c.scope_kind === "total") && c.kpi === "hours_lost");
    for (const row of await givenBy(page, "differences")) for (const [mine, its] of [["hours_lost_difference", "difference"], ["half_width", "half_width"], ["correlation", "correlation"], ["p_value", "p_value"]]) same(row[mine], of(row)[its], `differences ${row.arm} ${row.scope} ${mine}`);
    const sum = (row, kpi) => files.summary.find((c) => c.arm === row.arm && c.scope_kind === "total" && c.kpi === kpi);
    if ((await page.$("#costs")) !== null) for (const row of await givenBy(page, "costs")) for (const [mine, kpi, its] of [["euros_total", "euros_total", "mean"], ["euros_half_width", "euros_total", "half_width"], ["hours_lost", "hours_lost", "mean"], ["hours_half_width", "hours_lost", "half_width"]]) same(row[mine], sum(row, kpi)[its], `costs ${row.arm} ${mine}`);
  }
}

/** What every chart shows as a table is what it gives away, row by row: each number of a cell is, rounded, one of its row. */
async function tablesOfCharts(page, { report }, folder, lang) {
  const unitOf = new Map(report.kpis.map(([name, unit]) => [name, unit]));
  for (const id of await page.$$eval(".figure:has(.chart)", (all) => all.map((f) => f.id))) {
    // The map shows an instant and gives away the day; a heat map is folded; a comparison has a column a region.
    if (["map", "heat", "differences"].includes(id) || id.startsWith("box-")) continue;
    const tool = page.locator(`#${id} details.tool`).nth(1);
    await tool.locator("summary").press("Enter");
    await tool.locator("tbody tr").first().waitFor({ state: "attached" });
    const [, ...shown] = await cellsOf(await tool.locator(".scroll").elementHandle());
    // Differences of shares are points, not per cent of anything.
    if (id === "regret" || (id.startsWith("sensitivity-") && report.analysis.design === "Morris")) for (const row of shown) if (row.join(" ").includes("%")) wrong.push(`${where}, ${id}, row "${row[0]}": a difference in per cent`);
    // All but the part of the whole, which stands third.
    if (id.startsWith("causes-")) for (const row of shown) if (row.some((cell, i) => i !== 2 && cell.includes("%"))) wrong.push(`${where}, ${id}, row "${row[0]}": a difference in per cent`);
    if (id === "front") {
      const pareto = table(readFileSync(join(folder, "pareto.csv"), "utf8"));
      for (const row of shown)
        for (const [k, name] of report.optimum.objectives.entries()) {
          const file = pareto.find((one) => one.candidate === row[0].replace(" ★", ""));
          check(row[1 + report.optimum.levers.length + k], unitOf.get(name), [file[name], file[name + "_half_width"]], lang, `${row[0]} ${name}`);
        }
    }
    const given = await givenBy(page, id);
    for (const [i, row] of shown.entries()) {
      // Settings have their name in front; regrets a row an objective.
      const name = row[0].replace(" ★", "");
      const file = given.some((one) => one.candidate) ? given.filter((one) => one.candidate === name).flatMap(Object.values) : Object.values(given[i]);
      const numbers = file.filter((v) => v !== "").map(Number).filter(Number.isFinite);
      // Texts of a file are no numbers.
      for (const cell of row.slice(1).filter((text) => !file.includes(text)))
        for (const one of numbersIn(cell, lang)) {
          compared += 1;
          if (!numbers.some((v) => one.factors.some((factor) => Math.abs(v * factor - one.value) <= one.step * 0.5001 + 1e-9))) wrong.push(`${where}, ${id}, row "${row[0]}": "${cell}" is not in ${file.join(",")}`);
        }
    }
    await tool.locator("summary").press("Enter");
  }
}

/** Pages of questions: what their charts give away against the tables of the folder. */
async function questions(page, { report }, folder) {
  const read = (name) => (existsSync(join(folder, name)) ? table(readFileSync(join(folder, name), "utf8")) : null);
  if (report.attribution)
    for (const part of report.attribution.parts)
      for (const row of await givenBy(page, "causes-" + part.part))
        for (const measure of row.cause.includes("+") ? [] : ["shapley", "alone", "but_for"]) {
          const file = read("attribution.csv").find((one) => one.part === part.part && one.scope_kind === "total" && one.measure === measure && one.causes === row.cause);
          same(row[measure], file.mean, `${row.cause} ${measure}`);
          same(row[measure + "_half_width"], file.half_width, `${row.cause} ${measure} half-width`);
        }
  const sensitivity = read("sensitivity.csv");
  for (const [n, one] of (report.analysis?.sensitivity ?? []).entries())
    for (const row of await givenBy(page, "sensitivity-" + n))
      for (const measure of Object.keys(row).filter((key) => !/factor|_low$|_high$|half_width/.test(key))) {
        const file = sensitivity.find((f) => f.kpi === one.kpi && f.factor === row.factor && f.measure === measure);
        same(row[measure], file.value, `${one.kpi} ${row.factor} ${measure}`);
        if (measure + "_low" in row) same(row[measure + "_low"], file.low, `${one.kpi} ${row.factor} ${measure} low`);
        if (measure + "_high" in row) same(row[measure + "_high"], file.high, `${one.kpi} ${row.factor} ${measure} high`);
      }
  if (report.optimum) {
    const pareto = read("pareto.csv");
    for (const row of await givenBy(page, "front")) for (const key of Object.keys(row)) if (key !== "candidate" && Number.isFinite(Number(row[key]))) close(row[key], pareto.find((f) => f.candidate === row.candidate)[key], `front ${row.candidate} ${key}`);
  }
  if (report.calibration) {
    const result = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
    for (const row of await givenBy(page, "ranges")) for (const key of ["mean", "p05", "p50", "p95", "contraction"]) same(row[key], result.parameters.find((p) => p.key === row.parameter)[key], `${row.parameter} ${key}`);
  }
  if (report.facts && (await page.$("#limits"))) {
    const facts = JSON.parse(readFileSync(join(folder, "facts.json"), "utf8")).facts;
    for (const row of await givenBy(page, "limits")) {
      const test = facts.find((f) => f.id === row.fact).tests.find((x) => x.what === row.test && x.world === row.world);
      for (const key of ["value", "half_width", "least", "greatest", "at_least", "at_most"]) same(row[key], test[key], `${row.fact} ${row.test} ${key}`);
    }
  }
}

/** All points of a sweep, and the means of its charts. */
async function points(page, { report, words }, folder, lang) {
  const file = table(readFileSync(join(folder, existsSync(join(folder, "points.csv")) ? "points.csv" : "results/points.csv"), "utf8"));
  const [head, ...rows] = await cellsOf(await page.$("#points .scroll"));
  const shown = report.sweep.measures.map((m) => m.name);
  const unitOf = new Map(report.kpis.map(([name, unit]) => [name, unit]));
  const nameOf = (column) => {
    const [kpi, scope] = column.split("@");
    const key = scope?.slice(scope.indexOf(":") + 1);
    const place = scope && ([...report.regions, ...report.services].find((one) => one.key === key)?.name ?? key);
    return words["kpi." + kpi][lang] + (place ? ", " + place : "");
  };
  for (const row of rows) {
    const point = file.find((one) => Number(one.point) === numbersIn(row[0], lang)[0].value);
    for (const [k, title] of head.entries()) {
      const column = shown.find((name) => nameOf(name) === title);
      if (column) check(row[k].replace(" ≈", ""), unitOf.get(column.split("@")[0]), [point[column], point[column + ":half_width"]], lang, `point ${row[0]} ${column}`);
    }
  }
  const measure = await page.$eval("#sweep .measure select", (select) => select.value);
  const there = file.map((one) => one[measure]).filter((v) => v !== "").map(Number);
  const whole = there.reduce((a, b) => a + b, 0) / there.length;
  for (const [id, of] of [["heat", () => ""], ["effects", (row) => row.factor]]) {
    if ((await page.$("#" + id)) === null) continue;
    const sums = new Map();
    for (const row of await givenBy(page, id)) {
      const value = Number(row.mean ?? row[measure]);
      const [sum, n] = sums.get(of(row)) ?? [0, 0];
      if (Number(row.points) > 0) sums.set(of(row), [sum + value * Number(row.points), n + Number(row.points)]);
    }
    for (const [name, [sum, n]] of sums) {
      same(n, there.length, `${id} ${name} points`);
      close(sum / n, whole, `${id} ${name} mean`);
    }
  }
}

async function use(report) {
  const folder = dirname(resolve(report));
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, offline: true, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(pathToFileURL(resolve(report)).href);
  await page.waitForSelector("svg.picture");
  const bundle = JSON.parse(await page.textContent("#data"));
  const before = compared;
  for (const lang of ["en", "fr"]) {
    where = `${report} (${lang})`;
    await page.click(`.switch [lang="${lang}"]`);
    if (bundle.report.series) {
      const of = (name) => (existsSync(join(folder, name)) ? table(readFileSync(join(folder, name), "utf8")) : null);
      const [first, end] = bundle.report.made.replications;
      const files = { summary: of("summary.csv"), comparison: of("comparison.csv"), runs: end - first, first: String(first) };
      await headlines(page, bundle, files, lang);
      compared += await sentencesOfRuns(page, bundle, folder, lang, wrong);
      await tablesOfRuns(page, bundle, files, lang);
      if (lang === "en") await chartsOfRuns(page, bundle, files, folder);
    } else if (lang === "en") await questions(page, bundle, folder);
    if (bundle.report.sweep) await points(page, bundle, folder, lang);
    await tablesOfCharts(page, bundle, folder, lang);
    if (!bundle.report.series) compared += await sentencesOfQuestions(page, bundle, folder, lang, wrong);
  }
  await context.close();
  console.log(`  ${report}: ${compared - before} numbers`);
  assert.ok(compared - before > 10, report + " has no numbers");
}

try {
  for (const report of reports) await use(report);
  assert.deepEqual(wrong.slice(0, 40), [], wrong.length + " numbers are not those of the files");
  console.log(`all well: ${compared} numbers are those of the files`);
} catch (error) {
  console.error("FAILED\n" + error.message);
  process.exitCode = 1;
} finally {
  await browser.close();
}
