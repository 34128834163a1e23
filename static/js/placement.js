/** Where a label fits: boxes that are taken, straight pieces of lines, middles of areas. Pixels. */

const CELL = 64;

/** Boxes on the map that a label keeps clear of. */
export class Taken {
  constructor(frame) {
    /** West, north, east, south within which labels stand. */
    this.frame = frame;
    this.cells = new Map();
  }

  *cellsOf([west, north, east, south]) {
    for (let i = Math.floor(west / CELL); i <= Math.floor(east / CELL); i += 1) {
      for (let j = Math.floor(north / CELL); j <= Math.floor(south / CELL); j += 1) yield i * 65536 + j;
    }
  }

  take(box) {
    for (const cell of this.cellsOf(box)) {
      if (!this.cells.has(cell)) this.cells.set(cell, []);
      this.cells.get(cell).push(box);
    }
  }

  isFree(box) {
    const [west, north, east, south] = this.frame;
    if (box[0] < west || box[1] < north || box[2] > east || box[3] > south) return false;
    for (const cell of this.cellsOf(box)) {
      for (const other of this.cells.get(cell) ?? []) {
        if (box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]) return false;
      }
    }
    return true;
  }

  /** Take all boxes if all are free. */
  claim(boxes) {
    if (!boxes.every((box) => this.isFree(box))) return false;
    boxes.forEach((box) => this.take(box));
    return true;
  }
}

/** A line in pixels that can be asked for a place by its length. */
export class Ruler {
  /** @param {number[][]} points */
  constructor(points) {
    this.points = points;
    this.along = [0];
    for (let i = 1; i < points.length; i += 1) {
      this.along.push(this.along[i - 1] + Math.hypot(points[i][0] - points[i - 1][0], points[i][1] - points[i - 1][1]));
    }
  }

  get length() {
    return this.along[this.along.length - 1];
  }

  at(length) {
    let low = 1;
    let high = this.along.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.along[middle] < length) low = middle + 1;
      else high = middle;
    }
    const step = this.along[low] - this.along[low - 1] || 1;
    const t = (length - this.along[low - 1]) / step;
    const [a, b] = [this.points[low - 1], this.points[low]];
    return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
  }

  /**
   * The place on the line that is nearest to a point.
   * @returns {{s: number, away: number}} its length along the line, and how far the point is
   */
  nearest([x, y]) {
    let best = { s: 0, away: Infinity };
    for (let i = 1; i < this.points.length; i += 1) {
      const [a, b] = [this.points[i - 1], this.points[i]];
      const step = this.along[i] - this.along[i - 1];
      const t = step ? ((x - a[0]) * (b[0] - a[0]) + (y - a[1]) * (b[1] - a[1])) / step ** 2 : 0;
      const part = Math.max(0, Math.min(1, t));
      const away = Math.hypot(a[0] + (b[0] - a[0]) * part - x, a[1] + (b[1] - a[1]) * part - y);
      if (away < best.away) best = { s: this.along[i - 1] + step * part, away };
    }
    return best;
  }

  /**
   * The chord of a piece, if the piece is straight enough to carry a text.
   * @returns {{from: number[], to: number[], middle: number[], angle: number}|null}
   */
  chord(from, to) {
    const [a, b] = [this.at(from), this.at(to)];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    if (length < (to - from) * 0.97) return null;
    for (let i = 1; i < this.along.length - 1; i += 1) {
      if (this.along[i] <= from || this.along[i] >= to) continue;
      const [x, y] = this.points[i];
      const off = Math.abs((b[0] - a[0]) * (a[1] - y) - (a[0] - x) * (b[1] - a[1])) / (length || 1);
      if (off > 5) return null;
    }
    return { from: a, to: b, middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], angle: Math.atan2(b[1] - a[1], b[0] - a[0]) };
  }
}

/**
 * Join the pieces of lines of one name end to end, the straightest way on first.
 * @param {Features} features
 * @param {(index: number) => string} label
 * @returns {{text: string, kind: number, path: number[], box: number[]}[]} `path` are vertex numbers
 */
export function joinLines(features, label) {
  const pieces = new Map();
  features.paths.forEach((paths, index) => {
    const text = label(index);
    if (!text) return;
    const name = `${features.classes[index]}|${text}`;
    if (!pieces.has(name)) pieces.set(name, { text, kind: features.classes[index], paths: [] });
    pieces.get(name).paths.push(...paths);
  });
  return [...pieces.values()].flatMap(({ text, kind, paths }) =>
    chains(features, paths).map((path) => ({ text, kind, path, box: boxOf(features, path) })),
  );
}

function boxOf({ x, y }, path) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const i of path) {
    box[0] = Math.min(box[0], x[i]);
    box[1] = Math.min(box[1], y[i]);
    box[2] = Math.max(box[2], x[i]);
    box[3] = Math.max(box[3], y[i]);
  }
  return box;
}

function chains(features, paths) {
  const { x, y, starts } = features;
  const key = (i) => `${Math.round(x[i] * 1e7)},${Math.round(y[i] * 1e7)}`;
  const ends = new Map();
  for (const path of paths) {
    for (const end of [starts[path], starts[path + 1] - 1]) {
      if (!ends.has(key(end))) ends.set(key(end), []);
      ends.get(key(end)).push(path);
    }
  }
  const left = new Set(paths);
  const vertices = (path, back) => {
    const list = [];
    for (let i = starts[path]; i < starts[path + 1]; i += 1) list.push(i);
    return back ? list.reverse() : list;
  };
  const extend = (chain) => {
    for (;;) {
      const tip = chain[chain.length - 1];
      const before = chain[chain.length - 2];
      let best = null;
      for (const path of ends.get(key(tip)) ?? []) {
        if (!left.has(path)) continue;
        const next = vertices(path, key(starts[path]) !== key(tip));
        const turn = turning([before, tip, next[1]], x, y);
        if (turn < 0.7 && (!best || turn < best.turn)) best = { path, next, turn };
      }
      if (!best) return;
      left.delete(best.path);
      chain.push(...best.next.slice(1));
    }
  };
  const made = [];
  for (const path of paths) {
    if (!left.delete(path)) continue;
    const chain = vertices(path, false);
    extend(chain);
    chain.reverse();
    extend(chain);
    made.push(chain);
  }
  return made;
}

function turning([a, b, c], x, y) {
  const turn = Math.abs(Math.atan2(y[b] - y[a], x[b] - x[a]) - Math.atan2(y[c] - y[b], x[c] - x[b]));
  return Math.min(turn, 2 * Math.PI - turn);
}

/**
 * The widest span of a ring on a scan line.
 * @param {number[][]} ring pixels
 * @param {number} level y of a level line, or x of an upright one
 * @param {0|1} axis 0: level lines, 1: upright lines
 * @param {number[]} frame the low and high end that count
 * @returns {number[]|null} low and high end of the span
 */
export function widestSpan(ring, level, axis, [low, high]) {
  const cross = 1 - axis;
  const cuts = [];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [a, b] = [ring[i], ring[j]];
    if (a[cross] > level === b[cross] > level) continue;
    cuts.push(a[axis] + ((level - a[cross]) / (b[cross] - a[cross])) * (b[axis] - a[axis]));
  }
  cuts.sort((p, q) => p - q);
  let best = null;
  for (let i = 0; i + 1 < cuts.length; i += 2) {
    const span = [Math.max(cuts[i], low), Math.min(cuts[i + 1], high)];
    if (span[1] > span[0] && (!best || span[1] - span[0] > best[1] - best[0])) best = span;
  }
  return best;
}
