// Starts the local application, uses it in a real browser, and keeps screenshots.
// Usage: node serve.mjs BROWSER SCREENSHOTS PROGRAM    (see .ci/browser)
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [executablePath, shots, program] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** A country in which a run is over soon, and one in which there is time to cancel. */
const SMALL = "0.005";
const LARGE = "0.5";
const LONG = 120000;
mkdirSync(shots, { recursive: true });

const home = mkdtempSync(join(tmpdir(), "preau-serve-"));
const server = spawn(resolve(program), ["serve", "--no-open", "--lang", "en"], { cwd: home, stdio: ["ignore", "pipe", "inherit"] });
const [url] = await once(createInterface({ input: server.stdout }), "line");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
let step = "";
const say = (text) => console.log("  " + (step = text));

/** A page that scrolls at once: what is pressed while a page glides is let go beside the button, and is no click. */
async function open(query, viewport) {
  const context = await browser.newContext({ viewport, acceptDownloads: true, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(LONG);
  const wrong = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => request.url().startsWith(url) || /^(data|blob):/.test(request.url()) || wrong.push("asked for " + request.url()));
  await page.goto(url + query);
  await page.waitForSelector("#run");
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), "auto");
  return { context, page, wrong };
}

async function accessible(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
  assert.deepEqual(serious.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")), [], where);
}

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
const picture = (page, name) => page.screenshot({ path: join(shots, name + ".png"), fullPage: true });
const settings = (page) => new URL(page.url()).searchParams;
/** Waits for what a page comes to, by the clock: a page that nobody sees need not draw. */
const until = (page, is, of) => page.waitForFunction(is, of, { polling: 100 });

/** The first run of a page. Its live view is not waited for: it may have come and gone between two looks. */
async function runs(page) {
  await page.click("#run");
  await page.waitForSelector("#result-title");
}

/** What stood on a page when a step failed. */
async function tellOf(page) {
  const places = ["#problems", ".run-bar", ".live-bar", ".numbers", "#stale"];
  console.error(page.url(), await page.evaluate((ids) => ids.map((id) => [id, document.querySelector(id)?.textContent]), places));
  await picture(page, "failed");
}

/** The last that the server tells of a run. */
async function howItEnded(id) {
  const words = await (await fetch(url + "runs/" + id + "/events", { signal: AbortSignal.timeout(LONG) })).text();
  const told = words.split("\n").filter((line) => line.startsWith("data:"));
  return JSON.parse(told.at(-1).slice(5)).phase;
}

/** A second run that began before the first one's result was there left the page waiting for ever. */
async function oneAtATime() {
  say("begins no other run before the result of the last one is there");
  const { context, page } = await open("?model=2021-04-06&size=" + SMALL, { width: 1280, height: 900 });
  let give;
  const given = new Promise((answer) => (give = answer));
  await page.route("**/result", (route) => given.then(() => route.continue()));
  await Promise.all([page.waitForRequest("**/result"), page.click("#run")]);
  await page.focus("#lever-capacity");
  await page.keyboard.press("ArrowRight");
  // What a lever changes is said again by now, and the button with it.
  await until(page, () => document.querySelector("#ron").href.includes("capacity="));
  assert.ok(await page.isDisabled("#run"));
  give();
  await page.waitForSelector("#result-title");
  await page.waitForSelector("#run:not([disabled])");
  say("leaves whoever is at a lever by then at the lever");
  assert.equal(await page.evaluate(() => document.activeElement.id), "lever-capacity");
  await context.close();
}

/** A lesson, from the list to the goal. */
async function learn() {
  say("lists six lessons, and opens one with its brief and only its levers");
  const { context, page, wrong } = await open("?model=theory/mm1&capacity=2", { width: 1280, height: 900 });
  await page.click("#lessons summary");
  assert.equal(await page.locator("#lessons li").count(), 6);
  assert.match(await page.textContent("#lessons"), /30 min/);
  await picture(page, "lesson-list-1280-en");
  await page.click('#lessons a[href*="stayed-down"]');
  await page.waitForSelector(".lesson-text");
  assert.equal(settings(page).get("lesson"), "stayed-down");
  assert.equal(settings(page).get("capacity"), null);
  assert.match(await page.textContent(".lesson-text"), /burst of five seconds/);
  assert.equal(await page.locator(".lesson .lever").count(), 4);
  assert.equal(await page.locator("#model").count(), 0);
  assert.match(await page.textContent("#lever-tries-help"), /From 2 to 5/);
  assert.equal(await page.locator(".debrief h4").count(), 0);

  say("gives hints one by one");
  const hint = page.locator(".lesson-text button");
  await hint.click();
  assert.equal(await page.locator(".lesson-text ol li").count(), 1);
  assert.match(await hint.textContent(), /2 of/);
  await picture(page, "lesson-first-1280-en");

  say("misses the goal where nothing is changed");
  await runs(page);
  await page.waitForSelector(".goal.missed");
  assert.match(await page.textContent(".goals-status"), /Not all goals/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "lesson-goals");
  assert.ok(await page.locator(".verdict").count());

  say("says what a budget comes to as levers move, and keeps to their bounds");
  await page.fill("#lever-tries", "2");
  await page.fill("#lever-threads", "100");
  assert.match(await page.textContent(".goals"), /as the levers stand: 2 ✗/);
  await page.fill("#lever-tries", "99");
  assert.equal(await page.getAttribute("#lever-tries", "aria-invalid"), "true");
  assert.equal(settings(page).get("tries"), "2");
  await page.keyboard.press("Tab");
  assert.equal(await page.inputValue("#lever-tries"), "2");
  await page.click('.lever:has(#lever-tries) .back');
  assert.equal(settings(page).get("tries"), null);
  assert.ok(await page.isVisible("#stale") && (await page.isVisible(".lesson-desk .caution")));

  say("reaches the goals with the solution, and shows the debrief then");
  await page.check('input[value="late"]');
  await page.click("#run");
  await until(page, () => /All goals are reached/.test(document.querySelector(".goals-status").textContent));
  assert.equal(await page.locator(".goal.reached").count(), 3);
  assert.equal(await page.locator(".debrief h4").count(), 3);
  await page.waitForSelector("#result-title");
  await picture(page, "lesson-reached-1280-en");
  await page.click('[data-tab="against"]');
  assert.match(await page.textContent("ul.moved"), /requests taken on at once.*5,000 → 100/);

  say("judges another answer without another run");
  await page.check('input[value="answered"]');
  await page.waitForSelector(".goal.missed");
  await page.check('input[value="late"]');
  await until(page, () => document.querySelectorAll(".goal.reached").length === 3);

  say("speaks French of the same lesson, and keeps lesson, settings and answer when it is loaded again");
  await page.click('.switch [lang="fr"]');
  await until(page, () => /Tous les buts sont atteints/.test(document.querySelector(".goals-status").textContent));
  assert.match(await page.textContent("#settings-title"), /resté à terre/);
  await page.reload();
  await page.waitForSelector(".lesson-text");
  assert.equal(await page.getAttribute("html", "lang"), "fr");
  assert.equal(await page.inputValue("#lever-threads"), "100");
  assert.ok(await page.isChecked('input[value="late"]'));
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("#ron")]);
  assert.match(readFileSync(await file.path(), "utf8"), /lesson=stayed-down&threads=100/);

  say("can be walked through with the tabulator");
  await page.evaluate(() => (document.activeElement.blur(), scrollTo(0, 0)));
  const met = new Set();
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    met.add(await page.evaluate(() => document.activeElement.id || document.activeElement.name || document.activeElement.tagName));
  }
  for (const stop of ["SUMMARY", "answer-stayed-down", "lever-pause", "lever-threads", "run", "ron"]) assert.ok(met.has(stop), stop + " is not met by Tab: " + [...met].join(" "));

  say("cancels a run when the lesson is left");
  await page.goto(url + "?lesson=bottleneck");
  await page.waitForSelector("#run");
  // Left by the page itself as soon as it shows the run, which may be over before a click comes from outside.
  const leave = () => page.evaluate(() => {
    const shown = new MutationObserver(() => {
      if (!document.querySelector("#live .cancel")) return;
      shown.disconnect();
      document.querySelector(".way-back a").click();
    });
    shown.observe(document.body, { childList: true, subtree: true });
    document.querySelector("#run").click();
  });
  await Promise.all([page.waitForRequest((asked) => asked.url().endsWith("/cancel")), leave()]);
  await page.waitForSelector("#model");

  say("says that there is no such lesson, and leads back to all levers");
  await page.goto(url + "?lesson=nothing");
  await page.waitForSelector(".problems pre");
  assert.match(await page.textContent(".problems"), /bottleneck/);
  await page.click(".way-back a");
  await page.waitForSelector("#model");
  assert.equal(settings(page).get("lesson"), null);
  assert.deepEqual(wrong.filter((text) => !/404/.test(text)), []);
  await context.close();

  say("has lessons without a serious finding of axe, wide and narrow");
  for (const [wide, high, lang] of [[1280, 900, "en"], [390, 844, "fr"]]) {
    const { context, page } = await open("?lesson=stayed-down&threads=100&answer=late&lang=" + lang, { width: wide, height: high });
    await page.click("#lessons summary");
    await accessible(page, "lesson at " + wide);
    assert.ok((await sideways(page)) <= 0, "sideways at " + wide + " by " + (await sideways(page)));
    if (wide < 500) await picture(page, "lesson-first-390-fr");
    await runs(page);
    await until(page, () => document.querySelectorAll(".goal.reached").length === 3);
    await accessible(page, "judged lesson at " + wide);
    assert.ok((await sideways(page)) <= 0, "sideways at " + wide + " by " + (await sideways(page)));
    if (wide < 500) await picture(page, "lesson-reached-390-fr");
    await context.close();
  }
  // Of levers that are no numbers: a choice, and policies with a bill.
  for (const [name, lang] of [["attack", "en"], ["defend", "fr"], ["bottleneck", "en"]]) {
    const { context, page } = await open("?lesson=" + name + "&lang=" + lang, { width: 1280, height: 900 });
    assert.deepEqual((await page.textContent(".lesson-text")).match(/\d %/g), null, "a line can break before %");
    assert.deepEqual((await page.textContent(".goals")).match(/\d %/g), null, "a line can break before %");
    await accessible(page, "lesson " + name);
    await picture(page, "lesson-" + name + "-1280-" + lang);
    await context.close();
  }
}

async function use() {
  say("opens with a day, its levers and a size that answers soon");
  const { context, page, wrong } = await open("", { width: 1280, height: 900 });
  assert.equal(await page.inputValue("#model"), "2021-04-06");
  assert.ok(Number(settings(page).get("size")) < 1);
  assert.match(await page.textContent("#smaller"), /another, smaller country/);
  assert.match(await page.textContent("#whole"), /about/);
  for (const lever of ["quota", "session", "stagger", "capacity", "attack", "scrub", "size"]) assert.equal(await page.locator("#lever-" + lever).count(), 1, lever);
  await picture(page, "serve-first-1280-en");

  say("offers the levers that a model has, and no others");
  await page.selectOption("#model", "theory/mm1");
  await until(page, () => !document.querySelector("#lever-quota"));
  assert.equal(await page.locator("#lever-capacity").count(), 1);
  await page.selectOption("#model", "2021-04-06");
  await page.waitForSelector("#lever-quota");

  say("drags a lever: the address, the value and the model to save follow");
  const box = await page.locator("#lever-quota").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2, { steps: 6 });
  await page.mouse.up();
  const quota = Number(settings(page).get("quota"));
  assert.ok(quota > 1, "quota " + quota);
  assert.match(await page.textContent(".lever:has(#lever-quota) .value"), /seats/);
  await until(page, () => document.querySelector("#ron").href.includes("quota="));

  say("sets one gate by itself, a choice and a policy");
  await page.click('.lever:has(#lever-quota) summary');
  await page.fill('[id="part-quota-ent-idf"]', "2");
  await page.keyboard.press("Tab");
  await page.check('input[name="lever-order"][value="fifo"]');
  await page.check('input[name="lever-policies"][value="capacity"]');
  await page.evaluate(() => document.querySelector("#lever-size").scrollIntoView());
  const choose = async (size) => {
    const asked = new URL(page.url());
    asked.searchParams.set("size", size);
    await page.goto(asked.href);
    await page.waitForSelector("#run");
  };
  await choose(SMALL);
  const asked = settings(page).toString();
  for (const [key, value] of [["quota.ent-idf", "2"], ["order", "fifo"], ["policies", "capacity"]]) assert.equal(settings(page).get(key), value);

  say("finds the same settings when the address is opened again");
  await page.reload();
  await page.waitForSelector("#run");
  assert.equal(settings(page).toString(), asked);
  assert.equal(await page.inputValue('[id="part-quota-ent-idf"]'), "2");
  assert.ok(await page.isChecked('input[name="lever-order"][value="fifo"]'));
  assert.ok(await page.isChecked('input[name="lever-policies"][value="capacity"]'));
  assert.match(await page.textContent(".lever:has(#lever-quota) .value"), new RegExp("× " + String(quota).replace(".", "\\.")));

  say("gives the settings as a model");
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("#ron")]);
  const ron = readFileSync(await file.path(), "utf8");
  assert.match(ron, /^\/\/ Saved by `preau serve`/);
  assert.match(ron, /--policy capacity/);

  say("runs, with curves that grow");
  await page.click("#run");
  await until(page, () => Number(document.querySelector("#live progress")?.value) > 0.02 || document.querySelector("#result-title"));
  await page.waitForSelector("#result-title");
  assert.match(await page.textContent(".verdict"), /The verdict/);
  assert.equal(await page.locator("#map .region").count(), 18);
  assert.equal(await page.locator(".numbers dd").count(), 5);
  await page.click(".play");
  await until(page, () => Number(document.querySelector("#hour").value) > Number(document.querySelector("#hour").min));
  await page.click(".play");
  await picture(page, "serve-result-1280-en");

  say("cancels a second run while it is told of");
  const before = settings(page).toString();
  await choose(LARGE);
  await page.click("#run");
  await until(page, () => Number(document.querySelector("#live progress")?.value) > 0.05 && document.querySelectorAll("#live .area").length > 2);
  await page.selectOption("#live-pick", { label: "ENT Île-de-France" });
  await picture(page, "serve-live-1280-en");
  await page.click(".cancel");
  await until(page, () => /cancelled/.test(document.querySelector(".live-left").textContent));
  assert.equal(await page.locator("#result-title").count(), 0);

  say("does not leave a run behind when the page is left");
  await page.waitForSelector("#run:not([disabled])");
  const [begun] = await Promise.all([page.waitForResponse((answer) => answer.url().endsWith("/runs")), page.click("#run")]);
  const { id } = await begun.json();
  await page.waitForSelector("#live .cancel:not([hidden])");
  await page.click("#lessons summary");
  await page.click("#lessons li a");
  await page.waitForSelector("#lesson-goals");
  // The server is asked: a browser need not tell of an answer to a page that is no more.
  assert.equal(await howItEnded(id), "cancelled");
  await page.goto(url + "?" + before);
  await page.waitForSelector("#run");

  say("nor when it is loaded again, and then has a place for the next");
  await choose(LARGE);
  for (let i = 0; i < 3; i++) {
    const [begun] = await Promise.all([page.waitForResponse((answer) => answer.url().endsWith("/runs")), page.click("#run")]);
    assert.equal(begun.status(), 201);
    const { id } = await begun.json();
    await page.waitForSelector("#live .cancel:not([hidden])");
    await page.reload();
    await page.waitForSelector("#run");
    assert.equal(await howItEnded(id), "cancelled");
  }
  await page.goto(url + "?" + before);
  await page.waitForSelector("#run");

  say("compares with the last run");
  await runs(page);
  assert.ok(await page.isDisabled('[data-tab="against"]'));
  await page.focus("#lever-capacity");
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
  assert.ok(await page.isVisible("#stale"));
  const first = await page.textContent(".numbers");
  await page.click("#run");
  await until(page, (text) => document.querySelector(".numbers") && document.querySelector(".numbers").textContent !== text, first);
  await page.click('[data-tab="against"]');
  await page.waitForSelector("#against tbody tr");
  assert.match(await page.textContent("#against .caution"), /common random numbers/);
  assert.ok((await page.locator("#against tbody tr").count()) >= 8);
  assert.equal(await page.locator("#multiples svg.picture").count(), 1);
  assert.ok(!/undefined|NaN/.test(await page.textContent("main")));
  await picture(page, "serve-against-1280-en");

  say("takes charts away as pictures");
  const [drawing] = await Promise.all([page.waitForEvent("download"), page.click('#timeline button:has-text("SVG")')]);
  assert.match(readFileSync(await drawing.path(), "utf8"), /\.c-login/);
  const [png] = await Promise.all([page.waitForEvent("download"), page.click('#timeline button:has-text("PNG")')]);
  assert.equal(readFileSync(await png.path()).subarray(1, 4).toString(), "PNG");

  say("writes nothing until it is told to save");
  assert.deepEqual(readdirSync(home), []);
  await page.click("#save");
  await until(page, () => /saved: /.test(document.querySelector(".result-bar").textContent));
  assert.deepEqual(readdirSync(home), ["notebooks-out"]);

  say("speaks French with French numbers, and keeps the result");
  await page.click('.switch [lang="fr"]');
  assert.equal(await page.getAttribute("html", "lang"), "fr");
  assert.equal(settings(page).get("lang"), "fr");
  assert.match(await page.textContent("main"), /Ce que les leviers ont changé/);
  assert.match(await page.textContent("#against"), /\d[\u202f\u00a0]\d{3}|\d,\d/);
  await picture(page, "serve-against-1280-fr");
  await page.click('.switch [lang="en"]');

  say("can be walked through with the tabulator");
  await page.evaluate(() => (document.activeElement.blur(), scrollTo(0, 0)));
  const met = new Set();
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press("Tab");
    met.add(await page.evaluate(() => document.activeElement.id || document.activeElement.name || document.activeElement.tagName));
  }
  for (const stop of ["model", "lever-quota", "lever-session", "lever-order", "lever-capacity", "lever-attack", "lever-policies", "lever-size", "run", "ron", "save", "pick", "cursor"]) assert.ok(met.has(stop), stop + " is not met by Tab: " + [...met].join(" "));

  say("says what is wrong with an address");
  await page.goto(url + "?model=2021-04-06&quota=99");
  await page.waitForSelector(".problems pre");
  assert.match(await page.textContent(".problems"), /from 0\.25 to 4/);
  // The refusal of that address is a complaint of the browser too.
  assert.deepEqual(wrong.filter((text) => !/422/.test(text)), []);
  await context.close();

  await oneAtATime();
  await learn();

  say("has no serious finding of axe, wide and narrow, before and after a run, and no sideways scroll");
  for (const [wide, high] of [[1280, 900], [390, 844]]) {
    const { context, page } = await open("?model=2021-04-06&size=" + SMALL + "&lang=fr", { width: wide, height: high });
    for (const fold of await page.$$(".settings details")) await fold.evaluate((node) => (node.open = true));
    await accessible(page, "levers at " + wide);
    assert.ok((await sideways(page)) <= 0, "sideways at " + wide + " by " + (await sideways(page)));
    if (wide < 500) await picture(page, "serve-first-390-fr");
    await runs(page);
    await accessible(page, "result at " + wide);
    assert.ok((await sideways(page)) <= 0, "sideways at " + wide + " by " + (await sideways(page)));
    if (wide < 500) await picture(page, "serve-result-390-fr");
    await context.close();
  }

  say("ends cleanly");
  server.kill("SIGINT");
  const [code] = await once(server, "exit");
  assert.equal(code, 0);
}

try {
  console.log(url);
  await use();
  console.log("all well; screenshots in " + shots);
} catch (error) {
  console.error("FAILED where the application " + step + ":\n" + error.message);
  for (const page of browser.contexts().flatMap((context) => context.pages())) await tellOf(page).catch(() => null);
  process.exitCode = 1;
} finally {
  server.kill("SIGKILL");
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}
