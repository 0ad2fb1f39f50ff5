// The frame of a chart: a sentence, how to read it, the same as a table, and files to take away.
import { t, num } from "./lang.js";
import { h } from "./svg.js";

/** Offers a file. */
function offer(name, blob) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function csvOf({ head, rows }) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

function svgText(svg) {
  const copy = svg.cloneNode(true);
  const box = svg.getBoundingClientRect();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", Math.round(box.width));
  copy.setAttribute("height", Math.round(box.height));
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  // Without the rules of dark screens and of printers: a picture that is taken away is for white paper.
  const plain = (rule) => !(rule instanceof CSSMediaRule);
  style.textContent = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].filter(plain).map((rule) => rule.cssText)).join("\n");
  copy.prepend(style);
  return new XMLSerializer().serializeToString(copy);
}

function pngOf(svg, name) {
  const box = svg.getBoundingClientRect();
  const image = new Image();
  image.onload = () => {
    const canvas = h("canvas", { width: Math.round(box.width * 2), height: Math.round(box.height * 2) });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => offer(name, blob), "image/png");
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svgText(svg));
}

/** A table of cells; numbers to the right. */
export function grid({ head, rows }, caption) {
  const right = head.map((_, i) => rows.length > 0 && rows.every((r) => r[i] === null || typeof r[i] === "number" || /^[−–\d<>+]/.test(String(r[i] ?? ""))));
  const side = (i) => (right[i] && i > 0 ? "number" : null);
  const shown = (value) => (value === null || value === undefined ? "–" : typeof value === "number" ? num(value, value % 1 ? 3 : 0) : value);
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "unseen" }, caption),
      h("thead", {}, h("tr", {}, head.map((cell, i) => h("th", { scope: "col", class: side(i) }, cell)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, i) => (i ? h("td", { class: side(i) }, shown(cell)) : h("th", { scope: "row" }, shown(cell))))))),
    ),
  );
}

/**
 * A figure. `draw()` gives the chart; `says()` one sentence; `table()` the numbers, as `head` and `rows` (and `file`, the
 * same with plain numbers); `name` begins the names of files.
 */
export function figure({ id, title, how, says, draw, table, name }) {
  const sentence = h("p", { class: "says", "aria-live": "off" });
  const place = h("div", { class: "chart" });
  const inTable = h("details", { class: "tool" }, h("summary", {}, t("tool.table")));
  const svg = () => place.querySelector("svg");
  const button = (label, does) => h("button", { type: "button", class: "quiet", "aria-label": label + ", " + title, onclick: does }, label);
  inTable.addEventListener("toggle", () => {
    inTable.querySelector(".scroll")?.remove();
    if (inTable.open) inTable.append(grid(table(), title));
  });
  const tools = h(
    "div",
    { class: "tools" },
    h("details", { class: "tool" }, h("summary", {}, t("tool.how")), h("p", {}, how)),
    inTable,
    h(
      "span",
      { class: "files" },
      button("CSV", () => offer(name + ".csv", new Blob([csvOf(table().file ?? table())], { type: "text/csv" }))),
      button("SVG", () => svg() && offer(name + ".svg", new Blob([svgText(svg())], { type: "image/svg+xml" }))),
      button("PNG", () => svg() && pngOf(svg(), name + ".png")),
    ),
  );
  const node = h("section", { class: "figure", id, "aria-labelledby": id + "-title" }, h("h3", { id: id + "-title" }, title), sentence, place, tools);
  const refresh = () => {
    const chart = draw();
    if (chart) place.replaceChildren(chart);
    sentence.textContent = says();
    for (const drawn of place.querySelectorAll("svg.picture")) drawn.setAttribute("aria-label", title + ". " + sentence.textContent);
    if (inTable.open) inTable.querySelector(".scroll")?.replaceWith(grid(table(), title));
  };
  return { node, refresh, sentence, place };
}
