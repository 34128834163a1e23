/** What a search has found, as a list, and the way to one of them. */
import { h, icon, isPhone } from "./dom.js";
import { number } from "./format.js";
import { GROUND, lookOf } from "./panel.js";
import { symbol } from "./symbols.js";

const { L } = globalThis;
const METRES_PER_DEGREE = 111195;
/** A single place is zoomed to this; from the other on it is only moved to. */
const NEAR = 16;
const NEAR_ENOUGH = 14;
/** What could be seen this many times larger is zoomed to, though it is in view. */
const ZOOMS_LEFT = 2;

/**
 * Lay out groups of hits.
 * @param {Session} session
 * @param {{layer: Object, total: number, hits: Hit[]}[]} groups
 * @param {Map<string, Object>} abouts layers of the manifest
 * @returns {{elements: HTMLElement[], options: {element: HTMLElement, layer: Object, hit: Hit, title: string}[]}}
 */
export function listed(session, groups, abouts) {
  const options = [];
  const elements = groups.map(({ layer, total, hits }) => {
    const about = abouts.get(layer.id);
    const shown = hits.length < total ? `${number(hits.length)} / ${number(total)}` : number(total);
    const title = h("div", { class: "results-title", "aria-hidden": "true" }, h("bdi", { text: about.title }), h("span", { text: shown }));
    const rows = hits.map((hit) => {
      const made = option(session, { about, layer, hit, id: `search-option-${options.length}` });
      options.push(made);
      return made.element;
    });
    return h("div", { role: "group", "aria-label": about.title.slice(0, 200) }, title, ...rows);
  });
  return { elements, options };
}

function option(session, { about, layer, hit, id }) {
  const look = about.classes[layer.classes[hit.row]];
  const texts = layer.fields.map((column) => column[hit.row]?.text ?? null);
  const first = texts.findIndex((text) => text !== null);
  const met = (field) => marked(texts[field], field === hit.field ? hit.span : null);
  const other = hit.field > first ? hit.field : texts.findIndex((text, field) => text !== null && field > first);
  const parts = about.classes.length > 1 && look && !about.unit ? [h("bdi", { text: look.label })] : [];
  if (other > first) parts.push(...(parts.length ? [" · "] : []), met(other));
  const name = h("span", {}, met(first), parts.length ? h("small", {}, ...parts) : null);
  // what the map stands on is drawn too pale for a list
  const mark = look && about.group !== GROUND ? symbol(lookOf(about, look)) : icon("map");
  const away = h("span", { class: "count", text: distance(session, hit.away) });
  const element = h("div", { class: "result", role: "option", id, "aria-selected": "false" }, mark, name, away);
  return { element, layer, hit, title: texts[first] };
}

/** A text with the part that was met set off. */
function marked(text, span) {
  if (!span) return h("bdi", { text });
  const [from, to] = span;
  return h("bdi", {}, text.slice(0, from), h("mark", { text: text.slice(from, to) }), text.slice(to));
}

/** How far from the middle of the view; empty where it is there. */
function distance(session, degrees) {
  const metres = degrees * METRES_PER_DEGREE;
  if (metres < 5) return "";
  if (metres < 995) return session.say("metres", { n: number(Math.round(metres / 10) * 10) });
  const km = metres / 1000;
  return session.say("kilometres", { n: number(km < 10 ? Math.round(km * 10) / 10 : Math.round(km)) });
}

/**
 * Zoom to a place, or move to it where it is in view and near enough.
 * @param {Session} session
 * @param {number[]} box west, south, east, north
 */
export function goTo(session, [west, south, east, north]) {
  const { map, mode } = session;
  const bounds = L.latLngBounds([south, west], [north, east]);
  const isPoint = west === east && south === north;
  const panel = mode === "page" && isPhone() ? document.querySelector("[data-geosvc=panel]") : null;
  const covered = panel?.offsetHeight ?? 0;
  const room = { paddingTopLeft: [48, 72], paddingBottomRight: [64, 48 + covered], animate: false };
  const zoom = map.getZoom();
  const wanted = isPoint ? NEAR : map.getBoundsZoom(bounds, false, L.point(112, 120 + covered));
  const isNear = isPoint ? zoom >= NEAR_ENOUGH : wanted >= zoom && wanted - zoom <= ZOOMS_LEFT;
  if (isNear && map.getBounds().contains(bounds)) map.panInside(bounds.getCenter(), room);
  else map.fitBounds(bounds, { ...room, maxZoom: isPoint ? Math.max(NEAR, zoom) : 17 });
}
