/** The position of a point: a marker to drag, two numbers to type, a click on the map for a new one. */
import { h } from "./dom.js";
import { fill } from "./format.js";

const { L } = globalThis;
/** Decimals of a degree that are written: a tenth of a meter. */
const DIGITS = 6;
/** How far an arrow key moves the marker, in pixels: alone, and with Shift. */
const STEP = 2;
const STRIDE = 20;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Place {
  /**
   * @param {number[]|null} start longitude and latitude
   * @param {{words: Object<string, string>, map: L.Map|null}} options
   */
  constructor(start, { words, map }) {
    this.words = words;
    this.map = map;
    this.marker = null;
    this.lon = this.number("lon", start?.[0]);
    this.lat = this.number("lat", start?.[1]);
    this.first = this.text();
    this.fault = h("span", { class: "fault", id: "edit-geometry-fault", hidden: true });
    this.said = h("span", { class: "sr", "aria-live": "polite" });
    const field = (control, text) => h("div", { class: "field" }, h("label", { for: control.id, text }), control);
    this.element = h(
      "fieldset",
      { class: "edit-place" },
      h("legend", { class: "label", text: words.place }),
      h("div", { class: "row" }, field(this.lon, words.lon), field(this.lat, words.lat)),
      h("span", { class: "hint", text: start ? words.drag : words.create_place }),
      this.fault,
      this.said,
    );
    this.mark();
  }

  number(name, value) {
    const text = value === undefined ? "" : String(Number(value.toFixed(DIGITS)));
    const bound = name === "lon" ? 180 : 90;
    return h("input", { class: "input", id: `edit-${name}`, type: "number", step: "any", min: -bound, max: bound, value: text, "aria-describedby": "edit-geometry-fault", oninput: () => this.mark() });
  }

  text() {
    return `${this.lon.value},${this.lat.value}`;
  }

  get isChanged() {
    return this.text() !== this.first;
  }

  /** Longitude and latitude, null where they are not both there. */
  get position() {
    const given = [this.lon.value, this.lat.value];
    return given.every((text) => text !== "" && Number.isFinite(Number(text))) ? given.map(Number) : null;
  }

  /** Set the position, as a click or a drag does. */
  move({ lng, lat }) {
    this.lon.value = lng.toFixed(DIGITS);
    this.lat.value = lat.toFixed(DIGITS);
    this.mark();
  }

  /** Put the marker where the numbers say. */
  mark() {
    const { position, map } = this;
    if (!map) return;
    if (!position || Math.abs(position[1]) > 90) {
      this.remove();
      return;
    }
    const latlng = [position[1], position[0]];
    if (this.marker) this.marker.setLatLng(latlng);
    else this.marker = this.pin(latlng);
  }

  pin(latlng) {
    const shape = L.divIcon({ className: "edit-pin", html: h("span"), iconSize: [28, 28], iconAnchor: [14, 14] });
    const marker = L.marker(latlng, { icon: shape, draggable: true, autoPan: true, title: this.words.marker, alt: this.words.marker });
    marker.on("drag", () => {
      const { lng, lat } = marker.getLatLng();
      this.lon.value = lng.toFixed(DIGITS);
      this.lat.value = lat.toFixed(DIGITS);
    });
    marker.addTo(this.map);
    marker.getElement().setAttribute("aria-label", this.words.marker);
    marker.getElement().addEventListener("keydown", (event) => this.step(event));
    return marker;
  }

  /** Move the marker by an arrow key and say where it stands then. */
  step(event) {
    const way = ARROWS[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
    L.DomEvent.stop(event);
    const { map, marker } = this;
    const by = L.point(way).multiplyBy(event.shiftKey ? STRIDE : STEP);
    this.move(map.unproject(map.project(marker.getLatLng()).add(by)));
    map.panInside(marker.getLatLng(), { padding: [48, 48], animate: false });
    this.said.textContent = fill(this.words.moved_to, { place: `${this.lon.value}, ${this.lat.value}` });
  }

  remove() {
    this.marker?.remove();
    this.marker = null;
  }

  say(text) {
    this.fault.textContent = text;
    this.fault.hidden = !text;
    for (const control of [this.lon, this.lat]) {
      if (text) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }

  /** What is sent, GeoJSON; null leaves a feature where it is. */
  get geometry() {
    return this.position && this.isChanged ? { type: "Point", coordinates: this.position } : null;
  }
}
