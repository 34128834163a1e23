/** Binary columns of many points: reading them, and leaving points out. Rows stand from north to south. */

import { laid } from "./geometry.js";

const KINDS = { i1: Int8Array, i2: Int16Array, i4: Int32Array, u4: Uint32Array, f8: Float64Array };

/**
 * Read a file of `geosvc.tiles.points`.
 * @param {ArrayBuffer} bytes
 * @returns {{head: Object, arrays: Object<string, TypedArray>}}
 */
export function readColumns(bytes) {
  const view = new DataView(bytes);
  if (new TextDecoder().decode(bytes.slice(0, 4)) !== "GSP1") throw new Error("no columns of points");
  const length = view.getUint32(4, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  const arrays = {};
  let at = 8 + length;
  for (const [name, kind, count] of head.arrays) {
    const made = new KINDS[kind](bytes, at, count);
    arrays[name] = made;
    at += Math.ceil(made.byteLength / 8) * 8;
  }
  return { head, arrays };
}

/**
 * The features of a layer of many points; keys and columns have holes where no page has come yet.
 * @param {ArrayBuffer} bytes
 * @returns {Features}
 */
export function decodePoints(bytes) {
  const { head, arrays } = readColumns(bytes);
  const { count } = head;
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  const side = 256 / 2 ** 32;
  let north = 0;
  for (let row = 0; row < count; row += 1) {
    north += arrays.y[row];
    x[row] = arrays.x[row] * side;
    y[row] = north * side;
  }
  return laid(made({ x, y, truth: null, classes: arrays.class, rows: null }));
}

function made(given) {
  return { kind: "point", count: given.x.length, ...given, keys: [], columns: {}, order: [], paths: [], starts: new Int32Array(0), boxes: new Float64Array(0) };
}

/** Leave out points: `rows` are those that stay, in rising order. */
export function pickPoints(features, rows) {
  const part = (list) => {
    const found = new list.constructor(rows.length);
    for (let at = 0; at < rows.length; at += 1) found[at] = list[rows[at]];
    return found;
  };
  const picked = made({ x: part(features.x), y: part(features.y), truth: null, classes: part(features.classes), rows });
  // keys and columns, which come later, are those of both
  const truth = features.truth && { ...picked, x: part(features.truth.x), y: part(features.truth.y) };
  return { ...picked, truth };
}

/** The first place of a rising list whose value is not less. */
export function firstFrom(list, value) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
