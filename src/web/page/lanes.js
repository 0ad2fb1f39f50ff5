// What happened beside the crowd: incidents, acts of policies, tickets of crisis cells, each as rows of bars.
import { t, moment, dur, large, clock } from "./lang.js";
import { report, serviceOf, view } from "./data.js";

const name = (key) => serviceOf.get(key)?.name ?? key;

function amountOf(incident) {
  const n = incident.amount;
  if (n === null) return "";
  if (incident.kind === "network_flood") return t("amount.gbit", { n: large(n / 1e9) });
  if (incident.kind === "application_flood") return t("amount.requests", { n: large(n) });
  return "";
}

/** Incidents on any of the services, those of one kind against one target in one row. */
export function incidentRows(services) {
  const rows = new Map();
  for (const incident of report.incidents) {
    if (incident.services.length && !incident.services.some((s) => services.includes(s))) continue;
    const operators = [...new Set(incident.services.map((s) => serviceOf.get(s)?.operator ?? name(s)))];
    const target = services.length === 1 ? name(services[0]) : (incident.host ?? operators.join(", "));
    const title = incident.kind === "policy_change" ? incident.name : t("incident." + incident.kind) + (target ? " · " + target : "");
    const row = rows.get(title) ?? { title, kind: "incident", bars: [] };
    for (const [from, to] of incident.waves) {
      const text = [incident.name, moment(from) + "–" + clock(to), amountOf(incident)].filter(Boolean).join(" · ");
      row.bars.push({ from, to, text, part: "incident", what: incident.name });
    }
    rows.set(title, row);
  }
  return [...rows.values()];
}

/** Acts of the policies that are on, one row a policy. */
export function policyRows(arm, services) {
  const on = report.arms.find((a) => a.name === arm)?.policies ?? [];
  return on.flatMap((key) => {
    const policy = report.policies.find((p) => p.key === key);
    if (!policy) return [];
    const moments = new Map();
    for (const act of policy.acts) {
      if (act.services.length && !act.services.some((s) => services.includes(s))) continue;
      const label = t("act." + act.act);
      const at = moments.get(act.at) ?? new Map();
      at.set(label, (at.get(label) ?? 0) + 1);
      moments.set(act.at, at);
    }
    if (!moments.size) return [];
    const marks = [...moments].map(([at, acts]) => ({
      at,
      text: [...acts].map(([label, n]) => (n > 1 ? n + " × " + label : label)).join(", ") + " · " + moment(at),
      what: [...acts.keys()].join(", "),
    }));
    return [{ title: t("lane.policy", { name: key }), kind: "policy", bars: [], marks }];
  });
}

/** Tickets, one row a service: waiting for a free hand, looking for the cause, mending, watching. */
export function ticketRows(arm, services) {
  const rows = new Map();
  for (const ticket of report.tickets) {
    if (ticket.arm !== arm || !services.includes(ticket.service)) continue;
    const row = rows.get(ticket.service) ?? { title: name(ticket.service), kind: "ticket", bars: [], marks: [] };
    const end = ticket.closed ?? report.clock.end;
    const cuts = [ticket.noticed, ticket.taken, ticket.diagnosed, ticket.fixes[0]?.at, end];
    const parts = ["waits", "diagnosis", "mending", "watching"];
    let from = ticket.noticed;
    parts.forEach((part, i) => {
      const next = cuts.slice(i + 1).find((c) => c !== null && c !== undefined) ?? end;
      const to = cuts[i + 1] ?? next;
      if (cuts[i] === null || cuts[i] === undefined) return;
      if (to > from) row.bars.push({ from, to, part, text: t("ticket." + part) + " · " + moment(from) + "–" + clock(to) + " (" + dur(to - from) + ")", what: t("ticket." + part) });
      from = Math.max(from, to);
    });
    for (const fix of ticket.fixes) if (fix.at !== null) row.marks.push({ at: fix.at, text: fix.name + " · " + moment(fix.at), what: fix.name });
    rows.set(ticket.service, row);
  }
  return [...rows.values()].sort((a, b) => (a.bars[0]?.from ?? a.marks[0]?.at ?? 0) - (b.bars[0]?.from ?? b.marks[0]?.at ?? 0));
}

/** All rows of the view, by group. */
export function laneGroups(services) {
  return [
    { key: "incidents", rows: incidentRows(services) },
    { key: "policies", rows: policyRows(view.arm, services) },
    { key: "tickets", rows: ticketRows(view.arm, services) },
  ].filter((group) => group.rows.length);
}
