/** Places of depots: with a button pressed, each click on the map writes a line; the text is what counts. */
import { h } from "./dom.js";

const { L } = globalThis;
const DIGITS = 6;

/** Read the places of a text field: [latitude, longitude] of each line that has both. */
function placesOf(text) {
  return text
    .split(/[\n;；]+/)
    .map((line) => line.trim().split(/[,，\s]+/).map(Number))
    .filter((parts) => parts.length >= 2 && parts.every(Number.isFinite))
    .map(([lon, lat]) => [lat, lon]);
}

/**
 * Let a person click the places of depots on the map of the form.
 * @param {Session} session
 * @returns {{drop: Function}} what ends the clicking
 */
export function addDepots(session) {
  const { map } = session;
  const marks = L.layerGroup().addTo(map);
  const buttons = [...document.querySelectorAll("[data-depot]")];
  const fields = buttons.map((button) => document.getElementById(button.dataset.depot));
  let active = null;

  const show = () => {
    marks.clearLayers();
    for (const at of fields.flatMap((field) => placesOf(field.value))) {
      const icon = L.divIcon({ className: "", iconSize: [14, 14], html: h("span", { class: "site-mark site-depot" }) });
      marks.addLayer(L.marker(at, { icon, interactive: false, keyboard: false }));
    }
  };
  const press = (field) => {
    active = field;
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(fields[at] === active)));
    map.getContainer().classList.toggle("map-drawing", active !== null);
  };
  const hand = { drop: () => press(null) };
  buttons.forEach((button, at) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      document.dispatchEvent(new CustomEvent("siting:hand", { detail: hand }));
      press(active === fields[at] ? null : fields[at]);
    });
    fields[at].addEventListener("input", show);
  });
  map.on("click", ({ latlng }) => {
    if (!active) return;
    // the map answers a click with a popup: not while somebody points out depots
    session.clear();
    const line = `${latlng.lng.toFixed(DIGITS)},${latlng.lat.toFixed(DIGITS)}`;
    active.value = active.value.trim() ? `${active.value.trim()}\n${line}` : line;
    show();
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && active) press(null);
  });
  show();
  return hand;
}
