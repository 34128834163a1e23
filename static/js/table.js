/** The records of a layer as a table: sortable, a page at a time, a lock where values are masked. */
import { cell, isNumber, orderIcon, sortRows } from "./cells.js";
import { readJson, valueAt } from "./data.js";
import { h, icon, iconButton } from "./dom.js";
import { fill, number } from "./format.js";

const PAGE = 100;

class RowsTable {
  constructor(place, { language, title, fields, words }, data) {
    this.place = place;
    this.words = words;
    this.title = title;
    this.language = language;
    this.data = data;
    this.fields = fields.filter(({ name }) => Object.hasOwn(data.columns, name)).map(withLabels);
    this.order = data.keys.map((_, index) => index);
    this.sorted = { name: null, down: false };
    this.first = 0;
    this.chosen = data.keys.indexOf(new URLSearchParams(location.search).get("sel") ?? "");
    if (this.chosen >= 0) this.first = Math.floor(this.chosen / PAGE) * PAGE;
    this.build();
    this.show();
    if (this.chosen >= 0) this.place.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "center" });
  }

  build() {
    this.heads = new Map();
    const row = h("tr");
    for (const field of this.fields) row.append(this.head(field));
    this.body = h("tbody");
    const table = h("table", { class: "table" }, h("caption", { class: "sr", text: fill(this.words.caption, { title: this.title }) }), h("thead", {}, row), this.body);
    this.wrap = h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": this.words.scroll }, table);
    this.said = h("span", { "aria-live": "polite" });
    this.back = iconButton("chevron-left", this.words.previous, () => this.turn(-PAGE));
    this.next = iconButton("chevron-right", this.words.next, () => this.turn(PAGE));
    this.place.replaceChildren(this.wrap, h("div", { class: "table-foot" }, this.said, h("span", { class: "push row" }, this.back, this.next)));
  }

  head(field) {
    const button = h("button", { type: "button", title: fill(this.words.sort, { title: field.title }) }, h("bdi", { text: field.title }), icon("arrow-up-down"));
    button.addEventListener("click", () => this.sortBy(field));
    const lock = field.masked ? icon("lock") : null;
    const cell = h("th", { scope: "col", class: isNumber(field) ? "num" : "" }, button, lock);
    this.heads.set(field.name, { cell, button });
    return cell;
  }

  sortBy(field) {
    const down = this.sorted.name === field.name && !this.sorted.down;
    this.sorted = { name: field.name, down };
    const column = this.data.columns[field.name];
    const values = this.data.keys.map((_, index) => valueAt(column, index));
    sortRows(this.order, values, { down, language: this.language });
    this.first = 0;
    for (const [name, { cell, button }] of this.heads) {
      const on = name === field.name;
      if (on) cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
      button.lastChild.replaceWith(orderIcon(on, down));
    }
    this.show();
  }

  turn(by) {
    this.first += by;
    this.show();
    this.wrap.scrollTop = 0;
  }

  show() {
    const { length } = this.order;
    const rows = this.order.slice(this.first, this.first + PAGE).map((index) => this.row(index));
    if (!length) rows.push(h("tr", {}, h("td", { colspan: this.fields.length, text: this.words.empty })));
    this.body.replaceChildren(...rows);
    const to = Math.min(this.first + PAGE, length);
    this.said.textContent = fill(this.words.range, { from: number(length ? this.first + 1 : 0), to: number(to), all: number(length) });
    this.back.disabled = this.first === 0;
    this.next.disabled = to >= length;
  }

  row(index) {
    const row = h("tr", index === this.chosen ? { "aria-selected": "true" } : {});
    const words = { language: this.language, ...this.words };
    for (const field of this.fields) row.append(cell(field, valueAt(this.data.columns[field.name], index), words));
    return row;
  }
}

/** The page lists labels; the cells look them up. */
function withLabels(field) {
  const labels = Object.fromEntries((field.labels ?? []).map(({ code, label, tone }) => [String(code), { label, tone }]));
  const unit = field.unit ? `${field.title} (${field.unit})` : field.title;
  return { ...field, labels, title: unit };
}

async function begin(place) {
  const told = JSON.parse(document.getElementById("geosvc_table").textContent);
  try {
    new RowsTable(place, told, await readJson(told.rows));
  } catch {
    place.replaceChildren(h("p", { class: "notice notice-bad" }, icon("triangle-alert"), h("span", { text: told.words.failed })));
  }
}

const place = document.querySelector("[data-geosvc=table]");
if (place) begin(place);
