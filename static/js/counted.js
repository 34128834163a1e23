/** What of a layer is seen now, in numbers. */
import { toWorld } from "./drawn_in.js";
import { looks } from "./paint.js";

/**
 * What of a layer is drawn in the view.
 * @param {Session} session
 * @param {string} id
 * @returns {{all: number, classes: Map<number, number>}|null} null while there is no data
 */
export function countDrawn({ layers, map }, id) {
  const layer = layers.get(id);
  if (!layer?.features || !map.hasLayer(layer)) return null;
  const counted = layer.countIn(boxOf(map));
  // a feature of no class has no symbol
  counted.all -= counted.classes.get(-1) ?? 0;
  looks(layer.about, map.getZoom()).forEach((style, name) => {
    if (style.on) return;
    counted.all -= counted.classes.get(name) ?? 0;
    counted.classes.delete(name);
  });
  return counted;
}

/** The box of the view in world units. */
function boxOf(map) {
  const bounds = map.getBounds();
  const [west, north] = toWorld(bounds.getNorth(), bounds.getWest());
  const [east, south] = toWorld(bounds.getSouth(), bounds.getEast());
  return [west, north, east, south];
}
