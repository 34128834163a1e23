/** One layer of the catalog as a Leaflet layer: loads its columns, draws them, is asked for hits. */
import { CanvasLayer } from "./canvas.js";
import { readJson, valueAt } from "./data.js";
import { toLatLng } from "./drawn_in.js";
import { cut } from "./format.js";
import { anchor, countIn, decode, featureBox, inside, laid, pathDistance, pathMeets } from "./geometry.js";
import { looks, paintFeatures } from "./paint.js";
import { Sieve } from "./sieve.js";

const { L } = globalThis;

export const FeatureLayer = CanvasLayer.extend({
  /** @param {{id: string, url: string, pane: string, show: boolean}} options */
  initialize(options) {
    L.setOptions(this, options);
    /** All features, and those of them that pass the filters: only these are there for the map. */
    this.all = null;
    this.features = null;
    this.filters = [];
    this.about = null;
    this.failed = false;
    this.strength = 1;
    /** Whether the basemap fills these areas: then only their edges are drawn. */
    this.bare = false;
    this.loading = options.show && options.url ? this.load() : null;
  },

  /** Fetch the data once; afterwards `features` is there or `failed` is true. */
  load() {
    this.loading ??= readJson(this.options.url)
      .then((json) => {
        this.all = decode(json);
        return this.sift(this.filters);
      })
      .catch(() => {
        this.failed = true;
      });
    return this.loading;
  },

  /** Tell the layer what the manifest says about it, and what of it is asked for. */
  describe(about, { language = "zh", filters = [] } = {}) {
    this.about = about;
    this.filters = filters;
    this.sieve = new Sieve(about, language);
  },

  /** Leave out what does not pass; before data and manifest are there, only remember it. */
  async sift(filters) {
    this.filters = filters;
    if (!this.all || !this.sieve) return;
    const features = filters.length ? await this.sieve.sift(this.all, filters) : this.all;
    // others may have been asked for meanwhile
    if (this.filters === filters) this.features = laid(features);
  },

  /** Lay all that is there where the map is drawn now. */
  relay() {
    if (!this.all) return;
    const [all, some] = [this.all, this.features];
    this.all = laid(all);
    if (some) this.features = some === all ? this.all : laid(some);
    // its names stood elsewhere
    [this.chains, this.names] = [null, null];
  },

  /** There is nothing to draw before the data is there. */
  redraw() {
    if (this.features && this.about) CanvasLayer.prototype.redraw.call(this);
  },

  setStrength(share) {
    this.strength = share;
    if (this.canvas) this.canvas.style.opacity = String(share * (this.about?.opacity ?? 1));
  },

  getBounds() {
    const [west, south, east, north] = this.about?.bounds ?? [0, 0, 0, 0];
    return L.latLngBounds([south, west], [north, east]);
  },

  paint(pen, view) {
    this.canvas.style.opacity = String(this.strength * (this.about.opacity ?? 1));
    const layer = this.bare ? { ...this.about, fill_opacity: 0 } : this.about;
    paintFeatures(pen, this.features, { layer, view, texts: (index) => this.label(index) });
  },

  /** The text of the label column, short enough for a map. */
  label(index) {
    const text = this.about?.label ? valueAt(this.features.columns[this.about.label], index) : null;
    return text === null ? "" : cut(String(text), 24).trim();
  },

  /** Whether a feature can be selected: it has something to show. */
  isInteractive() {
    const popup = this.about?.popup;
    return Boolean(popup && (popup.title || popup.facts?.length));
  },

  /**
   * The features at a position.
   * @param {number[]} place world position
   * @param {number} tolerance pixels
   * @returns {{index: number, distance: number}[]} the nearest first; distance in pixels
   */
  hits(place, tolerance) {
    if (!this.features || !this._map || !this.isInteractive()) return [];
    const zoom = this._map.getZoom();
    const task = { place, tolerance, scale: 2 ** zoom, styles: looks(this.about, zoom) };
    const found = this.features.kind === "point" ? this.pointHits(task) : this.pathHits(task);
    return found.sort((a, b) => a.distance - b.distance || a.index - b.index);
  },

  pointHits({ place, tolerance, scale, styles }) {
    const { x, y, classes, count } = this.features;
    const found = [];
    for (let index = 0; index < count; index += 1) {
      const style = styles[classes[index]];
      if (!style?.on) continue;
      const pin = style.shape === "pin";
      const up = pin ? (21 * style.size) / 34 : 0;
      const radius = pin ? (15 * style.size) / 34 : style.size / 2;
      const distance = Math.hypot((x[index] - place[0]) * scale, (y[index] - place[1]) * scale - up) - radius;
      if (distance <= tolerance) found.push({ index, distance: Math.max(0, distance) });
    }
    return found;
  },

  pathHits({ place, tolerance, scale, styles }) {
    const { features } = this;
    const found = [];
    // a click on bare land is a click on nothing: land is met at its edge only
    const land = this.about.classes.every((item) => item.color === "m-land");
    const filled = !land && (this.about.fill_opacity > 0 || styles.some((style) => style.shape === "hatch"));
    for (let index = 0; index < features.count; index += 1) {
      const style = styles[features.classes[index]];
      if (!style?.on) continue;
      const reach = (tolerance + style.width / 2) / scale;
      const box = [place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach];
      const near = features.paths[index].filter((path) => pathMeets(features, path, box));
      if (!near.length) continue;
      if (features.kind === "area" && filled && inside(features, index, place)) {
        found.push({ index, distance: 0 });
        continue;
      }
      const distance = Math.min(...near.map((path) => pathDistance(features, path, place))) * scale - style.width / 2;
      if (distance <= tolerance) found.push({ index, distance: Math.max(0, distance) });
    }
    return found;
  },

  /** How many features lie in a box of world units, in all and by class. */
  countIn(box) {
    return countIn(this.features, box);
  },

  /** The first feature that may meet a box, and one past the last. */
  span() {
    return [0, this.features.count];
  },

  /** The bounds of all features that pass. */
  extent() {
    const bounds = L.latLngBounds([]);
    for (let index = 0; index < this.features.count; index += 1) bounds.extend(this.featureBounds(index));
    return bounds;
  },

  /** The record of a feature is here with its place: there is nothing to wait for. */
  learn() {
    return null;
  },

  /** The index of a key among the features that pass, -1 where it is not. */
  async find(key) {
    return this.features ? this.features.keys.indexOf(key) : -1;
  },

  /** Where a popup of the feature stands. */
  place(index) {
    return L.latLng(toLatLng(...anchor(this.features, index)));
  },

  /** The bounds of one feature. */
  featureBounds(index) {
    const [west, north, east, south] = featureBox(this.features, index);
    return L.latLngBounds(toLatLng(west, south), toLatLng(east, north));
  },
});
