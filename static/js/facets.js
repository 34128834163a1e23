/** The tab of filters: for each layer that is on, its fields with what each choice would leave. */
import { filterText } from "./chips.js";
import { h, icon } from "./dom.js";
import { countBins, countCodes, facetsOf, tallies } from "./facet_fields.js";
import { codeList } from "./facet_codes.js";
import { rangeOf } from "./facet_range.js";
import { number } from "./format.js";
import { layerSymbol } from "./symbols.js";

/** What the map stands on comes last. */
const GROUND = "ground";

/**
 * @param {Session} session
 * @returns {{body: HTMLElement, show: () => void}} `show` is called when the tab is opened
 */
export function facetTab(session) {
  const body = h("div", { class: "panel-body facets" });
  const parts = new Map();
  const none = h("p", { class: "empty", text: session.say("facets_none") });
  const fill = () => {
    if (body.hidden) return;
    const ground = ({ group }) => group === GROUND;
    const on = session.entries.filter(({ id, page, count }) => page && count && session.isOn(id)).reverse();
    const shown = [...on.filter((about) => !ground(about)), ...on.filter(ground)];
    for (const about of shown) if (!parts.has(about.id)) parts.set(about.id, new LayerFacets(session, about));
    const sections = shown.map(({ id }) => parts.get(id).section);
    if (sections.length !== body.children.length || sections.some((section, at) => section !== body.children[at])) {
      body.replaceChildren(...(sections.length ? sections : [none]));
    }
    shown.forEach(({ id }) => parts.get(id).update());
  };
  session.addEventListener("filters", fill);
  session.addEventListener("layers", fill);
  return { body, show: fill };
}

/** The facets of one layer; its fields and values come when it is unfolded. */
class LayerFacets {
  constructor(session, about) {
    this.session = session;
    this.about = about;
    this.layer = session.layers.get(about.id);
    this.blocks = null;
    this.list = h("div", { id: `facets-${about.id}`, class: "facet-fields", hidden: true });
    this.count = h("span", { class: "count push" });
    this.head = h("button", { type: "button", class: "facet-layer", "aria-expanded": "false", "aria-controls": this.list.id }, icon("chevron-down"), layerSymbol(about), h("bdi", { text: about.title }), this.count);
    this.head.addEventListener("click", () => this.fold(!this.list.hidden));
    this.clear = h("button", { type: "button", class: "button button-quiet button-s", hidden: true, text: session.say("facets_clear"), "aria-label": session.say("facets_clear_of", { layer: about.title }) });
    this.clear.addEventListener("click", () => {
      session.setFilters(session.filters.filter(({ layer }) => layer !== about.id));
      this.head.focus();
    });
    this.section = h("section", { class: "facet-group", "data-facets": about.id }, h("h3", {}, this.head, this.clear), this.list);
    if (session.filtersOf(about.id).length) this.fold(false);
  }

  fold(folded) {
    this.list.hidden = folded;
    this.head.setAttribute("aria-expanded", String(!folded));
    if (!folded && !this.opening) this.opening = this.open();
  }

  /** Learn of all fields and fetch their values, then build. */
  async open() {
    const { session, layer, about } = this;
    this.list.replaceChildren(h("p", { class: "facet-wait faint", text: session.say("facets_loading") }));
    try {
      await layer.load();
      await layer.sieve.know();
    } catch {
      this.opening = null;
      this.list.replaceChildren(h("p", { class: "notice notice-bad" }, icon("triangle-alert"), h("span", { text: session.say("layer_failed", { layer: about.title }) })));
      return;
    }
    this.rows = layer.sieve.source(layer.all);
    const words = new Intl.Collator(session.language === "zh" ? "zh-CN" : "en", { numeric: true });
    this.blocks = facetsOf(layer.sieve.ordered().filter(({ name }) => layer.sieve.takes(name)), this.rows, words).map((facet) => this.block(facet));
    this.list.replaceChildren(...this.blocks.map(({ element }) => element));
    const left = layer.sieve.ordered().filter(({ name }) => layer.sieve.left?.has(name)).map(({ title }) => title);
    if (left.length) this.list.append(h("p", { class: "facet-wait faint", text: session.say("points_left", { layer: about.title, fields: left.join(session.language === "zh" ? "、" : ", ") }) }));
    if (!this.blocks.length) this.list.append(h("p", { class: "facet-wait faint", text: session.say("facets_no_fields") }));
    this.update();
  }

  block(facet) {
    const { session, about } = this;
    const { name, title } = facet.field;
    const id = `facet-${about.id}-${name}`;
    const said = h("bdi", { class: "facet-said" });
    const head = h("button", { type: "button", class: "facet-head", "aria-expanded": "false", "aria-controls": id }, icon("chevron-down"), h("bdi", { text: title }), said);
    const apply = (condition) => session.setFilter(about.id, name, condition);
    const make = facet.kind === "codes" ? codeList : rangeOf;
    const control = make(session, facet, apply, id);
    const inner = h("div", { id, class: "facet-body", role: "group", "aria-label": title, hidden: true }, control.element);
    const block = { facet, control, said, inner, element: h("div", { class: "facet", "data-field": name }, head, inner) };
    const fold = (folded) => {
      inner.hidden = folded;
      head.setAttribute("aria-expanded", String(!folded));
    };
    head.addEventListener("click", () => {
      fold(!inner.hidden);
      this.update();
    });
    if (this.filtersOn(name).length) fold(false);
    return block;
  }

  filtersOn(name) {
    return this.session.filtersOf(this.about.id).filter(({ field }) => field === name);
  }

  update() {
    const { session, about, layer, blocks } = this;
    const filters = session.filtersOf(about.id);
    this.clear.hidden = !filters.length;
    const passing = layer.features?.count ?? about.count;
    this.count.replaceChildren(...(filters.length ? [h("b", { text: number(passing) }), ` / ${number(about.count)}`] : [number(about.count)]));
    if (!blocks) {
      if (filters.length && this.list.hidden) this.fold(false);
      return;
    }
    const open = blocks.filter(({ inner }) => !inner.hidden);
    const found = tallies(filters, open.map(({ facet }) => facet.field.name), this.rows);
    for (const { facet, control } of open) {
      const tally = found.get(facet.field.name);
      const counts = facet.kind === "codes" ? countCodes(tally) : countBins(facet, tally);
      control.update(counts, this.filtersOn(facet.field.name)[0] ?? null);
    }
    for (const { facet, said, element } of blocks) {
      const mine = this.filtersOn(facet.field.name);
      element.classList.toggle("on", mine.length > 0);
      said.textContent = mine.map((filter) => filterText(session, filter, { bare: true })).join("; ");
    }
  }
}
