/** Reading JSON: by URL, or from a block of this document (`#id`, in a notebook). */

/**
 * @param {string} url an address of our own or `#<element id>`
 * @param {{again?: boolean}} [options] whether an address that is gone loads the page anew
 * @returns {Promise<any>}
 */
export async function readJson(url, { again = true } = {}) {
  if (url.startsWith("#")) {
    const block = document.getElementById(url.slice(1));
    if (!block) throw new Error(`no block ${url}`);
    return JSON.parse(block.textContent);
  }
  return (await ask(url, again)).json();
}

/**
 * Read bytes by URL.
 * @param {string} url
 * @param {{missing?: () => any}} [options] what stands for an address that is not there
 * @returns {Promise<ArrayBuffer|any>}
 */
export async function readBytes(url, { missing = null } = {}) {
  const answer = await ask(url, !missing, Boolean(missing));
  return answer.ok ? answer.arrayBuffer() : missing();
}

async function ask(url, again, may404 = false) {
  // cross-origin without cookies: an embed in a sandboxed frame has no origin of its own
  const answer = await fetch(url, { mode: "cors", credentials: "same-origin" });
  if (answer.status === 404 && again && !isReloaded()) {
    // the layer was revised after this page was made: the page's new version knows the new address
    location.reload();
    return new Promise(() => {});
  }
  if (!answer.ok && !(may404 && answer.status === 404)) throw new Error(`${answer.status} ${url}`);
  return answer;
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
  // a column of numbers has NaN where there is none
  if (column.values) return Number.isNaN(column.values[index]) ? null : (column.values[index] ?? null);
  const code = column.codes[index];
  return code < 0 ? null : (column.dictionary[code] ?? null);
}
