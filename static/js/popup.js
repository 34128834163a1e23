/** What is known about one feature, in the reader's language. Values are text, never markup. */
import { valueAt } from "./data.js";
import { h, icon, iconButton } from "./dom.js";
import { number, value } from "./format.js";
import { askOwn, isOwn } from "./personal.js";
import { symbol } from "./symbols.js";

const TONES = { ok: "circle-check", warn: "triangle-alert", bad: "circle-x", info: "circle-dashed", plain: "minus" };
/** A longer text is cut: a popup is no page. */
const LONGEST = 400;

/**
 * The value of one field as text.
 * @param {Session} session
 * @param {{layer: Object, index: number, own?: Object}} hit
 * @param {string|null} name
 */
export function fieldText(session, hit, name) {
  const { layer, index } = hit;
  const field = layer.about.fields.find((item) => item.name === name);
  if (!field) return "";
  const words = { language: session.language, yes: session.say("yes"), no: session.say("no") };
  const raw = isOwn(hit, name) ? hit.own[name] : valueAt(layer.features.columns[name], index);
  const text = value(raw, field, words);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The badge of a status: shape, color and word; `mark` is its symbol on the map where it has one. */
export function badge(text, tone, mark = null) {
  return h("span", { class: `badge badge-${tone ?? "plain"}` }, mark ?? (TONES[tone] ? icon(TONES[tone]) : null), h("bdi", { text }));
}

/** The symbol of a value that the map draws by. */
function markOf({ layer, index }, name) {
  const { about, features } = layer;
  const look = about.class_field === name ? about.classes[features.classes[index]] : null;
  return look ? symbol({ ...look, fill_opacity: about.fill_opacity, dash: about.dash }) : null;
}

function badges(session, hit) {
  const { layer, index } = hit;
  const made = layer.about.popup.badges.map((name) => {
    const raw = valueAt(layer.features.columns[name], index);
    const field = layer.about.fields.find((item) => item.name === name);
    if (raw === null || !field) return null;
    const text = typeof raw === "boolean" ? `${field.title} ${fieldText(session, hit, name)}` : fieldText(session, hit, name);
    return badge(text, field.labels?.[String(raw)]?.tone, markOf(hit, name));
  });
  return made.some(Boolean) ? h("div", { class: "row row-wrap" }, ...made) : null;
}

function facts(session, hit) {
  const { layer } = hit;
  const list = h("dl", { class: "facts" });
  for (const name of layer.about.popup.facts.slice(0, 8)) {
    const field = layer.about.fields.find((item) => item.name === name);
    const text = fieldText(session, hit, name);
    if (!field || text === "–") continue;
    const lock = field.masked && !isOwn(hit, name) ? [icon("lock"), h("span", { class: "sr", text: session.say("masked") })] : [];
    list.append(h("dt", { text: field.title }), h("dd", {}, h("bdi", { text }), ...lock));
  }
  return list.childElementCount ? list : null;
}

/**
 * What a feature is called, what it is, and its symbol.
 * @param {Session} session
 * @param {{layer: Object, index: number}} hit
 */
export function heading(session, hit) {
  const { layer, index } = hit;
  const { about } = layer;
  const look = about.classes[layer.features.classes[index]];
  const named = about.popup.title ? fieldText(session, hit, about.popup.title) : "";
  const title = named && named !== "–" ? named : (look?.label ?? about.title);
  const below = about.popup.subtitle ? fieldText(session, hit, about.popup.subtitle) : "";
  const parts = [about.title === title ? "" : about.title, below === "–" ? "" : below].filter(Boolean);
  return { title, below: parts.join(" · "), look: look && { ...look, fill_opacity: about.fill_opacity, dash: about.dash } };
}

function pager(session) {
  const { hits, at } = session.selection;
  if (hits.length < 2) return null;
  return h(
    "div",
    { class: "popup-pager row" },
    iconButton("chevron-left", session.say("previous"), () => session.turn(-1), { class: "icon-button icon-button-s" }),
    h("span", { class: "count", text: `${number(at + 1)} / ${number(hits.length)}`, "aria-live": "polite" }),
    iconButton("chevron-right", session.say("next"), () => session.turn(1), { class: "icon-button icon-button-s" }),
    h("span", { class: "faint xs", text: session.say("here") }),
  );
}

function foot(session, { layer, index }) {
  if (session.mode !== "page") return null;
  const copy = h("button", { type: "button", class: "button button-quiet button-s" }, icon("link"), h("span", { text: session.say("copy_link") }));
  copy.addEventListener("click", async () => {
    const said = copy.lastChild;
    try {
      await navigator.clipboard.writeText(session.address());
      said.textContent = session.say("copied");
    } catch {
      said.textContent = session.say("copy_failed");
    }
  });
  return h("div", { class: "popup-foot" }, copy, rowOf(session, { layer, index }));
}

/** To the feature's row: under the map, or on the page of the layer where the map has no table. */
function rowOf(session, { layer, index }) {
  const parts = [icon("table"), h("span", { text: session.say("in_table") })];
  if (session.showsRows) return h("button", { type: "button", class: "button button-quiet button-s", onclick: () => session.tell("show-row", layer.about.id) }, ...parts);
  const url = new URL(layer.about.page, document.baseURI);
  if (session.language === "en") url.searchParams.set("lang", "en");
  url.searchParams.set("sel", layer.features.keys[index]);
  return h("a", { class: "button button-quiet button-s", href: url.pathname + url.search }, ...parts);
}

/**
 * The card of the selected feature.
 * @param {Session} session
 * @returns {HTMLElement}
 */
export function card(session) {
  const hit = session.selection;
  const { title, below, look } = heading(session, hit);
  const close = iconButton("x", session.say("close"), () => session.clear({ back: true }));
  const name = h("bdi", { text: title });
  const under = below ? h("bdi", { text: below }) : null;
  const head = h("div", { class: "popup-head" }, look ? symbol(look) : h("span"), h("div", {}, h("h2", {}, name), under && h("p", {}, under)), close);
  const known = h("div", {}, badges(session, hit), facts(session, hit));
  const said = h("p", { class: "popup-own faint xs", role: "status" });
  const body = h("div", { class: "popup-body", tabindex: "0" }, pager(session), known, said);
  const unmask = () => {
    if (!hit.own || !Object.keys(hit.own).length) return;
    const now = heading(session, hit);
    name.textContent = now.title;
    if (under) under.textContent = now.below;
    known.replaceChildren(...[badges(session, hit), facts(session, hit)].filter(Boolean));
    said.textContent = session.say("unmasked");
  };
  if (session.mode === "page") askOwn(hit).then(unmask);
  return h("section", { class: "popup-card", tabindex: "-1", dir: "auto", "aria-label": title.slice(0, 80) }, head, body, foot(session, hit));
}

/** Which control of a card has the focus: its title, "" for the card itself, null for none. */
export function heldIn(element) {
  const { activeElement } = document;
  return element?.contains(activeElement) ? (activeElement.title ?? "") : null;
}

/** Give the focus to the control of that title in a new card, else to the card. */
export function focusIn(made, title) {
  const again = [...made.querySelectorAll("button")].find((button) => title && button.title === title);
  (again ?? made).focus({ preventScroll: true });
}
