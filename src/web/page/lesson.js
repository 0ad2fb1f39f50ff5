// A lesson: what is asked, how far one is, hints one at a time, and the debrief at the end or on request.
import { t, rough, listed } from "./lang.js";
import { h } from "./svg.js";

const SIGN = { true: "✓", false: "✗", null: "–" };
const STATE = { true: "lesson.reached", false: "lesson.missed", null: "lesson.open" };
const LOOK = { true: "reached", false: "missed", null: "open" };

/** No line breaks between a number and its unit, nor within a number. */
const together = (text) => text.replace(/(\d) (?=\d{3}(?!\d)|(?:%|€|EUR|s|ms|min|h|points?)(?![\p{L}\d]))/gu, "$1\u00a0");

function paragraphs(texts) {
  return texts.map((text) => h("p", {}, together(text)));
}

function list(texts) {
  return h("ul", {}, texts.map((text) => h("li", {}, together(text))));
}

function part(key, ...nodes) {
  return h("div", { class: "lesson-part" }, h("h3", {}, t(key)), ...nodes);
}

const within = (goal, value) => (goal.at_least === null || value >= goal.at_least) && (goal.at_most === null || value <= goal.at_most);

const mark = (reached, word) => h("span", { class: "sign" }, SIGN[reached] + " " + word);

/** One line a goal: before a run its limit, after it what came out. A budget says at any time what the levers come to. */
function goalLine(goal, state, stands) {
  const now = stands(goal);
  const there = now !== null && now !== undefined;
  const standing = there && h("span", { class: "standing" }, " ", t("lesson.standing", { value: rough(now, 6), sign: SIGN[within(goal, now)] }));
  if (!state) return h("li", { class: "goal" }, together(goal.name + t("lesson.colon") + goal.limit), standing);
  return h("li", { class: "goal " + LOOK[state.reached] }, mark(state.reached, t(STATE[state.reached])), " · ", together(state.words), there && now !== state.value && standing);
}

/** The goals: `judge` takes what came of a run, `refresh` looks at the levers again, `say` tells something else, `stale` that levers moved. */
function goalList(lesson, stands) {
  let judged = null;
  const lines = h("ul", { class: "goals" });
  // It stays in the page, so that what changes in it is read out.
  const status = h("p", { class: "goals-status", role: "status" });
  const say = (text) => (status.textContent = text);
  const note = h("p", { class: "caution", hidden: true }, t("result.stale"));
  const stale = (moved) => (note.hidden = !moved || !judged);
  const refresh = () => lines.replaceChildren(...lesson.goals.map((goal, i) => goalLine(goal, judged?.goals[i], stands)));
  const judge = (now) => {
    judged = now;
    refresh();
    if (!judged) return say(t("lesson.not_run"));
    const missed = lesson.goals.filter((_, i) => judged.goals[i].reached !== true).map((goal) => goal.name);
    say(judged.reached ? t("lesson.done_page") : t("lesson.not_yet_page") + " " + t("lesson.still", { goals: listed(missed) }));
  };
  judge(null);
  const node = h("div", { class: "lesson-part" }, h("h3", { id: "lesson-goals", tabindex: -1 }, t("lesson.goals")), lines, status, note);
  return { node, judge, refresh, say, stale };
}

/** The question as a choice; `onAnswer` gets the key of what was chosen. */
function question(lesson, chosen, onAnswer) {
  if (!lesson.question) return null;
  const name = "answer-" + lesson.name;
  const choice = (answer) => {
    const input = h("input", { type: "radio", name, value: answer.key });
    input.checked = answer.key === chosen;
    input.addEventListener("change", () => onAnswer(answer.key));
    return h("div", {}, h("label", { class: "choice" }, input, " ", answer.name));
  };
  const legend = h("legend", {}, lesson.question.text);
  return part("lesson.question", h("fieldset", { class: "question" }, legend, lesson.question.answers.map(choice)));
}

/** Hints behind a button, each after the one before. `seen` are shown from the start; `onHint` gets how many are. */
function hints(lesson, seen, onHint) {
  const shown = h("ol", { "aria-live": "polite" });
  const button = h("button", { type: "button" });
  const all = lesson.hints.length;
  const draw = () => {
    shown.replaceChildren(...lesson.hints.slice(0, seen).map((text) => h("li", {}, together(text))));
    button.disabled = seen >= all;
    button.textContent = seen >= all ? t("lesson.no_more_hints") : t("lesson.next_hint", { n: seen + 1, all });
  };
  button.addEventListener("click", () => {
    seen = Math.min(seen + 1, all);
    onHint(seen);
    draw();
  });
  draw();
  return part("lesson.hints", shown, button);
}

/** The debrief: `open` shows it, once the goals are reached or on request; `onOpen` is told of a request. */
function debrief(lesson, onOpen) {
  const node = h("div", { class: "debrief" });
  const open = () => {
    if (node.classList.contains("open")) return;
    node.classList.add("open");
    node.replaceChildren(
      h("h3", { id: "lesson-debrief", tabindex: -1 }, t("lesson.debrief")),
      ...["timeline", "control", "causes"].map((key) => h("div", {}, h("h4", {}, t("lesson.of_" + key)), list(lesson.debrief[key]))),
    );
  };
  const request = () => {
    open();
    onOpen();
    node.querySelector("h3").focus();
  };
  node.append(h("button", { type: "button", onclick: request }, t("lesson.show_debrief")));
  return { node, open };
}

/**
 * The panel of a lesson. `lesson` is the JSON of `Lesson::page`.
 * `state`: {answer, hints, debrief} of an earlier drawing; `on`: {answer(key), hint(count), debrief()} are told what the student
 * does; `stands(goal)` gives what the levers come to for a goal that needs no run, else null.
 * Gives the nodes `text`, `goals` and `debrief`; `judge` takes the JSON of `Judgement::json`, `refresh` looks at the levers
 * again, `say` tells something about the goals, `stale` whether levers moved since they were judged.
 */
export function lessonPanel(lesson, state, on, stands) {
  const aims = goalList(lesson, stands);
  const end = debrief(lesson, on.debrief);
  if (state.debrief) end.open();
  const text = h(
    "div",
    { class: "lesson-text" },
    ...paragraphs(lesson.brief),
    part("lesson.part", ...paragraphs([lesson.part])),
    lesson.sources && h("p", { class: "says" }, t("lesson.sources") + t("lesson.colon") + lesson.sources),
    question(lesson, state.answer ?? null, on.answer),
    hints(lesson, state.hints ?? 0, on.hint),
  );
  const judge = (judged) => {
    aims.judge(judged);
    if (judged?.reached) end.open();
  };
  return { text, goals: aims.node, debrief: end.node, judge, refresh: aims.refresh, say: aims.say, stale: aims.stale };
}
