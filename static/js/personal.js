/**
 * True values of masked fields, for a reader whose role sees them. The data of a map holds masks for
 * everybody; a card that is open asks for the values of its one feature, and nothing keeps them.
 */
let sees = null;

/** Whether the reader sees any; nobody is asked on behalf of somebody who has not signed in. */
function seesSome() {
  if (!document.querySelector("main[data-signed-in]")) return Promise.resolve(false);
  sees ??= read("/me.json").then(({ rights }) => rights.includes("personal"));
  return sees;
}

async function read(url) {
  const answer = await fetch(url, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer.json();
}

/**
 * Ask once for the true values of a selected feature; `hit.own` holds them from then on.
 * @param {{layer: Object, index: number, own?: Object, asked?: Promise<void>}} hit
 * @returns {Promise<void>} the masks stay where there is no answer
 */
export function askOwn(hit) {
  const { about, features } = hit.layer;
  const { popup } = about;
  const shown = [popup.title, popup.subtitle, ...popup.badges, ...popup.facts];
  const isMasked = about.fields.some(({ name, masked }) => masked && shown.includes(name));
  hit.asked ??= (async () => {
    if (!isMasked || !(await seesSome())) return;
    hit.own = (await read(`${about.page}/personal/features/${encodeURIComponent(features.keys[hit.index])}`)).values;
  })().catch(() => {});
  return hit.asked;
}

/** Whether a field of a hit shows its true value. */
export function isOwn({ own }, name) {
  return Boolean(own) && Object.hasOwn(own, name);
}
