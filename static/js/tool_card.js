/** The card of a tool: a button in the bar, a small panel over the map, one open at a time. */
import { h, iconButton } from "./dom.js";
import { addTool } from "./toolbar.js";

const { L } = globalThis;

/**
 * Add a tool with its card.
 * @param {Session} session
 * @param {{name: string, icon: string, title: string, body: Node[], onopen?: Function,
 *   onclose?: Function, first?: () => HTMLElement}} parts `first` is what gets the focus
 * @returns {{element: HTMLElement, open: Function, close: Function, isOpen: () => boolean}}
 */
export function addCard(session, { name, icon, title, body, onopen, onclose, first }) {
  const box = session.map.getContainer();
  const element = h("section", { class: `tool-card card-${name}`, "aria-label": title, hidden: true });
  const button = iconButton(icon, title, () => (element.hidden ? open() : close()), { "aria-pressed": "false", "data-tool": name });
  const shut = iconButton("x", session.say("close"), () => close(), { class: "icon-button icon-button-s" });
  element.append(h("div", { class: "tool-card-head" }, h("h2", { text: title }), shut), ...body);
  const place = addTool(session, button);
  place.after(element);
  L.DomEvent.disableClickPropagation(element);
  L.DomEvent.disableScrollPropagation(element);

  const show = (on) => {
    element.hidden = !on;
    button.setAttribute("aria-pressed", String(on));
    place.parentElement.classList.toggle("with-card", on);
  };
  const open = () => {
    if (!element.hidden) return;
    session.tell("card", name);
    show(true);
    onopen?.();
    first?.().focus({ preventScroll: true });
  };
  const close = ({ back = true } = {}) => {
    if (element.hidden) return;
    show(false);
    onclose?.();
    if (back) button.focus({ preventScroll: true });
  };
  session.addEventListener("card", ({ detail }) => detail !== name && close({ back: false }));
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || element.hidden) return;
      const { activeElement, body: page } = document;
      if (activeElement !== page && ![element, place, box].some((part) => part.contains(activeElement))) return;
      event.preventDefault();
      close();
    },
    true,
  );
  return { element, open, close, isOpen: () => !element.hidden };
}

/**
 * A row of buttons of which one is pressed.
 * @param {string} name read aloud
 * @param {[string, string][]} choices value and text
 * @param {(value: string) => void} onchoose
 * @returns {{element: HTMLElement, set: (value: string) => void}}
 */
export function choiceRow(name, choices, onchoose) {
  const element = h("div", { class: "choice-row", role: "group", "aria-label": name });
  const set = (value) => {
    for (const button of element.children) button.setAttribute("aria-pressed", String(button.value === value));
  };
  for (const [value, text] of choices) {
    element.append(h("button", { type: "button", class: "button button-s", value, text, "aria-pressed": "false", onclick: () => onchoose(value) }));
  }
  return { element, set };
}

/**
 * A button that copies a text and says so.
 * @param {Session} session
 * @param {() => string} text
 * @param {HTMLElement} said where it is said
 */
export function copyButton(session, text, said) {
  return iconButton("copy", session.say("copy"), async () => {
    try {
      await navigator.clipboard.writeText(text());
      said.textContent = session.say("copied");
    } catch {
      said.textContent = session.say("copy_by_hand");
    }
  }, { class: "icon-button icon-button-s tool-copy" });
}
