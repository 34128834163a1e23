/** The charts of the page of hotspots: inline SVG of numbers; classes of the sheet color it. */
import { svg } from "./dom.js";

const WIDTH = 440;
const LEFT = 34;
const RIGHT = 8;
const TOP = 10;
const END = WIDTH - RIGHT;

const line = (name, x1, y1, x2, y2) => svg("line", { class: name, x1, y1, x2, y2 });
const percent = (share) => `${Math.round(100 * share)}%`;

function text(x, y, said, { anchor = "middle", name = null } = {}) {
  const node = svg("text", { x, y, "text-anchor": anchor, class: name });
  node.textContent = said;
  return node;
}

function frame(height, label, nodes) {
  return svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label }, ...nodes);
}

/** Grid lines and names of shares from 0 to 1. */
function shares(bottom) {
  const at = (share) => bottom - share * (bottom - TOP);
  return [0, 0.5, 1].flatMap((share) => [line(share ? "grid" : "axis", LEFT, at(share), END, at(share)), text(LEFT - 5, at(share) + 4, percent(share), { anchor: "end" })]);
}

/** A whole step of 1, 2 or 5 that divides `most` into at most `parts`. */
function step(most, parts) {
  const rough = Math.max(most / parts, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
}

/** How surely an excess would show, by its size. */
function power({ points, share, label, x: name }) {
  const bottom = 110;
  const most = Math.max(...points.map(([ratio]) => ratio));
  const x = (ratio) => LEFT + (ratio / most) * (END - LEFT - 6);
  const y = (value) => bottom - value * (bottom - TOP);
  const path = points.map(([ratio, value], i) => `${i ? "L" : "M"}${x(ratio).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const nodes = shares(bottom);
  if (share) nodes.push(line("goal", LEFT, y(share), END, y(share)), text(LEFT + 4, y(share) - 4, percent(share), { anchor: "start" }));
  nodes.push(svg("path", { class: "value", d: path }));
  for (const [ratio, value] of points) {
    nodes.push(svg("circle", { class: "dot", cx: x(ratio), cy: y(value), r: 3.5 }), text(x(ratio), bottom + 15, `${ratio}×`));
  }
  nodes.push(text(LEFT, bottom + 30, name, { anchor: "start" }));
  return frame(bottom + 34, label, nodes);
}

/** Cases and visits of each week, side by side. */
function weekly({ weeks, cases, visits, label }) {
  const bottom = 118;
  const top = 26;
  const most = Math.max(1, ...weeks.map(([, count]) => count));
  const size = step(most, 4);
  const y = (count) => bottom - (count / most) * (bottom - top);
  const slot = (END - LEFT) / weeks.length;
  const nodes = [];
  for (let count = 0; count <= most; count += size) {
    nodes.push(line(count ? "grid" : "axis", LEFT, y(count), END, y(count)), text(LEFT - 5, y(count) + 4, String(count), { anchor: "end" }));
  }
  const named = Math.ceil(weeks.length / 8);
  const width = Math.max(1, slot * 0.36);
  weeks.forEach(([from, all, made], i) => {
    const x = LEFT + slot * (i + 0.5);
    nodes.push(svg("rect", { class: "bar-cases", x: x - width, y: y(all), width, height: bottom - y(all) }));
    nodes.push(svg("rect", { class: "bar-visits", x, y: y(made), width, height: bottom - y(made) }));
    if (i % named === 0) nodes.push(text(x, bottom + 15, from.slice(5, 10)));
  });
  nodes.push(svg("rect", { class: "bar-cases", x: LEFT, y: 2, width: 10, height: 10 }), text(LEFT + 15, 11, cases, { anchor: "start" }));
  nodes.push(svg("rect", { class: "bar-visits", x: LEFT + 80, y: 2, width: 10, height: 10 }), text(LEFT + 95, 11, visits, { anchor: "start" }));
  return frame(bottom + 20, label, nodes);
}

/** The share of violations met by the share of street chosen. */
function score({ points, label, x: name }) {
  const bottom = 130;
  const x = (share) => LEFT + share * (END - LEFT);
  const y = (share) => bottom - share * (bottom - TOP);
  const path = points.map(([length, events], i) => `${i ? "L" : "M"}${x(length).toFixed(1)} ${y(events).toFixed(1)}`).join("");
  const nodes = [...shares(bottom), line("even", x(0), y(0), x(1), y(1)), svg("path", { class: "value", d: path })];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) nodes.push(text(x(share), bottom + 15, percent(share), { anchor: share === 1 ? "end" : "middle" }));
  nodes.push(text(LEFT, bottom + 30, name, { anchor: "start" }));
  return frame(bottom + 34, label, nodes);
}

/** A change with its interval over what could have been seen at all. */
function change({ change: [value, low, upper], texts, seen, label, can_see: can, cannot_see: cannot, same, x: name }) {
  const high = upper ?? 3;
  const most = Math.max(0.25, Math.min(3, high));
  const x = (share) => 8 + ((Math.max(-1, Math.min(most, share)) + 1) / (most + 1)) * (END - 8);
  const edge = seen === null ? 8 : x(seen);
  const nodes = [svg("rect", { class: "detect", x: 8, y: 18, width: edge - 8, height: 54, rx: 2 }), svg("rect", { class: "blind", x: edge, y: 18, width: END - edge, height: 54, rx: 2 })];
  if (seen !== null) nodes.push(text(12, 12, can, { anchor: "start", name: "t-ok" }));
  nodes.push(text(Math.max(edge + 4, 70), 12, cannot, { anchor: "start", name: "t-warn" }));
  nodes.push(line("zero", x(0), 18, x(0), 78), line("interval", x(low), 45, x(high), 45));
  for (const end of [low, high]) nodes.push(line("cap", x(end), 39, x(end), 51));
  nodes.push(svg("circle", { class: "dot-full", cx: x(value), cy: 45, r: 6 }), text(x(value), 34, texts[0], { name: "t-strong" }));
  nodes.push(text(x(low), 66, texts[1], { anchor: x(low) < 40 ? "start" : "middle" }), text(x(high), 66, texts[2], { anchor: x(high) > END - 40 ? "end" : "middle" }));
  nodes.push(line("axis", 8, 78, END, 78));
  for (const share of [-1, -0.5, 0, 1, 2].filter((item) => item <= most)) {
    nodes.push(line("axis", x(share), 78, x(share), 82), text(x(share), 95, share ? `${share > 0 ? "+" : "−"}${percent(Math.abs(share))}` : same, { anchor: share === -1 ? "start" : "middle" }));
  }
  nodes.push(text(8, 113, name, { anchor: "start" }));
  return frame(118, label, nodes);
}

const KINDS = { power, weekly, score, change };

/**
 * Draw a chart.
 * @param {{kind: "power"|"weekly"|"score"|"change", label: string}} told its numbers and words
 * @returns {SVGElement}
 */
export function chart(told) {
  return KINDS[told.kind](told);
}
