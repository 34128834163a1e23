/** Above the form: open a feature by its key, or begin a new one. */
import { h, icon } from "./dom.js";

/**
 * Make the row of tools. What is no point and has a geometry keeps its shape here: a new one cannot
 * be drawn.
 */
export function editTools({ words, geometry }, { open, create }) {
  const key = h("input", { class: "input", name: "key", "aria-label": words.open_label, placeholder: words.open_label, autocomplete: "off" });
  const form = h("form", { class: "row grow" }, key, h("button", { class: "button", type: "submit", text: words.open }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (key.value.trim()) open(key.value.trim());
  });
  const canPlace = geometry === "point" || geometry === "none";
  const begin = canPlace ? h("button", { class: "button", type: "button", onclick: create }, icon("plus"), h("span", { text: words.create })) : null;
  return h("div", { class: "edit-tools" }, h("div", { class: "row" }, form, begin), canPlace ? null : h("p", { class: "hint", text: words.shape_stays }));
}
