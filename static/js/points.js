/**
 * A layer of many points: positions and classes come as binary columns, keys and texts a page at a
 * time when a feature is picked or a row is looked at. Rows stand from north to south.
 */
import { readBytes, readJson } from "./data.js";
import { FARTHEST, toLatLng } from "./drawn_in.js";
import { FeatureLayer } from "./features.js";
import { looks } from "./paint.js";
import { decodePoints, firstFrom } from "./points_columns.js";
import { paintMany } from "./points_paint.js";
import { PointSieve } from "./points_sieve.js";

const { L } = globalThis;
/** The rows of a page, as `geosvc.tiles.points` cuts them. */
const PAGE = 100;

export const PointLayer = FeatureLayer.extend({
  initialize(options) {
    this.pages = new Map();
    this.base = options.url?.replace(/\.bin$/, "");
    FeatureLayer.prototype.initialize.call(this, options);
  },

  load() {
    this.loading ??= readBytes(this.options.url)
      .then((bytes) => {
        this.all = decodePoints(bytes);
        return this.sift(this.filters);
      })
      .catch(() => {
        this.failed = true;
      });
    return this.loading;
  },

  describe(about, { language = "zh", filters = [] } = {}) {
    this.about = about;
    this.filters = filters;
    this.sieve = new PointSieve(about, language, this);
  },

  async sift(filters) {
    await FeatureLayer.prototype.sift.call(this, filters);
    if (this.features && this.features !== this.all) for (const page of this.pages.values()) if (page.keys) this.lay(this.features, page);
  },

  /** The rows between two northings; and some beyond, where not the drawn ones are in order. */
  span([, north, , south]) {
    const { truth } = this.features;
    const { y } = truth ?? this.features;
    const more = truth ? FARTHEST : 0;
    return [firstFrom(y, north - more), firstFrom(y, south + more + Number.EPSILON * 512)];
  },

  countIn(box) {
    // panel, foot and notice ask for the same view one after the other
    const name = box.join();
    if (this.counted?.name !== name || this.counted.features !== this.features) this.counted = { name, features: this.features, ...this.count(box) };
    return { all: this.counted.all, classes: new Map(Array.from(this.counted.counts, (count, code) => [code, count])) };
  },

  count(box) {
    const [west, north, east, south] = box;
    const [from, to] = this.span(box);
    const { x, y, classes } = this.features;
    const counts = new Uint32Array(this.about.classes.length);
    let all = 0;
    for (let row = from; row < to; row += 1) {
      if (x[row] < west || x[row] > east || y[row] < north || y[row] > south) continue;
      all += 1;
      counts[classes[row]] += 1;
    }
    return { all, counts };
  },

  paint(pen, view) {
    this.canvas.style.opacity = String(this.strength * (this.about.opacity ?? 1));
    this.thinned = paintMany(pen, this.features, { layer: this.about, view, span: this.span(view.box), texts: (index) => this.label(index) });
  },

  pointHits(task) {
    const { place, tolerance, scale } = task;
    const most = Math.max(...looks(this.about, this._map.getZoom()).map(({ size }) => size));
    const reach = (tolerance + most) / scale;
    const [from, to] = this.span([0, place[1] - reach, 0, place[1] + reach]);
    const { x, y, classes } = this.features;
    const near = [];
    for (let row = from; row < to; row += 1) if (Math.abs(x[row] - place[0]) <= reach) near.push(row);
    const part = { x: near.map((row) => x[row]), y: near.map((row) => y[row]), classes: near.map((row) => classes[row]), count: near.length };
    const found = FeatureLayer.prototype.pointHits.call({ features: part }, task);
    return found.map((hit) => ({ ...hit, index: near[hit.index] }));
  },

  extent() {
    const { x, y, count } = this.features;
    const bounds = L.latLngBounds([]);
    if (!count) return bounds;
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let row = 0; row < count; row += 1) {
      if (x[row] < box[0]) box[0] = x[row];
      if (y[row] < box[1]) box[1] = y[row];
      if (x[row] > box[2]) box[2] = x[row];
      if (y[row] > box[3]) box[3] = y[row];
    }
    return bounds.extend(toLatLng(box[0], box[1])).extend(toLatLng(box[2], box[3]));
  },

  /** Fetch the record of a feature; null where it is there. */
  learn(index) {
    if (this.features.keys[index] !== undefined) return null;
    return this.page(Math.floor((this.features.rows?.[index] ?? index) / PAGE));
  },

  /** Fetch a page of records once. */
  page(number) {
    const { pages } = this;
    if (!pages.has(number)) {
      const coming = readJson(`${this.base}/pages/${number}.json`).then(
        (page) => {
          pages.set(number, page);
          this.lay(this.all, page);
          if (this.features !== this.all) this.lay(this.features, page);
        },
        (error) => {
          pages.delete(number);
          throw error;
        },
      );
      pages.set(number, coming);
    }
    return pages.get(number);
  },

  /** Lay the records of a page into features. */
  lay(features, { first, keys, columns }) {
    const { rows, count } = features;
    const [from, to] = rows ? [firstFrom(rows, first), firstFrom(rows, first + keys.length)] : [first, Math.min(first + keys.length, count)];
    for (let index = from; index < to; index += 1) {
      const at = (rows?.[index] ?? index) - first;
      features.keys[index] = keys[at];
      for (const [name, { values }] of Object.entries(columns)) (features.columns[name] ??= { values: [] }).values[index] = values[at];
    }
  },

  async find(key) {
    if (!this.features) return -1;
    let row;
    try {
      ({ row } = await readJson(`${this.base}/place.json?key=${encodeURIComponent(key)}`, { again: false }));
    } catch {
      return -1;
    }
    const { rows } = this.features;
    const index = rows ? firstFrom(rows, row) : row;
    if (rows && rows[index] !== row) return -1;
    await this.learn(index);
    return index;
  },
});
