// Every test of every fact: its value against its limits, each on a scale of its own.
import { t, num, pct, rough, listed } from "./lang.js";
import { report, hasRuns } from "./data.js";
import { h, s, scale } from "./svg.js";
import { figure } from "./figure.js";
import { testValue, rangeWords } from "./facts.js";
import { clip } from "./study.js";

const tests = () => report.facts.facts.flatMap((fact) => fact.tests.filter((test) => test.value !== null && (test.at_least !== null || test.at_most !== null)).map((test) => ({ ...test, fact })));
const isHeld = (test) => test.share >= report.facts.needed;

/** The verdict of a page that holds facts alone. */
export function factsVerdict() {
  const found = report.facts;
  if (!found || hasRuns) return null;
  const sentence = (label, text) => text && h("p", {}, h("strong", {}, label), " ", text);
  const of = (verdict) => found.facts.filter((fact) => fact.verdict === verdict);
  const named = (facts) => facts.map((fact) => fact.id + " (" + clip(fact.text, 70) + ")").join("; ");
  const [missed, untestable] = [of("missed"), of("untestable")];
  const near = missed.filter((fact) => fact.share > 0);
  const cell = (label, value, note) => h("div", { class: "five" }, h("dt", {}, label), h("dd", {}, h("b", {}, value), h("span", {}, note)));
  const all = num(found.facts.length);
  const sure = [t(found.replications === 1 ? "verdict.one_run" : "factsverdict.runs", { n: num(found.replications), needed: pct(found.needed) }), report.made.size !== 1 && t("factsverdict.size", { size: pct(report.made.size) }), t("factsverdict.model")].filter(Boolean);
  return h(
    "section",
    { class: "verdict", "aria-labelledby": "verdict-title" },
    h("h2", { id: "verdict-title" }, t("verdict.title")),
    h("div", { class: "sentences" }, sentence(t("factsverdict.shown"), t("factsverdict.shown_n", { n: num(found.reproduced), all, list: listed(of("reproduced").map((fact) => fact.id)) })), missed.length > 0 && sentence(t("factsverdict.missed"), named(missed) + ". " + (near.length ? t("factsverdict.near", { list: listed(near.map((fact) => fact.id + " (" + pct(fact.share) + ")")) }) : "")), untestable.length > 0 && sentence(t("factsverdict.untestable"), named(untestable) + ".")),
    h("dl", { class: "numbers" }, cell(t("facts.reproduced"), num(found.reproduced) + " / " + all, ""), cell(t("facts.missed"), num(found.missed), ""), cell(t("facts.untestable"), num(found.untestable), ""), cell(t("factsverdict.tests"), num(tests().filter(isHeld).length) + " / " + num(tests().length), t("factsverdict.tests_hold")), cell(t("factsverdict.replications"), num(found.replications), t("factsverdict.each_world"))),
    h("p", { class: "sure" }, h("strong", {}, t("verdict.sure")), " ", sure.join(" ")),
  );
}

/** Where the limits are drawn: both, or the one there is in the middle. */
function placed(test, left, right) {
  const wide = right - left;
  const values = [test.value, test.least ?? test.value, test.greatest ?? test.value];
  let [low, high] = [test.at_least, test.at_most];
  if (low !== null && high !== null) {
    // The allowed part is the middle third; what lies far outside is drawn at the edge.
    const width = high - low || Math.abs(high) || 1;
    return scale(low - width, high + width, left, right);
  }
  const limit = low ?? high;
  const reach = Math.max(Math.abs(limit), ...values.map((v) => Math.abs(v - limit) / 0.95), 1e-9);
  const to = scale(limit - reach, limit + reach, left, right);
  return (v) => Math.max(left, Math.min(left + wide, to(v)));
}

export function factLimits() {
  if (!report.facts || !tests().length) return null;
  const fig = figure({
    id: "limits",
    title: t("limits.title"),
    how: t("limits.how"),
    name: "preau-facts",
    says: () => {
      const all = tests();
      const held = all.filter(isHeld).length;
      return t("limits.says", { held: num(held), all: num(all.length), needed: pct(report.facts.needed) });
    },
    table: () => ({
      head: [t("predicted.fact"), t("facts.test"), t("table.value"), t("facts.target"), t("facts.held"), t("predicted.sources")],
      rows: tests().map((test) => [test.fact.id, test.what, testValue(test), rangeWords(test), pct(test.share), test.fact.sources]),
      file: { head: ["fact", "verdict", "test", "world", "value", "half_width", "least", "greatest", "at_least", "at_most", "held_share", "sources"], rows: tests().map((test) => [test.fact.id, test.fact.verdict, test.what, test.world, test.value, test.half_width, test.least, test.greatest, test.at_least, test.at_most, test.share, test.fact.sources]) },
    }),
    draw: () => {
      const all = tests();
      const wide = fig.place.clientWidth || 960;
      const narrow = wide < 640;
      const row = narrow ? 42 : 25;
      const [left, right] = [narrow ? 4 : Math.min(560, wide * 0.55), wide - (narrow ? 4 : 130)];
      const parts = [];
      let y = 4;
      for (const test of all) {
        const at = narrow ? y + 28 : y + 12;
        const x0 = placed(test, left, right);
        const x = (v) => Math.max(left, Math.min(right, x0(v)));
        const from = test.at_least === null ? left : x(test.at_least);
        const to = test.at_most === null ? right : x(test.at_most);
        const kind = isHeld(test) ? "better" : "worse";
        const said = (isHeld(test) ? "✓ " : "✗ ") + test.fact.id + " " + test.what;
        parts.push(s("text", { class: "lane", x: 0, y: y + 15 }, s("title", {}, test.fact.text + " · " + test.what), clip(said, Math.floor((narrow ? wide - 90 : left - 10) / 6))));
        parts.push(s("line", { class: "level", x1: left, x2: right, y1: at, y2: at }), s("rect", { class: "allowed", x: from, y: at - 7, width: Math.max(1, to - from), height: 14 }));
        if (test.least !== null && test.greatest !== null) parts.push(s("line", { class: "whisker " + kind, x1: x(test.least), x2: x(test.greatest), y1: at, y2: at }));
        const cx = x(test.value);
        const off = x0(test.value) > right + 0.5 || cx >= right - 0.5 ? 1 : x0(test.value) < left - 0.5 || cx <= left + 0.5 ? -1 : 0;
        const title = s("title", {}, rough(test.value) + " · " + rangeWords(test));
        parts.push(off && !isHeld(test) ? s("path", { class: "dot " + kind, d: `M${cx} ${at}l${-9 * off} -5.5v11z` }, title) : s("circle", { class: "dot " + kind, cx, cy: at, r: 4.5 }, title));
        parts.push(s("text", { class: "tick", x: wide, y: narrow ? y + 15 : at + 4, "text-anchor": "end" }, rough(test.value) + " (" + rangeWords(test) + ")"));
        y += row;
      }
      const foot = y + 16;
      parts.push(s("rect", { class: "allowed", x: 0, y: foot - 9, width: 18, height: 12 }), s("text", { class: "tick", x: 24, y: foot + 1 }, t("limits.allowed")), s("circle", { class: "dot better", cx: 144, cy: foot - 3, r: 4.5 }), s("text", { class: "tick", x: 154, y: foot + 1 }, t("limits.inside")), s("circle", { class: "dot worse", cx: 234, cy: foot - 3, r: 4.5 }), s("text", { class: "tick", x: 244, y: foot + 1 }, t("limits.outside")));
      return s("svg", { class: "picture", role: "img", width: wide, height: foot + 10, viewBox: `0 0 ${wide} ${foot + 10}` }, parts);
    },
  });
  return { node: h("section", { class: "group" }, fig.node), draw: fig.refresh, title: t("limits.title"), id: "limits" };
}
