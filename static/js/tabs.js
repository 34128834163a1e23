/** Tabs of the panel: one part at a time, arrows between them. */
import { h } from "./dom.js";

/**
 * @param {string} name what the tabs choose between, read aloud
 * @param {{id: string, title: string, body: HTMLElement, onshow?: Function}[]} parts
 * @returns {{bar: HTMLElement, show: (id: string) => void}}
 */
export function tabBar(name, parts) {
  const bar = h("div", { class: "tabs", role: "tablist", "aria-label": name });
  const buttons = new Map();
  const show = (id) => {
    for (const part of parts) {
      const on = part.id === id;
      const button = buttons.get(part.id);
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
      part.body.hidden = !on;
      if (on) part.onshow?.();
    }
  };
  for (const { id, title, body } of parts) {
    const button = h("button", { type: "button", class: "tab", role: "tab", id: `tab-${id}`, "aria-controls": `view-${id}`, text: title, onclick: () => show(id) });
    buttons.set(id, button);
    bar.append(button);
    for (const [key, value] of Object.entries({ id: `view-${id}`, role: "tabpanel", "aria-labelledby": `tab-${id}` })) body.setAttribute(key, value);
  }
  bar.addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const ids = [...buttons.keys()];
    const now = ids.findIndex((id) => buttons.get(id) === document.activeElement);
    const next = ids[(now + way + ids.length) % ids.length];
    show(next);
    buttons.get(next).focus();
  });
  show(parts[0].id);
  return { bar, show };
}
