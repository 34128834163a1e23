/**
 * Points as density: a display and no analysis. Features per square kilometer within a fixed radius
 * on the ground, in fixed classes, so that a color means the same at every zoom and on every map.
 */
import { color } from "./palette.js";

/** Radius of the quartic kernel in meters. */
export const RADIUS_M = 500;
/** Features per km² from which each class counts; less is not drawn. */
export const STEPS = [2, 5, 10, 20, 50, 100];
/** The colors of the classes. */
export const INKS = ["seq-2", "seq-3", "seq-4", "seq-5", "seq-6", "seq-7"];
const AROUND_M = 40_075_016.68557849;
const CELL_PX = 3;
/** A kernel is no more than so many cells wide on each side. */
const MOST_CELLS = 16;
const ALPHA = 215;

/**
 * Densities on a grid of the world.
 * @param {{x: ArrayLike<number>, y: ArrayLike<number>, count: number}} points world units
 * @param {{scale: number, box: number[]}} view pixels per world unit; west, north, east, south
 * @returns {{values: Float64Array, wide: number, high: number, left: number, top: number, cell: number}}
 *   features per km²; `left`, `top` and `cell` in world units
 */
export function densities({ x, y, count }, { scale, box }) {
  const [west, north, east, south] = box;
  const cosine = 1 / Math.cosh(Math.PI * (1 - (north + south) / 256));
  const meters = (AROUND_M / 256) * cosine;
  const radius = RADIUS_M / meters;
  const cell = Math.max(CELL_PX / scale, radius / MOST_CELLS);
  const reach = Math.ceil(radius / cell);
  // the grid lies fast in the world: what is drawn does not swim while the map is moved
  const [left, top] = [Math.floor(west / cell) - reach, Math.floor(north / cell) - reach];
  const wide = Math.ceil(east / cell) + reach - left;
  const high = Math.ceil(south / cell) + reach - top;
  const counts = new Map();
  for (let index = 0; index < count; index += 1) {
    const [column, row] = [Math.floor(x[index] / cell) - left, Math.floor(y[index] / cell) - top];
    if (column < 0 || row < 0 || column >= wide || row >= high) continue;
    const at = row * wide + column;
    counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  const values = new Float64Array(wide * high);
  spread(values, counts, { wide, high, reach, kernel: kernelOf(reach, (cell * meters) / 1000) });
  return { values, wide, high, left: left * cell, top: top * cell, cell };
}

/** Weights per km² around a cell; they sum to one feature. */
function kernelOf(reach, cellKm) {
  const radius = RADIUS_M / 1000;
  const kernel = [];
  let sum = 0;
  for (let row = -reach; row <= reach; row += 1) {
    for (let column = -reach; column <= reach; column += 1) {
      const near = 1 - (row * row + column * column) * (cellKm / radius) ** 2;
      if (near <= 0) continue;
      kernel.push([column, row, near * near]);
      sum += near * near;
    }
  }
  return kernel.map(([column, row, weight]) => [column, row, weight / sum / cellKm ** 2]);
}

function spread(values, counts, { wide, high, kernel }) {
  for (const [at, count] of counts) {
    const [column, row] = [at % wide, Math.floor(at / wide)];
    for (const [right, down, weight] of kernel) {
      const [i, j] = [column + right, row + down];
      if (i >= 0 && j >= 0 && i < wide && j < high) values[j * wide + i] += count * weight;
    }
  }
}

/** The class of a density, -1 below the least. */
export function classOf(value) {
  return STEPS.filter((step) => value >= step).length - 1;
}

/** Paint densities. */
export function paintHeat(pen, features, view) {
  const { values, wide, high, left, top, cell } = densities(features, view);
  const inks = INKS.map((name) => color(name)).map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  const image = new ImageData(wide, high);
  values.forEach((value, at) => {
    const name = classOf(value);
    if (name >= 0) image.data.set([...inks[name], ALPHA], at * 4);
  });
  const tile = document.createElement("canvas");
  [tile.width, tile.height] = [wide, high];
  tile.getContext("2d").putImageData(image, 0, 0);
  pen.drawImage(tile, left * view.scale - view.left, top * view.scale - view.top, wide * cell * view.scale, high * cell * view.scale);
}
