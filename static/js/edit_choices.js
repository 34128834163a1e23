/** A list whose items are codes, as boxes to tick. It is asked and told what an input is. */
import { h } from "./dom.js";
import { fill } from "./format.js";

export class Choices {
  /**
   * @param {Object} field
   * @param {string[]} given the codes that are ticked at first
   * @param {{id: string, words: Object<string, string>, fault: string}} options `fault` is the id of
   *   the element that says what is wrong
   */
  constructor(field, given, { id, words, fault }) {
    this.id = id;
    this.validity = { badInput: false };
    // a code that the schema no longer has is shown, and can be taken away
    const lost = given.filter((code) => !field.labels.some((item) => item.code === code));
    const all = [...field.labels, ...lost.map((code) => ({ code, label: fill(words.lost_code, { code }) }))];
    this.boxes = all.map(({ code }) => h("input", { type: "checkbox", name: field.name, value: code, checked: given.includes(code) }));
    const rows = all.map(({ label }, at) => h("label", { class: "edit-choice" }, this.boxes[at], h("bdi", { text: label })));
    this.element = h("div", { id, class: "edit-choices", role: "group", "aria-label": field.title, "aria-describedby": fault }, ...rows);
  }

  /** @returns {string[]} */
  get codes() {
    return this.boxes.filter(({ checked }) => checked).map(({ value }) => value);
  }

  /** Another text for every choice; empty where nothing is ticked. */
  get value() {
    return this.codes.length ? JSON.stringify(this.codes) : "";
  }

  focus() {
    this.boxes[0]?.focus();
  }

  setAttribute(name, value) {
    this.element.setAttribute(name, value);
  }

  removeAttribute(name) {
    this.element.removeAttribute(name);
  }
}
