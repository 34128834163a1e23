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
const EDGE = 24;

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Features} features in the order of `y`
 * @param {{layer: Object, view: View, span: number[], texts: Function}} task
 * @returns {{dots: number}|null} those in the frame of the map; null where each point has its symbol
 */
export function paintMany(pen, features, { layer, view, span, texts }) {
  const styles = looks(layer, view.zoom);
  const rows = inView(features, { view, span, styles });
  if (rows.length <= SYMBOLS) {
    paintFeatures(pen, { ...features, order: rows }, { layer, view, texts });
    return null;
  }
  const { winners, squares } = thin(features, rows, view);
  const dots = winners.filter((row) => row >= 0);
  stamp(pen, features, { dots, styles, view });
  countSquares(pen, squares);
  return { dots: dots.reduce((sum, row) => sum + isInFrame(features, row, view), 0) };
}

/** 1 for a point in the frame of the map, 0 for one in the margin beyond. */
function isInFrame({ x, y }, row, { scale, left, top, width, height, margin }) {
  const [px, py] = [x[row] * scale - left - margin, y[row] * scale - top - margin];
  return Number(px >= 0 && py >= 0 && px <= width - 2 * margin && py <= height - 2 * margin);
}

function inView({ x, classes }, { view, span: [from, to], styles }) {
  const on = styles.map((style) => style.on);
  const [west, , east] = view.box;
  const [least, most] = [west - EDGE / view.scale, east + EDGE / view.scale];
  const rows = new Int32Array(to - from);
  let found = 0;
  for (let row = from; row < to; row += 1) {
    if (x[row] < least || x[row] > most || !on[classes[row]]) continue;
    rows[found] = row;
    found += 1;
  }
  return rows.subarray(0, found);
}

/**
 * One point for each place, the northernmost, so that dots have the classes of the points in their
 * right shares. Places and squares hold to the ground and not to the view, so that nothing flickers
 * while the map moves.
 */
function thin({ x, y }, rows, { scale, left, top, width, height }) {
  const [column, line] = [Math.floor(left / PLACE), Math.floor(top / PLACE)];
  const wide = Math.ceil(width / PLACE) + 2;
  const winners = new Int32Array(wide * (Math.ceil(height / PLACE) + 2)).fill(-1);
  const [column0, line0] = [Math.floor(left / SQUARE), Math.floor(top / SQUARE)];
  const across = Math.ceil(width / SQUARE) + 2;
  const length = across * (Math.ceil(height / SQUARE) + 2);
  const squares = { points: new Uint32Array(length), dots: new Uint32Array(length), x: new Float64Array(length), y: new Float64Array(length) };
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at];
    const px = x[row] * scale;
    const py = y[row] * scale;
    const place = (Math.floor(py / PLACE) - line) * wide + Math.floor(px / PLACE) - column;
    if (px < left || px > left + width || place < 0 || place >= winners.length) continue;
    const square = (Math.floor(py / SQUARE) - line0) * across + Math.floor(px / SQUARE) - column0;
    squares.points[square] += 1;
    if (winners[place] >= 0) continue;
    winners[place] = row;
    squares.dots[square] += 1;
    squares.x[square] += px - left;
    squares.y[square] += py - top;
  }
  return { winners, squares };
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
