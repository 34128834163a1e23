/** Drawing areas to exclude: clicks set corners, Enter closes, Escape cancels; the text is what counts. */
import { fill } from "./format.js";

const { L } = globalThis;
const LEAST = 3;
const DIGITS = 6;

/** Read the areas of the text field: rings of [latitude, longitude]. */
function ringsOf(text) {
  return text
    .split("\n")
    .map((line) => line.split(/[;；]/).filter((corner) => corner.trim()).map((corner) => corner.trim().split(/[,，\s]+/).map(Number)))
    .filter((ring) => ring.length >= LEAST && ring.every((at) => at.length === 2 && at.every(Number.isFinite)))
    .map((ring) => ring.map(([lon, lat]) => [lat, lon]));
}

/**
 * Let a person draw areas on the map of the form.
 * @param {Session} session
 * @param {Object<string, string>} words
 * @returns {{drop: Function}} what ends a drawing that is not finished
 */
export function addDrawing(session, words) {
  const part = (name) => document.querySelector(`[data-geosvc=${name}]`);
  const [start, close, abort, said] = ["draw", "close", "abort", "drawing"].map(part);
  const field = document.getElementById("areas");
  const { map } = session;
  const drawn = L.layerGroup().addTo(map);
  let corners = null;
  let sketch = null;

  const show = () => {
    drawn.clearLayers();
    for (const ring of ringsOf(field.value)) drawn.addLayer(L.polygon(ring, { weight: 2, interactive: false }));
  };
  const tell = (text) => {
    const isOn = corners !== null;
    said.textContent = text;
    start.hidden = isOn;
    [close.hidden, abort.hidden] = [!isOn, !isOn];
    close.disabled = !isOn || corners.length < LEAST;
    map.getContainer().classList.toggle("map-drawing", isOn);
  };
  const drop = (text) => {
    if (!corners) return;
    sketch?.remove();
    [corners, sketch] = [null, null];
    tell(text);
  };
  const end = (text) => {
    drop(text);
    show();
    start.focus();
  };
  const hand = { drop: () => drop("") };
  const finish = () => {
    if (!corners || corners.length < LEAST) return;
    const line = corners.map(({ lat, lng }) => `${lng.toFixed(DIGITS)},${lat.toFixed(DIGITS)}`).join("; ");
    field.value = field.value.trim() ? `${field.value.trim()}\n${line}` : line;
    end(words.typed_area);
  };
  start.addEventListener("click", () => {
    document.dispatchEvent(new CustomEvent("siting:hand", { detail: hand }));
    corners = [];
    sketch = L.polygon([], { weight: 2, dashArray: "4 3", interactive: false }).addTo(map);
    tell(fill(words.drawing, { count: 0 }));
    map.getContainer().focus();
  });
  close.addEventListener("click", finish);
  abort.addEventListener("click", () => end(""));
  field.addEventListener("input", show);
  map.on("click", ({ latlng }) => {
    if (!corners) return;
    // the map answers a click with a popup: not while somebody draws
    session.clear();
    corners.push(latlng);
    sketch.setLatLngs(corners);
    tell(fill(words.drawing, { count: corners.length }));
  });
  document.addEventListener("keydown", (event) => {
    if (!corners || !["Enter", "Escape"].includes(event.key) || event.target.closest("input, textarea, select, button")) return;
    event.preventDefault();
    if (event.key === "Enter") finish();
    else end("");
  });
  start.hidden = false;
  show();
  return hand;
}
