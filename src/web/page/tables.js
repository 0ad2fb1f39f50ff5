// Tables with intervals: regions, services, the whole country.
import { t, num, plusMinus } from "./lang.js";
import { report, armLabel, onLook, summaryOf, unitOf, view } from "./data.js";
import { h } from "./svg.js";
import { grid } from "./figure.js";

const OF_REGIONS = ["people", "connected_15min", "wait_p50", "wait_p95", "gave_up_share", "knocks_per_login", "hours_lost", "hours_lost_share", "degraded_minutes"];
const OF_SERVICES = ["visits", "connected_15min", "wait_p95", "knocks_per_login", "refused_quota", "refused_full", "timeouts", "metastable_minutes"];

/** A mean, with the number of replications it is of where others have no such number: nobody recovers where nothing failed. */
function shownMean(pair, unit) {
  return plusMinus(pair, unit) + (pair?.[2] > 0 ? " (" + num(pair[2]) + ")" : "");
}
const ofSome = ({ rows }) => rows.some((row) => row.slice(1).some((cell) => / \(\d+\)$/.test(cell)));

function cells(arm, kind, key, kpis) {
  return kpis.map((kpi) => shownMean(summaryOf(arm, kind, key, kpi), unitOf.get(kpi) ?? ""));
}

function summaryTable(kind, places, kpis) {
  const used = kpis.filter((kpi) => places.some((place) => summaryOf(view.arm, kind, place.key, kpi)));
  const rows = places.filter((place) => report.summary[view.arm]?.[kind]?.[place.key]).map((place) => [place.name, ...cells(view.arm, kind, place.key, used)]);
  return { head: [t("table." + kind), ...used.map((kpi) => t("kpi." + kpi))], rows };
}

export function tables() {
  const whole = () => {
    const kpis = report.kpis.filter(([name]) => summaryOf(view.arm, "total", "", name));
    return { head: [t("table.kpi"), t("table.value")], rows: kpis.map(([name, unit]) => [t("kpi." + name), shownMean(summaryOf(view.arm, "total", "", name), unit)]) };
  };
  const part = (title, table, open) => {
    const node = h("details", { class: "part", open }, h("summary", {}, title));
    const fill = () => {
      if (!node.open || node.querySelector(".scroll")) return;
      const found = table();
      node.append(grid(found, title), ofSome(found) ? h("p", { class: "notes" }, t("tables.of_some", { all: num(report.made.replications[1] - report.made.replications[0]) })) : "");
    };
    node.addEventListener("toggle", fill);
    fill();
    // Of the policy that is looked at, as the charts are.
    onLook((changed) => {
      if (!changed.has("arm")) return;
      node.querySelectorAll(".scroll, .notes").forEach((old) => old.remove());
      fill();
    });
    return node;
  };
  const whose = h("span", {});
  const nameArm = () => (whose.textContent = report.arms.length > 1 ? " " + t("tables.of_arm", { arm: armLabel(view.arm) }) : "");
  nameArm();
  onLook((changed) => changed.has("arm") && nameArm());
  const regions = () => {
    const bad = (key) => summaryOf(view.arm, "region", key, "hours_lost_share")?.[0] ?? 0;
    return summaryTable("region", [...report.regions].sort((a, b) => bad(b.key) - bad(a.key)), OF_REGIONS);
  };
  return h(
    "section",
    { class: "figure", id: "tables", "aria-labelledby": "tables-title" },
    h("h3", { id: "tables-title" }, t("tables.title")),
    h("p", { class: "says" }, t("tables.says"), whose),
    report.regions.length > 0 && part(t("tables.regions"), regions, true),
    part(t("tables.services"), () => summaryTable("service", report.services, OF_SERVICES), !report.regions.length),
    part(t("tables.whole"), whole, false),
  );
}
