/**
 * The datum that the map is drawn in: CGCS2000, or GCJ-02 while its base map is in that one. All
 * that is drawn follows, so that never two datums lie on one map; longitudes and latitudes stay
 * CGCS2000 throughout the page. World units (the Web Mercator square, 256 wide) are those of the
 * drawing. Here alone one becomes the other.
 */
import { fromGcj02, toGcj02 } from "./datums.js";

const SQUARE = 256;
/** Nothing is shifted north or south by more world units than this: a kilometer in the far north. */
export const FARTHEST = 0.012;

let gcj02 = false;

/** Whether the map is drawn in GCJ-02. */
export function isShifted() {
  return gcj02;
}

/** Say what the map is drawn in from now on. */
export function drawShifted(on) {
  gcj02 = on;
}

/** Longitude and latitude of a position in the square, whatever their datum. */
export function fromSquare(x, y) {
  return [(x / SQUARE - 0.5) * 360, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / SQUARE))) * 180) / Math.PI];
}

/** The position of longitude and latitude in the square, whatever their datum. */
export function inSquare(lng, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [(lng / 360 + 0.5) * SQUARE, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * SQUARE];
}

/** Latitude and longitude (CGCS2000) of a world position. */
export function toLatLng(x, y) {
  const place = fromSquare(x, y);
  const [lng, lat] = gcj02 ? fromGcj02(...place) : place;
  return [lat, lng];
}

/** World position of latitude and longitude (CGCS2000). */
export function toWorld(lat, lng) {
  return inSquare(...(gcj02 ? toGcj02(lng, lat) : [lng, lat]));
}

/** Where in GCJ-02 a position of the square in CGCS2000 lies. */
export function shifted(x, y) {
  return inSquare(...toGcj02(...fromSquare(x, y)));
}

/**
 * Shift many positions.
 * @param {{x: Float64Array, y: Float64Array}} positions of the square in CGCS2000
 * @returns {{x: Float64Array, y: Float64Array}} new arrays, in GCJ-02
 */
export function allShifted({ x, y }) {
  const there = { x: new Float64Array(x.length), y: new Float64Array(y.length) };
  for (let i = 0; i < x.length; i += 1) [there.x[i], there.y[i]] = shifted(x[i], y[i]);
  return there;
}

/**
 * A box around what a box of the drawing shows, in world units of CGCS2000.
 * @param {number[]} box west, north, east, south
 */
export function boxBack(box) {
  if (!gcj02) return box;
  const [west, north, east, south] = box;
  const corners = [[west, north], [east, north], [west, south], [east, south]].map(([x, y]) => inSquare(...fromGcj02(...fromSquare(x, y))));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
