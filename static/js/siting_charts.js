/** The charts of siting: the curve over the number of sites, and value and bound over time. */
import { svg } from "./dom.js";

const WIDTH = 440;
const LEFT = 46;
const END = WIDTH - 12;
const TOP = 18;

const line = (name, x1, y1, x2, y2) => svg("line", { class: name, x1, y1, x2, y2 });
const round = (value) => value.toFixed(1);
const points = (pairs) => pairs.map(([x, y]) => `${round(x)},${round(y)}`).join(" ");

function text(x, y, said, { anchor = "middle", name = null } = {}) {
  const node = svg("text", { x: round(x), y: round(y), "text-anchor": anchor, class: name });
  node.textContent = said;
  return node;
}

function frame(height, label, nodes) {
  return svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label }, ...nodes);
}

/** A whole step of 1, 2 or 5 that divides a span into at most `parts`. */
function step(span, parts) {
  const rough = span / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
}

/** Grid lines from 0 to the most, and where a value lies. */
function upright(most, bottom) {
  const top = most > 0 ? most : 1;
  const y = (value) => bottom - (value / top) * (bottom - TOP);
  const nodes = [];
  const size = step(top, 4);
  for (let value = 0; value <= top; value += size) {
    nodes.push(line(value ? "grid" : "axis", LEFT, y(value), END, y(value)), text(LEFT - 5, y(value) + 4, value.toLocaleString("en"), { anchor: "end" }));
  }
  return { y, nodes };
}

/**
 * The curve: solid where it is proven, with a band to the bound where it is not.
 * @param {{points: Object[], axis: string}} given
 * @param {{id: string, words: Object<string, string>}} shown
 * @returns {SVGElement[]}
 */
export function curve(given, { id, words }) {
  const all = given.points;
  if (!all.length) return [];
  const bottom = 140;
  const { y, nodes } = upright(Math.max(...all.flatMap(({ value, bound }) => [value, bound ?? value])), bottom);
  const slot = (END - LEFT - 24) / Math.max(1, all.length - 1);
  const x = (at) => LEFT + 12 + slot * at;
  const named = Math.ceil(all.length / 10);
  const known = all.map((point, at) => ({ ...point, x: x(at), y: y(point.value), low: y(point.bound ?? point.value) }));
  nodes.push(svg("polygon", { class: "gap", points: points([...known.map((point) => [point.x, point.y]), ...known.map((point) => [point.x, point.low]).reverse()]) }));
  if (known.some(({ is_proven: proven }) => !proven)) nodes.push(svg("polyline", { class: "bound", points: points(known.map((point) => [point.x, point.low])) }));
  nodes.push(svg("polyline", { class: "value", points: points(known.map((point) => [point.x, point.y])) }));
  known.forEach((point, at) => {
    const isPick = point.id === id;
    const name = isPick ? "dot-pick" : point.is_proven ? "dot-full" : "dot";
    nodes.push(svg("circle", { class: name, cx: round(point.x), cy: round(point.y), r: isPick ? 6 : 4.5, "data-show": point.id }));
    if (at % named && !isPick) return;
    nodes.push(text(point.x, point.y - 10, point.text, { name: "t-strong" }), text(point.x, bottom + 15, point.name), text(point.x, bottom + 29, point.proof));
  });
  nodes.push(text(LEFT, bottom + 46, given.axis, { anchor: "start" }));
  const said = known.map((point) => `${point.name} ${point.text}`).join(", ");
  return [frame(bottom + 50, `${given.axis}: ${said}. ${words.chart}`, nodes)];
}

/**
 * Value and bound as a search went on.
 * @param {Array<[number, string, number|null, number|null]>} told seconds, stage, value, bound
 * @param {Object<string, string>} words
 * @returns {SVGElement[]}
 */
export function trace(told, words) {
  const known = told.filter(([, , value]) => value !== null);
  if (known.length < 2) return [];
  const bottom = 110;
  const { y, nodes } = upright(Math.max(...known.flatMap(([, , value, bound]) => [value, bound ?? 0])), bottom);
  const first = known[0][0];
  const span = Math.max(1, known.at(-1)[0] - first);
  const x = (seconds) => LEFT + ((seconds - first) / span) * (END - LEFT);
  const values = known.map(([seconds, , value]) => [x(seconds), y(value)]);
  const bounds = known.filter(([, , , bound]) => bound !== null).map(([seconds, , , bound]) => [x(seconds), y(bound)]);
  nodes.push(svg("polyline", { class: "bound", points: points(bounds) }), svg("polyline", { class: "value", points: points(values) }));
  nodes.push(line("value", LEFT, bottom + 22, LEFT + 16, bottom + 22), text(LEFT + 21, bottom + 26, words.value, { anchor: "start" }));
  nodes.push(line("bound", LEFT + 120, bottom + 22, LEFT + 136, bottom + 22), text(LEFT + 141, bottom + 26, words.bound, { anchor: "start" }));
  nodes.push(text(END, bottom + 26, `${Math.round(known.at(-1)[0])} s`, { anchor: "end" }));
  return [frame(bottom + 32, words.trace_label, nodes)];
}
