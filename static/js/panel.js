/** The layer tree and the legend in one: groups, layers, classes, counts in view, settings. */
import { chipBar } from "./chips.js";
import { countDrawn } from "./counted.js";
import { displayList } from "./displays.js";
import { h, icon, iconButton, isPhone } from "./dom.js";
import { facetTab } from "./facets.js";
import { number } from "./format.js";
import { groundRow } from "./ground_state.js";
import { layerTools } from "./layer_tools.js";
import { card, focusIn, heldIn } from "./popup.js";
import { inSheet } from "./selection.js";
import { sheetGrip } from "./sheet.js";
import { layerSymbol, symbol } from "./symbols.js";
import { tabBar } from "./tabs.js";

const STATES = { unavailable: "circle-x", pending: "clock", stale: "clock" };
/** What the map stands on: its group starts folded, and the trust line does not count it. */
export const GROUND = "ground";
/** A layer of more classes starts with its classes folded; the steps of a ramp belong together. */
const MANY = 6;

/** The look of one class for `symbol`. */
export function lookOf(about, item) {
  return { ...item, fill_opacity: about.fill_opacity, dash: about.dash };
}

/**
 * Fill the panel of the page.
 * @param {Session} session
 * @param {HTMLElement} panel
 */
export function fillPanel(session, panel) {
  const rows = new Map();
  const groups = [];
  const body = h("div", { class: "panel-body" });
  for (const { id, title } of session.manifest.groups) {
    // as on the map: what lies above stands above
    const members = session.entries.filter((about) => about.group === id).reverse();
    if (!members.length) continue;
    const made = group(session, { id, title, members, rows });
    groups.push(made);
    body.append(made.section);
  }
  if (!session.manifest.groups.some(({ id }) => id === GROUND)) body.append(h("section", { class: "legend-group" }, groundRow(session)));
  const chosen = h("div", { class: "panel-selection", hidden: true, "aria-live": "polite" });
  const chips = chipBar(session);
  const facets = facetTab(session);
  const tabs = tabBar(session.say("panel_tabs"), [
    { id: "legend", title: session.say("tab_legend"), body },
    { id: "facets", title: session.say("filters"), body: facets.body, onshow: facets.show },
  ]);
  session.addEventListener("tab", ({ detail }) => tabs.show(detail));
  const views = h("div", { class: "panel-views" }, tabs.bar, chips, body, facets.body);
  panel.replaceChildren(head(session, panel), views, chosen);
  const count = () => {
    rows.forEach((row, id) => showCount(session, row, id));
    groups.forEach(({ members, said }) => showSwitchedOn(session, members, said));
  };
  session.addEventListener("counts", count);
  session.addEventListener("order", () => groups.forEach(({ list }) => sortBlocks(session, list)));
  const moved = h("p", { class: "sr", role: "status" });
  session.addEventListener("moved", ({ detail }) => (moved.textContent = placeInOrder(session, detail)));
  panel.append(moved);
  session.addEventListener("select", () => showSelection(session, { panel, views, chosen }));
  count();
}

function head(session, panel) {
  const { map } = session;
  const { title, description } = session.manifest.map;
  const work = panel.parentElement;
  const fold = (closed) => {
    work.classList.toggle("panel-closed", closed);
    opener.hidden = !closed;
    map.invalidateSize({ animate: false });
  };
  const opener = iconButton("layers", session.say("open_panel"), () => fold(false), { class: "icon-button panel-opener", hidden: true });
  map.getContainer().append(opener);
  return h(
    "div",
    {},
    sheetGrip(session, panel),
    h(
      "div",
      { class: "panel-head" },
      h("div", { class: "panel-title" }, h("h2", { dir: "auto", text: title }), description ? h("p", { class: "only-wide", dir: "auto", text: description }) : null),
      iconButton("panel-left-close", session.say("close_panel"), () => fold(true), { class: "icon-button icon-button-s push only-wide" }),
    ),
  );
}

function group(session, { id, title, members, rows }) {
  const list = h("div", { id: `group-${id}` }, id === GROUND ? groundRow(session) : null);
  for (const about of members) list.append(layerRow(session, about, rows));
  const said = h("span", { class: "count push" });
  const toggle = folder(list, { id: list.id, folded: id === GROUND }, h("bdi", { text: title }), said);
  return { members, said, list, section: h("section", { class: "legend-group" }, h("h3", {}, toggle), list) };
}

/** Bring the rows of a group into the order of the layers: what lies above stands above. */
function sortBlocks(session, list) {
  const ids = session.entries.map(({ id }) => id);
  const blocks = [...list.querySelectorAll(":scope > .legend-layer")];
  const wanted = [...blocks].sort((a, b) => ids.indexOf(b.dataset.block) - ids.indexOf(a.dataset.block));
  if (wanted.some((block, at) => block !== blocks[at])) list.append(...wanted);
}

function placeInOrder(session, id) {
  const all = [...document.querySelector(`[data-block="${id}"]`).parentElement.querySelectorAll(":scope > .legend-layer")];
  const { title } = session.layers.get(id).about;
  return session.say("layer_moved", { layer: title, at: all.findIndex(({ dataset }) => dataset.block === id) + 1, all: all.length });
}

/** A button that folds a part of the panel away. */
function folder(part, { id, folded, ...attributes }, ...children) {
  const button = h("button", { type: "button", "aria-controls": id, ...attributes }, icon("chevron-down"), ...children);
  const fold = (on) => {
    part.classList.toggle("folded-away", on);
    button.setAttribute("aria-expanded", String(!on));
  };
  button.addEventListener("click", () => fold(!part.classList.contains("folded-away")));
  fold(folded);
  return button;
}

function showSwitchedOn(session, members, said) {
  const on = members.filter(({ id }) => session.isOn(id)).length;
  said.textContent = on ? session.say("switched_on", { on: number(on) }) : "";
}

function layerRow(session, about, rows) {
  const { id } = about;
  const drawable = session.isDrawable(about);
  const count = h("span", { class: "count" });
  const check = drawable
    ? h("input", { class: "check", type: "checkbox", id: `on-${id}`, "aria-label": about.title.slice(0, 200) })
    : h("span", { class: "check-none" });
  check.addEventListener("change", () => session.setOn(id, check.checked));
  const first = about.classes[0];
  const mark = first && about.geometry !== "none" ? layerSymbol(about) : icon(STATES[about.state] ?? "table", "icon sym-icon");
  const name = h("button", { type: "button", class: "legend-name", "aria-expanded": "false", title: about.title.slice(0, 200) }, h("bdi", { text: about.title }));
  const classes = classList(session, about);
  const row = h("div", { class: "legend-row", "data-layer": id }, check, mark, name, classes?.toggle, count);
  const settings = layerTools(session, about);
  name.addEventListener("click", () => {
    settings.hidden = !settings.hidden;
    row.classList.toggle("open", !settings.hidden);
    name.setAttribute("aria-expanded", String(!settings.hidden));
  });
  const display = h("ul", { class: "legend-classes", hidden: true });
  rows.set(id, { about, row, check, count, classes, display });
  return h("div", { class: "legend-layer", "data-block": id }, row, settings, notes(session, about), display, classes?.list);
}

function classList(session, about) {
  const used = about.classes.filter(({ count }) => count > 0);
  if (about.classes.length < 2 || !used.length || about.geometry === "none") return null;
  const list = h("ul", { class: "legend-classes", id: `classes-${about.id}` });
  if (about.unit) list.append(h("li", { class: "legend-unit" }, h("bdi", { text: session.say("unit", { unit: about.unit }) })));
  const counts = about.classes.map((item) => {
    const count = h("span", { class: "count", text: number(item.count) });
    const row = h("li", { "data-class": item.value ?? "", hidden: item.count === 0 }, symbol(lookOf(about, item)), h("bdi", { class: "legend-label", text: item.label }), count);
    list.append(row);
    return { count, row };
  });
  const folded = used.length > MANY && !about.unit;
  const words = session.say("classes", { layer: about.title.slice(0, 80) });
  const toggle = folded && folder(list, { id: list.id, folded, class: "icon-button icon-button-s legend-more", title: words }, h("span", { class: "sr", text: words }));
  return { list, counts, toggle };
}

function notes(session, about) {
  const texts = [];
  if (about.state !== "ok") texts.push([about.state === "unavailable" ? "bad" : "info", about.reason ?? session.say(`state_${about.state}`)]);
  if (about.warning) texts.push(["warn", about.warning]);
  if (about.refused) texts.push(["warn", session.say("refused", { count: number(about.refused) })]);
  if (!texts.length) return null;
  const icons = { bad: "circle-x", warn: "triangle-alert", info: "clock" };
  return h("ul", { class: "legend-notes" }, ...texts.map(([tone, text]) => h("li", { class: `tone-${tone}` }, icon(icons[tone]), h("bdi", { text }))));
}

function showCount(session, { about, row, check, count, classes, display }, id) {
  const on = session.isOn(id);
  if (check.type === "checkbox") check.checked = on;
  row.classList.toggle("off", !on);
  const drawn = countDrawn(session, id);
  const total = number(about.count);
  if (!drawn) count.replaceChildren(about.state === "unavailable" ? "–" : total);
  else if (drawn.all === about.count) count.replaceChildren(h("b", { text: total }));
  else count.replaceChildren(h("b", { text: number(drawn.all) }), ` / ${total}`);
  const kind = session.layers.get(id)?.display;
  display.hidden = !on || !kind;
  if (!display.hidden && display.dataset.kind !== kind) display.replaceChildren(...displayList(session, kind));
  display.dataset.kind = kind ?? "";
  if (!classes) return;
  classes.list.hidden = !on || kind === "heat";
  if (classes.toggle) classes.toggle.hidden = !on;
  about.classes.forEach((item, name) => {
    const place = classes.counts[name];
    const far = session.map.getZoom() < (item.min_zoom ?? 0);
    place.row.classList.toggle("far", far);
    place.row.title = far ? session.say("closer") : "";
    place.count.textContent = far ? "–" : number(drawn ? (drawn.classes.get(name) ?? 0) : item.count);
  });
}

/** On a phone the selection takes the place of the list. */
function showSelection(session, { panel, views, chosen }) {
  const here = Boolean(session.selection) && inSheet(session);
  const held = heldIn(chosen);
  const made = here ? card(session) : null;
  chosen.replaceChildren(...(made ? [made] : []));
  chosen.hidden = !here;
  views.hidden = here;
  panel.querySelector(".panel-head").hidden = here;
  if (!here) return;
  if (held !== null) focusIn(made, held);
  if (panel.parentElement.dataset.sheet === "full") panel.parentElement.dataset.sheet = "half";
  const covered = isPhone() ? panel.offsetHeight : 0;
  session.map.panInside(session.selection.place, { paddingTopLeft: [40, 60], paddingBottomRight: [40, covered + 40] });
}
