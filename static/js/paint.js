/** How features are painted: points as sprites, lines with casings first, areas with hatching. */
import { pathMeets } from "./geometry.js";
import { color, fontFamily } from "./palette.js";
import { sprite } from "./symbols.js";

/** `width_px` of a scaled line is its width at zoom 13; these are its parts at other zooms. */
const STREET = [[8, 0.28], [11, 0.52], [12, 0.64], [13, 1], [14, 1.78], [15, 3.05], [16, 5.1], [17, 8.8], [18, 16], [19, 28]];
const DOT = [[8, 0.5], [11, 0.62], [13, 0.85], [14.5, 1], [17, 1.2]];
/** A stroke of thousands of paths at once is slower than the same in portions. */
const PORTION = 300;

/** Interpolate between [zoom, value] stops. */
export function at(zoom, stops) {
  if (zoom <= stops[0][0]) return stops[0][1];
  const next = stops.findIndex(([z]) => z >= zoom);
  if (next < 0) return stops[stops.length - 1][1];
  const [z0, v0] = stops[next - 1];
  const [z1, v1] = stops[next];
  return v0 + ((v1 - v0) * (zoom - z0)) / (z1 - z0);
}

/**
 * What the classes of a layer look like at one zoom, in the colors of the scheme.
 * @param {Object} layer of the manifest
 * @param {number} zoom
 * @returns {Object[]} `on` tells whether the class is drawn at this zoom
 */
export function looks(layer, zoom) {
  const halo = color("halo", "#ffffff");
  return layer.classes.map((item) => {
    const width = (item.width_px ?? 1) * (layer.scaled ? at(zoom, STREET) : 1);
    const small = item.shape === "pin" ? Math.max(0.8, at(zoom, DOT)) : at(zoom, DOT);
    return {
      ...{ shape: item.shape, halo, ink: color(item.color), on: zoom >= (item.min_zoom ?? 0), width },
      casing: item.casing ? color(item.casing) : null,
      casingWidth: width + (layer.scaled && zoom < 12.5 ? 0.9 : layer.scaled ? 1.6 : 2.4),
      size: Math.round((item.size_px ?? 10) * small * 4) / 4,
      dash: layer.dash ?? [],
    };
  });
}

/** Paint one layer. `texts` gives the text inside a pin. */
export function paintFeatures(pen, features, { layer, view, texts }) {
  const styles = looks(layer, view.zoom);
  pen.lineJoin = pen.lineCap = "round";
  if (features.kind === "point") paintPoints(pen, features, { styles, view, texts });
  else if (features.kind === "line") paintLines(pen, features, { styles, view });
  else if (features.kind === "area") paintAreas(pen, features, { styles, view, layer });
}

function paintPoints(pen, { x, y, classes, order }, { styles, view, texts }) {
  const far = 24;
  for (const index of order) {
    const style = styles[classes[index]];
    if (!style?.on) continue;
    const px = x[index] * view.scale - view.left;
    const py = y[index] * view.scale - view.top;
    if (px < -far || py < -far || px > view.width + far || py > view.height + 2 * far) continue;
    const look = sprite(style.shape, { ...style, ratio: view.ratio });
    pen.drawImage(look.image, px - look.ax, py - look.ay, look.width, look.height);
    if (style.shape === "pin") pinText(pen, texts(index), { px, py, look, style });
  }
}

function pinText(pen, text, { px, py, look, style }) {
  if (!text) return;
  pen.font = `700 ${14 * look.scale}px ${fontFamily()}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = style.halo;
  pen.fillText(text.slice(0, 4), px, py - 20.6 * look.scale, 26 * look.scale);
}

/** Add a path to the pen; vertices nearer than half a pixel to the last one are left out. */
export function trace(pen, { x, y, starts }, { path, view, close = false }) {
  const last = starts[path + 1] - 1;
  let px = x[starts[path]] * view.scale - view.left;
  let py = y[starts[path]] * view.scale - view.top;
  pen.moveTo(px, py);
  for (let i = starts[path] + 1; i <= last; i += 1) {
    const qx = x[i] * view.scale - view.left;
    const qy = y[i] * view.scale - view.top;
    if (i < last && Math.abs(qx - px) < 0.5 && Math.abs(qy - py) < 0.5) continue;
    pen.lineTo(qx, qy);
    px = qx;
    py = qy;
  }
  if (close) pen.closePath();
}

function pathsByClass(features, view) {
  const found = new Map();
  features.paths.forEach((paths, index) => {
    const name = features.classes[index];
    for (const path of paths) {
      if (!pathMeets(features, path, view.box)) continue;
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(path);
    }
  });
  return found;
}

function strokeAll(pen, features, { paths, view, stroke, width, dash }) {
  pen.strokeStyle = stroke;
  pen.lineWidth = width;
  pen.setLineDash(dash);
  for (let from = 0; from < paths.length; from += PORTION) {
    pen.beginPath();
    for (const path of paths.slice(from, from + PORTION)) trace(pen, features, { path, view });
    pen.stroke();
  }
  pen.setLineDash([]);
}

function paintLines(pen, features, { styles, view }) {
  const byClass = pathsByClass(features, view);
  // the first class of the legend is the most important one: it is painted last
  const names = [...byClass.keys()].filter((name) => styles[name]?.on).sort((a, b) => b - a);
  pen.lineCap = styles.some((style) => style.dash.length) ? "butt" : "round";
  for (const name of names) {
    const { casing, casingWidth } = styles[name];
    if (casing) strokeAll(pen, features, { paths: byClass.get(name), view, stroke: casing, width: casingWidth, dash: [] });
  }
  for (const name of names) {
    const { ink, width, dash } = styles[name];
    strokeAll(pen, features, { paths: byClass.get(name), view, stroke: ink, width, dash });
  }
}

function hatching(pen, ink, ratio) {
  const tile = document.createElement("canvas");
  const side = Math.round(7 * ratio);
  tile.width = tile.height = side;
  const brush = tile.getContext("2d");
  brush.strokeStyle = ink;
  brush.lineWidth = 1.2 * ratio;
  brush.beginPath();
  for (const shift of [-side, 0, side]) {
    brush.moveTo(shift, side);
    brush.lineTo(shift + side, 0);
  }
  brush.stroke();
  const pattern = pen.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

function paintAreas(pen, features, { styles, view, layer }) {
  const patterns = styles.map((style) => (style.shape === "hatch" ? hatching(pen, style.ink, view.ratio) : null));
  features.paths.forEach((paths, index) => {
    const name = features.classes[index];
    const style = styles[name];
    if (!style?.on || !paths.some((path) => pathMeets(features, path, view.box))) return;
    pen.beginPath();
    for (const path of paths) trace(pen, features, { path, view, close: true });
    if (patterns[name] || layer.fill_opacity > 0) {
      pen.globalAlpha = patterns[name] ? 0.8 : layer.fill_opacity;
      pen.fillStyle = patterns[name] ?? style.ink;
      pen.fill("evenodd");
      pen.globalAlpha = 1;
    }
    if (style.width <= 0) return;
    pen.strokeStyle = style.casing ?? style.ink;
    pen.lineWidth = style.width;
    pen.setLineDash(style.dash);
    pen.stroke();
  });
  pen.setLineDash([]);
}
