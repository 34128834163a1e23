/** The records of a layer under the map: what passes, in words; rows and map are linked both ways. */
import { isNumber, sortRows } from "./cells.js";
import { chip } from "./chips.js";
import { h, icon, iconButton, isPhone, oncePerFrame } from "./dom.js";
import { inSquare } from "./drawn_in.js";
import { exportMenu, menu, viewEdges } from "./export.js";
import { number } from "./format.js";
import { featureMeets } from "./geometry.js";
import { Grid } from "./grid.js";
import { addTool } from "./toolbar.js";

const GROUND = "ground";
/** How many columns are shown at first. */
const COLUMNS = 8;

/**
 * Add the table and its button; it opens as the address asks.
 * @param {Session} session
 */
export function addDock(session) {
  const work = document.querySelector(".work");
  if (session.mode !== "page" || !work) return;
  const dock = new Dock(session, work);
  session.showsRows = true;
  const { table } = session.asked;
  dock.recall(session.asked);
  if (table && dock.layers().some(({ id }) => id === table)) dock.open(table, { step: false });
}

class Dock {
  constructor(session, work) {
    this.session = session;
    this.work = work;
    this.order = [];
    this.sorted = { name: null, down: false };
    /** @type {Map<string, string[]>} the columns that the reader chose, by layer */
    this.columns = new Map();
    this.rows = null;
    this.build();
    const fresh = oncePerFrame(() => this.refresh());
    this.arrived = oncePerFrame(() => this.grid.draw());
    for (const name of ["filters", "layers"]) session.addEventListener(name, fresh);
    session.map.on("moveend", () => this.inView.checked && fresh());
    session.addEventListener("select", () => this.follow());
    session.addEventListener("show-row", ({ detail }) => this.open(detail));
    session.addEventListener("address", ({ detail }) => {
      this.recall(detail);
      if (detail.table) this.open(detail.table, { step: false });
      else this.close({ step: false });
    });
    const known = (write) => () => (this.element.hidden ? "" : write());
    session.kept.set("sort", known(() => (this.sorted.name ? `${this.sorted.down ? "-" : ""}${this.sorted.name}` : "")));
    session.kept.set("cols", known(() => (this.columns.get(session.table) ?? []).join()));
    session.kept.set("inview", known(() => (this.inView.checked ? "1" : "")));
  }

  /** Take up order, columns and extent as an address has them. */
  recall({ table, more: { sort, cols, inview } }) {
    if (!table) return;
    this.sorted = { name: sort.replace(/^-/, "") || null, down: sort.startsWith("-") };
    this.asked = table;
    if (cols) this.columns.set(table, cols.split(","));
    else this.columns.delete(table);
    this.inView.checked = inview === "1";
  }

  /** The layers that have records. */
  layers() {
    const has = this.session.entries.filter((about) => about.page && about.count && this.session.isDrawable(about)).reverse();
    return [...has.filter(({ group }) => group !== GROUND), ...has.filter(({ group }) => group === GROUND)];
  }

  build() {
    const { session } = this;
    const say = (key, values) => session.say(key, values);
    this.chooser = h("select", { class: "input dock-layer", "aria-label": say("table_layer") });
    this.chooser.addEventListener("change", () => this.open(this.chooser.value));
    this.said = h("span", { class: "dock-said muted small", role: "status" });
    this.inView = h("input", { type: "checkbox", class: "check", id: "dock-view" });
    this.inView.addEventListener("change", () => {
      this.refresh();
      session.remember(true);
    });
    this.fieldList = h("ul", { class: "menu-list menu-checks" });
    const columns = menu(h("summary", { class: "button button-quiet button-s" }, icon("table"), h("span", { text: say("table_columns") })), this.fieldList);
    this.exports = exportMenu(session);
    this.shut = iconButton("x", say("table_close"), () => this.close(), { class: "icon-button icon-button-s" });
    this.chips = h("ul", { class: "chips", "aria-label": say("filters") });
    this.grid = new Grid({
      caption: say("table"),
      empty: say("table_empty"),
      sort: (title) => say("table_sort", { title }),
      words: { language: session.language, yes: say("yes"), no: say("no"), masked: say("masked") },
      onsort: (field) => this.sortBy(field),
      onchoose: (at) => this.choose(at),
    });
    const check = h("label", { class: "dock-view", for: "dock-view" }, this.inView, h("span", { text: say("table_in_view") }));
    const head = h("div", { class: "dock-head" }, this.chooser, this.said, h("span", { class: "push row dock-tools" }, check, columns, this.exports.element, this.shut));
    this.chipRow = h("div", { class: "dock-chips" }, this.chips);
    this.element = h("section", { class: "dock", id: "dock", "aria-label": say("list"), hidden: true }, head, this.chipRow, this.grid.element);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || session.selection) return;
      event.preventDefault();
      this.close();
    });
    this.button = iconButton("table", say("list"), () => (this.element.hidden ? this.open(this.first()) : this.close()), { "aria-expanded": "false", "aria-controls": "dock", "data-tool": "table", "aria-keyshortcuts": "L", "aria-description": say("list_about") });
    addTool(session, this.button);
    // after the tools and before the map, as the Tab key goes
    this.work.insertBefore(this.element, this.work.querySelector(":scope > .map"));
    document.addEventListener("keydown", (event) => this.hear(event));
  }

  /** The key L opens the list, which says what the map shows, and goes to its rows. */
  async hear(event) {
    const { target } = event;
    const writes = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    if (event.key.toLowerCase() !== "l" || event.ctrlKey || event.metaKey || event.altKey || (writes && target.type !== "checkbox")) return;
    event.preventDefault();
    if (this.element.hidden && this.first()) await this.open(this.first());
    this.grid.table.focus({ preventScroll: true });
  }

  /** The layer that a reader most likely means. */
  first() {
    const { session } = this;
    const known = this.layers().filter(({ id }) => session.isOn(id));
    const wanted = [this.layer?.about, session.selection?.layer.about, ...known.filter(({ id }) => session.filtersOf(id).length), ...known, ...this.layers()];
    return wanted.find((about) => about && this.layers().includes(about))?.id ?? null;
  }

  async open(id, { step = true } = {}) {
    const { session } = this;
    const layer = session.layers.get(id);
    if (!layer?.about) return;
    if (this.layer !== layer && this.asked !== id) this.sorted = { name: null, down: false };
    this.asked = null;
    this.layer = layer;
    session.table = id;
    this.frame(false);
    this.chooser.replaceChildren(...this.layers().map((about) => h("option", { value: about.id, selected: about.id === id, text: about.title })));
    this.rows = null;
    this.refresh();
    session.remember(step);
    await session.setOn(id, true, { step: false });
    try {
      await layer.load();
      await layer.sieve.know();
    } catch {
      session.tell("failed", layer);
      return;
    }
    if (this.layer !== layer || this.element.hidden) return;
    this.rows = true;
    this.forget();
    this.columnChecks();
    this.refresh();
    this.follow();
  }

  /** An old address may name fields that are gone. */
  forget() {
    const { about, sieve } = this.layer;
    const names = sieve.ordered().map(({ name }) => name);
    const chosen = this.columns.get(about.id)?.filter((name) => names.includes(name));
    if (chosen?.length) this.columns.set(about.id, chosen);
    else this.columns.delete(about.id);
    if (!names.includes(this.sorted.name)) this.sorted = { name: null, down: false };
  }

  close({ step = true } = {}) {
    if (this.element.hidden) return;
    const held = this.element.contains(document.activeElement);
    this.session.table = null;
    this.frame(true);
    this.session.remember(step);
    if (held) this.button.focus({ preventScroll: true });
  }

  frame(hidden) {
    this.element.hidden = hidden;
    this.work.classList.toggle("with-dock", !hidden);
    this.button.setAttribute("aria-expanded", String(!hidden));
    this.session.map.invalidateSize({ animate: false });
  }

  /** The columns: at first what a popup shows and what is filtered by. */
  shown() {
    const { about, sieve } = this.layer;
    const all = sieve.ordered();
    const chosen = this.columns.get(about.id);
    if (chosen) return all.filter(({ name }) => chosen.includes(name));
    const { popup } = about;
    const filtered = this.session.filtersOf(about.id).map(({ field }) => field);
    const wanted = [popup.title, popup.subtitle, ...filtered, ...popup.badges, ...popup.facts, ...all.map(({ name }) => name)].filter(Boolean);
    const first = [...new Set(wanted)].slice(0, Math.max(COLUMNS, filtered.length + 4));
    return all.filter(({ name }) => first.includes(name));
  }

  columnChecks() {
    const { about, sieve } = this.layer;
    const now = this.shown().map(({ name }) => name);
    this.fieldList.replaceChildren(
      ...sieve.ordered().map(({ name, title }) => {
        const check = h("input", { type: "checkbox", class: "check", id: `column-${name}`, "data-name": name });
        check.checked = now.includes(name);
        check.addEventListener("change", () => {
          const chosen = [...this.fieldList.querySelectorAll("input:checked")].map((item) => item.dataset.name);
          this.columns.set(about.id, chosen);
          this.refresh();
          this.session.remember(true);
        });
        return h("li", {}, check, h("label", { for: check.id }, h("bdi", { text: title })));
      }),
    );
  }

  /** Take up what passes now. */
  refresh() {
    const { session, layer } = this;
    if (this.element.hidden || !layer) return;
    const { about, features } = layer;
    this.chips.replaceChildren(...session.filtersOf(about.id).map((filter) => chip(session, filter, false)));
    this.chipRow.hidden = !this.chips.childElementCount;
    if (!this.rows || !features) {
      this.said.textContent = session.say("facets_loading");
      return;
    }
    const box = this.inView.checked ? viewEdges(session.map.getBounds()) : null;
    this.order = Array.from({ length: features.count }, (_, index) => index);
    if (box) {
      // as a file of the view has them
      const there = features.truth ?? features;
      const [west, north] = inSquare(box[0], box[3]);
      const [east, south] = inSquare(box[2], box[1]);
      this.order = this.order.filter((index) => featureMeets(there, index, [west, north, east, south]));
    }
    this.value = layer.sieve.source(features).value;
    this.cells = layer.sieve.cells(features, this.arrived);
    if (this.sorted.name) this.putInOrder();
    const { length } = this.order;
    const key = length === about.count ? "table_all" : "table_some";
    this.said.textContent = session.say(key, { count: number(length), all: number(about.count) });
    this.exports.update(about.id, length, box);
    this.fill();
  }

  putInOrder() {
    const { name, down } = this.sorted;
    const values = Array.from({ length: this.layer.features.count }, (_, index) => this.value(name, index));
    sortRows(this.order, values, { down, language: this.session.language });
  }

  fill() {
    const { layer, order, cells, session } = this;
    const fields = this.shown().map((field) => (field.unit && isNumber(field) ? { ...field, title: `${field.title}${session.say("unit", { unit: field.unit })}` } : field));
    this.grid.set({
      fields,
      count: order.length,
      value: (at, field) => cells(field.name, order[at]),
      isChosen: (at) => session.selection?.layer === layer && session.selection.index === order[at],
      sorted: this.sorted,
    });
  }

  sortBy(field) {
    if (!this.layer.sieve.sorts(field.name)) {
      this.said.textContent = this.session.say("points_unsorted", { field: field.title });
      return;
    }
    this.sorted = { name: field.name, down: this.sorted.name === field.name && !this.sorted.down };
    this.putInOrder();
    this.grid.element.scrollTop = 0;
    this.fill();
    this.session.remember(true);
  }

  /** A row was pressed: its feature is selected, and the map looks at it. */
  choose(at) {
    const { session, layer } = this;
    const index = this.order[at];
    const place = layer.place(index);
    if (!session.map.getBounds().contains(place)) session.map.panTo(place, { animate: false });
    session.select([{ layer, index }]);
    // a phone's table lies over the map
    if (isPhone()) session.map.panInside(place, { paddingTopLeft: [40, 120], paddingBottomRight: [40, this.element.offsetHeight + 40], animate: false });
  }

  /** Something was selected: its row comes into sight. */
  follow() {
    const { session, layer } = this;
    if (this.element.hidden || !this.rows) return;
    const at = session.selection?.layer === layer ? this.order.indexOf(session.selection.index) : -1;
    if (at >= 0) this.grid.show(at);
    else this.grid.draw();
  }
}
