/** Names in areas: level where there is room, along the middle of what is long and thin. */
import { SIZES, font, fromGround, ink, spread, toGround, turned } from "./ink.js";
import { featureMeets } from "./geometry.js";
import { Ruler, widestSpan } from "./placement.js";
import { alongLine, renewed, stay } from "./streets.js";

/** Name the areas of a layer, the largest first; what had a name keeps its place. */
export function placeAreas(work, layer) {
  const { view } = work;
  // another zoom shows another part of an area: its name stands anew
  const old = layer.names?.zoom === view.zoom ? layer.names.places : new Map();
  layer.names = { zoom: view.zoom, places: new Map() };
  const done = new Set();
  const areas = [...named(work, layer)].map((area) => {
    const names = { block: null, along: renewed(old.get(area.index)?.along), old: old.get(area.index)?.block };
    layer.names.places.set(area.index, names);
    return { ...area, names };
  });
  for (const place of [keepPlace, findPlace]) {
    for (const { ring, look, weight, names } of areas) {
      if (done.has(look.text)) continue;
      work.pen.font = font(look.size, weight);
      if (place(work, ring, look, names)) done.add(look.text);
    }
  }
}

function* named({ view }, layer) {
  const { features, about } = layer;
  const rank = about.label_rank;
  for (const { index, ring, wide } of ringsInView(features, view)) {
    const text = layer.label(index);
    const style = about.classes[features.classes[index]];
    if (!text || !style || view.zoom < (style.min_zoom ?? 0)) continue;
    const water = /^m-water/.test(style.color);
    const size = water ? Math.min(17, 11 + wide / 120) : (SIZES[rank] ?? 12);
    const look = { text, size, tone: water ? "m-label-water" : rank < 3 ? "m-label" : "m-label-2", gap: water ? size * 0.6 : 0 };
    yield { index, ring, look, weight: !water && rank < 3 ? 600 : 400 };
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

function keepPlace(work, ring, look, names) {
  if (names.old) return inBlock(work, ring, look, names, [fromGround(work, names.old)]);
  return names.along.before.length > 0 && alongMiddle(work, ring, look, { names, place: stay });
}

function findPlace(work, ring, look, names) {
  if (inBlock(work, ring, look, names, blockPlaces(work, ring, look))) return true;
  return look.tone === "m-label-water" && alongMiddle(work, ring, look, { names, place: alongLine });
}

function widthOf(pen, look) {
  return pen.measureText(look.text).width + look.gap * ([...look.text].length - 1);
}

/** Where level text fits: in the widest part first. */
function blockPlaces({ pen, taken }, ring, look) {
  const [west, north, east, south] = visibleBox(ring, taken);
  const width = widthOf(pen, look);
  const all = [taken.frame[2] - taken.frame[0], taken.frame[3] - taken.frame[1]];
  // an area that fills the view is no place on it
  if (look.tone !== "m-label-water" && east - west >= all[0] - 2 && south - north >= all[1] - 2) return [];
  const found = [];
  for (const part of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
    const level = north + (south - north) * part;
    const span = widestSpan(ring, level, 0, [west, east]);
    if (span && span[1] - span[0] >= width + 8) found.push([(span[0] + span[1]) / 2, level, span[1] - span[0] - Math.abs(part - 0.5) * width]);
  }
  return found.sort((a, b) => b[2] - a[2]);
}

/** Level text at the first place that is free. */
function inBlock(work, ring, look, names, places) {
  const { pen, taken } = work;
  const width = widthOf(pen, look);
  const half = [width / 2 + 3, look.size * 0.68];
  const free = places.find(([x, y]) => taken.claim([[x - half[0], y - half[1], x + half[0], y + half[1]]]));
  if (!free) return false;
  const [x, y] = free;
  if (look.gap) turned(pen, [x, y], 0, () => spread(pen, [...look.text], width + look.gap, look.tone));
  else ink(pen, look.text, x, y, look.tone);
  names.block = toGround(work, [x, y]);
  return true;
}

/** Text along the middle of a long thin area: a canal, a river. */
function alongMiddle(work, ring, look, { names, place }) {
  const { view } = work;
  const [west, north, east, south] = visibleBox(ring, work.taken);
  const tall = south - north > east - west;
  const [low, high, frame] = tall ? [north, south, [west, east]] : [west, east, [north, south]];
  // the same levels of the ground, however the map is moved
  const corner = tall ? view.top : view.left;
  const middle = [];
  for (let level = Math.ceil((low + 6 + corner) / 12) * 12 - corner; level < high; level += 12) {
    const span = widestSpan(ring, level, tall ? 0 : 1, frame);
    if (span) middle.push(tall ? [(span[0] + span[1]) / 2, level] : [level, (span[0] + span[1]) / 2]);
  }
  if (middle.length < 3) return false;
  place(work, new Ruler(middle), { ...look, size: Math.min(look.size, 12.5), gap: 8 }, names.along);
  return work.seen.has(look.text);
}
