/**
 * Names, on one canvas above lines and areas and below points. A name gives way to points, to what
 * floats on the map and to names of a better rank; streets carry their name along straight pieces,
 * upright streets one character under the other.
 */
import { CanvasLayer } from "./canvas.js";
import { isCjk } from "./format.js";
import { featureMeets } from "./geometry.js";
import { looks } from "./paint.js";
import { color, fontFamily } from "./palette.js";
import { Ruler, Taken, joinLines, widestSpan } from "./placement.js";

/** The same name appears again after so many pixels. */
const AGAIN = 420;
/** Names of points start at a zoom; areas and streets name themselves where there is room. */
const FROM_ZOOM = { 1: 0, 2: 11, 3: 13, 4: 15 };
/** A narrower street has no name yet: the first half of the legend, and the rest. */
const NAMED_FROM_PX = [2.2, 4.5];
const SIZES = { 1: 14, 2: 13, 3: 12, 4: 11.5 };
const FLOATING = ".map-tools, .map-legend, .map-foot, .map-north, .map-notices, .leaflet-control-scale";

export const LabelLayer = CanvasLayer.extend({
  /** Names wait for the layers that they name. */
  redraw() {
    if (this.session.ready) CanvasLayer.prototype.redraw.call(this);
  },

  paint(pen, view) {
    const { session } = this;
    const drawn = session.entries.filter(({ id }) => session.isOn(id) && session.layers.get(id).features);
    const m = view.margin;
    const taken = new Taken([m + 4, m + 4, view.width - m - 4, view.height - m - 4]);
    takeFloating(taken, this._map.getContainer(), m);
    const work = { pen, view, taken, seen: new Map() };
    pen.textBaseline = "middle";
    pen.textAlign = "center";
    pen.lineJoin = "round";
    drawn.filter(({ geometry }) => geometry === "point").forEach((about) => takePoints(work, session.layers.get(about.id)));
    const named = drawn.filter(({ label, geometry, label_rank: rank }) => label && (geometry !== "point" || view.zoom >= (FROM_ZOOM[rank] ?? 15)));
    named.sort((a, b) => a.label_rank - b.label_rank || drawn.indexOf(b) - drawn.indexOf(a));
    for (const about of named) PLACE[about.geometry]?.(work, session.layers.get(about.id));
  },
});

function takeFloating(taken, container, margin) {
  const frame = container.getBoundingClientRect();
  const sheet = [...document.querySelectorAll("[data-geosvc=panel]")];
  for (const part of [...container.querySelectorAll(FLOATING), ...sheet]) {
    const box = part.getBoundingClientRect();
    if (!box.width || box.right < frame.left || box.left > frame.right) continue;
    taken.take([
      ...[box.left - frame.left + margin - 5, box.top - frame.top + margin - 5],
      ...[box.right - frame.left + margin + 5, box.bottom - frame.top + margin + 5],
    ]);
  }
}

/** Points in view with their pixels and radius. */
function* pointsInView({ view }, layer) {
  const { features, about } = layer;
  const styles = looks(about, view.zoom);
  for (let index = 0; index < features.count; index += 1) {
    const style = styles[features.classes[index]];
    if (!style?.on || !featureMeets(features, index, view.box)) continue;
    const pin = style.shape === "pin";
    const x = features.x[index] * view.scale - view.left;
    const y = features.y[index] * view.scale - view.top - (pin ? style.size / 2 : 0);
    yield { index, x, y, pin, radius: style.size / 2 + (pin ? 2 : 1.5) };
  }
}

function takePoints(work, layer) {
  for (const { x, y, radius } of pointsInView(work, layer)) work.taken.take([x - radius, y - radius, x + radius, y + radius]);
}

function font(size, weight = 400) {
  return `${weight} ${size}px ${fontFamily()}`;
}

function ink(pen, text, x, y, tone) {
  pen.strokeStyle = color("m-halo");
  pen.lineWidth = 3.2;
  pen.strokeText(text, x, y);
  pen.fillStyle = color(tone);
  pen.fillText(text, x, y);
}

function placePoints(work, layer) {
  const { pen, taken } = work;
  const size = Math.min(SIZES[layer.about.label_rank] ?? 11.5, 12.5);
  pen.font = font(size);
  for (const { index, x, y, pin, radius } of pointsInView(work, layer)) {
    const text = pin ? "" : layer.label(index);
    // the poles of both directions share one name
    if (!text || !isNew(work, text, [x, y])) continue;
    const half = pen.measureText(text).width / 2 + 2;
    const tall = size * 0.62;
    const off = radius + 2;
    const places = [[x + off + half, y], [x, y - off - tall], [x, y + off + tall], [x - off - half, y]];
    const place = places.find(([cx, cy]) => taken.claim([[cx - half, cy - tall, cx + half, cy + tall]]));
    if (!place) continue;
    ink(pen, text, place[0], place[1], "m-label-2");
    remember(work, text, [x, y]);
  }
}

/** Whether the same name stands far enough away. */
function isNew({ seen }, text, [x, y]) {
  return (seen.get(text) ?? []).every(([px, py]) => Math.hypot(px - x, py - y) >= AGAIN);
}

function remember({ seen }, text, place) {
  if (!seen.has(text)) seen.set(text, []);
  seen.get(text).push(place);
}

function placeLines(work, layer) {
  const { view } = work;
  layer.chains ??= joinLines(layer.features, (index) => layer.label(index)).sort((a, b) => a.kind - b.kind);
  const styles = looks(layer.about, view.zoom);
  const { x, y } = layer.features;
  for (const { text, kind, path, box } of layer.chains) {
    const style = styles[kind];
    if (!style?.on || (layer.about.scaled && style.width < NAMED_FROM_PX[kind < styles.length / 2 ? 0 : 1])) continue;
    if (box[0] > view.box[2] || box[2] < view.box[0] || box[1] > view.box[3] || box[3] < view.box[1]) continue;
    if (Math.max(box[2] - box[0], box[3] - box[1]) * view.scale < 30) continue;
    const ruler = new Ruler(path.map((i) => [x[i] * view.scale - view.left, y[i] * view.scale - view.top]));
    const main = style.width >= 6;
    const look = { text, size: main ? 12.5 : 11.5, gap: 3, tone: main ? "m-label" : "m-label-2" };
    alongLine(work, ruler, look);
    // a main street that is full of points is named beside itself
    const beside = style.width / 2 + look.size * 0.6 + 7;
    for (const aside of kind < styles.length / 2 ? [beside, -beside] : []) {
      if (!work.seen.has(text)) alongLine(work, ruler, { ...look, aside });
    }
  }
}

function measured(pen, { text, size }) {
  pen.font = font(size);
  return pen.measureText(text).width;
}

/** Try places along a line, those near the middle of the view first. */
function alongLine(work, ruler, look) {
  const { pen, view } = work;
  const signs = [...look.text];
  const chinese = isCjk(look.text);
  // a Chinese sign is as wide as it is high: nothing to measure
  const width = (chinese ? signs.length * look.size : measured(pen, look)) + look.gap * (signs.length - 1);
  const longest = chinese ? Math.max(width, signs.length * look.size * 1.4) : width;
  if (ruler.length < longest + 12) return;
  pen.font = font(look.size);
  const slots = [];
  for (let s = longest / 2 + 6; s <= ruler.length - longest / 2 - 6; s += 32) {
    const [x, y] = ruler.at(s);
    if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
    slots.push([Math.hypot(x - view.width / 2, y - view.height / 2), s]);
  }
  slots.sort((a, b) => a[0] - b[0]);
  let tries = 60;
  for (const [, s] of slots) {
    tries -= 1;
    if (tries < 0) return;
    const place = ruler.at(s);
    if (isNew(work, look.text, place) && setAlong(work, ruler, { ...look, s, width, signs, chinese })) remember(work, look.text, place);
  }
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

function turned(pen, [x, y], angle, draw) {
  pen.save();
  pen.translate(x, y);
  pen.rotate(angle);
  draw();
  pen.restore();
}

function spread(pen, signs, length, tone) {
  signs.forEach((sign, i) => ink(pen, sign, ((i + 0.5) / signs.length - 0.5) * length, 0, tone));
}

function placeAreas(work, layer) {
  const { view, pen } = work;
  const { features, about } = layer;
  const rank = about.label_rank;
  const done = new Set();
  for (const { index, ring, wide } of ringsInView(features, view)) {
    const text = layer.label(index);
    if (!text || done.has(text)) continue;
    const style = about.classes[features.classes[index]];
    if (!style || view.zoom < (style.min_zoom ?? 0)) continue;
    const water = /^m-water/.test(style.color);
    const size = water ? Math.min(17, 11 + wide / 120) : (SIZES[rank] ?? 12);
    const look = { text, size, tone: water ? "m-label-water" : rank < 3 ? "m-label" : "m-label-2", gap: water ? size * 0.6 : 0 };
    pen.font = font(size, !water && rank < 3 ? 600 : 400);
    if (inBlock(work, ring, look) || (water && alongMiddle(work, ring, look))) done.add(text);
  }
}

/** The largest ring of each area in view, the largest areas first. */
function ringsInView(features, view) {
  const found = [];
  features.paths.forEach((paths, index) => {
    if (!paths.length || !featureMeets(features, index, view.box)) return;
    const span = (path) => (features.boxes[path * 4 + 2] - features.boxes[path * 4]) * view.scale;
    const outer = paths.reduce((a, b) => (span(b) > span(a) ? b : a));
    const tall = (features.boxes[outer * 4 + 3] - features.boxes[outer * 4 + 1]) * view.scale;
    if (Math.max(span(outer), tall) < 28) return;
    found.push({ index, outer, wide: Math.max(span(outer), tall), area: span(outer) * tall });
  });
  found.sort((a, b) => b.area - a.area);
  return found.map((item) => {
    const ring = [];
    for (let i = features.starts[item.outer]; i < features.starts[item.outer + 1]; i += 1) {
      ring.push([features.x[i] * view.scale - view.left, features.y[i] * view.scale - view.top]);
    }
    return { ...item, ring };
  });
}

function visibleBox(ring, { frame }) {
  const xs = ring.map(([x]) => x);
  const ys = ring.map(([, y]) => y);
  const least = (list) => list.reduce((a, b) => Math.min(a, b));
  const most = (list) => list.reduce((a, b) => Math.max(a, b));
  return [Math.max(least(xs), frame[0]), Math.max(least(ys), frame[1]), Math.min(most(xs), frame[2]), Math.min(most(ys), frame[3])];
}

/** Level text where the area is widest. */
function inBlock({ pen, taken }, ring, look) {
  const [west, north, east, south] = visibleBox(ring, taken);
  const signs = [...look.text];
  const width = pen.measureText(look.text).width + look.gap * (signs.length - 1);
  const all = [taken.frame[2] - taken.frame[0], taken.frame[3] - taken.frame[1]];
  // an area that fills the view is no place on it
  if (look.tone !== "m-label-water" && east - west >= all[0] - 2 && south - north >= all[1] - 2) return false;
  const tries = [];
  for (const part of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
    const level = north + (south - north) * part;
    const span = widestSpan(ring, level, 0, [west, east]);
    if (span && span[1] - span[0] >= width + 8) tries.push([(span[0] + span[1]) / 2, level, span[1] - span[0] - Math.abs(part - 0.5) * width]);
  }
  tries.sort((a, b) => b[2] - a[2]);
  const half = [width / 2 + 3, look.size * 0.68];
  for (const [x, y] of tries) {
    if (!taken.claim([[x - half[0], y - half[1], x + half[0], y + half[1]]])) continue;
    if (look.gap) turned(pen, [x, y], 0, () => spread(pen, signs, width + look.gap, look.tone));
    else ink(pen, look.text, x, y, look.tone);
    return true;
  }
  return false;
}

/** Text along the middle of a long thin area: a canal, a river. */
function alongMiddle(work, ring, look) {
  const [west, north, east, south] = visibleBox(ring, work.taken);
  const tall = south - north > east - west;
  const [low, high, frame] = tall ? [north, south, [west, east]] : [west, east, [north, south]];
  const middle = [];
  for (let level = low + 6; level < high; level += 12) {
    const span = widestSpan(ring, level, tall ? 0 : 1, frame);
    if (span) middle.push(tall ? [(span[0] + span[1]) / 2, level] : [level, (span[0] + span[1]) / 2]);
  }
  if (middle.length < 3) return false;
  alongLine(work, new Ruler(middle), { ...look, size: Math.min(look.size, 12.5), gap: 8 });
  return work.seen.has(look.text);
}

const PLACE = { point: placePoints, line: placeLines, area: placeAreas };
