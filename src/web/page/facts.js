// What is known of the day, and whether the model shows it.
import { t, num, rough, pct, plusMinus, asTyped } from "./lang.js";
import { report } from "./data.js";
import { h } from "./svg.js";
import { grid } from "./figure.js";

const SIGN = { reproduced: "✓", missed: "✗", untestable: "–" };

/** The limits of a test, as they were typed. */
export function rangeWords(test) {
  const [low, high] = [test.at_least, test.at_most].map((limit) => (limit === null ? null : asTyped(limit)));
  if (low !== null && high !== null) return low + "–" + high;
  return low !== null ? "≥ " + low : high !== null ? "≤ " + high : "–";
}
/** The mean of a test's value, and how far it is known. */
export const testValue = (test) => (test.half_width ? plusMinus([test.value, test.half_width], "") : rough(test.value));

function fact(one) {
  const head = [t("facts.test"), t("table.value"), t("facts.target"), t("facts.held")];
  const rows = one.tests.map((test) => [test.what, testValue(test), rangeWords(test), pct(test.share)]);
  const node = h("details", { class: "part fact " + one.verdict }, h("summary", {}, h("span", { class: "sign" }, SIGN[one.verdict] + " " + t("facts." + one.verdict)), h("span", { class: "which" }, one.id + ". " + one.text), h("span", { class: "source" }, " [" + one.sources + "]")));
  node.addEventListener("toggle", () => {
    if (!node.open || node.querySelector(".scroll")) return;
    if (one.why) node.append(h("p", {}, one.why));
    if (rows.length) node.append(grid({ head, rows }, one.id));
  });
  return node;
}

export function facts() {
  const found = report.facts;
  if (!found) return null;
  const says = t("facts.says", { n: num(found.reproduced), all: num(found.facts.length), missed: num(found.missed), untestable: num(found.untestable), runs: num(found.replications) });
  return h("section", { class: "figure", id: "facts", "aria-labelledby": "facts-title" }, h("h3", { id: "facts-title" }, t("facts.title")), h("p", { class: "says" }, says), found.facts.map(fact));
}
