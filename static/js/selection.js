/** The mark of the selected feature and the popup that stands at it. */
import { CanvasLayer } from "./canvas.js";
import { isPhone } from "./dom.js";
import { looks, trace } from "./paint.js";
import { color } from "./palette.js";
import { card, focusIn, heldIn } from "./popup.js";
import { stageOf } from "./toolbar.js";

const { L } = globalThis;

const Mark = CanvasLayer.extend({
  /** Without a selection there is nothing to draw, only something to wipe. */
  redraw() {
    if (this.session.selection || this.drawn) CanvasLayer.prototype.redraw.call(this);
  },

  paint(pen, view) {
    const { selection } = this.session;
    this.drawn = selection ? this.drawn : null;
    if (!selection || !this._map.hasLayer(selection.layer)) return;
    const { layer, index } = selection;
    const { features } = layer;
    if (features.kind === "point") ring(pen, view, { features, index, layer });
    else outline(pen, view, { features, index });
  },
});

function ring(pen, view, { features, index, layer }) {
  const style = looks(layer.about, view.zoom)[features.classes[index]];
  const pin = style?.shape === "pin";
  const x = features.x[index] * view.scale - view.left;
  const y = features.y[index] * view.scale - view.top - (pin ? (21 * style.size) / 34 : 0);
  const radius = Math.max(15.5, (style?.size ?? 10) / 2 + (pin ? 8 : 6));
  const strokes = [[color("select"), 9, 0.25, 1], [color("halo"), 5, 1, -1], [color("select"), 3, 1, 0]];
  for (const [stroke, width, alpha, grow] of strokes) {
    pen.globalAlpha = alpha;
    pen.strokeStyle = stroke;
    pen.lineWidth = width;
    pen.beginPath();
    pen.arc(x, y, radius + grow, 0, 2 * Math.PI);
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

function outline(pen, view, { features, index }) {
  pen.lineJoin = pen.lineCap = "round";
  for (const [stroke, width, alpha] of [[color("select"), 12, 0.25], [color("halo"), 5.5, 1], [color("select"), 3, 1]]) {
    pen.globalAlpha = alpha;
    pen.strokeStyle = stroke;
    pen.lineWidth = width;
    pen.beginPath();
    for (const path of features.paths[index]) trace(pen, features, { path, view, close: features.kind === "area" });
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

/**
 * Draw the mark, open and close the popup, hear clicks and keys.
 * @param {Session} session
 */
export function addSelection(session) {
  const { map } = session;
  const pane = map.createPane("geosvc-selection");
  pane.style.zIndex = "645";
  pane.style.pointerEvents = "none";
  const mark = new Mark({ pane: "geosvc-selection" });
  mark.session = session;
  mark.addTo(map);
  let popup = null;
  let closing = false;
  session.addEventListener("select", () => {
    mark.redraw();
    const held = heldIn(popup?.getElement());
    closing = true;
    popup?.remove();
    closing = false;
    popup = null;
    if (session.selection && !inSheet(session)) {
      popup = openPopup(session, held);
      popup.on("remove", () => closing || session.clear());
    }
  });
  session.addEventListener("layers", () => mark.redraw());
  listen(session);
  return mark;
}

/** On a phone the sheet shows the selection, where one edits the form: there is no popup. */
export function inSheet(session) {
  if (session.mode === "edit") return true;
  return session.mode === "page" && isPhone() && Boolean(document.querySelector("[data-geosvc=panel]"));
}

function openPopup(session, held) {
  const { map, selection } = session;
  const content = card(session);
  const width = Math.min(300, map.getSize().x - 40);
  const options = { className: "pop", closeButton: false, minWidth: width, maxWidth: width, maxHeight: null, offset: [0, -10], ...clearOf(session) };
  const popup = L.popup(options).setLatLng(selection.place).setContent(content).openOn(map);
  if (selection.keyboard || held !== null) focusIn(content, held);
  return popup;
}

/** Where the map is pulled to, so that what floats on it does not lie over the popup. */
function clearOf(session) {
  const frame = session.map.getContainer().getBoundingClientRect();
  const free = { left: 16, top: 16, right: 16, bottom: 16 };
  for (const part of stageOf(session).querySelectorAll(".map-tools, .tool-card, .map-legend, .map-foot")) {
    const box = part.getBoundingClientRect();
    if (!box.width) continue;
    // a tall part stands at the side, a wide one at the top or the foot; a popup needs 300 pixels
    const lies = box.width > box.height ? "row" : "column";
    if (lies === "column" && frame.width - box.width > 380) free.right = Math.max(free.right, frame.right - box.left + 8);
    if (lies === "row" && box.top - frame.top < frame.height / 2) free.top = Math.max(free.top, box.bottom - frame.top + 8);
    if (lies === "row" && frame.bottom - box.bottom < 8) free.bottom = Math.max(free.bottom, frame.bottom - box.top + 4);
  }
  return { autoPanPaddingTopLeft: [free.left, free.top], autoPanPaddingBottomRight: [free.right, free.bottom] };
}

function listen(session) {
  const { map } = session;
  const box = map.getContainer();
  let touch = false;
  box.addEventListener("pointerdown", (event) => {
    touch = event.pointerType === "touch";
  }, true);
  map.on("click", (event) => session.tool || session.opensCluster?.(event.latlng) || session.select(session.hitsAt(event.latlng, touch ? 12 : 6), { latlng: event.latlng }));
  let waiting = false;
  map.on("mousemove", (event) => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      box.classList.toggle("over-feature", !session.tool && session.hitsAt(event.latlng, 6).length > 0);
    });
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== box || session.tool) return;
    // what gets the focus now must not be pressed by the same key
    event.preventDefault();
    const latlng = map.getCenter();
    if (session.opensCluster?.(latlng)) return;
    session.select(session.hitsAt(latlng, 14), { latlng, keyboard: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !session.selection || event.defaultPrevented) return;
    const { activeElement } = document;
    // a reader who is at work elsewhere on the page stays there
    session.clear({ back: activeElement === document.body || Boolean(activeElement.closest(".popup-card, .leaflet-container")) });
  });
}
