// Lessons: the list, and the room of one with its panel and its levers.
import { tongue, t, num, rough } from "./lang.js";
import { h } from "./svg.js";
import { ask, setting, set } from "./ask.js";
import { stopsOf } from "./levers.js";
import { lessonPanel } from "./lesson.js";

/** The lesson that the address names. */
export const chosen = setting("lesson");

/** What the page knows of it: its texts and levers, what the student did, what came of the last run. */
export const school = { all: {}, lesson: null, judged: null, hints: 0, debrief: false, panel: null };

const here = (name) => "/lessons/" + encodeURIComponent(name);
const start = (lever) => lever.start;
const stands = (lever) => setting(lever.key) ?? start(lever);
const moved = (lever) => (lever.kind === "number" ? Number(stands(lever)) !== Number(start(lever)) : stands(lever) !== start(lever));

/** Asks for the list, in both languages. */
export async function learnList() {
  const of = (code) => ask("/lessons?lang=" + code).catch(() => []);
  const [fr, en] = await Promise.all([of("fr"), of("en")]);
  school.all = { fr, en };
}

/** Asks for the lesson; gives what runs of it are drawn with. */
export async function learnLesson() {
  school.lesson = await ask(here(chosen) + "?lang=" + tongue.code);
  return { ...school.lesson.about, levers: [] };
}

export const runsOf = () => here(chosen) + "/runs";
export const modelOf = (query) => here(chosen) + "/model.ron?lang=" + tongue.code + "&" + query;

/** The list, folded: an entry of the navigation. */
export function lessonList(leave) {
  const all = school.all[tongue.code] ?? [];
  if (!all.length) return null;
  const one = (lesson) => h("li", {}, h("a", { href: "?lesson=" + lesson.name + "&lang=" + tongue.code, "aria-current": lesson.name === chosen && "page", onclick: leave }, lesson.title), " ", h("span", { class: "minutes" }, t("lessons.minutes", { minutes: num(lesson.minutes) })));
  return h("details", { class: "lesson-list", id: "lessons" }, h("summary", {}, t("lesson.lessons")), h("ul", {}, all.map(one)));
}

/** The way back to all levers. */
export const wayBack = (leave) => h("p", { class: "way-back" }, h("a", { href: "?lang=" + tongue.code, onclick: leave }, "← " + t("lessons.leave")));

/** A setting for people. */
function shown(lever, value) {
  if (lever.kind === "number") return rough(Number(value), 6) + (lever.unit ? "\u00a0" + lever.unit : "");
  if (lever.kind === "policy") return t(value === "on" ? "lessons.on" : "lessons.off");
  return ["true", "false"].includes(value) ? t(value === "true" ? "lessons.yes" : "lessons.no") : value.replaceAll('"', "");
}

function put(lever, value, changed) {
  const same = lever.kind === "number" ? Number(value) === Number(lever.start) : value === lever.start;
  set(lever.key, same ? null : value);
  school.panel?.refresh();
  changed();
}

/** A number: a field, and a slider over round numbers. */
function numberLever(lever, changed) {
  const id = "lever-" + lever.key;
  const value = () => Number(stands(lever));
  const form = { from: lever.from, to: lever.to, now: Number(lever.start), log: lever.from > 0 && lever.to / lever.from >= 500, unit: lever.unit };
  const stops = stopsOf(form, value()).filter((stop) => !lever.integer || Number.isInteger(stop));
  const nearest = () => stops.reduce((best, stop, i) => (Math.abs(stop - value()) < Math.abs(stops[best] - value()) ? i : best), 0);
  const field = h("input", { type: "number", id, min: lever.from, max: lever.to, step: lever.integer ? 1 : "any", inputmode: "decimal", value: stands(lever), "aria-describedby": id + "-help" });
  const slider = h("input", { type: "range", min: 0, max: stops.length - 1, step: 1, value: nearest(), "aria-label": lever.label, "aria-valuetext": shown(lever, value()) });
  const back = h("button", { type: "button", class: "quiet back", hidden: !moved(lever), "aria-label": t("lessons.back") + t("lesson.colon") + lever.label }, t("lessons.back"));
  const refresh = () => {
    slider.setAttribute("aria-valuetext", shown(lever, value()));
    back.hidden = !moved(lever);
  };
  slider.addEventListener("input", () => {
    put(lever, stops[Number(slider.value)], changed);
    field.value = stands(lever);
    field.setAttribute("aria-invalid", "false");
    refresh();
  });
  field.addEventListener("input", () => {
    const wrong = field.value === "" || !field.checkValidity();
    field.setAttribute("aria-invalid", String(wrong));
    if (wrong) return;
    put(lever, Number(field.value), changed);
    slider.value = nearest();
    refresh();
  });
  // What cannot be run does not stay in the field.
  field.addEventListener("change", () => {
    if (field.getAttribute("aria-invalid") !== "true") return;
    field.value = stands(lever);
    field.setAttribute("aria-invalid", "false");
  });
  back.addEventListener("click", () => {
    put(lever, lever.start, changed);
    field.value = lever.start;
    slider.value = nearest();
    refresh();
    field.focus();
  });
  const range = t("lessons.range", { from: rough(lever.from, 6), to: shown(lever, lever.to), start: shown(lever, lever.start) });
  return h("div", { class: "lever" }, h("div", { class: "lever-head" }, h("label", { for: id }, lever.label), h("span", { class: "exact" }, field, lever.unit && h("span", { class: "unit" }, lever.unit))), slider, h("p", { class: "help", id: id + "-help" }, range, " ", back));
}

/** One of some values. */
function choiceLever(lever, changed) {
  const id = "lever-" + lever.key;
  const select = h("select", { id, "aria-describedby": id + "-help", onchange: () => put(lever, select.value, changed) }, lever.values.map((value) => h("option", { value, selected: value === stands(lever) }, shown(lever, value))));
  return h("div", { class: "lever" }, h("div", { class: "lever-head" }, h("label", { for: id }, lever.label), select), h("p", { class: "help", id: id + "-help" }, t("lessons.start", { start: shown(lever, lever.start) })));
}

/** Policies: on or off. */
function policies(levers, changed) {
  if (!levers.length) return null;
  const one = (lever) => {
    const box = h("input", { type: "checkbox", id: "lever-" + lever.key, checked: stands(lever) === "on", onchange: () => put(lever, box.checked ? "on" : "off", changed) });
    return h("label", {}, box, " ", h("span", {}, lever.label, " ", h("span", { class: "minutes" }, t("lessons.start", { start: shown(lever, lever.start) }))));
  };
  return h("fieldset", { class: "lever" }, h("legend", {}, t("lessons.measures")), h("div", { class: "boxes" }, levers.map(one)));
}

function levers(lesson, changed) {
  const others = lesson.levers.filter((lever) => lever.kind !== "policy");
  const measures = policies(lesson.levers.filter((lever) => lever.kind === "policy"), changed);
  return h("div", { class: "lesson-part" }, h("h3", {}, t("lesson.levers")), measures, others.map((lever) => (lever.kind === "number" ? numberLever(lever, changed) : choiceLever(lever, changed))));
}

/** What the levers come to for a goal that needs no run. */
function budget(goal) {
  const { levers } = school.lesson;
  if (goal.moves) return levers.filter(moved).length;
  if (!goal.sum) return null;
  return levers.filter((lever) => goal.sum.includes(lever.key)).reduce((sum, lever) => sum + Number(stands(lever)), 0);
}

/** The room of a lesson: its texts on one side, goals, levers and `runBox` on the other. */
export function lessonRoom(runBox, changed, answered, leave) {
  const { lesson } = school;
  const on = {
    answer: (key) => (set("answer", key), answered()),
    hint: (count) => (school.hints = count),
    debrief: () => (school.debrief = true),
  };
  school.panel = lessonPanel(lesson, { answer: setting("answer"), hints: school.hints, debrief: school.debrief }, on, budget);
  if (school.judged) school.panel.judge(school.judged);
  const { text, goals, debrief } = school.panel;
  return h(
    "section",
    { class: "settings lesson", id: "settings", "aria-labelledby": "settings-title" },
    wayBack(leave),
    h("h2", { id: "settings-title" }, lesson.title),
    h("p", { class: "says" }, t("lesson.minutes", { minutes: num(lesson.minutes) })),
    h("div", { class: "lesson-room" }, text, h("div", { class: "lesson-desk" }, goals, levers(lesson, changed), runBox)),
    debrief,
  );
}

let turn = 0;
let judgedRun = null;

/** Asks which goals a run reached, and shows it. An answer is held against the lesson as it begins, which may have to be run. */
export async function judge(id) {
  const own = ++turn;
  const answer = setting("answer");
  const show = (judged) => {
    school.judged = judged;
    school.panel.judge(judged);
    if (judged.reached) school.debrief = true;
  };
  const askFor = (more) => ask("/runs/" + id + "/judged?lang=" + tongue.code + more);
  try {
    if (answer && judgedRun !== id) {
      // What needs no answer is there at once.
      const first = await askFor("");
      if (own !== turn) return;
      show(first);
      school.panel.say(t("lessons.judging"));
    }
    const judged = await askFor(answer ? "&answer=" + encodeURIComponent(answer) : "");
    if (own !== turn) return;
    judgedRun = id;
    show(judged);
  } catch (error) {
    if (own === turn) school.panel.say((error.problems ?? [t("serve.gone")]).join(" "));
  }
}

/** What lies between two settings of the lesson, in words. */
export function movedInLesson(then, now) {
  const of = (query, lever) => new URLSearchParams(query).get(lever.key) ?? lever.start;
  const differ = school.lesson.levers.filter((lever) => of(then, lever) !== of(now, lever));
  return differ.map((lever) => ({ lever: lever.label, then: shown(lever, of(then, lever)), now: shown(lever, of(now, lever)) }));
}
