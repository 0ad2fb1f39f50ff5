// One person's day as a comic strip of states, a strip a policy.
import { t, num, dur, listed, known } from "./lang.js";
import { report, armLabel, serviceOf, regionOf } from "./data.js";
import { h, s } from "./svg.js";

const placeOf = (key) => serviceOf.get(key)?.name ?? "";
const hour = (text) => text.slice(11, 16);

/** Lines of a story as frames: knocks in vain in a row are one, and so are coming in and learning. */
function frames(lines) {
  const found = [];
  for (const [i, line] of lines.entries()) {
    const next = lines[i + 1];
    const last = found[found.length - 1];
    const until = line.until ?? next?.at ?? line.at;
    const until_s = line.until_s ?? next?.at_s ?? line.at_s;
    if (["refused", "tries"].includes(line.kind)) {
      const counts = Object.entries(line.refusals ?? {});
      if (last?.kind === "knocks" && last.service === line.service) {
        for (const [why, n] of counts) last.why.set(why, (last.why.get(why) ?? 0) + n);
        Object.assign(last, { until: line.until ?? line.at, until_s: line.until_s ?? line.at_s });
      } else found.push({ kind: "knocks", at: line.at, at_s: line.at_s, until: line.until ?? line.at, until_s: line.until_s ?? line.at_s, service: line.service, why: new Map(counts) });
    } else if (line.kind === "login") {
      // The other logins are of doors on the way.
      const end = lines.slice(i + 1).find((l) => l.kind !== "owed");
      if (end && ["learnt", "cut"].includes(end.kind)) found.push({ kind: "learns", at: line.at, at_s: line.at_s, until: end.at, until_s: end.at_s, service: line.service });
    } else if (line.kind === "waits") found.push({ kind: "waits", at: line.at, at_s: line.at_s, until, until_s, service: line.service });
    else if (["visit", "gave-up", "cut", "over", "unfinished", "postponed"].includes(line.kind)) found.push({ kind: line.kind, at: line.at, at_s: line.at_s, until: line.at, until_s: line.at_s, service: line.service });
  }
  return found;
}

function caption(frame) {
  const service = placeOf(frame.service);
  if (frame.kind !== "knocks") return t("story." + frame.kind, { service });
  const all = [...frame.why.values()].reduce((a, b) => a + b, 0);
  const why = listed([...frame.why.keys()].map((key) => (known("story.why." + key) ? t("story.why." + key) : key)));
  return t(all === 1 ? "story.knock" : "story.knocks", { n: num(all), service, why });
}

/** A door, a person, and what happens between them. */
function picture(kind) {
  const person = (x, y = 0) => s("g", { class: "who", transform: `translate(${x} ${y})` }, s("circle", { cx: 0, cy: 22, r: 5 }), s("path", { d: "M-6 46v-12a6 6 0 0 1 12 0v12z" }));
  const door = (open) => s("g", { class: "door" }, s("rect", { x: 70, y: 10, width: 30, height: 38 }), open ? s("path", { class: "light", d: "M72 12h26v36h-26z" }) : s("path", { class: "shut", d: "M72 12h26v36h-26z" }), s("circle", { cx: 94, cy: 31, r: 1.6 }));
  const ground = s("path", { class: "floor", d: "M4 48.5h112" });
  const inside = { visit: () => [door(false), person(24)], knocks: () => [door(false), person(58), s("path", { class: "no", d: "M104 6l10 10m0 -10l-10 10" })], waits: () => [door(false), s("path", { class: "bench", d: "M10 41h48m-42 0v7m36 -7v7" }), person(22, -6), person(36, -6), person(50, -6)], learns: () => [s("rect", { class: "screen", x: 62, y: 14, width: 40, height: 26, rx: 2 }), s("path", { class: "text", d: "M67 21h24m-24 6h30m-30 6h18" }), person(40)], "gave-up": () => [door(false), person(20), s("path", { class: "away", d: "M58 32h-22m7 -6l-7 6l7 6" })] };
  return s("svg", { viewBox: "0 0 120 54", "aria-hidden": "true" }, ground, (inside[kind] ?? inside.visit)());
}

function strip(day) {
  const all = frames(day.lines);
  const cards = all.map((frame, i) => {
    const long = frame.until_s - frame.at_s;
    const newDay = i > 0 && frame.at.slice(0, 10) !== all[i - 1].at.slice(0, 10);
    const when = hour(frame.at) + (long >= 60 ? "–" + hour(frame.until) : "");
    return h("li", { class: "frame f-" + frame.kind + (newDay ? " next-day" : "") }, picture(frame.kind), h("b", {}, when, newDay || i === 0 ? h("span", {}, " " + frame.at.slice(8, 10) + "/" + frame.at.slice(5, 7)) : ""), h("span", {}, caption(frame)), long >= 60 && h("i", {}, dur(long)));
  });
  const sums = day.sums;
  const says = t("story.sums", { knocks: num(sums.knocks), wanted: dur(sums.wanted_s), obtained: dur(sums.obtained_s), elsewhere: dur(sums.elsewhere_s), lost: dur(sums.lost_s) });
  return h("div", { class: "story" }, h("h4", {}, armLabel(day.policy)), h("p", { class: "says" }, says), h("ol", { class: "frames" }, cards));
}

export function story() {
  const told = report.story;
  if (!told?.days?.length) return null;
  const region = regionOf.get(told.person.region)?.name ?? "";
  return h("section", { class: "figure", id: "story", "aria-labelledby": "story-title" }, h("h3", { id: "story-title" }, t("story.title")), h("p", { class: "says" }, t("story.who", { who: t("story.level." + told.person.level), region })), told.days.map(strip));
}
