// What is known of the day, and whether the model shows it.
import { t, num, rough, pct } from "./lang.js";
import { report } from "./data.js";
import { h } from "./svg.js";
import { grid } from "./figure.js";

const SIGN = { reproduced: "✓", missed: "✗", untestable: "–" };

function limits(test) {
  if (test.at_least !== null && test.at_most !== null) return rough(test.at_least) + "–" + rough(test.at_most);
  if (test.at_least !== null) return "≥ " + rough(test.at_least);
  if (test.at_most !== null) return "≤ " + rough(test.at_most);
  return "–";
}

function fact(one) {
  const head = [t("facts.test"), t("table.value"), t("facts.target"), t("facts.held")];
  const value = (test) => (test.value === null ? "–" : rough(test.value) + (test.half_width === null ? "" : " ± " + rough(test.half_width, 2)));
  const rows = one.tests.map((test) => [test.what, value(test), limits(test), pct(test.share)]);
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
