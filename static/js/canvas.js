/** A canvas that covers the view and a margin, moves with the map and is scaled while it zooms. */

const { L } = globalThis;
/** CSS pixels beyond the frame of the map. */
const MARGIN = 64;

/**
 * @typedef {Object} View what a painter needs: `x * scale - left` is a pixel of the canvas
 * @property {number} zoom
 * @property {number} scale
 * @property {number} left
 * @property {number} top
 * @property {number} width CSS pixels of the canvas
 * @property {number} height
 * @property {number} ratio device pixels a CSS pixel
 * @property {number} margin CSS pixels between the frame of the map and of the canvas
 * @property {number[]} box west, north, east, south in world units
 */

/** Base of the drawn layers; a layer gives `paint(pen, view)`. */
export const CanvasLayer = L.Layer.extend({
  initialize(options) {
    L.setOptions(this, options);
  },

  onAdd() {
    this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated", this.getPane());
    this.canvas.setAttribute("aria-hidden", "true");
    this.redraw();
  },

  onRemove() {
    this.canvas.remove();
    this.canvas = null;
    this.drawn = null;
  },

  getEvents() {
    const events = { viewreset: this.redraw, moveend: this.settle, resize: this.redraw, move: this.keepUp };
    if (this._zoomAnimated) Object.assign(events, { zoomanim: this.animate, zoom: this.follow });
    return events;
  },

  /** Draw anew for the view that the map has now. */
  redraw() {
    if (!this.canvas) return;
    const map = this._map;
    const size = map.getSize();
    const margin = MARGIN;
    const corner = map.containerPointToLayerPoint([-margin, -margin]).round();
    const zoom = map.getZoom();
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    const width = size.x + 2 * margin;
    const height = size.y + 2 * margin;
    const origin = map.getPixelOrigin().add(corner);
    const scale = 2 ** zoom;
    this.corner = map.layerPointToLatLng(corner);
    this.drawn = { zoom, corner, margin };
    L.DomUtil.setPosition(this.canvas, corner);
    const isNew = this.size(width, height, ratio);
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    // on paper, clearing one canvas clears all that lie under it
    if (!isNew) pen.clearRect(0, 0, width, height);
    const box = [origin.x / scale, origin.y / scale, (origin.x + width) / scale, (origin.y + height) / scale];
    this.view = { zoom, scale, left: origin.x, top: origin.y, width, height, ratio, margin, box };
    this.paint(pen, this.view);
  },

  /** Draw where the map came to rest, unless it was drawn just there on its way. */
  settle() {
    const corner = this._map.containerPointToLayerPoint([-MARGIN, -MARGIN]).round();
    const { drawn } = this;
    if (!drawn || drawn.zoom !== this._map.getZoom() || !corner.equals(drawn.corner)) this.redraw();
  },

  /** Give the canvas a size; whether it is another one, which empties it. */
  size(width, height, ratio) {
    const { canvas } = this;
    if (canvas.width === Math.round(width * ratio) && canvas.height === Math.round(height * ratio)) return false;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    return true;
  },

  /** Draw before a drag shows what lies outside the canvas. */
  keepUp() {
    if (!this.drawn || this._map.getZoom() !== this.drawn.zoom) return;
    const now = this._map.containerPointToLayerPoint([0, 0]);
    const { corner, margin } = this.drawn;
    const off = now.subtract(corner).subtract([margin, margin]);
    if (Math.abs(off.x) > margin || Math.abs(off.y) > margin) this.redraw();
  },

  animate(event) {
    if (!this.drawn) return;
    const scale = this._map.getZoomScale(event.zoom, this.drawn.zoom);
    L.DomUtil.setTransform(this.canvas, this._map._latLngToNewLayerPoint(this.corner, event.zoom, event.center), scale);
  },

  follow() {
    if (!this.drawn) return;
    const scale = this._map.getZoomScale(this._map.getZoom(), this.drawn.zoom);
    L.DomUtil.setTransform(this.canvas, this._map.latLngToLayerPoint(this.corner), scale);
  },
});
