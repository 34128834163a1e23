/** Coordinates: of the pointer, of the middle or of a pressed place, in a datum of choice; and going to some. */
import { sexagesimal, toGcj02, toGrid } from "./datums.js";
import { h } from "./dom.js";
import { readPlace, zoneCode } from "./place_text.js";
import { reasonOf } from "./share_out.js";
import { addCard, choiceRow, copyButton } from "./tool_card.js";
import { hasStage } from "./toolbar.js";

const { L } = globalThis;
const KEPT = "geosvc-datum";
const CLOSE = 16;

/**
 * The datums that places are shown in.
 * @param {Session} session
 * @returns {[string, string][]} value and name
 */
export function datums(session) {
  const { grid } = session.manifest.map;
  const all = [["cgcs2000", "CGCS2000 / WGS84"], ["gcj02", "GCJ-02"]];
  return grid ? [...all, ["grid", `EPSG:${grid.code}`]] : all;
}

/**
 * A place as text, with the name of its datum.
 * @param {Session} session
 * @param {{lat: number, lng: number}} place
 * @param {{most?: number}} [options] how many decimals of a degree at most
 */
export function placeText(session, { lat, lng }, { most = 6 } = {}) {
  const { lng: lon } = L.latLng(lat, lng).wrap();
  const { grid, digits = 6 } = session.manifest.map;
  const { datum = "cgcs2000", form = "decimal" } = session.shownAs ?? {};
  if (datum === "grid" && grid) {
    // no finer than the decimals of a degree that the profile allows
    const step = digits > 4 ? 1 : 10;
    const [east, north] = toGrid(grid, lon, lat).map((value) => (Math.round(value / step) * step).toFixed(0));
    return session.say("place_grid", { east, north, code: grid.code });
  }
  const [x, y] = datum === "gcj02" ? toGcj02(lon, lat) : [lon, lat];
  const shown = (value) => (form === "sexagesimal" ? sexagesimal(value, digits > 4 ? 2 : 0) : `${Math.abs(value).toFixed(Math.min(most, digits))}°`);
  return `${shown(x)}${x < 0 ? "W" : "E"} ${shown(y)}${y < 0 ? "S" : "N"} ${datum === "gcj02" ? "GCJ-02" : session.say("datum")}`;
}

/**
 * Add the tool to a page.
 * @param {Session} session
 */
export function addCoordinates(session) {
  if (hasStage(session)) new Coordinates(session);
}

class Coordinates {
  constructor(session) {
    this.session = session;
    this.pressed = null;
    this.read = null;
    session.shownAs = { datum: remembered(session), form: "decimal" };
    this.build();
    this.mark = L.marker([0, 0], { icon: L.divIcon({ className: "place-mark", iconSize: [22, 22] }), interactive: false, keyboard: false });
    const { map } = session;
    map.on("click", ({ latlng }) => this.card.isOpen() && this.press(latlng));
    map.on("moveend", () => this.show());
    session.tell("datum");
  }

  build() {
    const { session } = this;
    const say = (key, values) => session.say(key, values);
    this.chooser = h("select", { class: "input", "aria-label": say("place_datum") }, ...datums(session).map(([value, text]) => h("option", { value, text, selected: value === session.shownAs.datum })));
    this.chooser.addEventListener("change", () => this.turn({ datum: this.chooser.value }));
    this.forms = choiceRow(say("place_form"), [["decimal", say("place_decimal")], ["sexagesimal", say("place_sexagesimal")]], (form) => this.turn({ form }));
    this.which = h("p", { class: "small muted" });
    this.value = h("output", { class: "place-value" });
    this.copied = h("span", { class: "small muted", role: "status" });
    const copy = copyButton(session, () => this.value.textContent, this.copied);
    this.input = h("input", { class: "input", id: "place-go", type: "text", autocomplete: "off", spellcheck: "false", maxlength: 120, "aria-describedby": "place-hint" });
    this.said = h("p", { class: "small place-said", role: "status" });
    this.swap = h("button", { type: "button", class: "button button-s", hidden: true, text: say("place_swap"), onclick: () => this.turnOrder() });
    const form = h("form", { class: "place-form" }, this.input, h("button", { type: "submit", class: "button", text: say("place_go") }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.go(readPlace(this.input.value));
    });
    const label = h("label", { for: "place-go", class: "small", text: say("place_to") });
    const hint = h("p", { class: "small muted", id: "place-hint", text: say("place_hint") });
    this.card = addCard(session, {
      ...{ name: "place", icon: "map-pin", title: say("place") },
      body: [this.chooser, this.forms.element, this.which, h("div", { class: "measure-result" }, this.value, copy), this.copied, label, form, this.said, this.swap, hint],
      onopen: () => this.start(),
      onclose: () => this.stop(),
      first: () => this.input,
    });
  }

  start() {
    this.session.tool = "place";
    this.session.clear();
    this.session.map.getContainer().classList.add("measuring");
    this.turn({});
  }

  stop() {
    this.session.tool = null;
    this.pressed = null;
    this.mark.remove();
    this.session.map.getContainer().classList.remove("measuring");
  }

  turn(change) {
    const { session } = this;
    Object.assign(session.shownAs, change);
    const { datum, form } = session.shownAs;
    remember(datum);
    this.forms.set(form);
    this.forms.element.hidden = datum === "grid";
    session.tell("datum");
    this.show();
  }

  press(latlng) {
    this.pressed = latlng;
    this.mark.setLatLng(latlng).addTo(this.session.map);
    this.show();
  }

  show() {
    if (!this.card.isOpen()) return;
    const { session, pressed } = this;
    this.copied.textContent = "";
    this.which.textContent = session.say(pressed ? "place_pressed" : "place_middle");
    this.value.textContent = placeText(session, pressed ?? session.map.getCenter());
  }

  tell(text, bad = false) {
    this.said.textContent = text;
    this.said.classList.toggle("tone-bad", bad);
    this.input.toggleAttribute("aria-invalid", bad);
    if (bad) this.input.setAttribute("aria-invalid", "true");
  }

  /** Go to what was read; where two orders are possible, to the one that is nearer to the map. */
  async go(reading) {
    const { session } = this;
    this.swap.hidden = true;
    this.read = reading;
    if (!reading) {
      this.tell(session.say("place_unread"), true);
      return;
    }
    if (!reading.sure && reading.kind === "degrees" && this.isNearer(reading)) this.read = turnedRound(reading);
    await this.arrive();
  }

  isNearer({ x, y }) {
    const [west, south, east, north] = this.session.options.bounds;
    const [lon, lat] = [(west + east) / 2, (south + north) / 2];
    return Math.hypot(y - lon, x - lat) < Math.hypot(x - lon, y - lat);
  }

  turnOrder() {
    this.read = turnedRound(this.read);
    return this.arrive();
  }

  async arrive() {
    const { session, read } = this;
    const datum = this.datumOf(read);
    let place = [read.y, read.x];
    try {
      if (!/^(?:CGCS2000|WGS-?84)$/.test(datum)) place = await askService(read, datum);
    } catch (error) {
      this.tell(error.message || session.say("place_failed"), true);
      return;
    }
    if (Math.abs(place[0]) > 85) {
      this.tell(session.say("place_unread"), true);
      return;
    }
    session.map.setView(place, Math.max(session.map.getZoom(), CLOSE), { animate: false });
    this.press(L.latLng(place));
    const said = read.kind === "meters" ? "place_read_grid" : "place_read";
    this.tell(session.say(said, { x: read.x, y: read.y, datum }) + (this.isFar(place) ? session.say("place_far") : ""));
    this.swap.hidden = read.sure || Math.abs(read.x) > 90;
  }

  isFar([lat, lon]) {
    const [west, south, east, north] = this.session.options.bounds;
    return lon < west - 1 || lon > east + 1 || lat < south - 1 || lat > north + 1;
  }

  /** The datum that was written, else the one that is chosen and fits the numbers. */
  datumOf({ kind, x, datum }) {
    if (datum) return datum;
    const { grid } = this.session.manifest.map;
    if (kind === "meters") return zoneCode(x) ?? (grid ? `EPSG:${grid.code}` : "");
    return this.session.shownAs.datum === "gcj02" ? "GCJ-02" : "CGCS2000";
  }
}

function turnedRound(reading) {
  return { ...reading, x: reading.y, y: reading.x, turned: !reading.turned };
}

async function askService({ x, y }, datum) {
  const query = new URLSearchParams({ x, y, datum, lang: document.documentElement.lang.slice(0, 2) });
  const answer = await fetch(`/coordinates.json?${query}`, { headers: { Accept: "application/json" } });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(reasonOf(said));
  return [said.lat, said.lon];
}

function remembered(session) {
  try {
    const kept = localStorage.getItem(KEPT);
    return datums(session).some(([value]) => value === kept) ? kept : "cgcs2000";
  } catch {
    return "cgcs2000";
  }
}

function remember(datum) {
  try {
    localStorage.setItem(KEPT, datum);
  } catch {
    // nothing is kept here: the next page begins with the first datum
  }
}
