/** Reading JSON: by URL, or from a block of this document (`#id`, in a notebook). */

/**
 * @param {string} url an address of our own or `#<element id>`
 * @returns {Promise<any>}
 */
export async function readJson(url) {
  if (url.startsWith("#")) {
    const block = document.getElementById(url.slice(1));
    if (!block) throw new Error(`no block ${url}`);
    return JSON.parse(block.textContent);
  }
  // cross-origin without cookies: an embed in a sandboxed frame has no origin of its own
  const answer = await fetch(url, { mode: "cors", credentials: "same-origin" });
  if (answer.status === 404 && !isReloaded()) {
    // the layer was revised after this page was made: the page's new version knows the new address
    location.reload();
    return new Promise(() => {});
  }
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer.json();
}

/** Whether this page was loaded again already: one new try is enough. */
function isReloaded() {
  return performance.getEntriesByType("navigation")[0]?.type === "reload";
}

/**
 * One value of a column.
 * @param {{values?: any[], codes?: number[], dictionary?: any[]}|undefined} column
 * @param {number} index
 * @returns {any} null where there is none
 */
export function valueAt(column, index) {
  if (!column) return null;
  if (column.values) return column.values[index] ?? null;
  const code = column.codes[index];
  return code < 0 ? null : (column.dictionary[code] ?? null);
}
