/** Points that lie upon each other fan out when one of them is selected: each can be seen and pressed. */
import { h, isPhone, svg } from "./dom.js";
import { lookOf } from "./panel.js";
import { heading } from "./popup.js";
import { inSheet } from "./selection.js";
import { symbol } from "./symbols.js";

const { L } = globalThis;
/** Points nearer than this cover each other; more than so many are left to the pager of the popup. */
const NEAR_PX = 12;
const MOST = 24;

/**
 * Where the members of a fan stand around their place: on half circles, the popup has the other half.
 * @param {number} count
 * @param {{size: number, up: boolean}} options size of a member in pixels
 * @returns {number[][]} x, y in pixels
 */
export function fanPlaces(count, { size, up }) {
  const places = [];
  const room = size + 4;
  for (let radius = room * 1.7; places.length < count; radius += room) {
    const most = Math.floor((0.86 * Math.PI * radius) / room) + 1;
    const here = Math.min(most, count - places.length);
    const step = room / radius;
    for (let at = 0; at < here; at += 1) {
      const turn = Math.PI / 2 + (at - (here - 1) / 2) * step;
      places.push([-Math.cos(turn) * radius, (up ? -1 : 1) * Math.sin(turn) * radius].map((value) => Math.round(value * 10) / 10));
    }
  }
  return places;
}

/** @param {Session} session */
export function addFan(session) {
  if (session.mode !== "edit") new Fan(session);
}

class Fan {
  constructor(session) {
    this.session = session;
    this.hits = null;
    this.members = [];
    const pane = session.map.createPane("geosvc-fan");
    pane.style.zIndex = "660";
    this.element = h("div", { class: "fan", role: "group", hidden: true });
    pane.append(this.element);
    L.DomEvent.disableClickPropagation(this.element);
    this.element.addEventListener("keydown", (event) => this.press(event));
    session.addEventListener("select", () => this.follow());
    session.map.on("zoomstart", () => (this.element.hidden = true));
    session.map.on("zoomend viewreset", () => this.lay());
  }

  follow() {
    const { selection } = this.session;
    if (selection && selection.hits === this.hits) {
      this.mark();
      return;
    }
    this.hits = selection?.hits ?? null;
    this.members = [];
    this.lay();
    if (selection?.keyboard && !this.element.hidden) this.buttonAt(selection.at)?.focus({ preventScroll: true });
  }

  /** The points among what was met that lie upon each other now. */
  covering() {
    const { map } = this.session;
    const points = (this.hits ?? []).map((hit, at) => ({ ...hit, at })).filter(({ layer }) => layer.features?.kind === "point");
    if (points.length < 2) return [];
    const pixel = ({ layer, index }) => map.latLngToLayerPoint(layer.place(index));
    const first = pixel(points[0]);
    const near = points.filter((hit) => pixel(hit).distanceTo(first) <= NEAR_PX);
    return near.length > 1 ? near.slice(0, MOST) : [];
  }

  lay() {
    const { session, element } = this;
    this.members = this.session.selection ? this.covering() : [];
    element.hidden = !this.members.length;
    element.replaceChildren();
    if (element.hidden) return;
    const { layer, index } = this.members[0];
    L.DomUtil.setPosition(element, session.map.latLngToLayerPoint(layer.place(index)));
    element.setAttribute("aria-label", session.say("fan", { n: this.members.length }));
    const places = fanPlaces(this.members.length, { size: isPhone() ? 44 : 30, up: inSheet(session) });
    const legs = svg("svg", { class: "fan-legs", "aria-hidden": "true" }, ...places.map(([x, y]) => svg("line", { x2: x, y2: y })));
    element.append(legs, ...this.members.map((hit, at) => this.button(hit, places[at])));
    this.mark();
  }

  button(hit, [x, y]) {
    const { session } = this;
    const { about, features } = hit.layer;
    const { title, below } = heading(session, hit);
    const look = about.classes[features.classes[hit.index]];
    const name = [title, below].filter(Boolean).join(" · ").slice(0, 120);
    const made = h("button", { type: "button", class: "fan-one", title: name, "data-at": hit.at, onclick: () => session.turn(hit.at - session.selection.at) }, look ? symbol(lookOf(about, look)) : null, h("span", { class: "sr", text: name }));
    L.DomUtil.setPosition(made, L.point(x, y));
    return made;
  }

  buttonAt(at) {
    return this.element.querySelector(`[data-at="${at}"]`);
  }

  /** Say which member is selected. */
  mark() {
    const at = this.session.selection?.at;
    const here = this.buttonAt(at);
    for (const button of this.element.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === here));
      button.tabIndex = button === (here ?? this.element.querySelector("button")) ? 0 : -1;
    }
  }

  press(event) {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const all = [...this.element.querySelectorAll("button")];
    const now = all.indexOf(document.activeElement);
    all[(now + way + all.length) % all.length].focus({ preventScroll: true });
  }
}
