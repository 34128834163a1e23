/**
 * Names, on one canvas above lines and areas and below points. A name gives way to points, to what
 * floats on the map and to names of a better rank; streets carry their name along straight pieces,
 * upright streets one character under the other.
 */
import { placeAreas } from "./areas.js";
import { CanvasLayer } from "./canvas.js";
import { featureMeets } from "./geometry.js";
import { SIZES, font, ink, isNew, remember } from "./ink.js";
import { looks } from "./paint.js";
import { Taken } from "./placement.js";
import { placeShields } from "./shields.js";
import { placeLines } from "./streets.js";

/** Names of points start at a zoom; areas and streets name themselves where there is room. */
const FROM_ZOOM = { 1: 0, 2: 11, 3: 13, 4: 15 };
const FLOATING = ".map-tools, .map-legend, .map-foot, .map-north, .map-notices, .leaflet-control-scale";

export const LabelLayer = CanvasLayer.extend({
  /** Names wait for the layers that they name. */
  redraw() {
    if (this.session.ready) CanvasLayer.prototype.redraw.call(this);
  },

  paint(pen, view) {
    const { session } = this;
    const drawn = session.entries.map(({ id }) => session.layers.get(id)).filter((layer) => layer?.features && !layer.display && session.isOn(layer.about.id));
    const ground = session.ground?.canvas && !session.base?.named ? session.ground.named : [];
    const m = view.margin;
    const taken = new Taken([m + 4, m + 4, view.width - m - 4, view.height - m - 4]);
    takeFloating(taken, this._map.getContainer(), m);
    const work = { pen, view, taken, seen: new Map(), numbers: new Set() };
    pen.textBaseline = "middle";
    pen.textAlign = "center";
    pen.lineJoin = "round";
    drawn.filter(({ about }) => about.geometry === "point").forEach((layer) => takePoints(work, layer));
    const all = [...ground, ...drawn].reverse();
    const named = all.filter(({ about }) => about.label && (about.geometry !== "point" || view.zoom >= (about.named_from ?? FROM_ZOOM[about.label_rank] ?? 15)));
    named.sort((a, b) => a.about.label_rank - b.about.label_rank);
    for (const layer of named) (layer.about.says === "ref" ? placeShields : PLACE[layer.about.geometry])?.(work, layer);
  },
});

function takeFloating(taken, container, margin) {
  const frame = container.getBoundingClientRect();
  const sheet = [...document.querySelectorAll("[data-geosvc=panel], .work > .map-tools")];
  for (const part of [...container.querySelectorAll(FLOATING), ...sheet]) {
    const box = part.getBoundingClientRect();
    if (!box.width || box.right < frame.left || box.left > frame.right) continue;
    taken.take([
      ...[box.left - frame.left + margin - 5, box.top - frame.top + margin - 5],
      ...[box.right - frame.left + margin + 5, box.bottom - frame.top + margin + 5],
    ]);
  }
}

/** Points in view with their pixels and radius. */
function* pointsInView({ view }, layer) {
  const { features, about } = layer;
  const styles = looks(about, view.zoom);
  // names among dots that stand for several points would name none of them
  if (layer.thinned) return;
  const [from, to] = layer.span(view.box);
  for (let index = from; index < to; index += 1) {
    const style = styles[features.classes[index]];
    if (!style?.on || !featureMeets(features, index, view.box)) continue;
    const pin = style.shape === "pin";
    const x = features.x[index] * view.scale - view.left;
    const y = features.y[index] * view.scale - view.top - (pin ? style.size / 2 : 0);
    yield { index, x, y, pin, radius: style.size / 2 + (pin ? 2 : 1.5) };
  }
}

function takePoints(work, layer) {
  for (const { x, y, radius } of pointsInView(work, layer)) work.taken.take([x - radius, y - radius, x + radius, y + radius]);
}

function placePoints(work, layer) {
  const { pen, taken } = work;
  const size = Math.min(SIZES[layer.about.label_rank] ?? 11.5, 12.5);
  pen.font = font(size);
  for (const { index, x, y, pin, radius } of pointsInView(work, layer)) {
    const text = pin ? "" : layer.label(index);
    // the poles of both directions share one name
    if (!text || !isNew(work, text, [x, y])) continue;
    const half = pen.measureText(text).width / 2 + 2;
    const tall = size * 0.62;
    const off = radius + 2;
    // what has no symbol is named where it is
    const middle = radius < 2 ? [[x, y]] : [];
    const places = [...middle, [x + off + half, y], [x, y - off - tall], [x, y + off + tall], [x - off - half, y]];
    const place = places.find(([cx, cy]) => taken.claim([[cx - half, cy - tall, cx + half, cy + tall]]));
    if (!place) continue;
    ink(pen, text, place[0], place[1], "m-label-2");
    remember(work, text, [x, y]);
  }
}

const PLACE = { point: placePoints, line: placeLines, area: placeAreas };
