/** Points as counts: those that lie in one cell of a grid of the world stand together. */
import { looks } from "./paint.js";
import { color, fontFamily } from "./palette.js";
import { sprite } from "./symbols.js";

const CELL_PX = 64;
/** From how many features on a circle has a size, in pixels of radius: fixed, whatever the map. */
export const SIZES = [[2, 13], [10, 17], [100, 21], [1000, 26]];

/** The radius of a circle that stands for so many. */
export function radiusOf(count) {
  return SIZES.findLast(([least]) => count >= least)?.[1] ?? 0;
}

/**
 * @typedef {Object} Cluster
 * @property {number} x middle of its members, world units
 * @property {number} y
 * @property {number[]} members
 */

/**
 * @param {{x: ArrayLike<number>, y: ArrayLike<number>, count: number}} points world units
 * @param {{scale: number, box: number[]}} view pixels per world unit; west, north, east, south
 * @returns {Cluster[]} each point in or near the view is in one of them
 */
export function clusters({ x, y, count }, { scale, box }) {
  const cell = CELL_PX / scale;
  const [west, north, east, south] = box;
  const found = new Map();
  for (let index = 0; index < count; index += 1) {
    const [px, py] = [x[index], y[index]];
    // a cluster at the edge counts its members beyond the edge
    if (px < west - cell || px > east + cell || py < north - cell || py > south + cell) continue;
    const name = Math.floor(px / cell) * 2 ** 26 + Math.floor(py / cell);
    if (!found.has(name)) found.set(name, { x: 0, y: 0, members: [] });
    const one = found.get(name);
    one.members.push(index);
    one.x += px;
    one.y += py;
  }
  return [...found.values()].map((one) => ({ ...one, x: one.x / one.members.length, y: one.y / one.members.length }));
}

/**
 * Paint clusters, and single points as they are.
 * @returns {Cluster[]} what was painted
 */
export function paintClusters(pen, features, { view, layer }) {
  const styles = looks(layer, view.zoom);
  const made = clusters(features, view);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const { x, y, members } of made) {
    const [px, py] = [x * view.scale - view.left, y * view.scale - view.top];
    if (members.length === 1) {
      const style = styles[features.classes[members[0]]];
      if (!style?.on) continue;
      const look = sprite(style.shape, { ...style, ratio: view.ratio });
      pen.drawImage(look.image, px - look.ax, py - look.ay, look.width, look.height);
      continue;
    }
    circle(pen, [px, py], members.length);
  }
  return made;
}

function circle(pen, [x, y], count) {
  const radius = radiusOf(count);
  for (const [grow, ink, alpha] of [[4, "accent", 0.3], [0, "accent", 1]]) {
    pen.globalAlpha = alpha;
    pen.fillStyle = color(ink);
    pen.beginPath();
    pen.arc(x, y, radius + grow, 0, 2 * Math.PI);
    pen.fill();
  }
  pen.fillStyle = color("on-accent", "#ffffff");
  pen.font = `700 ${count < 1000 ? 12 : 11}px ${fontFamily()}`;
  pen.fillText(count < 10_000 ? String(count) : `${Math.round(count / 1000)}k`, x, y + 0.5);
}
