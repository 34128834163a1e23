/** The bar that says which filters are on, takes them away, and helps when nothing passes. */
import { h, icon } from "./dom.js";
import { number, value } from "./format.js";
import { countPassing } from "./sieve.js";

/** A longer list of codes is cut. */
const MOST = 4;
/** What a range says, with the name of its field and without. */
const BETWEEN = ["filter_between", "filter_between_bare"];
const FROM = ["filter_from", "filter_from_bare"];
const TO = ["filter_to", "filter_to_bare"];
const ANY = ["filter_any", "filter_any_bare"];

/**
 * Say what a filter asks for: "状态 = 关停".
 * @param {Session} session
 * @param {Filter} filter
 * @param {{bare?: boolean}} [options] whether the name of the field is left out
 * @returns {string}
 */
export function filterText(session, { layer, field: name, codes, low, high }, { bare = false } = {}) {
  const field = session.layers.get(layer)?.sieve?.fields.get(name) ?? { title: name, type: "string" };
  const words = { language: session.language, yes: session.say("yes"), no: session.say("no") };
  const one = (text) => (text === "" ? session.say("filter_missing") : value(typed(text, field), field, words));
  if (!codes) {
    const [whole, part] = low && high ? BETWEEN : low ? FROM : high ? TO : ANY;
    return session.say(bare ? part : whole, { field: field.title, low: one(low), high: one(high) });
  }
  const shown = codes.slice(0, MOST).map(one);
  if (codes.length > MOST) shown.push("…");
  const values = shown.join(session.language === "zh" ? "、" : ", ");
  return bare ? values : session.say("filter_is", { field: field.title, values });
}

/** A code as the column has it, so that it is written as values are. */
function typed(text, { type, labels }) {
  if (labels?.[text]) return text;
  if (type === "boolean") return text === "true";
  return (type === "integer" || type === "number") && text !== "" ? Number(text) : text;
}

/**
 * The bar above the list of the panel.
 * @param {Session} session
 * @returns {HTMLElement}
 */
export function chipBar(session) {
  const list = h("ul", { class: "chips", "aria-label": session.say("filters") });
  const said = h("div", { class: "chips-none", role: "status" });
  const bar = h("div", { class: "chip-bar", hidden: true }, h("span", { class: "chips-head", text: session.say("filters") }), list, said);
  const show = () => {
    const { filters } = session;
    bar.hidden = !filters.length;
    const several = new Set(filters.map(({ layer }) => layer)).size > 1;
    list.replaceChildren(...filters.map((filter) => chip(session, filter, several)));
    if (filters.length > 1) list.append(h("li", {}, clearAll(session)));
    said.replaceChildren(...empty(session));
  };
  session.addEventListener("filters", show);
  session.addEventListener("layers", show);
  return bar;
}

/** A filter that a press takes away. */
export function chip(session, filter, several) {
  const { title } = session.layers.get(filter.layer).about;
  const text = filterText(session, filter);
  const words = several ? session.say("layer_says", { layer: title, text }) : text;
  const remove = session.say("filter_remove", { filter: text });
  const drop = () => session.setFilters(session.filters.filter((item) => item !== filter));
  return h(
    "li",
    {},
    h("button", { type: "button", class: "chip", dir: "auto", title: `${remove} (${title})`.slice(0, 200), onclick: drop }, h("bdi", { text: words }), icon("x"), h("span", { class: "sr", text: remove })),
  );
}

function clearAll(session) {
  return h("button", { type: "button", class: "button button-quiet button-s", text: session.say("filter_clear"), onclick: () => session.setFilters([]) });
}

/** For each layer of which nothing passes, the condition that keeps most away. */
function empty(session) {
  const layers = [...new Set(session.filters.map(({ layer }) => layer))];
  return layers.flatMap((id) => {
    const layer = session.layers.get(id);
    const counted = countPassing(layer);
    if (!counted || counted.all || !session.isOn(id)) return [];
    const filters = session.filtersOf(id);
    const left = filters.map((filter) => layer.sieve.count(layer.all, filters.filter((item) => item !== filter)));
    const most = Math.max(...left);
    const title = layer.about.title;
    if (!most) return [h("p", { dir: "auto", text: session.say("filter_none", { layer: title }) })];
    const filter = filters[left.indexOf(most)];
    const text = session.say("filter_drop", { layer: title, filter: filterText(session, filter), count: number(most) });
    const drop = () => session.setFilters(session.filters.filter((item) => item !== filter));
    const button = h("button", { type: "button", class: "button button-s", onclick: drop }, h("bdi", { text: session.say("filter_remove", { filter: filterText(session, filter) }) }));
    return [h("p", { dir: "auto", text }), button];
  });
}
