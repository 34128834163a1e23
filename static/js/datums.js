/**
 * From longitude and latitude (CGCS2000) to other datums and grids, as `geosvc.gcj02` and PROJ do it.
 */

const A = 6378137;
const F = 1 / 298.257222101;
/** Krasovsky 1940, on which the formula of GCJ-02 stands; its box is west, south, east, north. */
const OLD = { radius: 6378245, e2: 0.00669342162296594323, box: [72.004, 0.8293, 137.8347, 55.8271] };
const N = F / (2 - F);
/** The series of Krüger (1912) in the third flattening, to its fourth power: below a millimeter. */
const ALPHA = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
  (61 / 240) * N ** 3 - (103 / 140) * N ** 4,
  (49_561 / 161_280) * N ** 4,
];
const RECTIFYING = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);

const radians = (degrees) => (degrees * Math.PI) / 180;
const degrees = (angle) => (angle * 180) / Math.PI;

/** The waves of the formula: how many half turns a degree, and how many meters high. */
const SHARED = [6, 20, 2, 20];
const EASTWARD = [1, 20, 1 / 3, 40, 1 / 12, 150, 1 / 30, 300];
const NORTHWARD = [1, 20, 1 / 3, 40, 1 / 12, 160, 1 / 30, 320];
/** Each step back gains a factor of 250: six reach 1e-14 degrees. */
const STEPS = 6;

function waves(value, terms) {
  let sum = 0;
  for (let at = 0; at < terms.length; at += 2) sum += (terms[at + 1] * 2 * Math.sin(terms[at] * Math.PI * value)) / 3;
  return sum;
}

function inBox(lon, lat) {
  const [west, south, east, north] = OLD.box;
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

function shift(lon, lat) {
  const [x, y] = [lon - 105, lat - 35];
  const root = 0.2 * Math.sqrt(Math.abs(x));
  const shared = waves(x, SHARED);
  const right = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + root / 2 + shared + waves(x, EASTWARD);
  const up = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + root + shared + waves(y, NORTHWARD);
  const w2 = 1 - OLD.e2 * Math.sin(radians(lat)) ** 2;
  const prime = (OLD.radius / Math.sqrt(w2)) * Math.cos(radians(lat));
  const meridian = (OLD.radius * (1 - OLD.e2)) / (w2 * Math.sqrt(w2));
  return [lon + degrees(right / prime), lat + degrees(up / meridian)];
}

/**
 * Shift a place to GCJ-02, by the public formula.
 * @param {number} lon degrees
 * @param {number} lat
 * @returns {number[]} longitude, latitude; unchanged outside the box of the formula
 */
export function toGcj02(lon, lat) {
  return inBox(lon, lat) ? shift(lon, lat) : [lon, lat];
}

/**
 * Bring a place back, as the exact inverse of `toGcj02`: what is pressed on a map that is drawn in
 * GCJ-02. Coordinates that somebody wrote are brought back by the service, where its profile lets it.
 * @param {number} lon degrees
 * @param {number} lat
 * @returns {number[]} longitude, latitude
 */
export function fromGcj02(lon, lat) {
  if (!inBox(lon, lat)) return [lon, lat];
  let [x, y] = [lon, lat];
  for (let step = 0; step < STEPS; step += 1) {
    const [there, up] = shift(x, y);
    x -= there - lon;
    y -= up - lat;
  }
  return [x, y];
}

/**
 * Project a place to a transverse Mercator grid.
 * @param {{meridian: number, scale: number, false_northing_m: number}} grid
 * @param {number} lon degrees
 * @param {number} lat
 * @returns {number[]} easting, northing in meters
 */
export function toGrid({ meridian, scale, false_northing_m: low }, lon, lat) {
  const sine = Math.sin(radians(lat));
  const root = (2 * Math.sqrt(N)) / (1 + N);
  const t = Math.sinh(Math.atanh(sine) - root * Math.atanh(root * sine));
  const away = radians(lon - meridian);
  const xi = Math.atan2(t, Math.cos(away));
  const eta = Math.atanh(Math.sin(away) / Math.hypot(1, t));
  let [east, north] = [eta, xi];
  ALPHA.forEach((alpha, at) => {
    const twice = 2 * (at + 1);
    east += alpha * Math.cos(twice * xi) * Math.sinh(twice * eta);
    north += alpha * Math.sin(twice * xi) * Math.cosh(twice * eta);
  });
  return [500_000 + scale * RECTIFYING * east, low + scale * RECTIFYING * north];
}

/** Degrees, minutes and seconds: `121°06′00.00″`. */
export function sexagesimal(value, digits = 2) {
  const step = 10 ** digits;
  const all = Math.round(Math.abs(value) * 3600 * step);
  const pad = (number, width) => String(number).padStart(width, "0");
  const seconds = pad(((all % (60 * step)) / step).toFixed(digits), digits ? 3 + digits : 2);
  return `${Math.floor(all / (3600 * step))}°${pad(Math.floor(all / (60 * step)) % 60, 2)}′${seconds}″`;
}
