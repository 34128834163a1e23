/**
 * Conditions on the fields of a layer: `f.<layer>.<field>=code,code` (an empty code is a missing
 * value) or `low..high`, both ends included, either may be open. `geosvc/map_state` reads and writes
 * the same; one table of examples holds both sides to it.
 */

const NAME = /^f\.([a-z0-9_]+)\.(.+)$/;
const NUMBERS = ["integer", "number"];

/**
 * @typedef {Object} Filter
 * @property {string} layer
 * @property {string} field
 * @property {string[]|null} codes null for a range
 * @property {string} low empty where open
 * @property {string} high
 */

/** Whether a parameter of an address is a filter. */
export function isFilterName(name) {
  return NAME.test(name);
}

/**
 * Read the filters of an address.
 * @param {string} search
 * @returns {Filter[]} in the order in which they are written, without repeats
 */
export function parseFilters(search) {
  const found = [];
  for (const [name, text] of new URLSearchParams(search)) {
    const match = NAME.exec(name);
    if (!match) continue;
    const [, layer, field] = match;
    const dots = text.indexOf("..");
    if (dots < 0) found.push({ layer, field, codes: text.split(",").map(plain), low: "", high: "" });
    else found.push({ layer, field, codes: null, low: text.slice(0, dots), high: text.slice(dots + 2) });
  }
  return canonical(found);
}

function plain(code) {
  try {
    return decodeURIComponent(code);
  } catch {
    // a sign of percent that encodes nothing
    return code;
  }
}

/** Write one filter as a parameter; the commas between codes stay readable. */
export function formatFilter({ layer, field, codes, low, high }) {
  const inner = (code) => code.replaceAll("%", "%25").replaceAll(",", "%2C").replaceAll("..", "%2E%2E");
  const value = codes ? codes.map(inner).join(",") : `${low}..${high}`;
  return `f.${layer}.${field}=${encodeURIComponent(value).replaceAll("%2C", ",")}`;
}

/**
 * Bring filters into the one order in which they are written; codes sorted, nothing twice.
 * @param {Filter[]} filters
 */
export function canonical(filters) {
  const tidy = filters.map((item) => ({ ...item, codes: item.codes && [...new Set(item.codes)].sort() }));
  const rank = ({ layer, field, codes, low, high }) => [[layer], [field], codes ?? [], [low], [high]];
  const ordered = tidy.sort((a, b) => compare(rank(a), rank(b)));
  return ordered.filter((item, at) => !at || formatFilter(item) !== formatFilter(ordered[at - 1]));
}

function compare(one, other) {
  for (const [part, list] of one.entries()) {
    for (let at = 0; at < Math.max(list.length, other[part].length); at += 1) {
      if (list[at] === other[part][at]) continue;
      return list[at] === undefined || list[at] < other[part][at] ? -1 : 1;
    }
  }
  return 0;
}

function isMissing(value) {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
}

/**
 * Whether a value passes one filter.
 * @param {Filter} filter
 * @param {{type: string}} field
 * @param {any} value of a column
 * @returns {boolean}
 */
export function matches({ codes, low, high }, field, value) {
  if (isMissing(value)) return Boolean(codes?.includes(""));
  const counted = NUMBERS.includes(field.type);
  if (!codes && counted) return (low === "" || value >= Number(low)) && (high === "" || value <= Number(high));
  // a moment lies within a day or a month that names its first digits
  if (!codes) return (low === "" || String(value).slice(0, low.length) >= low) && (high === "" || String(value).slice(0, high.length) <= high);
  if (Array.isArray(value)) return value.some((item) => codes.includes(item));
  if (!counted) return codes.includes(String(value));
  // a code has six digits, a number may have more
  const six = field.type === "number" ? Number(value.toPrecision(6)) : value;
  return codes.some((code) => code !== "" && (Number(code) === value || Number(code) === six));
}

/**
 * The rows that pass all filters; one on a field that is not there, or is personal, does not count.
 * @param {Filter[]} filters of one layer
 * @param {{count: number, field: (name: string) => Object|undefined, value: (name: string, row: number) => any}} rows
 * @returns {number[]}
 */
export function passing(filters, { count, field, value }) {
  const tests = filters.map((item) => [item, field(item.field)]).filter(([, about]) => about && !about.masked);
  const found = [];
  for (let row = 0; row < count; row += 1) {
    if (tests.every(([item, about]) => matches(item, about, value(item.field, row)))) found.push(row);
  }
  return found;
}
