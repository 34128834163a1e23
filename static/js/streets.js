/**
 * Names along lines. A name keeps its place on the ground while it can be seen there and nothing
 * stands in its way; new names take the free places that are nearest to the middle of the view.
 */
import { isCjk } from "./format.js";
import { font, fromGround, ink, isNew, remember, spread, toGround, turned } from "./ink.js";
import { looks } from "./paint.js";
import { Ruler, joinLines } from "./placement.js";

/** A narrower street has no name yet: the first half of the legend, and the rest. */
const NAMED_FROM_PX = [2.2, 4.5];
/** Pixels between the places that are tried along a line. */
const STEP = 16;
const TRIES = 120;

/**
 * @typedef {Object} Keeper remembers where the names of one line stand, in world units
 * @property {{place: number[], aside: number}[]} before at the last drawing
 * @property {{place: number[], aside: number}[]} now
 */

/** Name the lines of a layer. */
export function placeLines(work, layer) {
  layer.chains ??= joinLines(layer.features, (index) => layer.label(index)).sort((a, b) => a.kind - b.kind);
  const lines = [...named(work, layer)];
  for (const { ruler, look, chain, asides } of lines) {
    for (const aside of asides) stay(work, ruler, { ...look, aside }, chain.names);
  }
  for (const { ruler, look, chain, asides } of lines) {
    for (const aside of asides) {
      // a main street that is full of points is named beside itself
      if (aside === 0 || !work.seen.has(look.text)) alongLine(work, ruler, { ...look, aside }, chain.names);
    }
  }
}

/** Whether a name begins with a number that a shield says: G6 is not the beginning of G636. */
export function isSaid(text, numbers) {
  return [...numbers].some((number) => text.startsWith(number) && !/\d/.test(text.charAt(number.length)));
}

/** The lines in view that are wide and long enough for a name. */
function* named({ view, numbers }, layer) {
  const styles = looks(layer.about, view.zoom);
  const { x, y } = layer.features;
  for (const chain of layer.chains) {
    const { text, kind, path, box } = chain;
    chain.names = renewed(chain.names ?? { now: layer.places?.get(text) ?? [] });
    const style = styles[kind];
    const main = kind < styles.length / 2;
    if (!style?.on || (layer.about.scaled && style.width < NAMED_FROM_PX[main ? 0 : 1])) continue;
    // its shield says it already
    if (isSaid(text, numbers)) continue;
    if (box[0] > view.box[2] || box[2] < view.box[0] || box[1] > view.box[3] || box[3] < view.box[1]) continue;
    if (Math.max(box[2] - box[0], box[3] - box[1]) * view.scale < 30) continue;
    const ruler = new Ruler(path.map((i) => [x[i] * view.scale - view.left, y[i] * view.scale - view.top]));
    const wide = style.width >= 6;
    const look = { text, size: wide ? 12.5 : 11.5, gap: 3, tone: wide ? "m-label" : "m-label-2" };
    const beside = style.width / 2 + look.size * 0.6 + 7;
    yield { chain, ruler, look, asides: main ? [0, beside, -beside] : [0] };
  }
}

/** A keeper for the next drawing. */
export function renewed(names) {
  return { before: names?.now ?? [], now: [] };
}

/** What a text needs along a line, null where the line is too short. */
function measured({ pen }, ruler, look) {
  const signs = [...look.text];
  const chinese = isCjk(look.text);
  pen.font = font(look.size);
  // a Chinese sign is as wide as it is high: nothing to measure
  const width = (chinese ? signs.length * look.size : pen.measureText(look.text).width) + look.gap * (signs.length - 1);
  const half = (chinese ? Math.max(width, signs.length * look.size * 1.4) : width) / 2 + 6;
  return ruler.length < 2 * half ? null : { ...look, signs, chinese, width, half };
}

/** Write the names of a line where they stood. */
export function stay(work, ruler, look, names) {
  const old = names.before.filter(({ aside }) => Math.sign(aside) === Math.sign(look.aside ?? 0));
  const fit = old.length ? measured(work, ruler, look) : null;
  if (!fit) return;
  for (const { place } of old) {
    const { s, away } = ruler.nearest(fromGround(work, place));
    if (away < 12) put(work, ruler, { ...fit, s }, names);
  }
}

/** Try places along a line, those near the middle of the view first. */
export function alongLine(work, ruler, look, names) {
  const { view } = work;
  const fit = measured(work, ruler, look);
  if (!fit) return;
  const slots = [];
  for (let s = fit.half; s <= ruler.length - fit.half; s += STEP) {
    const [x, y] = ruler.at(s);
    if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
    slots.push([Math.hypot(x - view.width / 2, y - view.height / 2), s]);
  }
  slots.sort((a, b) => a[0] - b[0]);
  for (const [, s] of slots.slice(0, TRIES)) put(work, ruler, { ...fit, s }, names);
}

function put(work, ruler, fit, names) {
  const { s, half, text, aside = 0 } = fit;
  if (s < half || s > ruler.length - half) return;
  const place = ruler.at(s);
  if (!isNew(work, text, place) || !setAlong(work, ruler, fit)) return;
  remember(work, text, place);
  names.now.push({ place: toGround(work, place), aside });
}

function setAlong({ pen, taken }, ruler, look) {
  const { s, width, signs, size, gap, tone, chinese, aside = 0 } = look;
  const piece = ruler.chord(s - width / 2, s + width / 2);
  if (!piece) return false;
  const upright = chinese && Math.abs(Math.sin(piece.angle)) > 0.72;
  const length = upright ? signs.length * (size * 1.25 + gap) : width;
  const chord = ruler.chord(s - length / 2, s + length / 2);
  if (!chord) return false;
  const flip = upright ? chord.from[1] > chord.to[1] : chord.from[0] > chord.to[0];
  const [from, to] = flip ? [chord.to, chord.from] : [chord.from, chord.to];
  const angle = flip ? chord.angle + Math.PI : chord.angle;
  const off = [Math.sin(angle) * aside, -Math.cos(angle) * aside];
  const steps = chinese ? signs.length : Math.max(1, Math.round(length / size));
  const spots = Array.from({ length: steps }, (_, i) => {
    const t = (i + 0.5) / steps;
    return [from[0] + (to[0] - from[0]) * t - off[0], from[1] + (to[1] - from[1]) * t - off[1]];
  });
  const half = size * 0.62;
  if (!taken.claim(spots.map(([x, y]) => [x - half, y - half, x + half, y + half]))) return false;
  if (upright) signs.forEach((sign, i) => ink(pen, sign, ...spots[i], tone));
  else turned(pen, [chord.middle[0] - off[0], chord.middle[1] - off[1]], angle, () => (chinese ? spread(pen, signs, length, tone) : ink(pen, look.text, 0, 0, tone)));
  return true;
}
