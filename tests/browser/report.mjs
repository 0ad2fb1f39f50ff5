// Opens reports from disk in a real browser without a network, uses them, and keeps screenshots.
// Usage: node report.mjs BROWSER SCREENSHOTS REPORT...    (see .ci/browser)
import assert from "node:assert/strict";
import { readFileSync, mkdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, shots, ...reports] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZE = 3 * 1024 * 1024;
const READY = 1000;
mkdirSync(shots, { recursive: true });

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
let step = "";
const say = (text) => console.log("  " + (step = text));

/** A page that has no network, remembers every complaint, and scrolls at once: a press on a button that glides is no click. */
async function open(report, viewport) {
  const context = await browser.newContext({ viewport, acceptDownloads: true, offline: true, reducedMotion: "reduce" });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => /^(file|data|blob):/.test(request.url()) || wrong.push("asked for " + request.url()));
  await page.goto(pathToFileURL(resolve(report)).href);
  await page.waitForSelector("svg.picture");
  return { context, page, wrong };
}

/** Processor time of the page's process until it is drawn and at rest, ms: the clock would also judge what else runs. */
async function ready(report) {
  const times = [];
  const session = await browser.newBrowserCDPSession();
  for (let i = 0; i < 3; i++) {
    const { context } = await open(report, { width: 1280, height: 900 });
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    times.push(1000 * Math.max(...processInfo.filter((p) => p.type === "renderer").map((p) => p.cpuTime)));
    await context.close();
  }
  return Math.min(...times);
}

async function accessible(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
  assert.deepEqual(serious.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 140)).join(" | ")), [], where);
}

async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return readFileSync(await file.path());
}

/** Words of the time line that lie on one another, at every zoom and width that people choose most. */
async function overlapping(page) {
  const found = new Set();
  for (const width of [1280, 768, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForTimeout(250);
    for (const button of await page.$$("#timeline .buttons button")) {
      await button.click();
      await page.waitForTimeout(60);
      const pairs = await page.$$eval("#timeline svg.picture text", (all) => {
        const boxes = all.map((text) => [text.textContent.trim(), text.getBoundingClientRect()]).filter(([words, box]) => words && box.width);
        const on = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
        return boxes.flatMap(([words, box], i) => boxes.slice(i + 1).filter(([, other]) => on(box, other)).map(([others]) => words + " | " + others));
      });
      for (const pair of pairs) found.add(`${width} px: ${pair}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  return [...found];
}

/** The verdict, the clock and the choices of a page of runs. */
async function day(page) {
  const value = (selector) => page.$eval(selector, (input) => Number(input.value));

  say("says a verdict of words and numbers");
  await page.click('.switch [lang="en"]');
  const sentences = await page.$$eval(".sentences p", (all) => all.map((p) => p.textContent));
  assert.ok(sentences.length >= 3, sentences.join("\n"));
  assert.ok(sentences.every((text) => text.length > 30 && !/undefined|NaN|null|\{/.test(text)), sentences.join("\n"));
  assert.equal(await page.locator(".numbers dd").count(), 5);

  say("plays the map, the time line with it");
  await page.click(".play");
  const before = await value("#hour");
  await page.waitForFunction((from) => Number(document.querySelector("#hour").value) >= from + 1200, before);
  await page.click(".play");
  assert.equal(await value("#hour"), await value("#cursor"));
  const colours = (await page.$$eval("#map .region", (all) => all.map((r) => r.getAttribute("class")))).length;
  assert.equal(colours, 18);

  say("moves the cursor by the keyboard");
  await page.focus("#cursor");
  const at = await value("#cursor");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((from) => Number(document.querySelector("#hour").value) > from, at);

  say("has words on the time line that can be read");
  assert.deepEqual(await overlapping(page), []);

  say("shows another service, another hour, another measure");
  const frame = () => page.$eval("#timeline svg.picture", (svg) => svg.innerHTML.length);
  const whole = await frame();
  await page.selectOption("#pick", "s:ent-idf");
  await page.waitForFunction((was) => document.querySelector("#timeline svg.picture").innerHTML.length !== was, whole);
  assert.match(await page.textContent("#timeline .says"), /Île-de-France/);
  await page.click('.buttons button:has-text("+")');
  assert.deepEqual(await overlapping(page), []);
  await page.check('input[value="lost"]');
  await page.waitForFunction(() => document.querySelector("#map .says").textContent.startsWith("On "));
  await page.check('input[value="share"]');
}

/** The charts of a sweep: another measure, other axes, a factor held, cells by the arrow keys, lines brushed away. */
async function question(page) {
  say("reads a heat map by the keyboard, with other axes and measures");
  const says = (id) => page.textContent(`#${id} .says`);
  if ((await page.$("#heat")) !== null) {
    const before = await says("heat");
    await page.focus("#heat svg.heat");
    const first = await page.textContent("#heat .readout");
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await page.textContent("#heat .readout"), first);
    const measures = page.locator("#sweep .measure select");
    if ((await measures.locator("option").count()) > 1) {
      await measures.selectOption({ index: 1 });
      assert.notEqual(await says("heat"), before);
      await measures.selectOption({ index: 0 });
      assert.equal(await says("heat"), before);
    }
    const axis = page.locator("#heat .controls select").first();
    await axis.selectOption({ index: (await axis.locator("option").count()) - 1 });
    assert.ok(await page.$("#heat svg.heat .heat-cell"));
  }
  say("brushes lines away by the mouse and by the keyboard");
  if ((await page.$("#parallel")) !== null) {
    const all = await says("parallel");
    const grip = await page.locator("#parallel .grip").first().boundingBox();
    await page.locator("#parallel svg").scrollIntoViewIfNeeded();
    const box = (await page.locator("#parallel .grip").first().boundingBox()) ?? grip;
    await page.mouse.move(box.x + box.width / 2, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.4, { steps: 4 });
    await page.mouse.up();
    const some = await says("parallel");
    assert.notEqual(some, all);
    await page.click("#parallel .controls button");
    assert.equal(await says("parallel"), all);
    await page.click("#brushes summary");
    await page.focus("#brushes input");
    await page.keyboard.press("End");
    assert.notEqual(await says("parallel"), all);
    await page.click("#parallel .controls button");
  }
}

async function use(report) {
  console.log(report);
  // Results of a sweep or a choice lie in a folder of their own below its name.
  const here = dirname(resolve(report));
  const folder = basename(here) === "results" ? `${basename(dirname(here))}-results` : basename(here);

  say("is light and quick");
  assert.ok(statSync(report).size < SIZE, statSync(report).size + " bytes");
  const time = await ready(report);
  assert.ok(time < READY, "drawn after " + Math.round(time) + " ms of processor time");
  console.log("    drawn after " + Math.round(time) + " ms of processor time, " + Math.round(statSync(report).size / 1024) + " KB");

  const { context, page, wrong } = await open(report, { width: 1280, height: 900 });

  // An attribution has neither a verdict nor a clock; pages of questions have a verdict and no clock.
  const runs = (await page.$("#timeline")) !== null;
  const verdict = (await page.$(".verdict")) !== null;
  // What is looked at in the country's day a page without a map has not.
  const mapped = (await page.$("#map")) !== null;
  if (mapped) await day(page);
  else if (verdict) {
    say("says a verdict of words and numbers");
    for (const lang of ["fr", "en"]) {
      await page.click(`.switch [lang="${lang}"]`);
      const sentences = await page.$$eval(".sentences p, .sure, .says", (all) => all.map((p) => p.textContent));
      assert.ok(sentences.length >= 3 && sentences.every((text) => text.length > 12 && !/undefined|NaN|null|\{/.test(text)), sentences.join("\n"));
    }
    assert.equal(await page.locator(".numbers dd").count(), 5);
  }
  if ((await page.$("#sweep")) !== null) await question(page);

  say("speaks French with French numbers, and English again");
  await page.click('.switch [lang="fr"]');
  assert.equal(await page.getAttribute("html", "lang"), "fr");
  assert.match(await page.textContent("main"), verdict ? /Le verdict/ : /Ce qui l'a causé/);
  assert.match(await page.textContent("main"), /\d[\u202f\u00a0]\d{3}|\d,\d/);
  await page.click('.switch [lang="en"]');
  assert.match(await page.textContent("main"), verdict ? /The verdict/ : /What caused it/);

  say("gives each chart as a table and as files");
  const nowhere = await page.$$eval("nav a", (all) => all.map((a) => a.getAttribute("href")).filter((href) => !document.getElementById(href.slice(1))));
  assert.deepEqual(nowhere, [], "links of the contents that lead nowhere");
  for (const id of await page.$$eval(".figure:has(.chart)", (all) => all.map((f) => f.id))) {
    const figure = page.locator("#" + id);
    await figure.locator("details.tool").nth(1).locator("summary").press("Enter");
    // The table is made when the browser says that it was opened, a moment after the key.
    await figure.locator("details.tool tbody tr").first().waitFor({ state: "attached", timeout: 5000 }).catch(() => null);
    const rows = await figure.locator("details.tool tbody tr").count();
    assert.ok(rows > 0, id + " has an empty table");
    const csv = (await download(page, figure.locator('button:has-text("CSV")'))).toString();
    assert.ok(csv.split("\n").length > rows && !/undefined|NaN/.test(csv), id + ".csv");
    assert.ok((await download(page, figure.locator('button:has-text("SVG")'))).toString().startsWith("<svg"), id);
    assert.equal((await download(page, figure.locator('button:has-text("PNG")'))).subarray(1, 4).toString(), "PNG", id);
    await figure.locator("details.tool").nth(1).locator("summary").press("Enter");
  }

  say("can be walked through with the tabulator");
  await page.evaluate(() => document.activeElement.blur());
  await page.evaluate(() => scrollTo(0, 0));
  const met = [];
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    met.push(await page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName));
  }
  for (const stop of ["quiet", ...(runs ? ["pick", "cursor"] : []), ...(mapped ? ["hour", "play"] : [])]) assert.ok(met.includes(stop), stop + " is not met by Tab: " + met.join(" "));

  if (mapped) {
    say("leads with the arrows from region to region of the map, and says what each is");
    const at = () => page.evaluate(() => [document.activeElement.getAttribute("aria-label"), document.querySelector("#map .told").textContent]);
    await page.locator('#map .region[tabindex="0"]').focus();
    const seen = new Set();
    for (let i = 0; i < 18; i++) {
      const [label, told] = await at();
      assert.ok(label && label === told, `${label} is shown as ${told}`);
      seen.add(label.split(" · ")[0]);
      await page.keyboard.press("ArrowRight");
    }
    assert.equal(seen.size, 18, [...seen].join(" "));
    await page.keyboard.press("Enter");
    assert.notEqual(await page.inputValue("#pick"), "");
    await page.selectOption("#pick", "");
  }

  say("has no serious finding of axe, wide and narrow, and no sideways scroll");
  await accessible(page, "1280 px");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(400);
  await accessible(page, "390 px");
  for (const width of [390, 360]) {
    await page.setViewportSize({ width, height: 844 });
    for (const lang of ["fr", "en"]) {
      await page.click(`.switch [lang="${lang}"]`);
      await page.waitForTimeout(250);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `sideways by ${over} px at ${width} px, ${lang}`);
    }
  }

  say("is dark where the reader's screen is, with no serious finding, and gives pictures for white paper");
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
  assert.ok((await paper()).every((v) => v > 240), "a light page");
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  assert.ok((await paper()).every((v) => v < 60), "a dark page");
  await accessible(page, "dark");
  // Words in pictures, which axe does not judge, on what they may lie on.
  const dim = await page.evaluate(() => {
    const light = (colour) => {
      const [r, g, b] = colour.match(/[\d.]+/g).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = light(getComputedStyle(document.body).backgroundColor);
    const words = [...document.querySelectorAll("svg.picture text")].filter((text) => text.textContent.trim() && !text.closest(".texts") && !text.classList.contains("heat-text"));
    const ratio = (text) => (Math.max(light(getComputedStyle(text).fill), ground) + 0.05) / (Math.min(light(getComputedStyle(text).fill), ground) + 0.05);
    return words.filter((text) => ratio(text) < 4.5).map((text) => text.textContent);
  });
  assert.deepEqual(dim, []);
  const taken = (await download(page, page.locator('.files button:has-text("SVG")').first())).toString();
  assert.ok(taken.includes("--paper: #fdfdfb") && !taken.includes("prefers-color-scheme"), "a picture for white paper");
  assert.deepEqual(wrong, []);
  await context.close();

  say("keeps screenshots");
  for (const [wide, high, scheme] of [[1280, 900, "light"], [390, 844, "light"], [1280, 900, "dark"]]) {
    for (const lang of scheme === "dark" ? ["en"] : ["en", "fr"]) {
      const { context, page } = await open(report, { width: wide, height: high });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await page.click(`.switch [lang="${lang}"]`);
      if (runs)
        await page.$eval("#cursor", (slider) => {
          slider.value = Math.min(Number(slider.max), 5.75 * 3600);
          slider.dispatchEvent(new Event("input"));
        });
      await page.waitForTimeout(200);
      await page.screenshot({ path: join(shots, `${folder}-${wide}-${lang}${scheme === "dark" ? "-dark" : ""}.png`), fullPage: true });
      await context.close();
    }
  }
}

try {
  for (const report of reports) await use(report);
  console.log("all well; screenshots in " + shots);
} catch (error) {
  console.error("FAILED where the report " + step + ":\n" + error.message);
  process.exitCode = 1;
} finally {
  await browser.close();
}
