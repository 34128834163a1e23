/**
 * Online base maps: those of the site file, at most one at a time, above the local ground, which
 * stays beneath so that a tile that does not come leaves no hole. The address keeps the choice.
 * While a base in GCJ-02 is on, all is drawn in GCJ-02, the local ground too: `display=gcj02`.
 */
import { fromGcj02, toGcj02 } from "./datums.js";
import { h, icon } from "./dom.js";
import { drawShifted, isShifted } from "./drawn_in.js";
import { hasStage } from "./toolbar.js";

const { L } = globalThis;
const { SphericalMercator } = L.Projection;
const MERCATOR = L.CRS.EPSG3857;
/** The grid of tiles in GCJ-02, of longitudes and latitudes in CGCS2000. */
const SHIFTED = L.extend({}, MERCATOR, {
  code: "GCJ-02",
  projection: {
    ...SphericalMercator,
    project({ lat, lng }) {
      const [x, y] = toGcj02(lng, lat);
      return SphericalMercator.project(L.latLng(y, x));
    },
    unproject(point) {
      const { lat, lng } = SphericalMercator.unproject(point);
      const [x, y] = fromGcj02(lng, lat);
      return L.latLng(y, x);
    },
  },
});
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
  if (!hasStage(session)) keepTrue(session, notice);
  if (!session.bases.length) return;
  const { map } = session;
  map.createPane(PANE).style.zIndex = "201";
  session.kept.set("display", () => (isShifted() ? "gcj02" : ""));
  const set = (id) => {
    const about = session.bases.find((item) => item.id === id) ?? null;
    if (about === (session.base?.about ?? null)) return;
    session.base?.tiles.remove();
    session.base = about && { about, tiles: null, named: false };
    drawIn(session, about?.datum === "GCJ-02");
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

/** Embeds, and the pages of other tools, show the true datum: they are offered no base in another. */
function keepTrue(session, notice) {
  const asked = session.bases.find(({ id, datum }) => id === session.asked.more.base && datum === "GCJ-02");
  if (asked) notice(session.say("base_only_true", { title: asked.title }), "info");
  session.bases = session.bases.filter(({ datum }) => datum !== "GCJ-02");
}

/** Draw the map in GCJ-02, or in CGCS2000; its middle stays where it is. */
function drawIn({ map, layers, ground }, gcj02) {
  if (gcj02 === isShifted()) return;
  const [center, zoom] = [map.getCenter(), map.getZoom()];
  drawShifted(gcj02);
  map.options.crs = gcj02 ? SHIFTED : MERCATOR;
  for (const layer of [...layers.values(), ground]) layer?.relay();
  map.setView(center, zoom, { reset: true, animate: false });
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
  const said = h("p", { class: "base-datum small", role: "status" });
  const fill = () => {
    said.replaceChildren(...(isShifted() ? [icon("triangle-alert"), h("span", { text: session.say("base_gcj02") })] : []));
    choices[0].name.textContent = session.say(session.ground ? "ground" : "base_none");
    choices.at(-1).row.hidden = !session.ground;
    const now = session.kept.get("base")?.() ?? session.base?.about.id ?? "";
    for (const { id, input } of choices) input.checked = id === now;
  };
  session.addEventListener("ground", fill);
  fill();
  return h("fieldset", { class: "legend-bases" }, h("legend", { text: session.say("base") }), ...choices.map(({ row }) => row), said);
}
