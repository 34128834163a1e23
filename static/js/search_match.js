/**
 * Finding names: by any part, by pinyin across syllables, by initials, by code. Works on the index
 * that the service makes (`geosvc/search.py`) and knows nothing of the page.
 */

/** How a text was met, the best first. */
export const EXACT = 0;
export const PREFIX = 1;
export const PART = 2;
export const PINYIN = 3;
export const INITIALS = 4;
/** A group of results shows no more. */
export const MOST = 8;
/** What does not count, in the query and in names: blanks and what stands between syllables. */
const IDLE = /[\s'’·\-‐–—_]/u;
const MARKS = /\p{M}/gu;
const LETTERS = /[a-z]/;
const STEPS_PER_DEGREE = 1e5;

/**
 * @typedef {Object} Entry one text of one row
 * @property {string} text as it is shown
 * @property {string} folded as it is compared
 * @property {number[]|null} at where each folded character stands in the text, null where it is the same
 * @property {(string[]|null)[]} units readings of each folded character, null where it says itself
 * @property {number[]} starts the letters that each of these may begin with: a bit each
 * @property {number} sounds all of them
 */

/**
 * @typedef {Object} Hit
 * @property {number} row
 * @property {number} field
 * @property {number} kind
 * @property {number[]} span from and to in the text of that field
 * @property {number} score the less the better
 * @property {boolean} [doubtful] met by the initial of a rare reading
 * @property {number} away degrees of latitude from the center
 */

/** Write a character as it is compared. */
function foldChar(char) {
  const plain = char.normalize("NFKC").toLowerCase();
  return IDLE.test(plain) ? "" : plain;
}

/**
 * Write a query as names are compared.
 * @param {string} text
 * @returns {string}
 */
export function fold(text) {
  return Array.from(text.slice(0, 80), foldChar).join("");
}

/** The query for pinyin: tái and nǚ as keyboards write them. */
function unmarked(query) {
  return query.normalize("NFD").replace(/u(\p{M}*)\u0308/gu, "v$1").replace(MARKS, "").normalize("NFC");
}

/** The bit of a letter from a to z, 0 for other signs. */
function bit(letter) {
  const code = letter.charCodeAt(0) - 97;
  return code >= 0 && code < 26 ? 1 << code : 0;
}

function entry(text, readings, said) {
  const at = [];
  const units = [];
  const starts = [];
  let sounds = 0;
  let folded = "";
  let place = 0;
  let spoken = 0;
  for (const char of text) {
    const plain = foldChar(char);
    const known = readings.get(char);
    for (let i = 0; i < plain.length; i += 1) {
      at.push(place);
      const unit = known && plain.length === 1 ? ordered(known, said?.[spoken]) : null;
      units.push(unit);
      let start = bit(plain[i]);
      for (const reading of unit ?? []) start |= bit(reading);
      starts.push(start);
      sounds |= start;
    }
    if (known) spoken += 1;
    folded += plain;
    place += char.length;
  }
  return { text, folded, units, starts, sounds, at: at.every((value, index) => value === index) ? null : at };
}

const reordered = new Map();

/** The readings of a character in a text that is said otherwise. */
function ordered(known, first) {
  if (!first || known[0] === first) return known;
  const name = `${first} ${known.join(" ")}`;
  if (!reordered.has(name)) reordered.set(name, [first, ...known.filter((item) => item !== first)]);
  return reordered.get(name);
}

/**
 * Make an index ready to be searched.
 * @param {{layers: Object[], readings: Object<string, string>, said: Object<string, string>}} json
 * @returns {{id: string, keys: string[], classes: number[], merged: string|null, fields: (Entry|null)[][], box: Function}[]}
 */
export function prepare({ layers, readings, said }) {
  const known = new Map(Object.entries(readings).map(([char, text]) => [char, text.split(" ")]));
  const spoken = new Map(Object.entries(said).map(([text, words]) => [text, words.split(" ")]));
  const one = (text) => (text === null ? null : entry(text, known, spoken.get(text)));
  return layers.map((layer) => ({
    id: layer.id,
    keys: layer.keys,
    classes: layer.class,
    merged: layer.merged ?? null,
    fields: layer.texts.map((column) => column.map(one)),
    box: (row) => boxOf(layer, row),
  }));
}

/** West, south, east, north of a row in degrees. */
function boxOf({ lon, lat, box }, row) {
  const steps = box ? box.slice(4 * row, 4 * row + 4) : [lon[row], lat[row], lon[row], lat[row]];
  return steps.map((value) => value / STEPS_PER_DEGREE);
}

/**
 * Search.
 * @param {ReturnType<typeof prepare>} layers
 * @param {string} text what the reader wrote
 * @param {number[]} [center] longitude and latitude: of equals the nearer comes first
 * @returns {{layer: Object, total: number, hits: Hit[]}[]} the group with the best hit first
 */
export function search(layers, text, center = null) {
  const query = fold(text);
  if (!query) return [];
  const task = { query, letters: LETTERS.test(unmarked(query)) ? unmarked(query) : "" };
  const all = layers.map((layer) => hitsOf(layer, task));
  const sure = all.map((hits) => hits.filter(({ doubtful }) => !doubtful));
  const taken = sure.some((hits) => hits.length) ? sure : all;
  const groups = layers.map((layer, at) => group(layer, taken[at], center)).filter(({ total }) => total > 0);
  return groups.sort((a, b) => a.hits[0].score - b.hits[0].score);
}

function hitsOf(layer, task) {
  const hits = [];
  for (let row = 0; row < layer.keys.length; row += 1) {
    const best = bestOf(layer, row, task);
    if (best) hits.push(best);
  }
  return hits;
}

function group(layer, hits, center) {
  // how far away one is counts only among those that can be shown
  const least = Float64Array.from(hits, ({ score }) => score).sort()[MOST - 1] ?? Infinity;
  const best = hits.filter(({ score }) => score <= least);
  for (const hit of best) hit.away = center ? distance(layer.box(hit.row), center) : 0;
  best.sort((a, b) => a.score - b.score || a.away - b.away || a.row - b.row);
  return { layer, total: hits.length, hits: best.slice(0, MOST) };
}

/** How far a box is from a place, in degrees of latitude. */
function distance([west, south, east, north], [lon, lat]) {
  const x = Math.max(west - lon, 0, lon - east) * Math.cos((lat * Math.PI) / 180);
  const y = Math.max(south - lat, 0, lat - north);
  return Math.hypot(x, y);
}

function bestOf({ fields }, row, task) {
  let best = null;
  for (let field = 0; field < fields.length; field += 1) {
    const found = fields[field][row] && meet(fields[field][row], task);
    if (!found) continue;
    // of two fields the first names the feature
    const score = found.score + (field ? 0.5 : 0);
    if (!best || score < best.score) best = Object.assign(found, { row, field, score });
  }
  return best;
}

/** How one text meets the query, null where it does not. */
function meet(item, { query, letters }) {
  const from = item.folded.indexOf(query);
  if (from >= 0) {
    const kind = from > 0 ? PART : item.folded.length === query.length ? EXACT : PREFIX;
    return { kind, score: 10 * kind, span: span(item, from, from + query.length) };
  }
  return letters ? speak(item, letters) : null;
}

function span({ text, at, folded }, from, to) {
  if (!at) return [from, to];
  return [at[from], to < folded.length ? at[to] : text.length];
}

/** Meet a text by how it is said, from any of its characters on. */
function speak(item, letters) {
  let best = null;
  const first = bit(letters);
  // most names have no such sound, and most signs of the others have another one
  if (first && !(item.sounds & first)) return null;
  for (let from = 0; from < item.units.length; from += 1) {
    if (first && !(item.starts[from] & first)) continue;
    const found = follow(item, from, letters, 0);
    if (!found) continue;
    const short = found.short > 0 || letters.length === 1;
    const kind = short ? INITIALS : PINYIN;
    const place = from ? 2 : found.end < item.units.length ? 1 : 0;
    const score = 10 * kind + Math.min(found.rare, 2) * 3 + place;
    // an initial of a reading that few know: only where nothing else is found
    const doubtful = kind === INITIALS && found.rare > 0;
    if (!best || score < best.score) best = { kind, score, doubtful, span: span(item, from, found.end) };
  }
  return best;
}

/**
 * Follow the letters from one character on: each says itself, a syllable, or its initial; the last
 * may be begun only.
 * @returns {{end: number, short: number, rare: number}|null} with as few initials and rare readings
 *   as can be
 */
function follow(item, unit, letters, done) {
  if (done === letters.length) return { end: unit, short: 0, rare: 0 };
  if (unit >= item.units.length) return null;
  const readings = item.units[unit];
  let best = null;
  const take = (length, short, rare) => {
    const rest = follow(item, unit + 1, letters, done + length);
    if (!rest) return;
    const found = { end: rest.end, short: rest.short + short, rare: rest.rare + rare };
    if (!best || found.short * 8 + found.rare < best.short * 8 + best.rare) best = found;
  };
  if (letters[done] === item.folded[unit]) take(1, 0, 0);
  if (!readings) return best;
  readings.forEach((reading, number) => {
    if (reading[0] !== letters[done]) return;
    const left = letters.length - done;
    const rare = number ? 1 : 0;
    if (letters.startsWith(reading, done)) take(reading.length, 0, rare);
    else if (left < reading.length && reading.startsWith(letters.slice(done))) take(left, 0, rare);
    if (reading.length > 1) take(1, 1, rare);
    if (reading[1] === "h" && letters[done + 1] === "h") take(2, 1, rare);
  });
  return best;
}
