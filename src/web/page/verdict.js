// The verdict first: three sentences, five numbers, and how sure.
import { t, num, many, rough, pct, dur, clock, day, listed, plusMinus, known } from "./lang.js";
import { report, regionOf, serviceOf, summaryOf, base, unitOf } from "./data.js";
import { h } from "./svg.js";

const service = (key) => serviceOf.get(key)?.name ?? key;
const region = (key) => regionOf.get(key)?.name ?? key;

function failedSentence() {
  const { failed } = report.findings;
  if (!report.regions.length) return null;
  if (!failed.length) return t("verdict.none_failed");
  const days = [...new Set(failed.map((f) => f.day))];
  return days
    .map((d, i) => {
      const those = failed.filter((f) => f.day === d);
      const each = those.map((f) => t("verdict.region", { region: region(f.region), from: clock(f.from), until: clock(f.until) }));
      const names = { n: num(those.length), all: num(report.regions.length), day: day(those[0].from), list: listed(each) };
      return i === 0 ? t(those.length === 1 ? "verdict.failed_one" : "verdict.failed", names) : t("verdict.failed_again", names);
    })
    .join(" ");
}

function quotaSentence() {
  const { quotas, open } = report.findings;
  const slowest = [...open].sort((a, b) => b.seconds - a.seconds)[0];
  const elsewhere = slowest ? " " + t("verdict.no_quota_there", { service: service(slowest.service), worst: dur(slowest.worst), time: dur(slowest.seconds) }) : "";
  if (!quotas.length) return t("verdict.no_quota") + elsewhere;
  const refused = quotas.reduce((sum, q) => sum + q.refused, 0);
  const knocks = quotas.reduce((sum, q) => sum + q.knocks, 0);
  const main = quotas.slice(0, 3);
  const list = listed(main.map((q) => t("verdict.quota_at", { service: service(q.service), time: dur(q.seconds) })));
  const slow = main.some((q) => q.good && q.latency > q.good);
  const latency = dur(Math.max(...main.map((q) => q.latency)));
  const idle = 1 - quotas.reduce((sum, q) => sum + q.sessions, 0) / quotas.reduce((sum, q) => sum + q.seats, 0);
  const held = idle > 0.1 ? " " + t("verdict.quota_idle", { share: pct(idle) }) : "";
  return t(slow ? "verdict.quota_slow" : "verdict.quota_fast", { list, refused: many(refused), share: pct(refused / knocks), latency }) + held + elsewhere;
}

function downSentence() {
  const found = report.stayed_down;
  if (!found) {
    const minutes = summaryOf(base, "total", "", "metastable_minutes");
    return minutes ? t("verdict.down_minutes", { time: dur(minutes[0] * 60) }) : null;
  }
  if (!found.length) return t("verdict.nothing_down");
  const runs = report.made.replications[1] - report.made.replications[0];
  const by = new Map();
  for (const d of found) by.set(d.service, [...(by.get(d.service) ?? []), d]);
  const minutes = (key) => by.get(key).reduce((sum, d) => sum + d.minutes, 0) / runs;
  const order = [...by.keys()].sort((a, b) => minutes(b) - minutes(a));
  const worst = order[0];
  const longest = by.get(worst).reduce((a, b) => (b.minutes > a.minutes ? b : a));
  const knocks = summaryOf(base, "service", worst, "knocks_per_login")?.[0];
  const wasted = summaryOf(base, "service", worst, "logins_wasted")?.[0] ?? 0;
  const logins = summaryOf(base, "service", worst, "logins")?.[0] ?? 0;
  const values = {
    service: service(worst),
    time: dur(minutes(worst) * 60),
    since: clock(longest.since),
    load: pct(longest.load),
    knocks: rough(knocks, 2),
    wasted: pct(wasted / (wasted + logins || 1)),
    others: num(order.length - 1),
  };
  const why = wasted > 0.02 * logins ? t("verdict.down_wasted", values) : t("verdict.down_retries", values);
  return t("verdict.down", values) + " " + why + (order.length > 1 ? " " + t(order.length > 2 ? "verdict.down_others" : "verdict.down_other", values) : "");
}

/** The names of the policies of an arm. */
function policyNames(arm) {
  const on = report.arms.find((one) => one.name === arm)?.policies ?? [];
  return on.map((key) => report.policies.find((policy) => policy.key === key)?.name ?? key).join("; ");
}

function helpedSentence() {
  const saving = report.verdicts.filter((v) => v.effect === "saves" || v.effect === "one_run");
  const best = saving.sort((a, b) => a.hours_lost.mean - b.hours_lost.mean)[0];
  if (!report.verdicts.length) return null;
  if (!best || best.hours_lost.mean >= 0) return t("verdict.none_helped");
  const d = best.hours_lost;
  const euros = Math.round(best.euros);
  const money = euros > 0 ? t("verdict.more_euros", { n: num(euros) }) : euros < 0 ? t("verdict.fewer_euros", { n: num(-euros) }) : t("verdict.no_euros");
  const lost = summaryOf(base, "total", "", "hours_lost")?.[0];
  return t("verdict.helped", { arm: best.arm, what: policyNames(best.arm), hours: plusMinus([-d.mean, d.half_width], "count"), lost: rough(lost), money });
}

function sureSentence() {
  const [first, end] = report.made.replications;
  const runs = end - first;
  const lost = summaryOf(base, "total", "", "hours_lost");
  const parts = [];
  if (runs < 2) parts.push(t("verdict.one_run"));
  else if (lost?.[1]) parts.push(t("verdict.runs", { n: num(runs), by: pct(lost[1] / lost[0], 1) }));
  if (runs >= 2 && runs < 10) parts.push(t("verdict.few_runs"));
  if (report.made.size !== 1) parts.push(t("verdict.size", { size: pct(report.made.size) }));
  const said = ["too_few_replications", "resized"];
  const kinds = new Set(report.warnings.map((warning) => warning.kind).filter((kind) => !said.includes(kind) && known("warning." + kind)));
  for (const kind of kinds) parts.push(t("warning." + kind));
  parts.push(t("verdict.model"));
  return parts.join(" ");
}

/** A number without an interval is not known to its last digit. */
function headline(pair, unit) {
  if (pair[1] !== null || !["count", "h"].includes(unit)) return plusMinus(pair, unit);
  return rough(pair[0]) + (unit === "h" ? "\u00a0h" : "");
}

function fiveNumbers() {
  const wanted = ["connected_15min", "hours_lost", "wait_p95", "knocks_per_login", "people_never_connected", "logins", "refusals"];
  const there = wanted.filter((kpi) => summaryOf(base, "total", "", kpi)).slice(0, 5);
  return there.map((kpi) => {
    const pair = summaryOf(base, "total", "", kpi);
    const share = kpi === "hours_lost" ? summaryOf(base, "total", "", "hours_lost_share")?.[0] : null;
    const note = share ? t("number.of_wanted", { share: pct(share) }) : known("number." + kpi) ? t("number." + kpi) : "";
    return h("div", { class: "five" }, h("dt", {}, t("kpi." + kpi)), h("dd", {}, h("b", {}, headline(pair, unitOf.get(kpi))), h("span", {}, note)));
  });
}

export function verdict() {
  const sentence = (label, text) => text && h("p", {}, h("strong", {}, label), " ", text);
  return h(
    "section",
    { class: "verdict", "aria-labelledby": "verdict-title" },
    h("h2", { id: "verdict-title" }, t("verdict.title")),
    h("div", { class: "sentences" }, sentence(t("verdict.who"), failedSentence()), sentence(t("verdict.quota"), quotaSentence()), sentence(t("verdict.stayed"), downSentence()), sentence(t("verdict.help"), helpedSentence())),
    h("dl", { class: "numbers" }, fiveNumbers()),
    h("p", { class: "sure" }, h("strong", {}, t("verdict.sure")), " ", sureSentence()),
  );
}
