/** What people write to name a place: decimal degrees, degrees and minutes, eastings and northings. */

const NUMBER = "[+-]?\\d+(?:\\.\\d+)?";
const ANGLE = `(${NUMBER})\\s*(?:°\\s*(?:(\\d+(?:\\.\\d+)?)\\s*'\\s*(?:(\\d+(?:\\.\\d+)?)\\s*")?)?)?`;
const ONE = `(?:([NSEW])\\s*${ANGLE}|${ANGLE}\\s*([NSEW])?)`;
const TWO = new RegExp(`^${ONE}[\\s,;/]+${ONE}$`);
const CLOSE = new RegExp(`^${ONE}${ONE}$`);
const PREFIX = /^(EPSG\s*:?\s*\d{4,5}|CGCS2000|WGS-?84|GCJ-?02|BD-?09(?:MC)?)\s*[:,;]?\s+/;
/** No degree is larger: beyond it the numbers are meters. */
const MOST = 180;

/**
 * @typedef {Object} Reading
 * @property {"degrees"|"meters"} kind
 * @property {number} x longitude or easting
 * @property {number} y latitude or northing
 * @property {string|null} datum as written before the numbers
 * @property {boolean} sure whether the order was written, or no other is possible
 * @property {boolean} turned whether latitude or northing came first
 */

/**
 * Read a text.
 * @param {string} text
 * @returns {Reading|null}
 */
export function readPlace(text) {
  let plain = plainSigns(text);
  const datum = PREFIX.exec(plain);
  if (datum) plain = plain.slice(datum[0].length);
  const apart = TWO.exec(plain);
  const match = apart ?? CLOSE.exec(plain);
  if (!match) return null;
  const [one, other] = [angle(match.slice(1, 9)), angle(match.slice(9, 17))];
  // only letters keep two numbers apart that touch
  if (!one || !other || (!apart && !(one.letter && other.letter)) || (one.letter && other.letter && one.isNorth === other.isNorth)) return null;
  return ordered(one, other, datum ? datum[1].replace(/\s/g, "") : null);
}

/** Bring all the ways of writing the same sign to one. */
function plainSigns(text) {
  const signs = [[/[度º˚]/g, "°"], [/[分′’‘`]/g, "'"], [/[秒″”“]|''/g, '"'], [/[，、；]/g, ","], [/[：]/g, ":"], [/北纬|纬度/g, "N"], [/南纬/g, "S"], [/东经|经度/g, "E"], [/西经/g, "W"]];
  let plain = text.trim().normalize("NFKC").toUpperCase().replaceAll("−", "-");
  for (const [sign, one] of signs) plain = plain.replace(sign, one);
  return plain.replace(/\b(?:LAT|LATITUDE)\b/g, "N").replace(/\b(?:LON|LNG|LONGITUDE)\b/g, "E").replace(/([NSEW])\s*[:=]\s*/g, "$1 ").trim();
}

function angle([before, d1, m1, s1, d2, m2, s2, after]) {
  const letter = before ?? after ?? "";
  const [whole, minutes, seconds] = [d1 ?? d2, m1 ?? m2 ?? "0", s1 ?? s2 ?? "0"];
  if (Number(minutes) >= 60 || Number(seconds) >= 60) return null;
  const size = Math.abs(Number(whole)) + Number(minutes) / 60 + Number(seconds) / 3600;
  const sign = whole.startsWith("-") !== (letter === "S" || letter === "W") ? -1 : 1;
  return { value: sign * size, letter, isNorth: letter === "N" || letter === "S" };
}

function ordered(one, other, datum) {
  const size = (part) => Math.abs(part.value);
  const kind = size(one) > MOST || size(other) > MOST ? "meters" : "degrees";
  const said = one.letter || other.letter;
  let turned = one.letter ? one.isNorth : Boolean(other.letter) && !other.isNorth;
  let sure = Boolean(said);
  if (!said && kind === "degrees" && (size(one) > 90 || size(other) > 90)) {
    sure = true;
    turned = size(other) > 90;
  }
  // an easting has at most six digits, or eight with the number of its zone before it
  if (!said && kind === "meters") turned = size(one) > 1e6 && size(one) < 1.1e7 && (size(other) < 1e6 || size(other) > 1.1e7);
  if (!said && kind === "meters") sure = turned || size(one) < 1e6 || size(one) > 1.1e7;
  const [x, y] = turned ? [other.value, one.value] : [one.value, other.value];
  return kind === "degrees" && Math.abs(y) > 90 ? null : { kind, x, y, datum, sure, turned };
}

/** The code of the grid of an easting with the number of its zone before it, else null. */
export function zoneCode(x) {
  const zone = Math.floor(x / 1e6);
  return zone >= 25 && zone <= 45 ? `EPSG:${4513 + zone - 25}` : null;
}
