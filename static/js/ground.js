/**
 * The basemap under all layers: one canvas as sharp at every zoom as the layers above it. What of it
 * a layer that is switched on draws itself is left out, and so are its names.
 */
import { NAMED, PAINTED } from "./basemap.js";
import { CanvasLayer } from "./canvas.js";
import { oncePerFrame } from "./dom.js";
import { GroundTiles } from "./ground_tiles.js";
import { paintFeatures } from "./paint.js";

const PANE = "geosvc-ground";

export const GroundLayer = CanvasLayer.extend({
  /** @param {{url: string}} options */
  initialize(options) {
    this.options = { ...options, pane: PANE };
    this.tiles = new GroundTiles(options.url);
    /** @type {Set<string>} layers that are drawn by themselves */
    this.without = new Set();
    this.language = "zh";
    this.painted = [];
    this.named = [];
    this.shown = "";
    this.again = oncePerFrame(() => this.redraw());
    /** Settled when the first view is drawn; rejected where the file cannot be read. */
    this.first = new Promise((resolve, reject) => {
      this.arrived = resolve;
      this.failed = reject;
    });
    this.first.catch(() => {});
    this.tiles.header.then(() => this.redraw(), (error) => this.failed(error));
  },

  onAdd(map) {
    map.getPane(PANE) ?? (map.createPane(PANE).style.zIndex = "200");
    CanvasLayer.prototype.onAdd.call(this, map);
  },

  /** Say what the reader reads and which layers draw themselves. */
  heed(language, without) {
    const before = `${this.language} ${[...this.without].sort()}`;
    this.language = language;
    this.without = without;
    if (before === `${language} ${[...without].sort()}`) return;
    this.shown = "";
    this.redraw();
  },

  /** Forget what was laid out: the map is drawn in another datum now. */
  relay() {
    this.shown = "";
    this.painted = [];
    this.named = [];
  },

  paint(pen, view) {
    if (this.tiles.zooms) this.look(view);
    for (const { about, features } of this.painted) paintFeatures(pen, features, { layer: about, view, texts: () => "" });
  },

  /** Lay the features of the view together; until all its tiles are there, the last ones stay. */
  look(view) {
    const keys = this.tiles.covering(view);
    const missing = keys.filter((key) => !this.tiles.known.has(key));
    if (missing.length) {
      Promise.all(missing.map((key) => this.tiles.load(key))).then(this.again, (error) => this.fail(error));
      return;
    }
    if (this.shown === keys.join()) return;
    this.shown = keys.join();
    this.tiles.keepOnly(keys);
    const takes = (props, { geometry }) => geometry === "area" || !this.without.has(props.layer);
    const { language } = this;
    this.painted = this.tiles.gather(keys, PAINTED, { takes, language });
    const isNamed = (props, { says }) => Boolean(props[says]) && !this.without.has(props.layer);
    this.named = carried(this.named, this.tiles.gather(keys, NAMED, { takes: isNamed, language }));
    this.arrived();
    this.fire("ground");
  },

  fail(error) {
    this.failed(error);
    this.fire("groundfail");
  },
});

/** Names along lines keep their places on the ground when other tiles come. */
function carried(before, now) {
  for (const layer of now) {
    const old = before.find(({ about }) => about.id === layer.about.id && about.label_rank === layer.about.label_rank);
    if (!old?.chains) continue;
    layer.places = new Map();
    for (const { text, names } of old.chains) layer.places.set(text, [...(layer.places.get(text) ?? []), ...(names?.now ?? [])]);
  }
  return now;
}
