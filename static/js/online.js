/**
 * Online base maps: those of the site file, at most one at a time, above the local ground, which
 * stays beneath so that a tile that does not come leaves no hole. The address keeps the choice.
 */
import { h } from "./dom.js";
import { hasStage } from "./toolbar.js";

const { L } = globalThis;
const PANE = "geosvc-base";
const GROUND = "ground";
/** No base at all, not even the local ground. */
export const NONE = "none";

/**
 * Begin with the base that the address asks for, and follow it.
 * @param {Session} session
 * @param {(text: string, tone?: string) => void} notice
 */
export function keepBase(session, notice) {
  // a file has no policy that lets just these pictures in
  if (session.mode !== "notebook") session.bases = session.manifest.bases ?? [];
  // what other pages draw themselves follows no other datum
  if (!hasStage(session)) session.bases = session.bases.filter(({ datum }) => datum !== "GCJ-02");
  if (!session.bases.length) return;
  const { map } = session;
  map.createPane(PANE).style.zIndex = "201";
  const set = (id) => {
    const about = session.bases.find((item) => item.id === id) ?? null;
    if (about === (session.base?.about ?? null)) return;
    session.base?.tiles.remove();
    session.base = about && { about, tiles: null, named: false };
    if (about) session.base.tiles = lay(session, session.base, notice);
    session.tell("layers");
    session.tell("ground");
  };
  session.setBase = (id) => {
    set(id);
    session.tell("base", id);
    session.remember(true);
  };
  for (const name of ["layers", "ground"]) session.addEventListener(name, () => bareLand(session));
  session.addEventListener("address", ({ detail }) => set(detail.more.base));
  set(session.asked.more.base);
}

/** Put the tiles of a base on the map, and its names over them. */
function lay(session, base, notice) {
  const { about } = base;
  const tile = (url, zIndex) =>
    L.tileLayer(url, {
      ...{ pane: PANE, zIndex, subdomains: about.subdomains, maxNativeZoom: about.max_zoom, maxZoom: 22, noWrap: true },
      // keys of tile services are bound to the site that asks; they need not know which page
      referrerPolicy: "strict-origin",
    });
  const parts = [tile(about.url, 1), ...(about.labels ? [tile(about.labels, 2)] : [])];
  let failed = false;
  for (const part of parts) {
    part.on("tileerror", () => {
      if (failed || session.base !== base) return;
      failed = true;
      notice(session.say("base_failed", { title: about.title }));
    });
  }
  // the ground's own names stay until others are there
  (parts[1] ?? parts[0]).once("tileload", () => {
    base.named = about.named || Boolean(about.labels);
    if (base.named && session.base === base) session.tell("ground");
  });
  return L.layerGroup(parts).addTo(session.map);
}

/** Layers of the ground that draw themselves give the base room: of an area only its edge is drawn. */
function bareLand(session) {
  const { ground, manifest, base } = session;
  for (const { id, group, geometry } of session.entries) {
    const layer = session.layers.get(id);
    if (!layer || group !== GROUND || geometry !== "area" || (ground && manifest.ground.stands_for.includes(id))) continue;
    if (layer.bare === Boolean(base)) continue;
    layer.bare = Boolean(base);
    layer.redraw();
  }
}

/**
 * The choice of a base in the panel.
 * @param {Session} session
 * @returns {HTMLElement|null} null where none is configured
 */
export function baseChoice(session) {
  if (!session.bases.length) return null;
  const choices = [["", ""], ...session.bases.map(({ id, title }) => [id, title]), [NONE, session.say("base_bare")]].map(([id, title]) => {
    const input = h("input", { class: "check", type: "radio", name: "geosvc-base", value: id, onchange: () => session.setBase(id) });
    const name = h("bdi", { text: title });
    return { id, input, name, row: h("label", { class: "choice" }, input, name) };
  });
  const fill = () => {
    choices[0].name.textContent = session.say(session.ground ? "ground" : "base_none");
    choices.at(-1).row.hidden = !session.ground;
    const now = session.kept.get("base")?.() ?? session.base?.about.id ?? "";
    for (const { id, input } of choices) input.checked = id === now;
  };
  session.addEventListener("ground", fill);
  fill();
  return h("fieldset", { class: "legend-bases" }, h("legend", { text: session.say("base") }), ...choices.map(({ row }) => row));
}
