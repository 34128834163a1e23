/**
 * Lengths and areas on the ellipsoid (CGCS2000; WGS84 differs by a tenth of a millimeter).
 *
 * The inverse problem: T. Vincenty (1975), Survey Review 23(176). The area between a geodesic and
 * the equator: C. F. F. Karney (2013), Journal of Geodesy 87, eqs. 58-63, its integral by Gauss and
 * Legendre instead of a series. Good to a tenth of a millimeter, and of an area to 1e-8 or 0.05 m²;
 * places nearly opposite on the globe have no answer (NaN).
 */

const A = 6378137;
const F = 1 / 298.257222101;
const B = A * (1 - F);
const E2 = F * (2 - F);
const SECOND2 = E2 / (1 - E2);
const STEPS = 60;
/** The square of the radius of the sphere that has the area of the ellipsoid. */
const AUTHALIC2 = (A * A + (B * B * Math.atanh(Math.sqrt(E2))) / Math.sqrt(E2)) / 2;
/** Nodes and weights of eight points on -1..1. */
const GAUSS = [
  [0.1834346424956498, 0.3626837833783620],
  [0.5255324099163290, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
];

const radians = (degrees) => (degrees * Math.PI) / 180;

/**
 * The geodesic between two places.
 * @param {number[]} from longitude, latitude in degrees
 * @param {number[]} to
 * @returns {{length: number, under: number}} meters; square meters between the line and the equator,
 *   positive where it goes east in the north
 */
export function geodesic(from, to) {
  // the shorter way round; a small difference stays as exact as it is
  const east = radians(to[0] - from[0] - 360 * Math.round((to[0] - from[0]) / 360));
  const ends = [from, to].map(([, lat]) => Math.atan((1 - F) * Math.tan(radians(lat))));
  const [[s1, c1], [s2, c2]] = ends.map((beta) => [Math.sin(beta), Math.cos(beta)]);
  if (east === 0 && from[1] === to[1]) return { length: 0, under: 0 };
  let omega = east;
  for (let step = 0; step < STEPS; step += 1) {
    const [sine, cosine] = [Math.sin(omega), Math.cos(omega)];
    const arc = [Math.hypot(c2 * sine, c1 * s2 - s1 * c2 * cosine), s1 * s2 + c1 * c2 * cosine];
    const sigma = Math.atan2(...arc);
    const sinAlpha = (c1 * c2 * sine) / arc[0];
    const cos2 = 1 - sinAlpha * sinAlpha;
    const middle = cos2 > 1e-15 ? arc[1] - (2 * s1 * s2) / cos2 : 0;
    const c = (F / 16) * cos2 * (4 + F * (4 - 3 * cos2));
    const next = east + (1 - c) * F * sinAlpha * (sigma + c * arc[0] * (middle + c * arc[1] * (2 * middle * middle - 1)));
    const done = Math.abs(next - omega) <= 1e-15 * Math.abs(next);
    omega = next;
    if (Math.abs(omega) > Math.PI) break;
    if (!done) continue;
    const line = { s1, c1, s2, c2, omega, sigma, sinAlpha, cos2 };
    return { length: arcLength(line, { middle, arc }), under: areaUnder(line) };
  }
  return { length: NaN, under: NaN };
}

function arcLength({ sigma, cos2 }, { middle, arc }) {
  const u2 = (cos2 * (A * A - B * B)) / (B * B);
  const a = 1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)));
  const b = (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2)));
  const m2 = middle * middle;
  const last = (b / 6) * middle * (4 * arc[0] * arc[0] - 3) * (4 * m2 - 3);
  return B * a * (sigma - b * arc[0] * (middle + (b / 4) * (arc[1] * (2 * m2 - 1) - last)));
}

function areaUnder({ s1, c1, s2, c2, omega, sigma, sinAlpha, cos2 }) {
  const cosAlpha = Math.sqrt(Math.max(0, cos2));
  // the turn of the azimuth along the line, on the sphere
  const [low, high] = [Math.atan2(s1, c1), Math.atan2(s2, c2)];
  const turn = 2 * Math.atan2(Math.sin((low + high) / 2) * Math.sin(omega / 2), Math.cos((high - low) / 2) * Math.cos(omega / 2));
  const start = Math.atan2(s1, c1 * ((c1 * s2 - s1 * c2 * Math.cos(omega)) / Math.sin(sigma)));
  const flat = (at) => integrand(cosAlpha * Math.sin(at)) * Math.sin(at);
  let sum = 0;
  for (const [node, weight] of GAUSS) sum += weight * (flat(start + (sigma / 2) * (1 + node)) + flat(start + (sigma / 2) * (1 - node)));
  return AUTHALIC2 * turn - E2 * A * A * cosAlpha * sinAlpha * (sum * (sigma / 4));
}

/** Eq. 62: (t(e'^2) - t(k^2 sin^2 s)) / (e'^2 - k^2 sin^2 s) at the sine of a reduced latitude. */
function integrand(sine) {
  const t = (x) => x + Math.sqrt(1 / x + 1) * Math.asinh(Math.sqrt(x));
  const x = Math.max(SECOND2 * sine * sine, 1e-24);
  const gap = SECOND2 - x;
  return gap > 0 ? (t(SECOND2) - t(x)) / gap : 0;
}

/**
 * The length of a path in meters.
 * @param {number[][]} places longitude, latitude
 */
export function pathLength(places) {
  return places.slice(1).reduce((sum, place, at) => sum + geodesic(places[at], place).length, 0);
}

/**
 * The area of a ring in square meters, whichever way it turns; it holds no pole.
 * @param {number[][]} places longitude, latitude; the first need not come again
 */
export function ringArea(places) {
  if (places.length < 3) return 0;
  const sum = places.reduce((area, place, at) => area + geodesic(place, places[(at + 1) % places.length]).under, 0);
  return Math.abs(sum);
}

/**
 * Whether the sides of a ring cross: then its area is not what a reader means.
 * @param {number[][]} places
 */
export function isCrossed(places) {
  const turn = ([ax, ay], [bx, by], [cx, cy]) => Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
  const count = places.length;
  for (let i = 0; i < count; i += 1) {
    for (let j = i + 2; j < count; j += 1) {
      if (i === 0 && j === count - 1) continue;
      const [a, b, c, d] = [places[i], places[i + 1], places[j], places[(j + 1) % count]];
      if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) return true;
    }
  }
  return false;
}
