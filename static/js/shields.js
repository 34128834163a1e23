/**
 * The numbers of roads on shields: once for each stretch. A shield keeps its place on the ground while
 * it can be seen there and nothing stands in its way; a new one takes the free place that is nearest
 * to the middle of the view.
 */
import { font, fromGround, isNew, remember, toGround } from "./ink.js";
import { color } from "./palette.js";
import { looks } from "./paint.js";
import { Ruler, joinLines } from "./placement.js";
import { renewed } from "./streets.js";

const SIZE = 10;
/** Pixels between the places that are tried along a line. */
const STEP = 24;
const TRIES = 60;
/** A narrower road has no shield yet: by the place of its class, the first being the greatest. */
const FROM_PX = [0, 0, 2.6, 3.2];
const LEAST_PX = 3.8;
const EXPRESSWAY = /^(G\d{1,2}|G\d{4}|S\d{1,2})$/;
const ROLES = { G: "bad", S: "warn" };

/** Set the shields of a layer, and note their numbers: a name that begins with one says it again. */
export function placeShields(work, layer) {
  layer.chains ??= joinLines(layer.features, (index) => layer.label(index)).sort((a, b) => a.kind - b.kind);
  const lines = [...numbered(work, layer)];
  for (const line of lines) for (const { place } of line.chain.names.before) stay(work, line, fromGround(work, place));
  for (const line of lines) if (!line.chain.names.now.length) anew(work, line);
}

/** The lines in view that are wide and long enough for a shield. */
function* numbered({ pen, view }, layer) {
  const styles = looks(layer.about, view.zoom);
  const { x, y } = layer.features;
  pen.font = font(SIZE, 700);
  for (const chain of layer.chains) {
    const { text, kind, path, box } = chain;
    chain.names = renewed(chain.names ?? { now: layer.places?.get(text) ?? [] });
    if (!styles[kind]?.on || styles[kind].width < (FROM_PX[kind] ?? LEAST_PX)) continue;
    if (box[0] > view.box[2] || box[2] < view.box[0] || box[1] > view.box[3] || box[3] < view.box[1]) continue;
    const half = pen.measureText(text).width / 2 + 4;
    if (Math.max(box[2] - box[0], box[3] - box[1]) * view.scale < 4 * half) continue;
    yield { chain, half, ruler: new Ruler(path.map((i) => [x[i] * view.scale - view.left, y[i] * view.scale - view.top])) };
  }
}

function stay(work, line, place) {
  const { s, away } = line.ruler.nearest(place);
  if (away < 12) put(work, line, line.ruler.at(s));
}

function anew(work, line) {
  const { view } = work;
  const { ruler, half } = line;
  const places = [];
  for (let s = 2 * half; s <= ruler.length - 2 * half; s += STEP) {
    const [x, y] = ruler.at(s);
    if (x >= 0 && y >= 0 && x <= view.width && y <= view.height) places.push([Math.hypot(x - view.width / 2, y - view.height / 2), [x, y]]);
  }
  places.sort((a, b) => a[0] - b[0]);
  places.slice(0, TRIES).some(([, place]) => put(work, line, place));
}

function put(work, { chain, half }, [x, y]) {
  const { text } = chain;
  const high = SIZE * 0.75;
  if (!isNew(work, text, [x, y]) || !work.taken.claim([[x - half, y - high, x + half, y + high]])) return false;
  paint(work.pen, text, [x - half, y - high, 2 * half, 2 * high]);
  remember(work, text, [x, y]);
  work.numbers.add(text);
  chain.names.now.push({ place: toGround(work, [x, y]) });
  return true;
}

function paint(pen, text, [left, top, wide, tall]) {
  pen.beginPath();
  pen.roundRect(left, top, wide, tall, 3);
  pen.fillStyle = color(EXPRESSWAY.test(text) ? "ok" : (ROLES[text[0]] ?? "ink-3"));
  pen.strokeStyle = color("halo");
  pen.lineWidth = 2;
  pen.stroke();
  pen.fill();
  pen.font = font(SIZE, 700);
  pen.fillStyle = color("halo");
  pen.fillText(text, left + wide / 2, top + tall / 2 + 0.5);
}
