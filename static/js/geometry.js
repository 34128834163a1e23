/**
 * Features as arrays. Positions are world units: the Web Mercator square at zoom 0, 256 wide, so
 * that a position times 2^zoom is a pixel. They are projected once, when the data arrives, and
 * shifted while the map is drawn in another datum (`drawn_in.js`).
 */
import { allShifted, inSquare, isShifted } from "./drawn_in.js";

/** World units, about two kilometers: within them what is straight bends by less than half a meter. */
const PIECE = 0.015;

/**
 * @typedef {Object} Features
 * @property {"point"|"line"|"area"|"none"} kind
 * @property {number} count
 * @property {string[]} keys
 * @property {Int16Array} classes index into the classes of the legend, -1 none
 * @property {Float64Array} x in the datum that the map is drawn in
 * @property {Float64Array} y
 * @property {Features|null} truth the same in CGCS2000, where `x` and `y` are not
 * @property {Int32Array} starts first vertex of each path, and one past the last vertex at its end
 * @property {Float64Array} boxes west, north, east, south of each path
 * @property {number[][]} paths the paths of each feature
 * @property {number[]} order in which points are drawn: from north to south
 * @property {Object} columns
 */

/**
 * Decode the data of one layer.
 * @param {Object} json what `/data/<layer>/<tag>.json` answers
 * @returns {Features}
 */
export function decode(json) {
  const { geometry, keys } = json;
  const kind = geometry.kind;
  const [x, y] = kind === "none" ? [new Float64Array(0), new Float64Array(0)] : project(geometry.lon, geometry.lat);
  const features = { kind, keys, x, y, truth: null, count: keys.length, classes: Int16Array.from(json.class), columns: json.columns };
  if (kind === "point" && x.length !== keys.length) throw new Error("as many points as keys are needed");
  return laid({ ...features, ...(kind === "line" || kind === "area" ? layPaths(features, geometry) : pointOrder(features)) });
}

/**
 * The features where the map is drawn now: as they are, or with their positions in its datum.
 * @param {Features} features
 * @returns {Features} the same keys and columns
 */
export function laid(features) {
  if (Boolean(features.truth) === isShifted()) return features;
  if (features.truth) return features.truth;
  const { starts, ...positions } = cutPaths(features);
  const { x, y } = allShifted(positions);
  const order = features.order.length ? pointOrder({ y }).order : features.order;
  return { ...features, truth: features, x, y, order, starts, boxes: boxesOf({ x, y }, starts) };
}

/** Paths without long pieces: a shift bends the map, and what is straight has to bend with it. */
function cutPaths({ kind, x, y, starts }) {
  if (kind === "point") return { x, y, starts };
  const cut = { x: [], y: [], starts: new Int32Array(starts.length) };
  for (let path = 0; path < starts.length - 1; path += 1) {
    for (let i = starts[path]; i < starts[path + 1]; i += 1) {
      const before = Math.max(i - 1, starts[path]);
      const [over, down] = [x[before] - x[i], y[before] - y[i]];
      const pieces = Math.max(1, Math.ceil(Math.hypot(over, down) / PIECE));
      for (let left = pieces - 1; left >= 0; left -= 1) {
        cut.x.push(x[i] + (over * left) / pieces);
        cut.y.push(y[i] + (down * left) / pieces);
      }
    }
    cut.starts[path + 1] = cut.x.length;
  }
  return cut;
}

function project(lon, lat) {
  const x = new Float64Array(lon.length);
  const y = new Float64Array(lat.length);
  let east = 0;
  let north = 0;
  for (let i = 0; i < x.length; i += 1) {
    east += lon[i];
    north += lat[i];
    [x[i], y[i]] = inSquare(east / 1e6, north / 1e6);
  }
  return [x, y];
}

function pointOrder({ y }) {
  const order = Array.from(y.keys()).sort((a, b) => y[a] - y[b] || a - b);
  return { order, starts: new Int32Array(0), boxes: new Float64Array(0), paths: [] };
}

function layPaths({ x, y, count }, { sizes, owner }) {
  const starts = new Int32Array(sizes.length + 1);
  const paths = Array.from({ length: count }, () => []);
  sizes.forEach((size, path) => {
    starts[path + 1] = starts[path] + size;
    paths[owner[path]].push(path);
  });
  return { starts, boxes: boxesOf({ x, y }, starts), paths, order: [] };
}

function boxesOf({ x, y }, starts) {
  const boxes = new Float64Array(Math.max(0, starts.length - 1) * 4);
  for (let path = 0; path < starts.length - 1; path += 1) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = starts[path]; i < starts[path + 1]; i += 1) {
      if (x[i] < box[0]) box[0] = x[i];
      if (y[i] < box[1]) box[1] = y[i];
      if (x[i] > box[2]) box[2] = x[i];
      if (y[i] > box[3]) box[3] = y[i];
    }
    boxes.set(box, path * 4);
  }
  return boxes;
}

/**
 * Leave out features.
 * @param {Features} features
 * @param {number[]} rows those that stay, in rising order
 * @returns {Features}
 */
export function pick(features, rows) {
  const part = (list) => rows.map((row) => list[row]);
  const column = ({ values, codes, dictionary }) => (values ? { values: part(values) } : { codes: part(codes), dictionary });
  const columns = Object.fromEntries(Object.entries(features.columns).map(([name, given]) => [name, column(given)]));
  const truth = features.truth && pick(features.truth, rows);
  const same = { keys: part(features.keys), classes: Int16Array.from(part(features.classes)), count: rows.length, columns, truth };
  if (features.kind !== "point") return { ...features, ...same, paths: part(features.paths) };
  const points = { x: Float64Array.from(part(features.x)), y: Float64Array.from(part(features.y)) };
  return { ...features, ...same, ...points, ...pointOrder(points) };
}

/** Whether the box of a path meets a box of world units. */
export function pathMeets({ boxes }, path, [west, north, east, south]) {
  const i = path * 4;
  return boxes[i] <= east && boxes[i + 2] >= west && boxes[i + 1] <= south && boxes[i + 3] >= north;
}

/** Whether a feature lies in a box of world units, by the boxes of its paths. */
export function featureMeets(features, index, box) {
  if (features.kind === "point") {
    const [west, north, east, south] = box;
    const { x, y } = features;
    return x[index] >= west && x[index] <= east && y[index] >= north && y[index] <= south;
  }
  return (features.paths[index] ?? []).some((path) => pathMeets(features, path, box));
}

/**
 * Count features in a box.
 * @param {Features} features
 * @param {number[]} box west, north, east, south in world units
 * @returns {{all: number, classes: Map<number, number>}}
 */
export function countIn(features, box) {
  const classes = new Map();
  let all = 0;
  for (let index = 0; index < features.count; index += 1) {
    if (!featureMeets(features, index, box)) continue;
    all += 1;
    const name = features.classes[index];
    classes.set(name, (classes.get(name) ?? 0) + 1);
  }
  return { all, classes };
}

/** The box of a feature in world units. */
export function featureBox(features, index) {
  if (features.kind === "point") return [features.x[index], features.y[index], features.x[index], features.y[index]];
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of features.paths[index] ?? []) {
    const b = features.boxes.subarray(path * 4, path * 4 + 4);
    box[0] = Math.min(box[0], b[0]);
    box[1] = Math.min(box[1], b[1]);
    box[2] = Math.max(box[2], b[2]);
    box[3] = Math.max(box[3], b[3]);
  }
  return box;
}

/** A place on the feature for a popup: the point, the middle vertex, the middle of the area. */
export function anchor(features, index) {
  const box = featureBox(features, index);
  if (features.kind === "line" && features.paths[index]?.length) {
    const path = features.paths[index][0];
    const middle = (features.starts[path] + features.starts[path + 1]) >> 1;
    return [features.x[middle], features.y[middle]];
  }
  return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
}

function segmentDistance(px, py, [ax, ay, bx, by]) {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length)) : 0;
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}

/** Distance from a position to a path, in world units. */
export function pathDistance({ x, y, starts }, path, [px, py]) {
  let best = Infinity;
  for (let i = starts[path] + 1; i < starts[path + 1]; i += 1) {
    best = Math.min(best, segmentDistance(px, py, [x[i - 1], y[i - 1], x[i], y[i]]));
  }
  return best;
}

/** Whether a position lies in an area, by the even-odd rule over all its rings. */
export function inside({ x, y, starts, paths }, index, [px, py]) {
  let odd = false;
  for (const path of paths[index]) {
    const first = starts[path];
    const last = starts[path + 1] - 1;
    for (let i = first, j = last; i <= last; j = i, i += 1) {
      if (y[i] > py !== y[j] > py && px < ((x[j] - x[i]) * (py - y[i])) / (y[j] - y[i]) + x[i]) odd = !odd;
    }
  }
  return odd;
}
