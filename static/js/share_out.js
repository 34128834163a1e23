/** What leaves the share dialog: text and pictures to the clipboard, files to the disk. */

/** Why a file did not come, in the words of the service. */
export class Refused extends Error {}

/**
 * Ask for a file.
 * @param {string} url
 * @param {string} offline what to say where the service does not answer
 * @returns {Promise<Blob>}
 * @throws {Refused}
 */
export async function fetchFile(url, offline) {
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "*/*" } });
  } catch {
    throw new Refused(offline);
  }
  if (answer.ok) return answer.blob();
  const said = await answer.json().catch(() => ({}));
  throw new Refused(reasonOf(said) || offline);
}

/** The sentence of a problem (RFC 9457), with its faults. */
export function reasonOf({ detail = "", issues = [] }) {
  return [detail, ...issues].filter(Boolean).join(" ");
}

/** Save a file under a name. */
export function saveFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  // Firefox follows links that stand in the page only
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Whether the browser lets this page put a picture on the clipboard. */
export function canCopyImages() {
  return Boolean(globalThis.isSecureContext && navigator.clipboard?.write && globalThis.ClipboardItem);
}

/**
 * Put a picture on the clipboard. The promise is given on, because Safari takes none after waiting.
 * @param {Promise<Blob>} picture
 */
export function copyImage(picture) {
  return navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}

/**
 * Copy what stands in a field.
 * @param {HTMLTextAreaElement} field
 * @returns {Promise<boolean>} false where the reader has to do it; the text is selected then
 */
export async function copyField(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // plain http: the old way still works in most browsers
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}
