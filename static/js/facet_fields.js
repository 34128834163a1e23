/**
 * What the facets of a layer are, and how many features each choice would leave: pure counting.
 * A field counts what passes the filters on the other fields.
 */
import { matches } from "./filters.js";

/** A field of more different values is no list to choose from. */
export const MOST = 200;
/** Above this share of different values a text names features, it does not group them. */
const SHARE = 0.34;
const BARS = 14;
const DAY = 86400000;
/** What stands where there is no value. */
const NONE = new Set([null, undefined, ""]);

/**
 * @typedef {Object} Facet
 * @property {Object} field
 * @property {"codes"|"number"|"day"} kind
 * @property {string[]} codes of all features, in the order in which they are shown; "" for no value
 * @property {{low: any, high: any, label: [any, any]}[]} bins
 */

/** The code of a value as filters write it. */
export function codeOf(value) {
  if (value === null || value === undefined || value === "") return "";
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
}

function codesOf(value) {
  if (!Array.isArray(value)) return [codeOf(value)];
  return value.length ? value.map(codeOf) : [""];
}

/**
 * The facets that a layer offers: never a personal field, never one that tells nothing apart.
 * @param {Object[]} fields
 * @param {{count: number, value: (name: string, row: number) => any}} rows all features
 * @param {Intl.Collator} words
 * @returns {Facet[]}
 */
export function facetsOf(fields, rows, words) {
  return fields.filter(({ masked, single, type }) => !masked && !single && type !== "time").map((field) => facet(field, rows, words)).filter(Boolean);
}

function facet(field, rows, words) {
  const tally = tallies([], [field.name], rows).get(field.name);
  const labels = Object.keys(field.labels ?? {});
  const numeric = field.type === "integer" || field.type === "number";
  if (!labels.length && (numeric || field.type === "date" || field.type === "datetime")) return rangeFacet(field, tally, numeric);
  const found = countCodes(tally);
  if (found.size < 2) return null;
  if (!labels.length && field.type === "string" && (found.size > MOST || found.size > rows.count * SHARE)) return null;
  if (found.size > MOST) return null;
  const known = labels.filter((code) => found.has(code));
  const rest = [...found.keys()].filter((code) => code && !known.includes(code));
  rest.sort((a, b) => found.get(b) - found.get(a) || words.compare(a, b));
  if (field.type === "boolean") rest.sort().reverse();
  return { field, kind: "codes", codes: [...known, ...rest, ...(found.has("") ? [""] : [])], bins: [], hasNone: found.has("") };
}

function rangeFacet(field, tally, numeric) {
  const ends = endsOf(tally);
  if (!ends || ends[0] === ends[1]) return null;
  const bins = numeric ? numberBins(ends.map((end) => Number(codeOf(end))), field.type === "integer") : dayBins(ends);
  return { field, kind: numeric ? "number" : "day", codes: [], bins, hasNone: [...NONE].some((none) => tally.has(none)) };
}

/** The least and the greatest value, null where there is none. */
export function endsOf(tally) {
  let ends = null;
  for (const value of tally.keys()) {
    if (NONE.has(value)) continue;
    ends ??= [value, value];
    if (value < ends[0]) ends[0] = value;
    if (value > ends[1]) ends[1] = value;
  }
  return ends;
}

/**
 * Bins of equal round width over numbers.
 * @returns {{low: number, high: number}[]} both ends included; whole numbers do not overlap
 */
export function numberBins([least, most], whole) {
  const rough = (most - least) / BARS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max([1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough), whole ? 1 : 0);
  const bins = [];
  for (let number = Math.floor(least / step); number * step <= most; number += 1) {
    const [low, next] = [tidy(number * step), tidy((number + 1) * step)];
    bins.push({ low, high: whole ? next - 1 : next });
  }
  return bins;
}

function tidy(value) {
  return Number(value.toPrecision(12));
}

/**
 * Weeks from Monday, or months, or years, that hold the days between two.
 * @param {string[]} ends ISO texts
 * @param {"week"|"month"|"year"|null} [unit] null chooses the finest that fits
 * @returns {{low: string, high: string}[]} first and last day of each
 */
export function dayBins([first, last], unit = null) {
  const [from, to] = [first, last].map((text) => Date.parse(`${text.slice(0, 10)}T00:00:00Z`));
  if (!(from <= to)) return [];
  const days = (to - from) / DAY;
  const step = unit ?? (days <= 7 * BARS ? "week" : days <= 31 * 2 * BARS ? "month" : "year");
  const bins = [];
  for (let start = floorDay(from, step); start <= to; ) {
    const next = nextDay(start, step);
    bins.push({ low: isoDay(start), high: isoDay(next - DAY) });
    start = next;
  }
  return bins;
}

function floorDay(time, step) {
  const day = new Date(time);
  if (step === "week") return time - ((day.getUTCDay() + 6) % 7) * DAY;
  return Date.UTC(day.getUTCFullYear(), step === "month" ? day.getUTCMonth() : 0, 1);
}

function nextDay(time, step) {
  const day = new Date(time);
  if (step === "week") return time + 7 * DAY;
  return step === "month" ? Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1) : Date.UTC(day.getUTCFullYear() + 1, 0, 1);
}

function isoDay(time) {
  return new Date(time).toISOString().slice(0, 10);
}

/**
 * For each field how many rows have each value, of those that pass the filters on all other fields:
 * in one pass over the rows. Rows that lie in columns count themselves.
 * @param {Filter[]} filters of one layer
 * @param {string[]} names of the fields that are asked about
 * @param {{count: number, field: Function, value: Function, tallies?: Function}} rows all features
 * @returns {Map<string, Map<any, number>>}
 */
export function tallies(filters, names, rows) {
  if (rows.tallies) return rows.tallies(filters, names);
  const { field, value } = rows;
  const tests = filters
    .map((item) => [item, field(item.field)])
    .filter(([, about]) => about && !about.masked)
    .map(([item, about]) => [item.field, (row) => matches(item, about, value(item.field, row))]);
  const found = new Map(names.map((name) => [name, new Map()]));
  const adds = new Map(
    [...found].map(([name, tally]) => [
      name,
      (row) => {
        const own = value(name, row);
        tally.set(own, (tally.get(own) ?? 0) + 1);
      },
    ]),
  );
  countPassing(rows.count, tests, adds);
  return found;
}

/**
 * Count each row for the fields whose filters alone it may fail.
 * @param {number} count of rows
 * @param {[string, (row: number) => boolean][]} tests field and verdict
 * @param {Map<string, (row: number) => void>} adds by field
 */
export function countPassing(count, tests, adds) {
  const all = [...adds.values()];
  for (let row = 0; row < count; row += 1) {
    let failed = null;
    let out = false;
    for (const [name, passes] of tests) {
      if (name === failed || passes(row)) continue;
      out = failed !== null;
      if (out) break;
      failed = name;
    }
    if (out) continue;
    if (failed !== null) adds.get(failed)?.(row);
    else for (const add of all) add(row);
  }
}

/**
 * How many rows have each code.
 * @param {Map<any, number>} tally
 * @returns {Map<string, number>}
 */
export function countCodes(tally) {
  const counts = new Map();
  for (const [value, count] of tally) for (const code of codesOf(value)) counts.set(code, (counts.get(code) ?? 0) + count);
  return counts;
}

/**
 * How many rows lie in each bin.
 * @param {{kind: string, bins: {low: any}[]}} facet
 * @param {Map<any, number>} tally
 * @returns {number[]}
 */
export function countBins({ kind, bins }, tally) {
  const counts = bins.map(() => 0);
  for (const [value, count] of tally) {
    if (NONE.has(value)) continue;
    const at = lastFrom(bins, kind === "day" ? String(value).slice(0, 10) : value);
    if (at >= 0) counts[at] += count;
  }
  return counts;
}

/** The last bin that begins at or before a value. */
function lastFrom(bins, key) {
  let [low, high] = [0, bins.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bins[middle].low <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
