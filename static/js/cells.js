/** Cells of tables: order, alignment, badges and locks; the same on a layer's page and under the map. */
import { h, icon } from "./dom.js";
import { value } from "./format.js";
import { badge } from "./popup.js";

/** Order of two values: nothing last, numbers by size, texts by the reader's language. */
export function comparer(language) {
  const words = new Intl.Collator(language === "zh" ? "zh-CN" : "en", { numeric: true });
  return (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === "number" && typeof b === "number") return a - b;
    return words.compare(String(a), String(b));
  };
}

/**
 * Put rows into the order of their values; nothing stays last in both directions.
 * @param {number[]} order rows, changed in place
 * @param {any[]} values by row
 * @param {{down: boolean, language: "zh"|"en"}} options
 */
export function sortRows(order, values, { down, language }) {
  const compare = comparer(language);
  return order.sort((a, b) => {
    const [p, q] = [values[a], values[b]];
    const way = p === null || q === null || !down ? 1 : -1;
    return way * compare(p, q) || a - b;
  });
}

/** Whether a field holds quantities, which stand at the right. */
export function isNumber({ type, labels }) {
  return (type === "integer" || type === "number") && !Object.keys(labels ?? {}).length;
}

/** The text of a cell; the unit stands in the head. */
export function cellText(field, raw, words) {
  return value(raw, { ...field, unit: null }, words);
}

/**
 * One cell of a table.
 * @param {Object} field
 * @param {any} raw
 * @param {{language: "zh"|"en", yes: string, no: string, masked: string}} words
 * @returns {HTMLTableCellElement}
 */
export function cell(field, raw, words) {
  const text = cellText(field, raw, words);
  const label = raw === null || Array.isArray(raw) ? null : field.labels?.[String(raw)];
  const shown = label?.tone && label.tone !== "plain" ? badge(text, label.tone) : h("bdi", { text });
  const lock = field.masked && raw !== null ? [icon("lock"), h("span", { class: "sr", text: words.masked })] : [];
  return h("td", { class: isNumber(field) ? "num" : null, title: text.length > 40 ? text.slice(0, 500) : null }, shown, ...lock);
}

/** The icon of a column's order. */
export function orderIcon(on, down) {
  return icon(on ? (down ? "chevron-down" : "chevron-up") : "arrow-up-down");
}
