/**
 * The shapes of the map, once: a canvas draws them as sprites, legend and popup as SVG.
 * Each shape is a list of strokes and fills on a 20-unit grid around its anchor.
 */
import { svg } from "./dom.js";
import { cssColor } from "./palette.js";

const HALO = "halo";
const INK = "ink";
const SQUARE = "M4.6 2.6h10.8a2 2 0 0 1 2 2v10.8a2 2 0 0 1-2 2H4.6a2 2 0 0 1-2-2V4.6a2 2 0 0 1 2-2Z";
const FRAME = "M5 3.4h10a1.6 1.6 0 0 1 1.6 1.6v10a1.6 1.6 0 0 1-1.6 1.6H5a1.6 1.6 0 0 1-1.6-1.6V5A1.6 1.6 0 0 1 5 3.4Z";
const CIRCLE = (r) => `M${10 - r} 10a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
const solid = (d, edge = 1.5) => [{ d, fill: INK, stroke: HALO, width: edge }];
const open = (back, d) => [
  { d: back, fill: HALO },
  { d, fill: HALO, stroke: INK, width: 2.2 },
];
const mark = (d, stroke = HALO, width = 2) => ({ d, stroke, width });

/** `extent`: the grid units that `size_px` measures; `box`: width, height, anchor of the grid. */
const SHAPES = {
  circle: { extent: 11.2, parts: solid(CIRCLE(5.6), 1.6) },
  ring: { extent: 11.2, parts: [{ d: CIRCLE(6.6), fill: HALO }, { d: CIRCLE(4.5), fill: HALO, stroke: INK, width: 2.3 }] },
  square: { extent: 14.8, parts: solid(SQUARE, 1.4) },
  square_cross: { extent: 14.8, parts: [...solid(SQUARE, 1.4), mark("m6.8 6.8 6.4 6.4m0-6.4-6.4 6.4")] },
  square_check: { extent: 14.8, parts: [...solid(SQUARE, 1.4), mark("m6 10.4 2.8 2.8L14 7.2", HALO, 2.1)] },
  square_arrow: {
    extent: 14.8,
    parts: [
      { d: "M4.3 1.9h11.4a2.4 2.4 0 0 1 2.4 2.4v11.4a2.4 2.4 0 0 1-2.4 2.4H4.3a2.4 2.4 0 0 1-2.4-2.4V4.3a2.4 2.4 0 0 1 2.4-2.4Z", fill: HALO },
      { d: FRAME, fill: HALO, stroke: INK, width: 2 },
      mark("M6.2 10h7m-2.8-2.9 2.9 2.9-2.9 2.9", INK, 1.9),
    ],
  },
  triangle_up: { extent: 16, parts: solid("M10 2.6 18 16.4H2Z") },
  triangle_down: { extent: 16, parts: solid("M10 17.4 2 3.6h16Z") },
  triangle_up_open: { extent: 16, parts: open("M10 2.2 18.4 16.8H1.6Z", "M10 5 15.9 15.2H4.1Z") },
  triangle_down_open: { extent: 16, parts: open("M10 17.8 1.6 3.2h16.8Z", "M10 15 4.1 4.8h11.8Z") },
  diamond: { extent: 16, parts: solid("M10 2 18 10 10 18 2 10Z") },
  flag: {
    extent: 16,
    parts: [
      { d: "M5.5 1.8v16.7", stroke: HALO, width: 4.2 },
      { d: "M5.5 2.5h10.5l-2.6 3.7 2.6 3.7H5.5Z", fill: INK, stroke: HALO, width: 1.4 },
      { d: "M5.5 2v16", stroke: INK, width: 1.9 },
    ],
  },
  pin: {
    extent: 34,
    box: [32, 38, 16, 35.6],
    parts: solid("M5.5 1.5h21a4 4 0 0 1 4 4v18a4 4 0 0 1-4 4h-6.3L16 35.6l-4.2-8.1H5.5a4 4 0 0 1-4-4v-18a4 4 0 0 1 4-4Z", 2),
  },
};
const BOX = [20, 20, 10, 10];
const sprites = new Map();

/** Whether a shape is a point symbol. */
export const isPointShape = (shape) => Object.hasOwn(SHAPES, shape);

/** Forget the sprites: the scheme has changed. */
export function forgetSprites() {
  sprites.clear();
}

/**
 * A point symbol as a small canvas with its anchor.
 * @param {string} shape
 * @param {{ink: string, halo: string, size: number, ratio: number}} look `size` in CSS pixels
 * @returns {{image: HTMLCanvasElement, width: number, height: number, ax: number, ay: number,
 *   radius: number, scale: number}} sizes and anchor in CSS pixels
 */
export function sprite(shape, { ink, halo, size, ratio }) {
  const name = [shape, ink, halo, size, ratio].join("|");
  if (sprites.has(name)) return sprites.get(name);
  const { extent, box = BOX, parts } = SHAPES[shape] ?? SHAPES.circle;
  const scale = size / extent;
  const [width, height, ax, ay] = box.map((value) => value * scale);
  const image = document.createElement("canvas");
  image.width = Math.ceil(width * ratio) + 2;
  image.height = Math.ceil(height * ratio) + 2;
  const pen = image.getContext("2d");
  pen.scale(scale * ratio, scale * ratio);
  pen.lineJoin = pen.lineCap = "round";
  const tone = { ink, halo };
  for (const part of parts) {
    const path = new Path2D(part.d);
    if (part.fill) {
      pen.fillStyle = tone[part.fill];
      pen.fill(path);
    }
    if (part.stroke) {
      pen.strokeStyle = tone[part.stroke];
      pen.lineWidth = part.width;
      pen.stroke(path);
    }
  }
  const made = { image, width: image.width / ratio, height: image.height / ratio, ax, ay, radius: size / 2, scale };
  sprites.set(name, made);
  return made;
}

/** The SVG of a point symbol; colors are CSS and follow the scheme. */
function pointSymbol(shape) {
  const { box = BOX, parts } = SHAPES[shape];
  const tone = { ink: "currentColor", halo: "var(--halo, #fff)" };
  const nodes = parts.map((part) =>
    svg("path", {
      d: part.d,
      fill: part.fill ? tone[part.fill] : "none",
      stroke: part.stroke ? tone[part.stroke] : null,
      "stroke-width": part.width ?? null,
      "stroke-linejoin": "round",
      "stroke-linecap": "round",
    }),
  );
  return svg("svg", { viewBox: `0 0 ${box[0]} ${box[1]}` }, ...nodes);
}

/** The SVG of a line: its casing and itself, as wide as the row allows. */
function lineSymbol(look) {
  const width = Math.max(1.5, Math.min(look.width_px ?? 2, 6));
  const dash = look.dash?.length ? look.dash.join(" ") : null;
  const nodes = [];
  if (look.casing) nodes.push(svg("path", { d: "M1 10h18", stroke: cssColor(look.casing), "stroke-width": width + 2 }));
  nodes.push(svg("path", { d: "M1 10h18", stroke: "currentColor", "stroke-width": width, "stroke-dasharray": dash }));
  return svg("svg", { viewBox: "0 0 20 20" }, ...nodes);
}

/** The SVG of an area: fill, edge, hatching. */
function areaSymbol(look) {
  const hatched = look.shape === "hatch";
  const nodes = [
    svg("rect", {
      ...{ x: 2.5, y: 4, width: 15, height: 12, rx: 1, fill: hatched ? "none" : "currentColor" },
      ...{ "fill-opacity": hatched ? null : (look.fill_opacity ?? 0.2), stroke: look.casing ? cssColor(look.casing) : "currentColor" },
      ...{ "stroke-width": 1.5, "stroke-dasharray": look.dash?.length ? "3 2" : null },
    }),
  ];
  if (hatched) nodes.push(svg("path", { d: "m3.5 15 10-10.5M9.5 15.5 17 7.8M3.2 9.6 8.6 4.2", stroke: "currentColor", "stroke-width": 1.1, fill: "none" }));
  return svg("svg", { viewBox: "0 0 20 20" }, ...nodes);
}

/**
 * The symbol of a class for legend, popup and cards.
 * @param {{shape: string, color: string, casing?: string|null, width_px?: number, dash?: number[],
 *   fill_opacity?: number}} look
 * @returns {SVGElement}
 */
export function symbol(look) {
  const shape = look.shape;
  const made = isPointShape(shape) ? pointSymbol(shape) : shape === "line" ? lineSymbol(look) : areaSymbol(look);
  made.setAttribute("class", "sym");
  made.setAttribute("aria-hidden", "true");
  made.style.color = cssColor(look.color);
  return made;
}

/**
 * The symbol of a whole layer: its first class, or a short ramp where the classes are steps.
 * @param {Object} about layer of the manifest
 * @returns {SVGElement}
 */
export function layerSymbol(about) {
  const { classes, dash, fill_opacity: fill } = about;
  if (!about.unit || classes.length < 3 || isPointShape(classes[0].shape)) return symbol({ ...classes[0], dash, fill_opacity: fill });
  const steps = [0.2, 0.6, 1].map((part) => classes[Math.round((classes.length - 1) * part)]);
  const nodes = steps.map((item, i) => {
    const node = svg("path", { d: `M${2 + i * 5.4} 10h5.4`, "stroke-width": 6 });
    node.style.stroke = cssColor(item.color);
    return node;
  });
  return svg("svg", { viewBox: "0 0 20 20", class: "sym", "aria-hidden": "true" }, ...nodes);
}

/** Draw every `<svg data-shape data-color>` that a page was sent with. */
export function fillSymbols(root = document) {
  for (const place of root.querySelectorAll("svg[data-shape]")) {
    place.replaceWith(symbol({ shape: place.dataset.shape, color: place.dataset.color }));
  }
}
