/** A frame as it will be on somebody else's page, made smaller to fit into the dialog. */
import { h } from "./dom.js";

/** How wide a page's column is taken to be, where the frame fits itself to it. */
const FLUID_PX = 720;

/**
 * Show a frame; the same address is not asked for again.
 * @param {HTMLElement} box
 * @param {string} path
 * @param {{width: string, height: number, ratio: string, title: string}} options
 * @returns {string} the size that is shown
 */
export function showFrame(box, path, { width, height, ratio, title }) {
  const wide = width === "100%" ? FLUID_PX : Number(width);
  const [across, down] = ratio.split("/").map(Number);
  const high = ratio ? Math.round((wide * down) / across) : height;
  const scale = Math.min(1, box.clientWidth / wide);
  let frame = box.firstElementChild;
  if (frame?.getAttribute("src") !== path) {
    frame = h("iframe", { src: path, title });
    box.replaceChildren(frame);
  }
  Object.assign(frame.style, { width: `${wide}px`, height: `${high}px`, transform: `scale(${scale})` });
  box.style.height = `${Math.round(high * scale)}px`;
  return `${wide} × ${high}`;
}
