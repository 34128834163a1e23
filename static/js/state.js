/**
 * What the address says: `?z=14.25&c=121.10123,33.50123&layers=a,b&sel=layer/key&table=a&f.a.field=x&lang=en`.
 * A value that makes no sense is left out. A sandboxed frame may not write its address: then it
 * only reads.
 */
import { canonical, formatFilter, isFilterName, parseFilters } from "./filters.js";

const OWN = ["z", "c", "layers", "sel", "table"];
/** What single parts of the page keep, and read themselves: `order=a,b&opacity=a:60&as=a:heat`. */
const MORE = ["order", "opacity", "as", "sort", "cols", "inview", "base", "display"];
const ID = /^[a-z0-9_]+$/;

/**
 * @typedef {Object} State
 * @property {number|null} zoom
 * @property {number[]|null} center longitude, latitude
 * @property {string[]|null} layers
 * @property {{layer: string, key: string}|null} selected
 * @property {string|null} [table] the layer whose records stand under the map
 * @property {Filter[]} [filters]
 * @property {Object<string, string>} [more] by parameter; empty ones are left out
 */

/** The state that a page opens with: of its address, or of the file that it is. */
export function askedState(mode) {
  const block = mode === "notebook" ? document.getElementById("geosvc_view") : null;
  return parseState(mode === "notebook" ? JSON.parse(block?.textContent ?? '""') : location.search);
}

/**
 * Read the state of an address.
 * @param {string} search query with its question mark
 * @returns {State}
 */
export function parseState(search) {
  const query = new URLSearchParams(search);
  return {
    zoom: numberBetween(query.get("z"), 1, 22),
    center: parseCenter(query.get("c")),
    layers: query.has("layers") ? query.get("layers").split(",").filter((id) => ID.test(id)) : null,
    selected: parseSelected(query.get("sel")),
    table: ID.test(query.get("table") ?? "") ? query.get("table") : null,
    filters: parseFilters(search),
    more: Object.fromEntries(MORE.map((name) => [name, query.get(name) ?? ""])),
  };
}

function numberBetween(text, low, high) {
  const value = text === null || text.trim() === "" ? NaN : Number(text);
  return value >= low && value <= high ? value : null;
}

function parseCenter(text) {
  const parts = (text ?? "").split(",");
  const lon = numberBetween(parts[0] ?? null, -180, 180);
  const lat = numberBetween(parts[1] ?? null, -85, 85);
  return parts.length === 2 && lon !== null && lat !== null ? [lon, lat] : null;
}

function parseSelected(text) {
  const cut = (text ?? "").indexOf("/");
  if (cut < 1 || cut === text.length - 1 || !ID.test(text.slice(0, cut))) return null;
  return { layer: text.slice(0, cut), key: text.slice(cut + 1) };
}

/**
 * Write a state as a query; what is not ours stays, and stays readable.
 * @param {string} search the query until now
 * @param {State} state
 * @returns {string} with its question mark, or empty
 */
export function formatState(search, { zoom, center, layers, selected, table = null, filters = [], more = {} }) {
  const parts = [];
  if (zoom !== null) parts.push(`z=${Number(zoom.toFixed(2))}`);
  if (center) parts.push(`c=${center.map((value) => value.toFixed(5)).join(",")}`);
  if (layers) parts.push(`layers=${layers.join(",")}`);
  if (selected) parts.push(`sel=${selected.layer}/${encodeURIComponent(selected.key)}`);
  if (table) parts.push(`table=${table}`);
  const kept = MORE.filter((name) => more[name]).map((name) => [name, encodeURIComponent(more[name]).replaceAll("%2C", ",").replaceAll("%3A", ":")]);
  parts.push(...kept.map(([name, text]) => `${name}=${text}`), ...canonical(filters).map(formatFilter));
  for (const [name, value] of new URLSearchParams(search)) {
    if (!OWN.includes(name) && !MORE.includes(name) && !isFilterName(name)) parts.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  }
  return parts.length ? `?${parts.join("&")}` : "";
}

/**
 * Put the state into the address.
 * @param {State} state
 * @param {boolean} step whether Back should come here again
 */
export function writeState(state, step) {
  const search = formatState(location.search, state);
  if (search === location.search) return;
  try {
    history[step ? "pushState" : "replaceState"](null, "", location.pathname + search + location.hash);
  } catch {
    // no address of its own (a sandboxed frame, a file): the state is only not kept
  }
  for (const link of document.querySelectorAll("a[data-geosvc=switch]")) keepQuery(link, state);
}

/** The language switch keeps the view that the reader has. */
function keepQuery(link, state) {
  const url = new URL(link.href, document.baseURI);
  url.search = formatState(url.search, state);
  link.href = url.href;
}
