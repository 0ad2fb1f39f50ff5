// Numbers as a page writes them, read back: value, unit, and how far the last digit goes. And tables of CSV.

/** Rows of a CSV as objects. */
export function table(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)/g)) {
    rows[rows.length - 1].push(quoted === undefined ? plain : quoted.replace(/""/g, '"'));
    if (end === "\n") rows.push([]);
    if (end === "") break;
  }
  const [head, ...body] = rows.filter((row) => row.length > 1);
  return body.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ""])));
}

/** Thousands and decimals of a language. */
export function bare(text, lang) {
  const minus = text.replace(/−/g, "-");
  if (lang === "fr") return minus.replace(/(\d)[\u202f\u00a0](?=\d{3})/g, "$1").replace(/(\d),(?=\d)/g, "$1.");
  return minus.replace(/(\d),(?=\d{3})/g, "$1");
}

const NUMBER = /-?\d+(?:\.\d+)?/;
const decimals = (text) => (text.includes(".") ? 10 ** -text.split(".")[1].length : 1);
/** How many of a KPI's unit one of what is written makes. */
const FACTOR = {
  s: { s: 1, min: 60, h: 3600 },
  min: { s: 1 / 60, min: 1, h: 60 },
  h: { h: 1 },
};
const factorOf = (unit, written) => (written === "%" || written === "points" ? 0.01 : (FACTOR[unit]?.[written] ?? 1));

/** Seconds since the start of 6 April at 03:00 are told by their civil time: only their form is looked at. */
const CLOCK = /^(?:\S+ \d+ |\S+ )?\d\d:\d\d/;

/** "83.9 ± 1.2 %" in the unit of its KPI: `{ mean: [value, step], half }`; null where it is no number. */
export function parsed(text, unit, lang) {
  const plain = bare(text, lang).replace(/[\u00a0\u202f]/g, " ").trim();
  if (unit.startsWith("s since")) {
    const [, half] = plain.split(" ± ");
    if (!CLOCK.test(plain)) return null;
    return { mean: null, half: half ? single(half, "s") : null };
  }
  const [first, second] = plain.split(" ± ");
  if (second === undefined) {
    const mean = single(first, unit);
    return mean && { mean, half: null };
  }
  const written = second.replace(NUMBER, "").trim();
  if (NUMBER.exec(first)?.[0] !== first) return { mean: single(first, unit), half: single(second, unit) };
  const factor = factorOf(unit, written);
  const half = Number(NUMBER.exec(second)[0]);
  // Two digits of the half-width say how many the mean has.
  const step = half > 0 ? 10 ** (Math.floor(Math.log10(half) + 1e-9) - 1) : decimals(first);
  return { mean: [Number(first) * factor, step * factor], half: [half * factor, step * factor] };
}

function single(text, unit) {
  const hours = /^(-?)(\d+) h(?: (\d\d))?$/.exec(text);
  if (hours && unit !== "h") {
    const seconds = (Number(hours[2]) * 3600 + Number(hours[3] ?? 0) * 60) * (hours[1] ? -1 : 1);
    const factor = unit === "min" ? 1 / 60 : 1;
    return [seconds * factor, 60 * factor];
  }
  const number = NUMBER.exec(text);
  if (!number) return null;
  const factor = factorOf(unit, text.slice(number.index + number[0].length).trim());
  return [Number(number[0]) * factor, decimals(number[0]) * factor];
}

/** Whether what is shown is the number, rounded where it ends. Civil times are not read back. */
export const near = (shown, exact) => shown === null || Math.abs(shown[0] - exact) <= shown[1] * 0.51 + 1e-9 * Math.abs(exact);

/** All numbers of a cell, each with the factors by which a file may have them otherwise. */
export function numbersIn(text, lang) {
  const plain = bare(text, lang).replace(/[\u00a0\u202f]/g, " ");
  const found = [];
  const clock = /\d\d:\d\d/g;
  const hours = /(\d+) h (\d\d)\b/g;
  let rest = plain.replace(clock, " ");
  rest = rest.replace(hours, (_, h, m) => {
    found.push({ value: Number(h) * 60 + Number(m), step: 1, factors: [1, 1 / 60] });
    return " ";
  });
  const [, half] = rest.split("±");
  const written = half && NUMBER.exec(half);
  const coarse = written && Number(written[0]) > 0 ? 10 ** (Math.floor(Math.log10(Number(written[0])) + 1e-9) - 1) : 0;
  // Numbers within words (a name, a fact) are no values.
  for (const one of rest.matchAll(/(?<![\p{L}\d.])-?\d+(?:\.\d+)?(?![\p{L}\d])/gu)) {
    const value = Number(one[0]);
    const whole = Math.abs(value) >= 1000 && value % 1 === 0 ? 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value))) - 2) : 0;
    found.push({ value, step: Math.max(decimals(one[0]), coarse, whole), factors: [1, 100, 1 / 60, 60, 1 / 3600] });
  }
  return found;
}
