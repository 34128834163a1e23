/** The time slider over the map: weeks or months of one layer, two handles, and play. */
import { h, iconButton } from "./dom.js";
import { countBins, dayBins, endsOf, tallies } from "./facet_fields.js";
import { date, number } from "./format.js";
import { addTool } from "./toolbar.js";

const { L } = globalThis;
const STEP_MS = 900;

/**
 * Add the slider and its button where a layer of the map has times; an address that filters by time
 * opens it.
 * @param {Session} session
 */
export function addTimeline(session) {
  if (session.mode !== "page") return;
  const layers = session.entries.filter((about) => about.time && about.count && session.isDrawable(about)).reverse();
  if (!layers.length) return;
  const slider = new Timeline(session, layers);
  const asked = layers.find((about) => session.filters.some(({ layer, field }) => layer === about.id && field === about.time));
  if (asked) slider.open(asked.id);
}

class Timeline {
  constructor(session, layers) {
    this.session = session;
    this.layers = layers;
    this.unit = "week";
    this.timer = null;
    this.build();
    session.addEventListener("filters", () => this.update());
    this.button = iconButton("clock", session.say("time"), () => (this.element.hidden ? this.open(this.first()) : this.close()), { "aria-pressed": "false", "data-tool": "time" });
    addTool(session, this.button);
  }

  /** The layer that a reader most likely means: on, and of most records. */
  first() {
    const on = this.layers.filter(({ id }) => this.session.isOn(id));
    return (this.layer?.about ?? (on.length ? on : this.layers).reduce((a, b) => (b.count > a.count ? b : a))).id;
  }

  build() {
    const { session } = this;
    this.chooser = h("select", { class: "input", "aria-label": session.say("table_layer") }, ...this.layers.map(({ id, title }) => h("option", { value: id, text: title })));
    this.chooser.addEventListener("change", () => this.open(this.chooser.value));
    this.play = h("button", { type: "button", class: "button button-s", text: session.say("time_play"), onclick: () => this.run(this.timer === null) });
    this.span = h("b", { class: "time-span" });
    this.said = h("span", { class: "muted small", role: "status" });
    this.units = Object.entries({ week: "time_week", month: "time_month" }).map(([unit, key]) => h("button", { type: "button", class: "button button-quiet button-s", "data-unit": unit, text: session.say(key), onclick: () => this.measure(unit) }));
    this.all = h("button", { type: "button", class: "button button-quiet button-s", text: session.say("time_all"), onclick: () => this.set(null) });
    const shut = iconButton("x", session.say("time_close"), () => this.close(), { class: "icon-button icon-button-s" });
    this.bars = h("div", { class: "bars" });
    this.handles = Object.entries({ low: "time_low", high: "time_high" }).map(([end, key]) => {
      const handle = h("input", { type: "range", class: "range", min: 0, step: 1, "aria-label": session.say(key) });
      handle.addEventListener("input", () => this.pull(end, false));
      handle.addEventListener("change", () => this.pull(end, true));
      return handle;
    });
    const head = h("div", { class: "time-head" }, this.play, this.span, this.chooser, this.said, h("span", { class: "push row" }, ...this.units, this.all, shut));
    this.scale = h("div", { class: "bar-scale xs faint", "aria-hidden": "true" });
    this.element = h("section", { class: "map-time", "aria-label": session.say("time"), hidden: true }, head, this.bars, h("div", { class: "time-handles" }, ...this.handles), this.scale);
    this.element.addEventListener("keydown", (event) => event.stopPropagation());
    L.DomEvent.disableClickPropagation(this.element);
    L.DomEvent.disableScrollPropagation(this.element);
    session.map.getContainer().append(this.element);
  }

  async open(id) {
    const { session } = this;
    this.layer = session.layers.get(id);
    this.name = this.layer.about.time;
    this.chooser.value = id;
    this.run(false);
    this.element.hidden = false;
    this.button.setAttribute("aria-pressed", "true");
    try {
      await session.setOn(id, true, { step: false });
      await this.layer.load();
      await this.layer.sieve.know();
    } catch {
      session.tell("failed", this.layer);
      this.close();
      return;
    }
    this.rows = this.layer.sieve.source(this.layer.all);
    this.measure(this.unit);
  }

  close() {
    this.run(false);
    this.element.hidden = true;
    this.button.setAttribute("aria-pressed", "false");
  }

  /** Lay the bins anew. */
  measure(unit) {
    this.unit = unit;
    const ends = endsOf(tallies([], [this.name], this.rows).get(this.name));
    this.bins = ends ? dayBins(ends, unit) : [];
    for (const button of this.units) button.setAttribute("aria-pressed", String(button.dataset.unit === unit));
    this.bars.replaceChildren(...this.bins.map((_, at) => h("button", { type: "button", class: "bar-one", onclick: () => this.set([at, at]) }, h("span", { class: "bar-count xs" }), h("span", { class: "bar-fill" }))));
    for (const handle of this.handles) handle.max = this.bins.length;
    this.scale.replaceChildren(...(ends ?? []).map((day) => h("span", { text: this.day(day) })));
    this.update();
  }

  day(text) {
    return date(text.slice(0, 10), this.session.language);
  }

  filter() {
    return this.session.filters.find(({ layer, field }) => layer === this.layer.about.id && field === this.name) ?? null;
  }

  /** The bins that the filter covers: first and last. */
  chosen() {
    const filter = this.filter();
    const last = this.bins.length - 1;
    if (!filter || filter.codes) return [0, last];
    const from = filter.low ? this.bins.findIndex(({ high }) => high >= filter.low.slice(0, 10)) : 0;
    const beyond = filter.high ? this.bins.findIndex(({ low }) => low > filter.high.slice(0, 10)) : -1;
    return [from < 0 ? last : from, beyond < 0 ? last : Math.max(0, beyond - 1)];
  }

  update() {
    if (this.element.hidden || !this.bins?.length) return;
    const { session, layer, bins } = this;
    const tally = tallies(session.filtersOf(layer.about.id), [this.name], this.rows).get(this.name);
    const counts = countBins({ kind: "day", bins }, tally);
    const most = Math.max(1, ...counts);
    const [from, to] = this.chosen();
    [...this.bars.children].forEach((bar, at) => {
      bar.lastChild.style.height = `calc((100% - 18px) * ${counts[at] / most})`;
      bar.firstChild.textContent = bins.length <= 20 ? number(counts[at]) : "";
      bar.classList.toggle("out", at < from || at > to);
      bar.title = session.say("facets_bin", { low: this.day(bins[at].low), high: this.day(bins[at].high), count: number(counts[at]) });
      bar.setAttribute("aria-label", bar.title);
    });
    this.handles.forEach((handle, end) => {
      handle.value = [from, to + 1][end];
      handle.setAttribute("aria-valuetext", this.day([bins[from].low, bins[to].high][end]));
    });
    this.span.textContent = `${this.day(bins[from].low)} – ${this.day(bins[to].high)}`;
    const passing = layer.features?.count ?? 0;
    this.said.textContent = session.say("time_said", { count: number(passing), all: number(layer.about.count) });
    this.all.disabled = !this.filter();
  }

  pull(end, step) {
    // the handles stand at the edges of the bins
    const last = this.bins.length - 1;
    const ends = [Math.min(Number(this.handles[0].value), last), Math.max(Number(this.handles[1].value) - 1, 0)];
    // one handle pushes the other along
    if (ends[0] > ends[1]) ends[end === "low" ? 1 : 0] = ends[end === "low" ? 0 : 1];
    this.set(ends, { step });
  }

  set(ends, options = {}) {
    const condition = ends && { low: this.bins[ends[0]].low, high: this.bins[ends[1]].high };
    return this.session.setFilter(this.layer.about.id, this.name, condition, options);
  }

  /** Play: the chosen span moves on bin by bin, from the start where it is all, and stops at the end. */
  run(on) {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = this.session.say(on ? "time_pause" : "time_play");
    if (!on || !this.bins?.length) return;
    const last = this.bins.length - 1;
    const [from, to] = this.chosen();
    let ends = to - from >= last || to === last ? [0, to - from >= last ? 0 : to - from] : [from, to];
    this.set(ends);
    this.timer = setInterval(() => {
      ends = ends.map((end) => end + 1);
      if (ends[1] > last) this.run(false);
      else this.set(ends, { step: false });
    }, STEP_MS);
  }
}
