// The levers of a model: what each is set to, and what the model says.
import { t, num, rough, pct, known } from "./lang.js";
import { h } from "./svg.js";
import { setting, set, settingKeys } from "./ask.js";

const GROUPS = [
  { key: "door", levers: ["quota", "session", "order"] },
  { key: "means", levers: ["capacity", "stagger"] },
  { key: "attack", levers: ["attack", "scrub"] },
  { key: "switches", levers: ["policies", "incidents"] },
];
const MANTISSAS = [1, 1.1, 1.2, 1.25, 1.3, 1.4, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 7, 8, 9];
const FEW = [1, 2, 3, 5, 7];
const MINUTES = [1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 45, 60, 75, 90, 120, 150, 180, 240];

/** Where a slider can stand: round numbers, what the model says, and what is set. */
export function stopsOf(lever, value) {
  const { from, to, now, log, unit } = lever;
  const found = new Set([from, to, now, value]);
  if (log && unit === "min") for (const minutes of MINUTES) found.add(minutes);
  else if (log) {
    for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++) for (const m of unit === "times" ? MANTISSAS : FEW) found.add(Number((m * 10 ** power).toPrecision(6)));
  } else {
    const raw = (to - from) / 24;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = power * ([1, 2, 5].find((m) => m * power >= raw * 0.999) ?? 10);
    for (let i = 0; from + step * i <= to; i++) found.add(Number((from + step * i).toPrecision(6)));
  }
  return [...found].filter((v) => v >= from && v <= to).sort((a, b) => a - b);
}

const times = (value) => "× " + rough(value);
const unitText = (unit) => (known("unit." + unit) ? t("unit." + unit) : unit);
const inUnits = (value, unit) => (value >= 1000 ? num(Math.round(value)) : rough(value)) + "\u00a0" + unitText(unit);

/** All parts together, where that means something. */
function together(lever, factorOf) {
  const units = new Set(lever.parts.map((part) => part.unit));
  if (!lever.parts.length || typeof lever.parts[0].now !== "number") return "";
  if (["quota", "capacity"].includes(lever.key) && units.size === 1) return inUnits(lever.parts.reduce((sum, part) => sum + part.now * factorOf(part), 0), lever.parts[0].unit);
  if (lever.key === "attack") {
    const unit = lever.parts[0].unit;
    return t("lever.attack.largest", { rate: inUnits(Math.max(...lever.parts.filter((part) => part.unit === unit).map((part) => part.now * factorOf(part))), unit) });
  }
  if (lever.key === "scrub") return inUnits(lever.parts[0].now * factorOf(lever.parts[0]), lever.parts[0].unit);
  return "";
}

const partKey = (lever, part) => lever.key + "." + part.key;
const number = (lever) => (setting(lever.key) === null ? lever.now : Number(setting(lever.key)));
const partNumber = (lever, part) => (setting(partKey(lever, part)) === null ? number(lever) : Number(setting(partKey(lever, part))));

/** What a lever is set to, in words. */
function reading(lever) {
  const value = number(lever);
  if (lever.unit === "size") return t("lever.size.value", { size: pct(value, value < 0.01 ? 1 : 0) });
  if (lever.unit === "min") return lever.key === "stagger" && !value ? t("lever.stagger.none") : inUnits(value, "min");
  if (!value) return t("lever.none");
  const all = together(lever, (part) => partNumber(lever, part));
  return times(value) + (all ? " · " + all : "");
}

/** What the model says. */
function present(lever) {
  const n = lever.parts.length;
  const all = together(lever, () => 1);
  if (lever.key === "session") {
    const others = lever.parts.filter((part) => part.now !== lever.now).length;
    return t(others ? "lever.session.now_mixed" : n === 1 ? "lever.session.now_one" : "lever.session.now", { value: inUnits(lever.now, "min"), n: num(n), others: num(others) });
  }
  const key = "lever." + lever.key + ".now";
  if (known(key)) return t(n === 1 && known(key + "_one") ? key + "_one" : key, { n: num(n), all, first: lever.parts[0]?.name });
  return "";
}

function head(lever, id, output) {
  const moved = settingKeys().some((key) => key === lever.key || key.startsWith(lever.key + "."));
  return { moved, node: h("div", { class: "lever-head" }, h("label", { for: id, id: id + "-name" }, t("lever." + lever.key)), output) };
}

/** A number: a slider over stops, and each part by itself. */
function slider(lever, changed) {
  const id = "lever-" + lever.key;
  const stops = stopsOf(lever, number(lever));
  const output = h("output", { for: id, class: "value" }, reading(lever));
  const { moved, node } = head(lever, id, output);
  const input = h("input", { type: "range", id, min: 0, max: stops.length - 1, step: 1, value: stops.indexOf(number(lever)), "aria-describedby": id + "-help", "aria-valuetext": reading(lever) });
  const back = h("button", { type: "button", class: "quiet back", hidden: !moved, "aria-label": t("lever.back") + ": " + t("lever." + lever.key) }, t("lever.back"));
  // The whole country has a button of its own.
  const canGoBack = lever.key !== "size";
  const parts = lever.by_part && partsOf(lever, () => refresh());
  const refresh = () => {
    output.textContent = reading(lever);
    input.setAttribute("aria-valuetext", reading(lever));
    back.hidden = !settingKeys().some((key) => key === lever.key || key.startsWith(lever.key + "."));
    parts?.refresh();
    changed();
  };
  input.addEventListener("input", () => {
    const value = stops[Number(input.value)];
    set(lever.key, value === lever.now ? null : value);
    refresh();
  });
  back.addEventListener("click", () => {
    for (const key of settingKeys()) if (key === lever.key || key.startsWith(lever.key + ".")) set(key, null);
    input.value = stops.indexOf(lever.now);
    parts?.fill();
    refresh();
    input.focus();
  });
  return h("div", { class: "lever" }, node, input, h("p", { class: "help", id: id + "-help" }, t("lever." + lever.key + ".help"), " ", h("span", { class: "now" }, present(lever)), canGoBack && back), parts?.node);
}

/** Each part by itself: a number that takes the place of the whole lever's. */
function partsOf(lever, changed) {
  const rows = lever.parts.map((part) => {
    const id = "part-" + lever.key + "-" + part.key;
    const input = h("input", { type: "number", id, min: lever.from, max: lever.to, step: "any", inputmode: "decimal", value: setting(partKey(lever, part)) ?? "", placeholder: rough(number(lever)) });
    const result = h("span", { class: "result" });
    input.addEventListener("change", () => {
      const wrong = input.value !== "" && !input.checkValidity();
      input.setAttribute("aria-invalid", String(wrong));
      if (wrong) return;
      set(partKey(lever, part), input.value === "" ? null : Number(input.value));
      changed();
    });
    const refresh = () => {
      input.placeholder = String(number(lever));
      const value = partNumber(lever, part);
      result.textContent = lever.unit === "times" ? inUnits(part.now * value, part.unit) : inUnits(setting(lever.key) === null && setting(partKey(lever, part)) === null ? part.now : value, "min");
    };
    refresh();
    return { node: h("div", { class: "part-row" }, h("label", { for: id }, part.name), h("span", { class: "unit" }, lever.unit === "times" ? "×" : ""), input, result), refresh, fill: () => (input.value = setting(partKey(lever, part)) ?? "") };
  });
  const open = settingKeys().some((key) => key.startsWith(lever.key + "."));
  const node = h("details", { class: "tool", open }, h("summary", {}, t("lever.by_part", { n: num(lever.parts.length) })), rows.map((row) => row.node));
  return { node, refresh: () => rows.forEach((row) => row.refresh()), fill: () => rows.forEach((row) => row.fill()) };
}

/** One of some words. */
function choice(lever, changed) {
  const words = [...new Set(lever.parts.map((part) => part.now))];
  const asModel = t("lever.as_model", { what: words.length === 1 ? t("order." + words[0]) : t("order.several") });
  const option = (value, text) => h("label", {}, h("input", { type: "radio", name: "lever-" + lever.key, value, checked: (setting(lever.key) ?? "") === value, onchange: () => (set(lever.key, value || null), changed()) }), " ", text);
  const offered = lever.words.filter((word) => words.length > 1 || word !== words[0]);
  return h("fieldset", { class: "lever" }, h("legend", {}, t("lever." + lever.key)), option("", asModel), offered.map((word) => option(word, t("order." + word))), h("p", { class: "help" }, t("lever." + lever.key + ".help")));
}

/** Any of several: what is not as the model has it is in the address. */
function several(lever, changed) {
  const switched = () => (setting(lever.key) ?? "").split(",").filter(Boolean);
  const one = (part) => {
    const flip = () => {
      const now = switched();
      const next = now.includes(part.key) ? now.filter((key) => key !== part.key) : [...now, part.key];
      set(lever.key, next.length ? next.join(",") : null);
      changed();
    };
    return h("label", {}, h("input", { type: "checkbox", name: "lever-" + lever.key, value: part.key, checked: switched().includes(part.key) !== part.now, onchange: flip }), " ", part.name);
  };
  const boxes = h("fieldset", { class: "lever" }, h("legend", { class: lever.parts.length > 6 ? "unseen" : null }, t("lever." + lever.key)), h("div", { class: "boxes" }, lever.parts.map(one)), h("p", { class: "help" }, t("lever." + lever.key + ".help")));
  if (lever.parts.length <= 6) return boxes;
  return h("details", { class: "tool lever-fold", open: switched().length > 0 }, h("summary", {}, t("lever." + lever.key) + " (" + num(lever.parts.length) + ")"), boxes);
}

/** A lever of any form. */
export function leverNode(lever, changed) {
  if (lever.form === "choice") return choice(lever, changed);
  return lever.form === "several" ? several(lever, changed) : slider(lever, changed);
}

/** All levers of a model but its size, in groups; a group without levers is left out. */
export function leverGroups(about, changed) {
  const by = new Map(about.levers.map((lever) => [lever.key, lever]));
  return GROUPS.map(({ key, levers }) => {
    const there = levers.map((name) => by.get(name)).filter(Boolean);
    return there.length > 0 && h("div", { class: "lever-group" }, h("h3", {}, t("group." + key)), there.map((lever) => leverNode(lever, changed)));
  });
}
