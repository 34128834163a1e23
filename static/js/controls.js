/** What floats on the map: zoom, full screen, scale, north, coordinates, sources, notices. */
import { placeText } from "./coordinates.js";
import { h, icon, iconButton, isPhone, svg } from "./dom.js";
import { isShifted } from "./drawn_in.js";
import { stageOf } from "./toolbar.js";

const { L } = globalThis;

function floating(session, element) {
  L.DomEvent.disableClickPropagation(element);
  L.DomEvent.disableScrollPropagation(element);
  session.map.getContainer().append(element);
  return element;
}

/** The least height of a view that is worth keeping clear of the tools, in pixels. */
const LEAST_PX = 120;

/**
 * The edges of the map that a view keeps clear: what lies over the map on a phone, and a margin.
 * The sheet's height stands in the style sheet too, and holds before the sheet is filled.
 * @param {Session} session
 * @param {number} margin pixels
 * @returns {{paddingTopLeft: number[], paddingBottomRight: number[]}} for Leaflet
 */
export function clearOf(session, margin) {
  const { map } = session;
  const sheet = document.querySelector("[data-geosvc=panel]");
  if (!sheet || session.mode !== "page" || !isPhone()) return { paddingTopLeft: [margin, margin], paddingBottomRight: [margin, margin] };
  const style = getComputedStyle(sheet.parentElement);
  const room = map.getSize().y - 2 * margin;
  const under = Math.min(sheet.offsetHeight || parseFloat(style.getPropertyValue("--sheet")) || 0, room * 0.7);
  const over = parseFloat(style.getPropertyValue("--over")) || 0;
  return { paddingTopLeft: [margin, margin + (room - under - over > LEAST_PX ? over : 0)], paddingBottomRight: [margin, margin + under] };
}

/** Show the first view: all of the map's place, clear of the phone's sheet and of a legend. */
export function goHome(session) {
  const { map, options } = session;
  const { paddingTopLeft, paddingBottomRight } = clearOf(session, 12);
  const legend = map.getContainer().querySelector(".map-legend:not(.folded)");
  if (legend && legend.offsetWidth * 2.5 < map.getSize().x) paddingBottomRight[0] += legend.offsetWidth;
  const [west, south, east, north] = options.bounds;
  map.fitBounds([[south, west], [north, east]], { paddingTopLeft, paddingBottomRight, animate: false });
}

/** Look at what passes the filters: where an address has filters and names no place. */
export function lookAtPassing(session) {
  const { map, filters, layers } = session;
  const bounds = L.latLngBounds([]);
  for (const id of new Set(filters.map(({ layer }) => layer))) {
    const layer = layers.get(id);
    if (!map.hasLayer(layer) || !layer.features) continue;
    const extent = layer.extent();
    if (extent.isValid()) bounds.extend(extent);
  }
  if (bounds.isValid()) map.fitBounds(bounds, { ...clearOf(session, 48), maxZoom: 16, animate: false });
}

/** Zoom, home and, where the browser allows it, full screen. */
export function zoomTools(session) {
  const { map } = session;
  const rule = () => h("hr");
  const tools = h(
    "div",
    { class: "map-tools map-tools-side", role: "toolbar", "aria-label": session.say("tools") },
    iconButton("plus", session.say("zoom_in"), () => map.zoomIn(1)),
    iconButton("minus", session.say("zoom_out"), () => map.zoomOut(1)),
    rule(),
    iconButton("house", session.say("home"), () => goHome(session)),
  );
  if (document.fullscreenEnabled) {
    const stage = stageOf(session);
    const toggle = () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen()).catch(() => {});
    tools.append(iconButton("maximize", session.say("full_screen"), toggle, { class: "icon-button only-wide" }));
  }
  floating(session, tools);
  const [plus, minus] = tools.querySelectorAll("button");
  const limits = () => {
    plus.disabled = map.getZoom() >= map.getMaxZoom();
    minus.disabled = map.getZoom() <= map.getMinZoom();
  };
  map.on("zoomend", limits);
  limits();
}

/** Which way is north: up. */
export function northArrow(session) {
  const north = svg("svg", { class: "map-north", viewBox: "0 0 28 36", role: "img", "aria-label": session.say("north") });
  north.append(
    svg("path", { d: "M14 2 21 26l-7-4-7 4Z", fill: "none", stroke: "currentColor", "stroke-width": 1.4, "stroke-linejoin": "round" }),
    svg("path", { d: "M14 2v20l-7 4Z", fill: "currentColor" }),
  );
  floating(session, north);
}

/** The scale bar, in the reader's units. */
export function scaleBar(session) {
  const scale = L.control.scale({ imperial: false, maxWidth: 110, position: "bottomleft" });
  scale._updateMetric = function update(most) {
    const metres = this._getRoundNum(most);
    const text = metres < 1000 ? session.say("metres", { n: metres }) : session.say("kilometres", { n: metres / 1000 });
    this._updateScale(this._mScale, text, metres / most);
  };
  scale.addTo(session.map);
}

/** The foot of the map: coordinates under the pointer, else of the middle, and the sources. */
export function mapFoot(session, coordinates) {
  const { map } = session;
  const place = h("span", { class: "map-place only-wide", "data-geosvc": "coordinates" });
  const sources = h("span", { class: "map-sources", "data-geosvc": "sources" });
  const datum = h("span", { class: "map-datum" });
  const foot = h("div", { class: "map-foot" }, coordinates ? place : null, datum, sources);
  if (session.mode === "notebook" && session.manifest.map.synthetic) foot.prepend(syntheticChip(session));
  floating(session, foot);
  const say = (latlng) => {
    place.textContent = placeText(session, latlng, { most: 5 });
  };
  const middle = () => say(map.getCenter());
  map.on("mousemove", (event) => say(event.latlng));
  map.on("mouseout moveend", middle);
  session.addEventListener("datum", middle);
  middle();
  const name = () => {
    const { same = [], attribution: own, reason } = session.manifest.ground ?? {};
    const isShown = (id) => session.isOn(id) || (session.ground?.canvas && same.includes(id));
    const on = session.entries.filter(({ id, attribution }) => attribution && isShown(id));
    const names = [...new Set([...on.map(({ attribution }) => attribution), session.ground?.canvas ? own : null, session.base?.about.attribution].filter(Boolean))];
    const said = names.length ? session.say("sources", { names: names.join(session.language === "zh" ? "、" : ", ") }) : "";
    // a page says it in its panel, a file has none
    const bare = session.mode === "notebook" && reason ? session.say("ground_none", { reason }) : "";
    datum.textContent = isShifted() ? session.say("drawn_gcj02") : "";
    sources.textContent = [said, bare].filter(Boolean).join(" · ");
  };
  session.addEventListener("layers", name);
  session.addEventListener("ground", name);
  name();
}

/** The notice that the data is invented. */
export function syntheticChip(session) {
  return h("span", { class: "synthetic synthetic-chip" }, icon("flag"), h("span", { text: session.say("synthetic") }));
}

/** A place for notices at the top of the map; each can be put away. */
export function noticeBoard(session) {
  const board = h("div", { class: "map-notices", role: "status" });
  floating(session, board);
  const words = { close: session.say("close") };
  // where there is room for one only, it says how many wait behind it
  const count = () => {
    for (const [at, row] of [...board.children].entries()) row.dataset.more = at || board.children.length < 2 ? "" : `+${board.children.length - 1}`;
  };
  return (text, tone = "warn") => {
    const row = h("div", { class: `notice notice-${tone}` }, icon(tone === "info" ? "info" : "triangle-alert"), h("span", { text }));
    const close = () => {
      row.remove();
      count();
    };
    row.append(iconButton("x", words.close, close, { class: "icon-button icon-button-s" }));
    board.append(row);
    count();
  };
}
