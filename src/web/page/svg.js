// Elements, scales and lines.
import { civil, midnight } from "./lang.js";

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(9)) if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}

/** An element of HTML; text goes in as text, never as markup. */
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
/** An element of SVG. */
export const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

export function scale(from, to, low, high) {
  const by = (high - low) / (to - from || 1);
  return (x) => low + (x - from) * by;
}

/** Round steps up to a greatest value. */
export function steps(most, count = 3) {
  if (!(most > 0)) return [0];
  const raw = most / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 4, 5, 10].find((m) => m * power >= raw) ?? 10);
  const found = [];
  for (let v = 0; v <= most * 1.0001; v += step) found.push(v);
  return found;
}

/** Civil hours between two instants, as close as there is room. */
export function hours(from, to, room) {
  const most = Math.max(2, Math.floor(room / 58));
  const every = [300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400].find((e) => (to - from) / e <= most) ?? 172800;
  const found = [];
  const first = midnight(0);
  for (let at = first + Math.floor((from - first) / every) * every; at <= to + 1e-6; at += every) if (at >= from - 1e-6) found.push(at);
  return found;
}

/** Midnights between two instants. */
export function nights(from, to) {
  const found = [];
  for (let n = 0; n < 400 && midnight(n) < to; n++) if (midnight(n) > from) found.push(midnight(n));
  return found;
}

const fixed = (n) => Math.round(n * 10) / 10;

/** A line through points; a gap where a value is missing. */
export function line(points) {
  let text = "";
  let pen = false;
  for (const [x, y] of points) {
    if (y === null || Number.isNaN(y)) {
      pen = false;
      continue;
    }
    text += (pen ? "L" : "M") + fixed(x) + " " + fixed(y);
    pen = true;
  }
  return text;
}

/** A band between two edges. */
export function band(xs, tops, bottoms) {
  if (!xs.length) return "";
  const up = xs.map((x, i) => fixed(x) + " " + fixed(tops[i]));
  const down = xs.map((x, i) => fixed(x) + " " + fixed(bottoms[i])).reverse();
  return "M" + up.join("L") + "L" + down.join("L") + "Z";
}

export const iso = (seconds) => civil(seconds).toISOString().slice(0, 16);
