/**
 * How many points are painted: as symbols where they are few in the view, else one dot a place, by
 * direct writing of pixels, with the number of points in each square where dots stand for several.
 */
import { number } from "./format.js";
import { looks, paintFeatures } from "./paint.js";
import { color, fontFamily } from "./palette.js";

/** Up to so many points in the view have their own symbol. */
const SYMBOLS = 4000;
/** CSS pixels: the place that one dot takes, and the square whose points are counted. */
const PLACE = 4;
const SQUARE = 96;

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Features} features in the order of `y`
 * @param {{layer: Object, view: View, span: number[], texts: Function}} task
 * @returns {{dots: number}|null} those in the frame of the map; null where each point has its symbol
 */
export function paintMany(pen, features, { layer, view, span, texts }) {
  const styles = looks(layer, view.zoom);
  const { all, few, counts, winners, wide } = sort(features, { view, span, on: styles.map((style) => style.on) });
  if (all <= SYMBOLS) {
    paintFeatures(pen, { ...features, order: few.subarray(0, all) }, { layer, view, texts });
    return null;
  }
  const dots = winners.filter((_, place) => counts[place] > 0);
  stamp(pen, features, { dots, styles, view });
  countSquares(pen, squaresOf(features, { counts, winners, wide, view }));
  return { dots: dots.reduce((sum, row) => sum + isInFrame(features, row, view), 0) };
}

/** 1 for a point in the frame of the map, 0 for one in the margin beyond. */
function isInFrame({ x, y }, row, { scale, left, top, width, height, margin }) {
  const [px, py] = [x[row] * scale - left - margin, y[row] * scale - top - margin];
  return Number(px >= 0 && py >= 0 && px <= width - 2 * margin && py <= height - 2 * margin);
}

/**
 * Lay the points of the view into places; the northernmost of a place stands for it, so that dots
 * have the classes of the points in their right shares. Places hold to the ground and not to the
 * view, so that nothing flickers while the map moves. A million points pass here with each pan.
 */
function sort({ x, y, classes }, { view, span: [from, to], on }) {
  const { left, top, width, height } = view;
  const steps = view.scale / PLACE;
  const [column, line] = [Math.floor(left / PLACE), Math.floor(top / PLACE)];
  const wide = Math.ceil(width / PLACE) + 1;
  const high = Math.ceil(height / PLACE) + 2;
  const counts = new Uint32Array(wide * high);
  const winners = new Int32Array(wide * high);
  const few = new Int32Array(SYMBOLS);
  let all = 0;
  for (let row = from; row < to; row += 1) {
    const over = x[row] * steps - column;
    const down = y[row] * steps - line;
    if (!(over >= 0 && over < wide && down >= 0 && down < high) || !on[classes[row]]) continue;
    const place = (down | 0) * wide + (over | 0);
    if (counts[place] === 0) winners[place] = row;
    counts[place] += 1;
    if (all < SYMBOLS) few[all] = row;
    all += 1;
  }
  return { all, few, counts, winners, wide };
}

/** How many points and dots a square holds, and where its dots are on the whole. */
function squaresOf({ x, y }, { counts, winners, wide, view }) {
  const { scale, left, top, width, height } = view;
  const [column, line] = [Math.floor(left / SQUARE), Math.floor(top / SQUARE)];
  const across = Math.ceil(width / SQUARE) + 2;
  const length = across * (Math.ceil(height / SQUARE) + 2);
  const squares = { points: new Uint32Array(length), dots: new Uint32Array(length), x: new Float64Array(length), y: new Float64Array(length) };
  const [first, second] = [Math.floor(left / PLACE), Math.floor(top / PLACE)];
  counts.forEach((count, place) => {
    if (!count) return;
    const row = Math.floor(((second + Math.floor(place / wide)) * PLACE) / SQUARE) - line;
    const square = row * across + Math.floor(((first + (place % wide)) * PLACE) / SQUARE) - column;
    squares.points[square] += count;
    squares.dots[square] += 1;
    squares.x[square] += x[winners[place]] * scale - left;
    squares.y[square] += y[winners[place]] * scale - top;
  });
  return squares;
}

/** Dots with a thin halo, written as pixels: fifty thousand of them take some milliseconds. */
function stamp(pen, { x, y, classes }, { dots, styles, view }) {
  const { ratio, scale, left, top } = view;
  const { width, height } = pen.canvas;
  const image = pen.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const inks = styles.map((style) => pixelOf(pen, style.ink));
  const halo = pixelOf(pen, styles[0].halo);
  for (const [radius, inked] of [[2.9 * ratio, false], [2.1 * ratio, true]]) {
    const disk = diskOf(radius);
    for (const row of dots) {
      const cx = Math.round((x[row] * scale - left) * ratio);
      const cy = Math.round((y[row] * scale - top) * ratio);
      const ink = inked ? inks[classes[row]] : halo;
      for (const [dy, reach] of disk) {
        const line = cy + dy;
        if (line < 0 || line >= height) continue;
        const from = Math.max(0, cx - reach);
        const to = Math.min(width - 1, cx + reach);
        for (let at = line * width + from; at <= line * width + to; at += 1) pixels[at] = ink;
      }
    }
  }
  pen.putImageData(image, 0, 0);
}

function diskOf(radius) {
  const most = Math.floor(radius);
  return Array.from({ length: 2 * most + 1 }, (_, at) => [at - most, Math.floor(Math.sqrt(radius * radius - (at - most) ** 2))]);
}

/** A color as the four bytes of a pixel. */
function pixelOf(pen, text) {
  pen.fillStyle = text;
  const [red, green, blue] = /^#(..)(..)(..)$/.exec(pen.fillStyle)?.slice(1).map((part) => parseInt(part, 16)) ?? [0, 0, 0];
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Where dots stand for several points, the number of points in the square, amid its dots. */
function countSquares(pen, { points, dots, x, y }) {
  pen.font = `600 12px ${fontFamily()}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 3.5;
  pen.strokeStyle = color("halo", "#ffffff");
  pen.fillStyle = color("m-label", "#222222");
  for (let square = 0; square < points.length; square += 1) {
    // a square of which all points are seen needs no number
    if (points[square] === dots[square]) continue;
    const place = [x[square] / dots[square], y[square] / dots[square]];
    pen.strokeText(number(points[square]), ...place);
    pen.fillText(number(points[square]), ...place);
  }
}
