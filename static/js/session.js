/** One map on the page: its manifest, layers, selection and address. The parts talk through it. */
import { canonical } from "./filters.js";
import { focused } from "./dom.js";
import { toWorld } from "./drawn_in.js";
import { fill } from "./format.js";
import { askedState, formatState, parseState, writeState } from "./state.js";

export class Session extends EventTarget {
  /**
   * @param {L.Map} map
   * @param {{mode: "page"|"embed"|"notebook", bounds: number[]}} options
   */
  constructor(map, options) {
    super();
    this.map = map;
    this.options = options;
    this.mode = options.mode;
    this.manifest = null;
    /** @type {Map<string, FeatureLayer>} */
    this.layers = new Map();
    this.controls = [];
    [this.ground, this.instead] = [null, new Set()]; // the basemap, and the layers it is shown instead of
    [this.bases, this.base] = [[], null]; // online base maps, and the one that is on
    this.selection = null;
    /** The layer whose records stand under the map. */
    this.table = null;
    this.tool = null; // takes the presses on the map, instead of the selection
    this.quiet = false;
    /** @type {Filter[]} what of the layers is shown; `setFilter` changes it */
    this.filters = [];
    /** Whether all layers that were on at first have arrived. */
    this.ready = false;
    /** @type {Map<string, () => string>} what parts of the page keep in the address, by parameter */
    this.kept = new Map();
    this.asked = askedState(options.mode);
  }

  /** A sentence of the manifest. */
  say(key, values = {}) {
    return fill(this.manifest?.messages[key] ?? key, values);
  }

  /** @returns {"zh"|"en"} */
  get language() {
    return this.manifest?.map.language === "en" ? "en" : "zh";
  }

  /** Layers of the manifest, from below. */
  get entries() {
    return this.manifest?.layers ?? [];
  }

  tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Whether a layer has something to put on a map. */
  isDrawable({ id, url, geometry }) {
    return this.layers.has(id) && Boolean(url) && geometry !== "none";
  }

  isOn(id) {
    const layer = this.layers.get(id);
    return Boolean(layer && this.map.hasLayer(layer));
  }

  /** Show or hide a layer; its data comes with the first showing. */
  async setOn(id, on, { step = true } = {}) {
    const layer = this.layers.get(id);
    if (!layer?.about || !this.isDrawable(layer.about) || on === this.isOn(id)) return;
    if (on) {
      this.map.addLayer(layer);
      if (!layer.features) await this.loaded(layer);
    } else this.map.removeLayer(layer);
    this.tell("layers");
    if (!on && this.selection?.layer === layer) this.clear();
    this.remember(step);
  }

  async loaded(layer) {
    this.tell("waits", layer);
    await layer.load();
    if (!layer.features) await layer.sift(layer.filters).catch(() => (layer.failed = true));
    this.tell("came", layer);
    if (layer.failed) this.tell("failed", layer);
    layer.redraw();
  }

  /** The filters on one layer. */
  filtersOf(id) {
    return this.filters.filter(({ layer }) => layer === id);
  }

  /**
   * Set, replace or (with null) end the filter on a field; the map, the counts and the address follow.
   * @param {string} layer
   * @param {string} field
   * @param {{codes: string[]}|{low?: string, high?: string}|null} condition
   * @param {{step?: boolean}} [options] whether Back undoes it
   */
  async setFilter(layer, field, condition, options = {}) {
    const others = this.filters.filter((item) => item.layer !== layer || item.field !== field);
    const made = condition && { layer, field, codes: condition.codes ?? null, low: condition.low ?? "", high: condition.high ?? "" };
    await this.setFilters(made ? [...others, made] : others, options);
  }

  /** Leave out filters on layers and fields that are not there, and on personal fields. */
  async known(filters) {
    const asked = filters.filter(({ layer }) => this.layers.get(layer)?.sieve);
    await Promise.all(asked.map((item) => this.layers.get(item.layer).sieve.learn([item]).catch(() => {})));
    for (const { layer, field } of asked) if (this.layers.get(layer).sieve.left?.has(field)) this.tell("unfiltered", { layer, field });
    return canonical(asked.filter(({ layer, field }) => this.layers.get(layer).sieve.takes(field)));
  }

  /** Set all filters at once. */
  async setFilters(filters, { step = true } = {}) {
    const known = await this.known(filters);
    const before = new Map([...this.layers.keys()].map((id) => [id, JSON.stringify(this.filtersOf(id))]));
    this.filters = known;
    const moved = [...this.layers].filter(([id]) => before.get(id) !== JSON.stringify(this.filtersOf(id)));
    await Promise.all(moved.map(([id, layer]) => this.sift(layer, this.filtersOf(id))));
    this.tell("filters");
    this.tell("layers");
    this.remember(step);
  }

  async sift(layer, filters) {
    const before = layer.features;
    this.awaited = null;
    try {
      await layer.sift(filters);
    } catch {
      this.tell("failed", layer);
    }
    if (this.selection?.layer === layer && before !== layer.features) this.keepSelected(before);
    layer.redraw();
  }

  /** Find the selected feature among those that pass now; what does not pass is not selected. */
  keepSelected(before) {
    const { layer, index } = this.selection;
    const now = layer.features.keys.indexOf(before.keys[index]);
    if (now < 0) this.drop();
    else this.show({ ...this.selection, hits: [{ layer, index: now }], at: 0 });
  }

  /**
   * Everything that can be selected at a position: top layer first, nearest first.
   * @param {L.LatLng} latlng
   * @param {number} tolerance pixels
   */
  hitsAt(latlng, tolerance) {
    const place = toWorld(latlng.lat, latlng.lng);
    const found = [];
    for (const { id } of [...this.entries].reverse()) {
      const layer = this.layers.get(id);
      // what is shown as density or counts has no features to press
      if (!this.isOn(id) || layer.display) continue;
      found.push(...layer.hits(place, tolerance).map((hit) => ({ layer, index: hit.index })));
    }
    return found.slice(0, 50);
  }

  /**
   * Select features at one place.
   * @param {{layer: Object, index: number}[]} hits
   * @param {{latlng?: L.LatLng, keyboard?: boolean, step?: boolean}} [options]
   */
  select(hits, { latlng, keyboard = false, step = true } = {}) {
    if (!hits.length) {
      this.clear();
      return;
    }
    if (this.waits(hits[0], () => this.select(hits, { latlng, keyboard, step }))) return;
    this.show({ hits, at: 0, latlng, keyboard });
    this.remember(step);
  }

  /** Whether the record of a feature has to come first; the latest choice is then done again. */
  waits({ layer, index }, again) {
    const coming = layer.learn(index);
    this.awaited = coming;
    coming?.then(() => this.awaited === coming && again(), () => this.tell("failed", layer));
    return Boolean(coming);
  }

  /** Go to another one of the selected features. */
  turn(by) {
    const { hits, at } = this.selection;
    const next = (at + by + hits.length) % hits.length;
    if (this.waits(hits[next], () => this.selection && this.turn(by))) return;
    this.show({ ...this.selection, at: next });
    this.remember(false);
  }

  show({ hits, at, latlng, keyboard }) {
    const { layer, index } = hits[at];
    const point = layer.features.kind === "point";
    const from = this.selection?.from ?? focused();
    this.selection = { hits, at, layer, index, latlng, keyboard, from, place: point || !latlng ? layer.place(index) : latlng };
    this.tell("select");
  }

  /**
   * Select nothing.
   * @param {{back?: boolean}} [options] whether the focus goes back to where it was before
   */
  clear({ back = false } = {}) {
    if (!this.selection) return;
    const { from } = this.drop();
    this.remember(true);
    if (back) (from?.isConnected ? from : this.map.getContainer()).focus({ preventScroll: true });
  }

  /** Forget the selection, and return what it was. */
  drop() {
    const before = this.selection;
    this.selection = null;
    this.tell("select");
    return before;
  }

  /** Select by key, as an address asks. */
  async selectKey({ layer: id, key }, { move = false } = {}) {
    const layer = this.layers.get(id);
    if (!layer?.about || !this.isDrawable(layer.about)) return;
    await this.setOn(id, true, { step: false });
    await layer.load();
    const index = await layer.find(key);
    if (index < 0) return;
    if (move) this.map.setView(layer.place(index), Math.max(this.map.getZoom(), 15), { animate: false });
    this.select([{ layer, index }], { step: false });
  }

  /** What the reader sees now. */
  state() {
    const { lng, lat } = this.map.getCenter();
    const on = this.entries.filter(({ id }) => this.isOn(id) || this.instead.has(id)).map(({ id }) => id);
    const first = this.entries.filter((about) => (about.visible || this.instead.has(about.id)) && this.isDrawable(about)).map(({ id }) => id);
    const { selection } = this;
    return {
      zoom: this.map.getZoom(),
      center: [lng, lat],
      layers: on.join() === first.join() ? null : on,
      filters: this.filters,
      table: this.table,
      more: Object.fromEntries([...this.kept].map(([name, write]) => [name, write()])),
      selected: selection ? { layer: selection.layer.options.id, key: selection.layer.features.keys[selection.index] } : null,
    };
  }

  /** Put what is seen into the address. */
  remember(step) {
    if (this.mode === "notebook" || this.quiet || !this.manifest) return;
    writeState(this.state(), step);
  }

  /** The address of what is seen, for copying. */
  address() {
    return location.origin + location.pathname + formatState(location.search, this.state());
  }

  /** Follow the address after Back or Forward. */
  async follow() {
    this.quiet = true;
    const asked = parseState(location.search);
    if (asked.center && asked.zoom !== null) this.map.setView([asked.center[1], asked.center[0]], asked.zoom, { animate: false });
    const wanted = asked.layers ?? this.entries.filter(({ visible }) => visible).map(({ id }) => id);
    await this.setFilters(asked.filters, { step: false });
    for (const { id } of this.entries) await this.setOn(id, wanted.includes(id) && !this.instead.has(id), { step: false });
    if (asked.selected) await this.selectKey(asked.selected);
    else this.clear();
    this.tell("address", asked);
    this.quiet = false;
  }
}
