/**
 * The legend over the map, where there is no panel: only what is drawn on the ground, foldable. On a
 * page of the service it has the choice of a base too; in an embed the address makes it.
 */
import { filterText } from "./chips.js";
import { displayList } from "./displays.js";
import { h, icon } from "./dom.js";
import { number } from "./format.js";
import { baseChoice } from "./online.js";
import { GROUND, lookOf } from "./panel.js";
import { countPassing } from "./sieve.js";
import { symbol } from "./symbols.js";

const { L } = globalThis;
/** Below this width the legend starts folded. */
const NARROW = 520;

/** @param {Session} session */
export function addOverlay(session) {
  const { map } = session;
  const list = h("ul");
  const base = session.mode === "embed" || session.mode === "notebook" ? null : baseChoice(session);
  const body = h("div", { class: "legend-body" }, list, base);
  const toggle = h("button", { type: "button", class: "legend-fold", "aria-expanded": "true" }, h("span", { text: session.say("legend") }), icon("chevron-down"));
  const box = h("section", { class: "map-legend map-legend-br", "aria-label": session.say("legend") }, toggle, body);
  const fold = (folded) => {
    body.hidden = folded;
    box.classList.toggle("folded", folded);
    toggle.setAttribute("aria-expanded", String(!folded));
  };
  toggle.addEventListener("click", () => fold(!body.hidden));
  fold(map.getSize().x < NARROW);
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  map.getContainer().append(box);
  const fill = () => {
    const order = session.manifest.groups.map(({ id }) => id);
    const shown = [...session.entries].reverse().filter(({ id, geometry, group }) => group !== GROUND && session.isOn(id) && geometry !== "none");
    shown.sort((a, b) => rank(a) - rank(b) || order.indexOf(a.group) - order.indexOf(b.group));
    list.replaceChildren(...asked(session), ...shown.flatMap((about) => rows(session, about)));
    box.hidden = !list.childElementCount && !base;
  };
  for (const name of ["layers", "displays"]) session.addEventListener(name, fill);
  map.on("zoomend", fill);
  fill();
}

function rank({ geometry, unit }) {
  return geometry === "point" || unit ? 0 : 1;
}

/** What an embed leaves out is said in its legend. */
function asked(session) {
  const texts = session.filters.filter(({ layer }) => session.isOn(layer)).map((filter) => filterText(session, filter));
  return texts.map((text) => h("li", { class: "legend-title" }, h("bdi", { text: session.say("filtered", { filter: text }) })));
}

function row(look, text, count) {
  return h("li", {}, look ? symbol(look) : h("span"), h("bdi", { class: "legend-label", text }), h("span", { class: "count", text: count }));
}

function rows(session, about) {
  const { display } = session.layers.get(about.id);
  if (display) return [h("li", { class: "legend-title" }, h("bdi", { text: about.title })), ...displayList(session, display)];
  const zoom = session.map.getZoom();
  const passing = session.filtersOf(about.id).length ? countPassing(session.layers.get(about.id)) : null;
  const counted = about.classes.map((item, name) => ({ ...item, count: passing ? (passing.classes.get(name) ?? 0) : item.count }));
  const items = counted.filter((item) => item.count > 0 && zoom >= (item.min_zoom ?? 0));
  if (!items.length) return [];
  if (items.length === 1) {
    const total = items.reduce((sum, item) => sum + item.count, 0);
    return [row(lookOf(about, items[0]), about.title, number(total))];
  }
  const title = about.unit ? `${about.title} ${session.say("unit", { unit: about.unit })}` : about.title;
  const head = h("li", { class: "legend-title" }, h("bdi", { text: title }), h("span", { class: "count", text: number(passing?.all ?? about.count) }));
  return [head, ...items.map((item) => row(lookOf(about, item), item.label, number(item.count)))];
}
