/** What a reader does to one layer in the panel: opacity, place in the order, going to it, its data. */
import { clearOf } from "./controls.js";
import { hasDisplays, setDisplay } from "./displays.js";
import { h, icon, iconButton } from "./dom.js";
import { moveLayer, setStrength } from "./layer_look.js";
import { choiceRow } from "./tool_card.js";

/**
 * The tools under the row of a layer.
 * @param {Session} session
 * @param {Object} about
 * @returns {HTMLElement}
 */
export function layerTools(session, about) {
  const box = h("div", { class: "legend-tools", hidden: true });
  const drawable = session.isDrawable(about);
  box.append(...(drawable ? opacity(session, about) : [h("span", { class: "grow" })]));
  const actions = h("span", { class: "row" });
  if (drawable) actions.append(...order(session, about));
  if (drawable && about.bounds) actions.append(small("zoom-in", session.say("zoom_to"), () => session.map.fitBounds(session.layers.get(about.id).getBounds(), { ...clearOf(session, 24), maxZoom: 16 })));
  if (about.page) {
    const url = new URL(about.page, document.baseURI);
    if (session.language === "en") url.searchParams.set("lang", "en");
    const words = session.say("layer_page");
    actions.append(h("a", { class: "icon-button icon-button-s", href: url.pathname + url.search, title: words }, icon("table"), h("span", { class: "sr", text: words })));
  }
  box.append(actions);
  if (hasDisplays(session, about)) box.append(displays(session, about));
  if (about.description) box.append(h("p", { class: "legend-about", dir: "auto", text: about.description }));
  return box;
}

/** Symbols, density or counts. */
function displays(session, { id }) {
  const names = [["", session.say("as_symbols")], ["heat", session.say("as_heat")], ["cluster", session.say("as_cluster")]];
  const row = choiceRow(session.say("as"), names, (kind) => setDisplay(session, id, kind || null));
  const show = () => row.set(session.layers.get(id).display ?? "");
  session.addEventListener("displays", show);
  show();
  return row.element;
}

function small(name, title, action, more = {}) {
  return iconButton(name, title, action, { class: "icon-button icon-button-s", ...more });
}

function opacity(session, { id }) {
  const range = h("input", { class: "range", type: "range", min: 10, max: 100, step: 5, id: `opacity-${id}` });
  const said = h("output", { class: "count", for: range.id });
  const show = () => {
    const percent = Math.round((session.layers.get(id).strength ?? 1) * 100);
    range.value = percent;
    said.textContent = `${percent}%`;
    range.setAttribute("aria-valuetext", said.textContent);
  };
  range.addEventListener("input", () => setStrength(session, id, Number(range.value) / 100));
  range.addEventListener("change", () => session.remember(true));
  session.addEventListener("strength", ({ detail }) => detail === id && show());
  show();
  return [h("label", { for: range.id, text: session.say("opacity") }), range, said];
}

/** Up, down, and a grip that is pulled or moved with the arrow keys. */
function order(session, { id, title }) {
  const up = small("chevron-up", session.say("layer_up"), () => step(session, id, -1), { "data-step": -1 });
  const down = small("chevron-down", session.say("layer_down"), () => step(session, id, 1), { "data-step": 1 });
  const grip = small("grip-vertical", session.say("layer_pull", { layer: title.slice(0, 80) }), () => {}, { class: "icon-button icon-button-s layer-grip" });
  grip.addEventListener("keydown", (event) => {
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    step(session, id, way);
    grip.focus({ preventScroll: true });
  });
  grip.addEventListener("pointerdown", (event) => pull(session, id, { grip, event }));
  return [up, down, grip];
}

const blockOf = (id) => document.querySelector(`.legend-layer[data-block="${id}"]`);
const blocksBeside = (block) => [...block.parentElement.querySelectorAll(":scope > .legend-layer")];

/** One place up or down within the group: what stands above lies above. */
function step(session, id, way) {
  const block = blockOf(id);
  const all = blocksBeside(block);
  const other = all[all.indexOf(block) + way];
  if (!other) return;
  const held = document.activeElement;
  moveLayer(session, id, other.dataset.block, way < 0);
  if (block.contains(held)) held.focus({ preventScroll: true });
  session.tell("moved", id);
}

function pull(session, id, { grip, event }) {
  const block = blockOf(id);
  const others = blocksBeside(block).filter((item) => item !== block);
  let target = null;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  block.classList.add("pulled");
  const wipe = () => others.forEach((item) => item.classList.remove("drop-before", "drop-after"));
  const look = ({ clientY }) => {
    wipe();
    const below = others.find((item) => clientY < item.getBoundingClientRect().top + item.offsetHeight / 2);
    target = below ? { other: below, over: true } : { other: others.at(-1), over: false };
    target.other?.classList.add(target.over ? "drop-before" : "drop-after");
  };
  const drop = ({ type }) => {
    grip.removeEventListener("pointermove", look);
    grip.removeEventListener("pointerup", drop);
    grip.removeEventListener("pointercancel", drop);
    block.classList.remove("pulled");
    wipe();
    if (type !== "pointerup" || !target?.other) return;
    moveLayer(session, id, target.other.dataset.block, target.over);
    session.tell("moved", id);
  };
  grip.addEventListener("pointermove", look);
  grip.addEventListener("pointerup", drop);
  grip.addEventListener("pointercancel", drop);
}
