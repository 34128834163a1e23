/** All features of the name that was searched for: a street in all its pieces. */
import { CanvasLayer } from "./canvas.js";
import { valueAt } from "./data.js";
import { trace } from "./paint.js";
import { color } from "./palette.js";

const PANE = "geosvc-found";

const Found = CanvasLayer.extend({
  paint(pen, view) {
    const { layer, rows } = this.found;
    if (!this._map.hasLayer(layer) || !layer.features) return;
    const { features } = layer;
    pen.lineJoin = pen.lineCap = "round";
    for (const [stroke, width, alpha] of [[color("select"), 9, 0.2], [color("halo"), 5, 1], [color("select"), 2.5, 1]]) {
      pen.globalAlpha = alpha;
      pen.strokeStyle = stroke;
      pen.lineWidth = width;
      pen.beginPath();
      for (const row of rows) for (const path of features.paths[row]) trace(pen, features, { path, view, close: features.kind === "area" });
      pen.stroke();
    }
    pen.globalAlpha = 1;
  },
});

/**
 * Mark what has the same name as the selected feature, until something else is selected.
 * @param {Session} session
 * @param {string} field the field of the name
 */
export function markAll(session, field) {
  const { map, selection } = session;
  const { layer, index } = selection;
  const column = layer.features.columns[field];
  if (!column || layer.features.kind === "point") return;
  const name = valueAt(column, index);
  const rows = Array.from({ length: layer.features.count }, (_, row) => row).filter((row) => valueAt(column, row) === name);
  if (rows.length < 2) return;
  const pane = map.getPane(PANE) ?? map.createPane(PANE);
  // upon its layer, below the layers that lie upon that one
  pane.style.zIndex = map.getPane(layer.options.pane)?.style.zIndex || "400";
  pane.style.pointerEvents = "none";
  const mark = new Found({ pane: PANE });
  mark.found = { layer, rows };
  mark.addTo(map);
  const end = new AbortController();
  const again = () => mark.redraw();
  session.addEventListener("select", () => (end.abort(), mark.remove()), { signal: end.signal });
  session.addEventListener("layers", again, { signal: end.signal });
  document.addEventListener("geosvc:theme", again, { signal: end.signal });
}
