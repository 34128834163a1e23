/**
 * The tiles of the basemap as features in world units. protomaps-leaflet reads them from the file
 * in parts, decodes and keeps them; features of the tiles of one view are laid together, so that
 * painters and names see no tiles.
 */
import { describe, textOf } from "./basemap.js";
import { boxBack, isShifted, shifted } from "./drawn_in.js";

/** Side of a data tile in the units of the library: a tile is shown one zoom level further in. */
const SIDE = 512;
const LAYER = "ground";

/** Bytes of a request: a few tiles that lie together, and the same ranges on each visit. */
const BLOCK = 32768;

/**
 * Reads a file in blocks that begin where all readers' blocks begin: a browser keeps what it has
 * been sent of a file, but not the ragged ends of ranges.
 */
class Blocks {
  constructor(url) {
    this.url = url;
    this.read = new Map();
  }

  getKey() {
    return this.url;
  }

  async getBytes(offset, length) {
    const first = Math.floor(offset / BLOCK);
    const count = Math.floor((offset + length - 1) / BLOCK) - first + 1;
    const parts = await Promise.all(Array.from({ length: count }, (_, i) => this.block(first + i)));
    const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
    const start = offset - first * BLOCK;
    return { data: whole.slice(start, start + length).buffer };
  }

  block(number) {
    if (!this.read.has(number)) {
      const asked = this.fetch(number * BLOCK);
      asked.catch(() => this.read.delete(number));
      this.read.set(number, asked);
    }
    return this.read.get(number);
  }

  async fetch(start) {
    const answer = await fetch(this.url, { headers: { Range: `bytes=${start}-${start + BLOCK - 1}` } });
    if (!answer.ok) throw new Error(`${this.url}: ${answer.status}`);
    const body = await answer.arrayBuffer();
    // a proxy may send the whole where a part was asked for
    return answer.status === 206 ? body : body.slice(start, start + BLOCK);
  }
}

/** Reads the tiles of one file. */
export class GroundTiles {
  /** @param {string} url */
  constructor(url) {
    const { PmtilesSource, TileCache } = globalThis.protomapsL;
    const source = new PmtilesSource(url, false);
    source.p.source = new Blocks(url);
    this.cache = new TileCache(source, SIDE);
    this.known = new Map();
    this.asked = new Map();
    this.zooms = null;
    this.header = source.p.getHeader().then(({ minZoom, maxZoom }) => {
      this.zooms = [minZoom, maxZoom];
    });
  }

  /** The tiles that a view needs: "zoom/x/y". */
  covering({ zoom, box: drawn }) {
    const box = boxBack(drawn);
    const level = Math.max(this.zooms[0], Math.min(this.zooms[1], Math.ceil(zoom) - 1));
    const many = 2 ** level;
    const at = (value) => Math.max(0, Math.min(many - 1, Math.floor((value / 256) * many)));
    const found = [];
    for (let x = at(box[0]); x <= at(box[2]); x += 1) {
      for (let y = at(box[1]); y <= at(box[3]); y += 1) found.push(`${level}/${x}/${y}`);
    }
    return found;
  }

  /** Fetch a tile once; one that failed is asked for again. */
  load(key) {
    if (this.asked.has(key)) return this.asked.get(key);
    const [z, x, y] = key.split("/").map(Number);
    const asked = this.cache
      .get({ z, x, y })
      .then((layers) => this.known.set(key, layers.get(LAYER) ?? []))
      .finally(() => this.asked.delete(key));
    this.asked.set(key, asked);
    return asked;
  }

  /** Forget the tiles that no view needs any more; the library keeps the last of them. */
  keepOnly(keys) {
    for (const key of this.known.keys()) if (!keys.includes(key)) this.known.delete(key);
  }

  /**
   * The features of some tiles, for each part.
   * @param {string[]} keys
   * @param {Object[]} parts of `PAINTED` or `NAMED`
   * @param {(props: Object, about: Object) => boolean} takes
   * @param {string} language
   */
  gather(keys, parts, { takes, language }) {
    const made = parts.map((part) => new Gathered(describe(part)));
    for (const key of keys) {
      const [z, x, y] = key.split("/").map(Number);
      const frame = { left: x, top: y, unit: 256 / 2 ** z, shifted: isShifted() };
      for (const feature of this.known.get(key) ?? []) {
        for (const part of made) {
          const name = part.classOf(feature.props);
          if (name >= 0 && takes(feature.props, part.about)) part.add(feature, { name, frame, language });
        }
      }
    }
    return made.filter(({ features }) => features.count).map((part) => part.finished());
  }
}

class Gathered {
  constructor(about) {
    this.about = about;
    this.names = [];
    this.features = { kind: about.geometry, count: 0, x: [], y: [], starts: [0], boxes: [], paths: [], classes: [], order: [] };
  }

  classOf(props) {
    return props.kind === this.about.kind ? this.about.values.indexOf(props.cls ?? "") : -1;
  }

  add({ geom, props }, { name, frame, language }) {
    const { features } = this;
    const own = [];
    for (const part of geom) {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (const vertex of part) {
        let x = (frame.left + vertex.x / SIDE) * frame.unit;
        let y = (frame.top + vertex.y / SIDE) * frame.unit;
        if (frame.shifted) [x, y] = shifted(x, y);
        features.x.push(x);
        features.y.push(y);
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
      }
      if (this.about.geometry === "point") break;
      own.push(features.starts.length - 1);
      features.starts.push(features.x.length);
      features.boxes.push(...box);
    }
    features.paths.push(own);
    features.classes.push(name);
    features.count += 1;
    this.names.push(textOf(props, this.about.says, language));
  }

  /** As a layer that painters and names take. */
  finished() {
    const { about, names } = this;
    const { count, x, y, starts, boxes, classes } = this.features;
    const arrays = { x: Float64Array.from(x), y: Float64Array.from(y), starts: Int32Array.from(starts), boxes: Float64Array.from(boxes), classes: Int16Array.from(classes) };
    return { about, features: { ...this.features, ...arrays, columns: {} }, label: (index) => names[index], span: () => [0, count] };
  }
}
