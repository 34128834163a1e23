/** The bar of tools at the top of the map; each part brings its own button. */
import { h } from "./dom.js";

const { L } = globalThis;

/**
 * Put a button into the bar.
 * @param {Session} session
 * @param {HTMLElement} button
 */
export function addTool(session, button) {
  const box = session.map.getContainer();
  let bar = box.querySelector(".map-tools-top");
  if (!bar) {
    bar = h("div", { class: "map-tools map-tools-top", role: "toolbar", "aria-label": session.say("tools_top") });
    L.DomEvent.disableClickPropagation(bar);
    L.DomEvent.disableScrollPropagation(bar);
    box.append(bar);
    box.classList.add("has-tools");
  }
  bar.append(button);
}
