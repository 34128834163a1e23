/** A table of any number of rows: only those in sight are in the page. */
import { cell, cellText, isNumber, orderIcon } from "./cells.js";
import { h, icon, oncePerFrame } from "./dom.js";

const MORE = 8;
const [NARROW, WIDE] = [72, 280];
/** How many rows the widths of the columns are taken from. */
const SAMPLE = 120;

/**
 * @typedef {Object} GridSource
 * @property {Object[]} fields the columns
 * @property {number} count
 * @property {(at: number, field: Object) => any} value of the row at a place of the order
 * @property {(at: number) => boolean} isChosen
 * @property {{name: string|null, down: boolean}} sorted
 */

export class Grid {
  /**
   * @param {{caption: string, empty: string, sort: (title: string) => string, words: Object,
   *   onsort: (field: Object) => void, onchoose: (at: number) => void}} options
   */
  constructor(options) {
    this.options = options;
    this.at = 0;
    this.source = { fields: [], count: 0, sorted: {} };
    this.cols = h("colgroup");
    this.headRow = h("tr", { "aria-rowindex": 1 });
    this.body = h("tbody");
    this.table = h("table", { class: "table grid", role: "grid", tabindex: "0", "aria-label": options.caption }, this.cols, h("thead", {}, this.headRow), this.body);
    this.element = h("div", { class: "table-wrap grid-wrap" }, this.table);
    const draw = oncePerFrame(() => this.draw());
    this.element.addEventListener("scroll", draw);
    if (globalThis.ResizeObserver) new ResizeObserver(draw).observe(this.element);
    this.table.addEventListener("keydown", (event) => this.press(event));
    this.body.addEventListener("click", ({ target }) => {
      const row = target.closest("tr[data-at]");
      if (row) this.choose(Number(row.dataset.at));
    });
  }

  /** @param {GridSource} source */
  set(source) {
    const before = this.source.fields.map(({ name }) => name).join();
    this.source = source;
    this.at = Math.max(0, Math.min(this.at, source.count - 1));
    this.table.setAttribute("aria-rowcount", String(source.count + 1));
    this.table.setAttribute("aria-colcount", String(source.fields.length));
    if (before !== source.fields.map(({ name }) => name).join()) this.measure();
    this.heads();
    this.draw();
  }

  measure() {
    const { fields, count, value } = this.source;
    const { words } = this.options;
    const widths = fields.map((field) => {
      let most = breadth(field.title) + (field.masked ? 62 : 46);
      for (let at = 0; at < Math.min(count, SAMPLE); at += 1) most = Math.max(most, breadth(cellText(field, value(at, field), words)) + (field.masked ? 40 : 26) + (field.labels ? 22 : 0));
      return Math.round(Math.min(Math.max(most, NARROW), WIDE));
    });
    this.cols.replaceChildren(
      ...widths.map((width) => {
        const col = h("col");
        col.style.width = `${width}px`;
        return col;
      }),
    );
    this.table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
  }

  heads() {
    const { fields, sorted } = this.source;
    const held = this.headRow.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    this.headRow.replaceChildren(
      ...fields.map((field) => {
        const on = sorted.name === field.name;
        const button = h("button", { type: "button", "data-name": field.name, title: this.options.sort(field.title), onclick: () => this.options.onsort(field) }, h("bdi", { text: field.title }), orderIcon(on, sorted.down));
        return h("th", { scope: "col", class: isNumber(field) ? "num" : null, "aria-sort": on ? (sorted.down ? "descending" : "ascending") : null }, button, field.masked ? icon("lock") : null);
      }),
    );
    if (held) this.headRow.querySelector(`[data-name="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  }

  get rowHeight() {
    this.height ??= parseFloat(getComputedStyle(this.element).getPropertyValue("--h-row")) || 30;
    return this.height;
  }

  draw() {
    const { fields, count } = this.source;
    if (!count) {
      this.body.replaceChildren(h("tr", {}, h("td", { colspan: fields.length || 1, text: this.options.empty })));
      this.table.removeAttribute("aria-activedescendant");
      return;
    }
    this.height = null;
    const { rowHeight } = this;
    const first = Math.max(0, Math.floor(this.element.scrollTop / rowHeight) - MORE);
    const last = Math.min(count, Math.ceil((this.element.scrollTop + this.element.clientHeight) / rowHeight) + MORE);
    const rows = [];
    for (let at = first; at < last; at += 1) rows.push(this.row(at));
    this.body.replaceChildren(spacer(first * rowHeight, fields.length), ...rows, spacer((count - last) * rowHeight, fields.length));
    if (this.at >= first && this.at < last) this.table.setAttribute("aria-activedescendant", `grid-row-${this.at}`);
    else this.table.removeAttribute("aria-activedescendant");
  }

  row(at) {
    const { fields, value, isChosen } = this.source;
    const cells = fields.map((field) => cell(field, value(at, field), this.options.words));
    for (const item of cells) item.setAttribute("role", "gridcell");
    return h("tr", { id: `grid-row-${at}`, "data-at": at, "aria-rowindex": at + 2, "aria-selected": String(isChosen(at)), class: at === this.at ? "at" : null }, ...cells);
  }

  press(event) {
    if (event.target !== this.table) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight) - 2);
    const ways = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.source.count, End: this.source.count };
    if (event.key === "Enter" || event.key === " ") this.choose(this.at);
    else if (ways[event.key]) this.show(this.at + ways[event.key]);
    else return;
    event.preventDefault();
  }

  choose(at) {
    if (at < 0 || at >= this.source.count) return;
    this.at = at;
    this.options.onchoose(at);
    this.draw();
  }

  /** Bring a row into sight and make it the one that keys act on. */
  show(at) {
    const { count } = this.source;
    if (!count) return;
    this.at = Math.max(0, Math.min(at, count - 1));
    const { rowHeight, element } = this;
    const head = this.headRow.offsetHeight;
    const top = this.at * rowHeight;
    const room = element.clientHeight - head - rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top > element.scrollTop + room) element.scrollTop = top - Math.max(0, room);
    this.draw();
  }
}

function spacer(height, columns) {
  const row = h("tr", { class: "grid-space", "aria-hidden": "true" }, h("td", { colspan: columns }));
  row.firstChild.style.height = `${height}px`;
  row.hidden = height <= 0;
  return row;
}

/** About how many pixels a text is wide. */
function breadth(text) {
  let wide = 0;
  for (const sign of text.slice(0, 60)) wide += sign > "⺀" ? 13 : 7.2;
  return wide;
}
