/** The bar that says which filters are on, takes them away, and helps when nothing passes. */
import { h, icon } from "./dom.js";
import { number, value } from "./format.js";
import { countPassing } from "./sieve.js";

/** A longer list of codes is cut. */
const MOST = 4;

/**
 * Say what a filter asks for: "状态 = 关停".
 * @param {Session} session
 * @param {Filter} filter
 * @returns {string}
 */
export function filterText(session, { layer, field: name, codes, low, high }) {
  const field = session.layers.get(layer)?.sieve?.fields.get(name) ?? { title: name, type: "string" };
  const words = { language: session.language, yes: session.say("yes"), no: session.say("no") };
  const one = (text) => (text === "" ? session.say("filter_missing") : value(typed(text, field), field, words));
  if (!codes) {
    const key = low && high ? "filter_between" : low ? "filter_from" : high ? "filter_to" : "filter_any";
    return session.say(key, { field: field.title, low: one(low), high: one(high) });
  }
  const shown = codes.slice(0, MOST).map(one);
  if (codes.length > MOST) shown.push("…");
  return session.say("filter_is", { field: field.title, values: shown.join(session.language === "zh" ? "、" : ", ") });
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

function chip(session, filter, several) {
  const { title } = session.layers.get(filter.layer).about;
  const text = filterText(session, filter);
  const words = several ? session.say("layer_says", { layer: title, text }) : text;
  const remove = session.say("filter_remove", { filter: text });
  const drop = () => session.setFilters(session.filters.filter((item) => item !== filter));
  return h(
    "li",
    {},
    h("button", { type: "button", class: "chip", title: `${remove} (${title})`.slice(0, 200), onclick: drop }, h("bdi", { text: words }), icon("x"), h("span", { class: "sr", text: remove })),
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
    return [h("p", { dir: "auto", text })];
  });
}
