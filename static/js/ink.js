/** Writing names: their type, their halo, and which names already stand where. */
import { color, fontFamily } from "./palette.js";

/** The same name appears again after so many pixels. */
const AGAIN = 420;
/** Type sizes by the rank of a layer's names. */
export const SIZES = { 1: 14, 2: 13, 3: 12, 4: 11.5 };

/** The canvas font of a size and weight. */
export function font(size, weight = 400) {
  return `${weight} ${size}px ${fontFamily()}`;
}

/** Write a text on its halo. */
export function ink(pen, text, x, y, tone) {
  pen.strokeStyle = color("m-halo");
  pen.lineWidth = 3.2;
  pen.strokeText(text, x, y);
  pen.fillStyle = color(tone);
  pen.fillText(text, x, y);
}

/** Draw about a place that is the origin, turned by an angle. */
export function turned(pen, [x, y], angle, draw) {
  pen.save();
  pen.translate(x, y);
  pen.rotate(angle);
  draw();
  pen.restore();
}

/** Write signs wide-set over a length, about the origin. */
export function spread(pen, signs, length, tone) {
  signs.forEach((sign, i) => ink(pen, sign, ((i + 0.5) / signs.length - 0.5) * length, 0, tone));
}

/** Whether the same name stands far enough away. */
export function isNew({ seen }, text, [x, y]) {
  return (seen.get(text) ?? []).every(([px, py]) => Math.hypot(px - x, py - y) >= AGAIN);
}

/** Note that a name stands at a place. */
export function remember({ seen }, text, place) {
  if (!seen.has(text)) seen.set(text, []);
  seen.get(text).push(place);
}

/** A pixel of the canvas in world units: there a name keeps its place while the map moves. */
export function toGround({ view }, [x, y]) {
  return [(x + view.left) / view.scale, (y + view.top) / view.scale];
}

/** A place in world units as a pixel of the canvas. */
export function fromGround({ view }, [x, y]) {
  return [x * view.scale - view.left, y * view.scale - view.top];
}
