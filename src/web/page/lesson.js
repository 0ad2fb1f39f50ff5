// A lesson: what is asked, how far one is, hints one at a time, and the debrief at the end or on request.
import { t } from "./lang.js";
import { h } from "./svg.js";

const SIGN = { true: "✓", false: "✗", null: "–" };
const STATE = { true: "lesson.reached", false: "lesson.missed", null: "lesson.open" };

function paragraphs(texts) {
  return texts.map((text) => h("p", {}, text));
}

function list(texts) {
  return h("ul", {}, texts.map((text) => h("li", {}, text)));
}

function part(key, ...nodes) {
  return h("div", { class: "part" }, h("h4", {}, t(key)), ...nodes);
}

/** One line a goal: before a run its limit, after it what came out. */
function goals(lesson, judged) {
  const line = (goal, i) => {
    const state = judged ? judged.goals[i] : null;
    if (!state) return h("li", {}, goal.name + t("lesson.colon") + goal.limit);
    const mark = h("span", { class: "sign" }, SIGN[state.reached] + " " + t(STATE[state.reached]));
    return h("li", { class: "goal " + (state.reached ? "reached" : "missed") }, mark, " · ", state.words);
  };
  const all = judged ? t(judged.reached ? "lesson.done_page" : "lesson.not_yet_page") : t("lesson.not_run");
  return part("lesson.goals", h("ul", {}, lesson.goals.map(line)), h("p", { role: "status" }, all));
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
  return part("lesson.question", h("fieldset", {}, legend, lesson.question.answers.map(choice)));
}

/** Hints behind a button, each after the one before. `seen` are shown from the start; `onHint` gets how many are. */
function hints(lesson, seen, onHint) {
  const shown = h("ol", { "aria-live": "polite" });
  const button = h("button", { type: "button" });
  const all = lesson.hints.length;
  const draw = () => {
    shown.replaceChildren(...lesson.hints.slice(0, seen).map((text) => h("li", {}, text)));
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

/** The debrief: after the goals are reached, or on request. */
function debrief(lesson, open) {
  const body = () => [
    part("lesson.timeline", list(lesson.debrief.timeline)),
    part("lesson.control", list(lesson.debrief.control)),
    part("lesson.causes", list(lesson.debrief.causes)),
  ];
  const node = h("div", { class: "debrief" });
  if (open) {
    node.append(...body());
    return node;
  }
  const button = h("button", { type: "button" }, t("lesson.show_debrief"));
  button.addEventListener("click", () => node.replaceChildren(...body()));
  node.append(button);
  return node;
}

/**
 * The panel of a lesson. `lesson` is the JSON of `Lesson::page`, `judged` that of `Judgement::json` or null before a run.
 * `state`: {answer, hints} of an earlier drawing; `on`: {answer(key), hint(count)} are told what the student does.
 */
export function lessonPanel(lesson, judged = null, state = {}, on = {}) {
  const tell = (name) => on[name] || (() => {});
  return h(
    "section",
    { class: "figure lesson", "aria-labelledby": "lesson-title" },
    h("h3", { id: "lesson-title" }, lesson.title),
    h("p", { class: "says" }, t("lesson.minutes", { minutes: lesson.minutes })),
    ...paragraphs(lesson.brief),
    part("lesson.part", ...paragraphs([lesson.part])),
    question(lesson, state.answer ?? null, tell("answer")),
    goals(lesson, judged),
    hints(lesson, state.hints ?? 0, tell("hint")),
    debrief(lesson, Boolean(judged && judged.reached)),
  );
}
