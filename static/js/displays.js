/** What points are shown as, beside symbols: density or counts. Only a display: nothing is judged by it. */
import { CanvasLayer } from "./canvas.js";
import { paintClusters, SIZES } from "./cluster.js";
import { h, svg } from "./dom.js";
import { toLatLng, toWorld } from "./drawn_in.js";
import { INKS, paintHeat, RADIUS_M, STEPS } from "./heat.js";
import { number } from "./format.js";
import { cssColor } from "./palette.js";

const { L } = globalThis;
const KINDS = ["heat", "cluster"];
/** Counts lie above all symbols, or those would cover the numbers. */
const COUNTS = "geosvc-counts";

const Display = CanvasLayer.extend({
  paint(pen, view) {
    const { layer } = this.options;
    this.made = [];
    if (!layer.features?.x) return;
    this.canvas.style.opacity = String((layer.strength ?? 1) * (layer.about.opacity ?? 1));
    if (layer.display === "heat") paintHeat(pen, layer.features, view);
    else this.made = paintClusters(pen, layer.features, { view, layer: layer.about });
  },
});

/** Whether a layer can be shown so. */
export function hasDisplays(session, about) {
  return about.geometry === "point" && session.isDrawable(about) && about.count > 1;
}

/**
 * Begin with what the address asks, and follow layers, filters and address.
 * @param {Session} session
 */
export function keepDisplays(session) {
  const shown = new Map();
  const pane = session.map.createPane(COUNTS);
  pane.style.zIndex = "640";
  pane.style.pointerEvents = "none";
  session.kept.set("as", () => session.entries.map(({ id }) => [id, session.layers.get(id)?.display]).filter(([, kind]) => kind).map((pair) => pair.join(":")).join());
  const begin = ({ as }) => {
    const asked = new Map(as.split(",").map((part) => part.split(":")));
    for (const about of session.entries) {
      const kind = KINDS.find((name) => name === asked.get(about.id));
      if (session.layers.has(about.id)) session.layers.get(about.id).display = kind && hasDisplays(session, about) ? kind : null;
    }
    session.tell("displays");
  };
  const follow = () => session.entries.forEach(({ id }) => lay(session, id, shown));
  for (const name of ["displays", "layers", "strength"]) session.addEventListener(name, follow);
  document.addEventListener("geosvc:theme", follow);
  session.addEventListener("address", ({ detail }) => begin(detail.more));
  session.opensCluster = (latlng) => opensCluster(session, shown, latlng);
  begin(session.asked.more);
}

/** Show or take away the display of a layer; its symbols are there or not. */
function lay(session, id, shown) {
  const layer = session.layers.get(id);
  if (!layer) return;
  const wanted = session.isOn(id) ? layer.display : null;
  if (layer.canvas) layer.canvas.style.visibility = layer.display ? "hidden" : "";
  const before = shown.get(id);
  if (before && before.options.kind === wanted) {
    before.redraw();
    return;
  }
  before?.remove();
  shown.delete(id);
  if (!wanted) return;
  const display = new Display({ pane: wanted === "heat" ? layer.options.pane : COUNTS, kind: wanted, layer });
  shown.set(id, display);
  display.addTo(session.map);
}

/**
 * Show a layer as something else.
 * @param {Session} session
 * @param {string} id
 * @param {"heat"|"cluster"|null} kind
 */
export function setDisplay(session, id, kind) {
  const layer = session.layers.get(id);
  if (session.selection?.layer === layer) session.clear();
  layer.display = kind;
  session.tell("displays");
  session.tell("layers");
  session.remember(true);
}

/** A press on a circle goes in until its members come apart; where they cannot, they are selected. */
function opensCluster(session, shown, latlng) {
  const { map } = session;
  const scale = 2 ** map.getZoom();
  const [x, y] = toWorld(latlng.lat, latlng.lng);
  for (const [id, { made }] of [...shown].reverse()) {
    const layer = session.layers.get(id);
    const hit = (made ?? []).find((one) => Math.hypot(one.x - x, one.y - y) * scale < 24);
    if (!hit) continue;
    const { features } = layer;
    const bounds = L.latLngBounds(hit.members.map((index) => toLatLng(features.x[index], features.y[index])));
    const isOne = hit.members.length === 1 || bounds.getNorthEast().equals(bounds.getSouthWest(), 1e-6) || map.getZoom() >= map.getMaxZoom();
    if (isOne) session.select(hit.members.slice(0, 50).map((index) => ({ layer, index })), { latlng });
    else map.fitBounds(bounds, { padding: [60, 60], maxZoom: Math.max(map.getZoom() + 1, 17), animate: false });
    return true;
  }
  return false;
}

/**
 * The legend of a display.
 * @param {Session} session
 * @param {"heat"|"cluster"} kind
 * @returns {[Element, string][]} symbols and words; without a symbol what is said once
 */
export function displayLegend(session, kind) {
  if (kind === "cluster") {
    const dot = (radius) => svg("svg", { class: "sym", viewBox: "-28 -28 56 56", "aria-hidden": "true" }, svg("circle", { r: radius, fill: cssColor("accent") }));
    const rows = SIZES.map(([least, radius], at) => [dot(radius), between(session, least, SIZES[at + 1] && SIZES[at + 1][0] - 1)]);
    return [[null, session.say("cluster_unit")], ...rows];
  }
  const square = (ink) => svg("svg", { class: "sym", viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("rect", { x: 2, y: 4, width: 16, height: 12, fill: cssColor(ink), "fill-opacity": 0.85 }));
  const rows = STEPS.map((step, at) => [square(INKS[at]), between(session, step, STEPS[at + 1])]).reverse();
  return [[null, session.say("heat_unit", { n: RADIUS_M })], ...rows];
}

function between(session, low, high) {
  return high ? `${number(low)}–${number(high)}` : session.say("at_least", { n: number(low) });
}

/** The legend as a list under the row of a layer. */
export function displayList(session, kind) {
  return displayLegend(session, kind).map(([mark, text]) => (mark ? h("li", {}, mark, h("span", { class: "legend-label", text })) : h("li", { class: "legend-unit", text })));
}
