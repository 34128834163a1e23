/** The basemap in a session: what it is shown instead of, its switch, and what happens without it. */
import { h, icon } from "./dom.js";
import { baseChoice, NONE } from "./online.js";

/** Longer than this a page does not wait for the ground before it says that it is drawn. */
const PATIENCE_MS = 4000;

/** Whether a reader wants the data alone: `base=none`. */
export function isBare({ ground }) {
  return Boolean(ground && !ground.canvas);
}

/**
 * Let the basemap follow the session.
 * @param {Session} session
 * @param {(text: string, tone?: string) => void} notice
 * @returns {Promise} settled when the ground is drawn, or will not be
 */
export function startGround(session, notice) {
  const { ground, manifest } = session;
  if (!ground) {
    if (manifest.ground?.is_fault) notice(session.say("ground_none", { reason: manifest.ground.reason }));
    return Promise.resolve();
  }
  session.instead = new Set(manifest.ground.instead);
  const heed = () => {
    const same = new Set(manifest.ground.same);
    const shown = Boolean(ground.canvas ?? session.base);
    for (const id of manifest.ground.stands_for) {
      const layer = session.layers.get(id);
      if (!layer || layer.bare === shown) continue;
      layer.bare = shown;
      layer.redraw();
    }
    ground.heed(session.language, new Set([...same].filter((id) => session.isOn(id))));
  };
  ground.on("ground", () => session.tell("ground"));
  ground.on("groundfail", () => standIn(session, notice));
  session.addEventListener("layers", heed);
  heed();
  session.kept.set("base", () => session.base?.about.id ?? (isBare(session) ? NONE : ""));
  session.addEventListener("base", ({ detail }) => showGround(session, detail !== NONE));
  session.addEventListener("address", ({ detail }) => showGround(session, detail.more.base !== NONE));
  if (isBare(session)) return Promise.resolve();
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  return Promise.race([ground.first.catch(() => standIn(session, notice)), late]);
}

/** The file cannot be read: what it was shown instead of is drawn by the layers themselves. */
async function standIn(session, notice) {
  const { ground, instead } = session;
  if (!ground) return;
  session.ground = null;
  session.instead = new Set();
  ground.remove();
  notice(session.say("ground_failed"));
  for (const id of session.manifest.ground.stands_for) {
    const layer = session.layers.get(id);
    if (layer) layer.bare = false;
  }
  const wanted = [...instead].filter((id) => session.asked.layers?.includes(id) ?? true);
  await Promise.all(wanted.map((id) => session.setOn(id, true, { step: false })));
  session.tell("ground");
}

/** Show or hide the basemap. */
export function showGround(session, on) {
  if (!session.ground || on === Boolean(session.ground.canvas)) return;
  if (on) session.map.addLayer(session.ground);
  else session.map.removeLayer(session.ground);
  session.tell("layers");
  session.tell("ground");
}

/**
 * The basemap's row in the panel: a switch and what it shows, or why there is none.
 * @param {Session} session
 * @returns {HTMLElement|null}
 */
export function groundRow(session) {
  const about = session.manifest.ground;
  if (!about) return null;
  const said = h("bdi");
  const note = h("li", { class: "tone-info" }, icon("info"), said);
  const box = h("input", { class: "check", type: "checkbox", id: "ground-switch" });
  box.addEventListener("change", () => {
    showGround(session, box.checked);
    session.remember(true);
  });
  const row = h("div", { class: "legend-row" }, box, icon("map", "icon sym-icon"), h("label", { class: "legend-name", for: "ground-switch", text: session.say("ground") }));
  const fill = () => {
    // with other bases there, it is one of the choices
    row.hidden = !session.ground || session.bases.length > 0;
    box.checked = Boolean(session.ground?.canvas);
    const titles = session.entries.filter(({ id }) => about.stands_for.includes(id)).map(({ title }) => title);
    const names = titles.join(session.language === "zh" ? "、" : ", ");
    const shows = isBare(session) ? "ground_off" : "ground_shows";
    if (session.ground) said.textContent = titles.length ? session.say(session.base ? "base_over" : shows, { layers: names }) : "";
    else said.textContent = about.reason ? session.say("ground_none", { reason: about.reason }) : session.say("ground_failed");
  };
  const show = () => {
    fill();
    note.hidden = !said.textContent;
  };
  session.addEventListener("ground", show);
  show();
  return h("div", {}, row, h("ul", { class: "legend-notes" }, note), baseChoice(session));
}
