/** The bar of tools at the top of the map; each part brings its own button. */
import { h } from "./dom.js";

const { L } = globalThis;

/** The place of the map with what floats on it; on a page the bar of tools stands beside the map. */
export function stageOf(session) {
  const box = session.map.getContainer();
  return (session.mode === "page" && box.closest(".work")) || box;
}

/** Whether this is the page of a map, with room for tools. */
export function hasStage(session) {
  return stageOf(session) !== session.map.getContainer();
}

/**
 * Put a button into the bar. On a page the bar comes before the list and the map in the order of
 * the Tab key.
 * @param {Session} session
 * @param {HTMLElement} button
 * @returns {HTMLElement} the bar
 */
export function addTool(session, button) {
  const stage = stageOf(session);
  const box = session.map.getContainer();
  let bar = stage.querySelector(".map-tools-top");
  if (!bar) {
    bar = h("div", { class: "map-tools map-tools-top", role: "toolbar", "aria-label": session.say("tools_top") });
    L.DomEvent.disableClickPropagation(bar);
    L.DomEvent.disableScrollPropagation(bar);
    if (stage === box) box.append(bar);
    else stage.insertBefore(bar, box.closest(".map"));
    box.classList.add("has-tools");
  }
  bar.append(button);
  return bar;
}
