/** Measuring on the map: geodesic lengths and areas, by pointer or by keys. */
import { CanvasLayer } from "./canvas.js";
import { h, icon, iconButton } from "./dom.js";
import { toWorld } from "./drawn_in.js";
import { isCrossed, pathLength, ringArea } from "./geodesy.js";
import { color } from "./palette.js";
import { addCard, choiceRow, copyButton } from "./tool_card.js";
import { hasStage } from "./toolbar.js";

const { L } = globalThis;
const PANE = "geosvc-tools";

/** Each unit: its size in meters or square meters, the decimals that it is written with, its name. */
const UNITS = {
  length: { m: [1, 1, "unit_m"], km: [1000, 3, "unit_km"] },
  area: { m2: [1, 0, "unit_m2"], mu: [2000 / 3, 2, "unit_mu"], ha: [10_000, 3, "unit_ha"], km2: [1_000_000, 4, "unit_km2"] },
};

/**
 * Write a measure in a unit.
 * @param {number} value meters or square meters
 * @param {string} unit
 * @returns {string} "–" where there is none
 */
export function inUnit(value, unit) {
  const [size, digits] = UNITS.length[unit] ?? UNITS.area[unit];
  if (!Number.isFinite(value)) return "–";
  return new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value / size);
}

const Sketch = CanvasLayer.extend({
  paint(pen, view) {
    const { places, ahead, kind, ended } = this.measure;
    if (!places.length) return;
    const at = ([lng, lat]) => {
      const [x, y] = toWorld(lat, lng);
      return [x * view.scale - view.left, y * view.scale - view.top];
    };
    const fixed = places.map(at);
    const next = ended || !ahead ? null : at(ahead);
    pen.lineJoin = pen.lineCap = "round";
    if (kind === "area" && fixed.length + Boolean(next) > 2) fillRing(pen, next ? [...fixed, next] : fixed);
    const ring = kind === "area" && ended && fixed.length > 2 ? [...fixed, fixed[0]] : fixed;
    stroke(pen, ring, []);
    if (next) stroke(pen, [fixed.at(-1), next, ...(kind === "area" && fixed.length > 1 ? [fixed[0]] : [])], [6, 6]);
    fixed.forEach((place) => dot(pen, place));
  },
});

function fillRing(pen, places) {
  pen.beginPath();
  places.forEach(([x, y]) => pen.lineTo(x, y));
  pen.globalAlpha = 0.16;
  pen.fillStyle = color("accent");
  pen.fill("evenodd");
  pen.globalAlpha = 1;
}

function stroke(pen, places, dash) {
  pen.setLineDash(dash);
  for (const [ink, width] of [[color("halo"), 6], [color("accent"), 2.5]]) {
    pen.beginPath();
    places.forEach(([x, y]) => pen.lineTo(x, y));
    pen.strokeStyle = ink;
    pen.lineWidth = width;
    pen.stroke();
  }
  pen.setLineDash([]);
}

function dot(pen, [x, y]) {
  pen.beginPath();
  pen.arc(x, y, 4.5, 0, 2 * Math.PI);
  pen.fillStyle = color("halo");
  pen.strokeStyle = color("accent");
  pen.lineWidth = 2.5;
  pen.fill();
  pen.stroke();
}

/**
 * Add the tool to a page.
 * @param {Session} session
 */
export function addMeasure(session) {
  if (hasStage(session)) new Measure(session);
}

class Measure {
  constructor(session) {
    this.session = session;
    this.kind = "length";
    this.units = { length: "m", area: "m2" };
    this.places = [];
    this.ahead = null;
    this.ended = false;
    this.build();
    this.listen();
  }

  build() {
    const { session } = this;
    const say = (key, values) => session.say(key, values);
    this.kinds = choiceRow(say("measure"), [["length", say("measure_length")], ["area", say("measure_area")]], (kind) => this.turn(kind));
    this.value = h("output", { class: "measure-value" });
    this.more = h("p", { class: "muted small measure-more" });
    this.said = h("p", { class: "sr", role: "status" });
    this.copied = h("span", { class: "small muted", role: "status" });
    this.unitRow = h("div");
    this.copy = copyButton(session, () => this.text(), this.copied);
    this.back = iconButton("undo-2", say("measure_back"), () => this.takeBack(), { class: "icon-button icon-button-s" });
    this.anew = h("button", { type: "button", class: "button button-s", text: say("measure_anew"), onclick: () => this.wipe() });
    const hint = h("p", { class: "small muted measure-hint" }, icon("info"), h("span", { class: "only-wide", text: say("measure_hint") }), h("span", { class: "only-phone", text: say("measure_touch") }));
    const result = h("div", { class: "measure-result" }, this.value, this.copy, this.back);
    this.card = addCard(session, {
      ...{ name: "measure", icon: "ruler", title: say("measure") },
      body: [this.kinds.element, result, this.more, this.unitRow, hint, h("div", { class: "row" }, this.anew, this.copied), this.said],
      onopen: () => this.start(),
      onclose: () => this.stop(),
      first: () => session.map.getContainer(),
    });
    const pane = session.map.createPane(PANE);
    pane.style.zIndex = "646";
    pane.style.pointerEvents = "none";
    this.sketch = new Sketch({ pane: PANE });
    this.sketch.measure = this;
  }

  listen() {
    const { map } = this.session;
    const box = map.getContainer();
    const open = (task) => (event) => this.card.isOpen() && task(event);
    map.on("click", open(({ latlng }) => this.add(latlng)));
    map.on("dblclick", open(() => this.end()));
    map.on("mousemove", open(({ latlng }) => this.look(latlng)));
    // with the keyboard the middle of the map is the pointer
    map.on("move", open(() => box.matches(":focus-visible") && this.look(map.getCenter())));
    box.addEventListener("keydown", open((event) => this.press(event, box)), true);
    document.addEventListener("geosvc:theme", () => this.sketch.canvas && this.sketch.redraw());
  }

  press(event, box) {
    if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = { " ": () => this.add(this.session.map.getCenter()), Enter: () => this.end(), Backspace: () => this.takeBack() };
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }

  start() {
    const { session } = this;
    session.tool = "measure";
    session.clear();
    session.map.doubleClickZoom.disable();
    session.map.getContainer().classList.add("measuring");
    this.sketch.addTo(session.map);
    this.turn(this.kind);
  }

  stop() {
    const { session } = this;
    session.tool = null;
    this.wipe();
    this.sketch.remove();
    session.map.doubleClickZoom.enable();
    session.map.getContainer().classList.remove("measuring");
  }

  /** Measure the other thing; what has been drawn stays. */
  turn(kind) {
    const { session } = this;
    this.kind = kind;
    this.kinds.set(kind);
    const names = Object.entries(UNITS[kind]).map(([unit, [, , word]]) => [unit, session.say(word)]);
    this.row = choiceRow(session.say("measure_unit"), names, (unit) => {
      this.units[kind] = unit;
      this.show();
    });
    this.unitRow.replaceChildren(this.row.element);
    this.show();
  }

  add({ lng, lat }) {
    if (this.ended) this.wipe();
    const { map } = this.session;
    const last = this.places.at(-1);
    // the second press of a double click is no new place
    if (last && map.latLngToContainerPoint([last[1], last[0]]).distanceTo(map.latLngToContainerPoint([lat, lng])) < 3) return;
    this.places.push([lng, lat]);
    this.ahead = null;
    this.show();
    this.said.textContent = this.session.say("measure_said", { n: this.places.length, value: this.text() });
  }

  look({ lng, lat }) {
    if (this.ended || !this.places.length) return;
    this.ahead = [lng, lat];
    this.show();
  }

  takeBack() {
    this.places.pop();
    this.ahead = null;
    this.ended = false;
    this.show();
    this.said.textContent = this.session.say("measure_said", { n: this.places.length, value: this.text() });
  }

  end() {
    if (!this.places.length) return;
    this.ended = true;
    this.ahead = null;
    this.show();
    this.said.textContent = this.session.say("measure_ended", { value: this.text() });
  }

  wipe() {
    this.places = [];
    this.ahead = null;
    this.ended = false;
    this.said.textContent = "";
    this.show();
  }

  /** What is measured, with its unit. */
  text() {
    const { kind, units, places, ahead } = this;
    const all = ahead ? [...places, ahead] : places;
    const unit = units[kind];
    const value = inUnit(kind === "length" ? pathLength(all) : ringArea(all), unit);
    return this.session.say("measure_value", { value, unit: this.session.say(UNITS[kind][unit][2]) });
  }

  show() {
    const { session, places, ahead, kind } = this;
    const all = ahead ? [...places, ahead] : places;
    this.value.textContent = this.text();
    this.row?.set(this.units[kind]);
    this.more.textContent = kind === "area" && all.length > 2 ? session.say(isCrossed(all) ? "measure_crossed" : "measure_around", { value: inUnit(pathLength([...all, all[0]]), "m") }) : "";
    this.card?.element.classList.toggle("begun", places.length > 0);
    this.copied.textContent = "";
    this.back.disabled = !places.length;
    this.copy.disabled = places.length < (kind === "area" ? 3 : 2);
    if (this.sketch.canvas) this.sketch.redraw();
  }
}
