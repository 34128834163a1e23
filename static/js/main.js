/**
 * The layers, controls and pages that Folium's objects name. A rendered map calls, in this order:
 * `createMap`, `addLayer` once a layer, `addScale`, `addCoordinates`, `addZoom`, `addLegend` and
 * `start`. Titles and messages come from the manifest alone; all text is written as text.
 */
import { addCoordinates as addPlaces } from "./coordinates.js";
import { goHome, lookAtPassing, mapFoot, northArrow, noticeBoard, scaleBar, zoomTools } from "./controls.js";
import { countDrawn } from "./counted.js";
import { readJson } from "./data.js";
import { keepDisplays } from "./displays.js";
import { addDock } from "./dock.js";
import { h, icon, oncePerFrame } from "./dom.js";
import { addFan } from "./fan.js";
import { FeatureLayer } from "./features.js";
import { number } from "./format.js";
import { addGestures } from "./gestures.js";
import { GroundLayer } from "./ground.js";
import { startGround } from "./ground_state.js";
import { LabelLayer } from "./labels.js";
import { keepLook } from "./layer_look.js";
import { addLocate } from "./locate.js";
import { addMeasure } from "./measure.js";
import { keepBase, NONE } from "./online.js";
import { addOverlay } from "./overlay.js";
import { forgetColors } from "./palette.js";
import { GROUND, fillPanel } from "./panel.js";
import { PointLayer } from "./points.js";
import { addPrint } from "./print.js";
import { addSearch } from "./search.js";
import { addSelection } from "./selection.js";
import { Session } from "./session.js";
import { forgetSprites } from "./symbols.js";
import { addThinning } from "./thinning.js";
import { addTimeline } from "./timeline.js";
import { addWaiting } from "./waiting.js";

const { L } = globalThis;
const NAMES = "geosvc-names";
const sessions = new WeakMap();

/**
 * Make the map and ask for its manifest.
 * @param {string} id of the element
 * @param {{manifest: string, bounds: number[], mode: "page"|"embed"|"notebook", minZoom?: number,
 *   maxZoom?: number}} options
 * @returns {L.Map}
 */
export function createMap(id, options) {
  const embedded = options.mode === "embed";
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(id, {
    ...{ zoomControl: false, attributionControl: false, zoomSnap: 0.25, zoomDelta: 1, wheelPxPerZoomLevel: 90 },
    ...{ scrollWheelZoom: !embedded || asksFor("wheel", false), fadeAnimation: false, minZoom: options.minZoom ?? 3, maxZoom: options.maxZoom ?? 19 },
    ...{ maxBoundsViscosity: 0.8, worldCopyJump: false, closePopupOnClick: false },
    ...{ zoomAnimation: !still, inertia: !still },
    // one finger scrolls the page around an embed, two move its map
    dragging: !(embedded && L.Browser.mobile),
  });
  const session = new Session(map, options);
  sessions.set(map, session);
  session.reading = readJson(options.manifest);
  session.reading.catch(() => {});
  const { center, zoom } = session.asked;
  if (center && zoom !== null) map.setView([center[1], center[0]], zoom, { animate: false });
  else goHome(session);
  return map;
}

/**
 * Add the basemap under all layers; its tiles are asked for at once.
 * @param {L.Map} map
 * @param {{url: string}} options
 * @returns {L.Layer}
 */
export function addGround(map, options) {
  const session = sessions.get(map);
  session.ground = new GroundLayer(options);
  if (session.asked.more.base !== NONE) session.ground.addTo(map);
  return session.ground;
}

/**
 * Add a layer of the catalog; it is drawn when `start` is called.
 * @param {L.Map} map
 * @param {{id: string, url: string|null, pane: string, show: boolean, grounded?: boolean}} options
 * @returns {L.Layer}
 */
export function addLayer(map, options) {
  return join(map, options, FeatureLayer);
}

/**
 * Add a layer of many points; a page that holds its data has all columns as JSON.
 * @param {L.Map} map
 * @param {{id: string, url: string|null, pane: string, show: boolean}} options
 * @returns {L.Layer}
 */
export function addPoints(map, options) {
  return join(map, options, options.url?.startsWith("#") ? FeatureLayer : PointLayer);
}

function join(map, options, Kind) {
  const session = sessions.get(map);
  const asked = session.asked.layers && !options.grounded ? session.asked.layers.includes(options.id) : null;
  const show = asked ?? options.show;
  const layer = new Kind({ ...options, show });
  session.layers.set(options.id, layer);
  return layer;
}

const control = (name) => (map) => {
  sessions.get(map).controls.push(name);
};
export const addScale = control("scale");
export const addCoordinates = control("coordinates");
export const addZoom = control("zoom");
export const addLegend = control("legend");

/**
 * Draw what is visible, build the controls, and say when all is drawn: the mark
 * `geosvc:first-draw` and `data-drawn` on the document's element.
 * @param {L.Map} map
 */
export async function start(map) {
  const session = sessions.get(map);
  try {
    session.manifest = await session.reading;
  } catch {
    failWholly(map);
    return;
  }
  const notice = noticeBoard(session);
  session.addEventListener("failed", ({ detail }) => notice(session.say("layer_failed", { layer: detail.about.title }), "bad"));
  keepLook(session);
  keepDisplays(session);
  addWaiting(session);
  keepBase(session, notice);
  const ground = startGround(session, notice);
  const loading = [...switchOn(session), ground];
  buildControls(session);
  addThinning(session, notice);
  warn(session, notice);
  addSelection(session);
  addFan(session);
  addGestures(session);
  addSearch(session);
  const names = addNames(session);
  watch(session, names);
  await Promise.all(loading);
  // those on fields that are not there are known by now
  if (session.filters.length) await session.setFilters(session.filters, { step: false });
  session.tell("layers");
  session.ready = true;
  if (!session.asked.center) lookAtPassing(session);
  addDock(session);
  addTimeline(session);
  addMeasure(session);
  addPlaces(session);
  addPrint(session);
  addLocate(session, notice);
  names.redraw(); // clear of all that floats
  if (session.asked.selected) await session.selectKey(session.asked.selected, { move: !session.asked.center });
  document.dispatchEvent(new CustomEvent("geosvc:started", { detail: session }));
  drawn();
}

/** Give each layer its description and show those that are on. */
function switchOn(session) {
  const loading = [];
  session.filters = session.asked.filters.filter(({ layer }) => session.layers.has(layer));
  for (const about of session.entries) {
    const layer = session.layers.get(about.id);
    if (!layer) continue;
    layer.describe(about, { language: session.language, filters: session.filtersOf(about.id) });
    if (!session.isDrawable(about)) continue;
    const wanted = session.asked.layers ? session.asked.layers.includes(about.id) : about.visible;
    if (!wanted || session.instead.has(about.id)) continue;
    session.map.addLayer(layer);
    loading.push(session.loaded(layer));
  }
  return loading;
}

function buildControls(session) {
  const { map, controls } = session;
  const box = map.getContainer();
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", session.say("map_name", { title: session.manifest.map.title }));
  box.append(h("span", { class: "map-cross", "aria-hidden": "true" }));
  northArrow(session);
  if (controls.includes("zoom") && isWanted(session, "controls")) zoomTools(session);
  if (controls.includes("scale")) scaleBar(session);
  mapFoot(session, controls.includes("coordinates"));
  const panel = session.mode === "page" ? document.querySelector("[data-geosvc=panel]") : null;
  if (!controls.includes("legend") || !isWanted(session, "legend")) return;
  if (panel) {
    fillPanel(session, panel);
    return;
  }
  addOverlay(session);
  if (!session.asked.center) goHome(session);
}

/** Whether an embed's address switches a part on or off: `?controls=0&legend=0&wheel=1`. */
function asksFor(name, usual) {
  const said = new URLSearchParams(location.search).get(name);
  return said === "1" || (usual && said !== "0");
}

function isWanted({ mode }, name) {
  return mode !== "embed" || asksFor(name, true);
}

function addNames(session) {
  const pane = session.map.createPane(NAMES);
  const level = ({ id }) => Number(session.map.getPane(session.layers.get(id)?.options.pane ?? "")?.style.zIndex ?? 0);
  const rise = () => {
    const under = session.entries.filter(({ geometry }) => geometry === "line" || geometry === "area").map(level);
    // above the lines and areas; a later pane of the same level lies above an earlier one
    pane.style.zIndex = String(Math.max(400, ...under));
  };
  rise();
  session.addEventListener("order", rise);
  pane.style.pointerEvents = "none";
  const names = new LabelLayer({ pane: NAMES });
  names.session = session;
  return names.addTo(session.map);
}

function warn(session, notice) {
  for (const about of session.entries) {
    if (about.warning) notice(session.say("layer_says", { layer: about.title, text: about.warning }));
    if (about.state !== "unavailable") continue;
    // only a page has a panel that can say why
    const short = { layer: about.title, text: session.say("state_unavailable") };
    const said = session.mode === "page" ? session.say("layer_unavailable", { layer: about.title }) : session.say("layer_says", short);
    notice(said, "bad");
  }
}

/** Keep names, counts, colors and the address in step with what happens. */
function watch(session, names) {
  const { map } = session;
  const count = oncePerFrame(() => {
    session.tell("counts");
    showDrawn(session);
  });
  const label = oncePerFrame(() => names.redraw());
  map.on("moveend", count);
  session.addEventListener("layers", () => {
    count();
    if (session.ready) label();
  });
  session.addEventListener("sheet", label);
  session.addEventListener("ground", label);
  let timer = null;
  map.on("moveend", () => {
    clearTimeout(timer);
    timer = setTimeout(() => session.remember(false), 200);
  });
  addEventListener("popstate", () => session.follow());
  document.addEventListener("geosvc:theme", () => {
    forgetColors();
    forgetSprites();
    map.eachLayer((layer) => layer.redraw?.());
  });
}

/** The trust line's count: features drawn in the view, of all in the layers that are on; no ground. */
function showDrawn(session) {
  const place = document.querySelector("[data-geosvc=drawn]");
  if (!place || session.mode === "notebook") return;
  let all = 0;
  let total = 0;
  for (const { id, count, group } of session.entries) {
    const found = group === GROUND ? null : countDrawn(session, id);
    if (!found) continue;
    all += found.all;
    total += count;
  }
  place.textContent = `${number(all)} / ${number(total)}`;
}

/** The manifest cannot be read: the ground stays, and the page says so in its own words. */
function failWholly(map) {
  const said = document.body.dataset.failed ?? "地图没有读到 · The map could not be loaded";
  const text = h("div", { class: "notice notice-bad" }, icon("triangle-alert"), h("span", { text: said }));
  map.getContainer().append(h("div", { class: "map-notices", role: "alert" }, text));
  drawn();
}

function drawn() {
  const say = oncePerFrame(() => {
    if (document.documentElement.dataset.drawn) return;
    performance.mark("geosvc:first-draw");
    document.documentElement.dataset.drawn = "1";
  });
  say();
}
