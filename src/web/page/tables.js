// Tables with intervals: regions, services, the whole country.
import { t, plusMinus } from "./lang.js";
import { report, summaryOf, unitOf, view } from "./data.js";
import { h } from "./svg.js";
import { grid } from "./figure.js";

const OF_REGIONS = ["people", "connected_15min", "wait_p50", "wait_p95", "gave_up_share", "knocks_per_login", "hours_lost", "hours_lost_share", "degraded_minutes"];
const OF_SERVICES = ["visits", "connected_15min", "wait_p95", "knocks_per_login", "refused_quota", "refused_full", "timeouts", "metastable_minutes"];

function cells(arm, kind, key, kpis) {
  return kpis.map((kpi) => plusMinus(summaryOf(arm, kind, key, kpi), unitOf.get(kpi) ?? ""));
}

function summaryTable(kind, places, kpis) {
  const used = kpis.filter((kpi) => places.some((place) => summaryOf(view.arm, kind, place.key, kpi)));
  const rows = places.filter((place) => report.summary[view.arm]?.[kind]?.[place.key]).map((place) => [place.name, ...cells(view.arm, kind, place.key, used)]);
  return { head: [t("table." + kind), ...used.map((kpi) => t("kpi." + kpi))], rows };
}

export function tables() {
  const whole = () => {
    const kpis = report.kpis.filter(([name]) => summaryOf(view.arm, "total", "", name));
    return { head: [t("table.kpi"), t("table.value")], rows: kpis.map(([name, unit]) => [t("kpi." + name), plusMinus(summaryOf(view.arm, "total", "", name), unit)]) };
  };
  const part = (title, table, open) => {
    const node = h("details", { class: "part", open }, h("summary", {}, title));
    const fill = () => node.open && !node.querySelector(".scroll") && node.append(grid(table(), title));
    node.addEventListener("toggle", fill);
    fill();
    return node;
  };
  const regions = () => {
    const bad = (key) => summaryOf(view.arm, "region", key, "hours_lost_share")?.[0] ?? 0;
    return summaryTable("region", [...report.regions].sort((a, b) => bad(b.key) - bad(a.key)), OF_REGIONS);
  };
  return h(
    "section",
    { class: "figure", id: "tables", "aria-labelledby": "tables-title" },
    h("h3", { id: "tables-title" }, t("tables.title")),
    h("p", { class: "says" }, t("tables.says")),
    report.regions.length > 0 && part(t("tables.regions"), regions, true),
    part(t("tables.services"), () => summaryTable("service", report.services, OF_SERVICES), !report.regions.length),
    part(t("tables.whole"), whole, false),
  );
}
