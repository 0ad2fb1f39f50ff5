// The result of a run, drawn by the components of the report; and the same against the run before.
import { t, num, rough, plusMinus, apart, known } from "./lang.js";
import { report, take, view, summaryOf, serviceOf, unitOf, forgetListeners } from "./data.js";
import { h } from "./svg.js";
import { verdict } from "./verdict.js";
import { timeline } from "./timeline.js";
import { waits } from "./waits.js";
import { franceMap } from "./map.js";
import { tables } from "./tables.js";
import { compare } from "./compare.js";
import { grid } from "./figure.js";

const SHOWN = ["hours_lost", "hours_lost_share", "connected_15min", "wait_p95", "knocks_per_login", "people_never_connected", "gave_up_share", "logins", "refused_quota", "refused_full", "timeouts", "euros_total"];

/** What a lever was set to, in words. */
function settingText(key, value) {
  const [lever] = key.split(".");
  if (value === null) return t("against.as_model");
  if (lever === "order") return t("order." + value);
  if (lever === "session" || lever === "stagger") return rough(Number(value)) + "\u00a0" + t("unit.min");
  return ["quota", "capacity", "scrub", "attack"].includes(lever) ? "× " + rough(Number(value)) : value;
}

/** A lever by its key with both settings, or all three in words. */
function movedText(one) {
  if (!Array.isArray(one)) return h("li", {}, t("against.moved_one", one));
  const [key, then, now] = one;
  const [lever, ...part] = key.split(".");
  const name = t("lever." + lever) + (part.length ? " (" + (serviceOf.get(part.join("."))?.name ?? part.join(".")) + ")" : "");
  return h("li", {}, t("against.moved_one", { lever: name, then: settingText(key, then), now: settingText(key, now) }));
}

/** Values of both runs and what lies between them. */
function differences(moved) {
  const rows = SHOWN.map((kpi) => {
    const [before, now] = ["before", "now"].map((arm) => summaryOf(arm, "total", "", kpi));
    if (!before || !now || before[0] === null || now[0] === null) return null;
    const unit = unitOf.get(kpi) ?? "";
    const paired = report.comparison?.now?.total?.[""]?.[kpi];
    const difference = paired?.[0] ?? now[0] - before[0];
    const half = paired?.[1] ?? null;
    const sign = difference > 0 ? "+" : "";
    return [t("kpi." + kpi), plusMinus(before, unit), plusMinus(now, unit), sign + plusMinus([difference, half], apart(unit))];
  });
  const head = [t("table.kpi"), t("arm.before"), t("arm.now"), t("against.difference")];
  const runs = report.made.replications[1] - report.made.replications[0];
  return h(
    "section",
    { class: "figure", id: "against", "aria-labelledby": "against-title" },
    h("h2", { id: "against-title" }, t("against.title")),
    h("p", { class: "caution" }, runs === 1 ? t("against.single") : t("against.paired", { n: num(runs) })),
    moved.length > 0 ? [h("p", { class: "moved" }, t("against.moved")), h("ul", { class: "moved" }, moved.map(movedText))] : h("p", {}, t("against.same")),
    grid({ head, rows: rows.filter(Boolean) }, t("against.title")),
  );
}

/** The sections of a document, and how they are drawn once they are in the page. */
export function sections(document, fresh, moved) {
  forgetListeners();
  if (fresh || report !== document) {
    take(document);
    // Of two runs the newer one is looked at.
    if (document.arms.length > 1) view.arm = "now";
  }
  const both = document.arms.length > 1;
  const drawn = [both && compare(), timeline(), waits(), franceMap()].filter(Boolean);
  const first = both ? differences(moved || []) : verdict();
  const nodes = [first, ...drawn.map((part) => part.node), tables()];
  return { nodes, draw: () => drawn.forEach((part) => part.draw()) };
}

/** Why a run cannot be held against the one before. */
export const whyNot = (why) => (known("against." + why) ? t("against." + why) : why);
