/** The fields of one feature as a form: made from the schema, read back as codes and plain values. */
import { h, icon } from "./dom.js";
import { Choices } from "./edit_choices.js";
import { fill } from "./format.js";

/** Where a time of a day is said: a record without an offset is Beijing's. */
const OFFSET = "+08:00";
const MOMENT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const LONG = 60;

/** One field: `element` is its place in the form, `raw` what stands in its control now. */
class FormField {
  constructor(field, value, { words, locked, isNew }) {
    // "erased by policy" is shown, and nobody chooses it
    this.field = field.masked ? { ...field, labels: field.labels.filter(({ code }) => code !== "erased") } : field;
    // what a new feature needs is written by somebody who sees only its mask afterwards
    this.isClosed = field.hidden && !(isNew && field.required);
    this.words = words;
    this.offset = MOMENT.exec(value ?? "")?.[2] ?? OFFSET;
    this.control = this.build(value ?? null, locked);
    this.first = this.control.value;
    this.fault = h("span", { class: "fault", id: `edit-${field.name}-fault`, hidden: true });
    const required = field.required && !this.isClosed ? h("span", { class: "edit-required", text: words.required }) : null;
    const isList = this.control instanceof Choices;
    const label = h(isList ? "span" : "label", isList ? { class: "label" } : { for: this.control.id }, h("bdi", { text: field.title }), required, field.masked ? icon("lock") : null);
    const unit = field.unit ? h("span", { class: "edit-unit", "aria-hidden": "true", text: field.unit }) : null;
    const box = h("div", { class: "edit-control" }, isList ? this.control.element : this.control, unit);
    const hints = [this.hint(), field.description].filter(Boolean).map((text) => h("span", { class: "hint", text }));
    this.element = h("div", { class: "field" }, label, box, ...hints, this.fault);
  }

  build(value, locked) {
    const { field } = this;
    const unit = field.unit ? ` (${field.unit})` : "";
    const shared = { class: "input", id: `edit-${field.name}`, name: field.name, "aria-label": `${field.title}${unit}`, "aria-describedby": `edit-${field.name}-fault` };
    if (field.masked) shared.autocomplete = "off";
    if (this.isClosed) return h("input", { ...shared, value: plain(value), disabled: true });
    if (field.required) shared["aria-required"] = "true";
    if (field.type === "list" && field.labels.length) {
      return new Choices(field, (value ?? []).map(String), { id: shared.id, words: this.words, fault: shared["aria-describedby"] });
    }
    const choices = this.choices(value);
    if (choices) return pick(h("select", shared, ...choices), value === null ? "" : String(value));
    const control = this.input(shared, value);
    control.readOnly = locked;
    return control;
  }

  /** The options of a field with codes, null where anything can be typed. */
  choices(value) {
    const { field, words } = this;
    const none = h("option", { value: "", text: words.no_value });
    if (field.type === "boolean") {
      const known = (code, text) => h("option", { value: code, text: field.labels.find((item) => item.code === code)?.label ?? text });
      return [h("option", { value: "", text: words.unknown }), known("true", words.yes), known("false", words.no)];
    }
    if (!field.labels.length) return null;
    const codes = field.labels.map(({ code, label }) => h("option", { value: code, text: label }));
    // a code that the schema no longer has is shown as it is
    const lost = value !== null && !field.labels.some(({ code }) => code === String(value));
    return [none, ...codes, lost ? h("option", { value: String(value), text: String(value) }) : null];
  }

  input(shared, value) {
    const { field } = this;
    const text = plain(value);
    if (field.type === "integer" || field.type === "number") {
      return h("input", { ...shared, type: "number", step: field.type === "integer" ? 1 : "any", min: field.minimum, max: field.maximum, value: text });
    }
    if (field.type === "date") return h("input", { ...shared, type: "date", value: text });
    if (field.type === "time") return h("input", { ...shared, type: "time", step: 1, value: text });
    if (field.type === "datetime") return h("input", { ...shared, type: "datetime-local", step: 1, value: MOMENT.exec(text)?.[1] ?? "" });
    if (text.length <= LONG && !text.includes("\n")) return h("input", { ...shared, type: "text", value: text });
    const area = h("textarea", { ...shared, rows: 4 });
    area.value = text;
    return area;
  }

  hint() {
    if (this.isClosed) return this.words.hidden;
    if (this.field.hidden) return this.words.write_only;
    if (this.control instanceof Choices) return "";
    if (this.field.type === "list") return this.words.list_hint;
    return this.field.type === "datetime" ? this.offset : "";
  }

  get isChanged() {
    return !this.isClosed && (this.control.value !== this.first || this.isUnread);
  }

  /** The browser gives no value for a number or a day that it cannot read. */
  get isUnread() {
    return this.control.validity.badInput;
  }

  /** What is sent: null for nothing. */
  get value() {
    const { value } = this.control;
    if (value === "") return null;
    if (this.control instanceof Choices) return this.control.codes;
    if (this.field.type === "list") return items(value);
    if (this.field.type === "boolean") return value === "true";
    return this.field.type === "datetime" ? withOffset(value, this.offset) : value;
  }

  say(text) {
    this.fault.textContent = text;
    this.fault.hidden = !text;
    if (text) this.control.setAttribute("aria-invalid", "true");
    else this.control.removeAttribute("aria-invalid");
  }
}

/** All fields of a feature. */
export class FeatureForm {
  /**
   * @param {Object[]} fields of the schema
   * @param {Object<string, any>} values codes and plain values
   * @param {{words: Object<string, string>, key: string, isNew: boolean}} options `key` names the
   *   field that identifies a feature; only a new one may choose it
   */
  constructor(fields, values, { words, key, isNew }) {
    this.words = words;
    this.fields = fields.map((field) => new FormField(field, values[field.name], { words, locked: field.name === key && !isNew, isNew }));
    this.element = h("div", { class: "edit-fields" }, ...this.fields.map(({ element }) => element));
  }

  get isChanged() {
    return this.fields.some((item) => item.isChanged);
  }

  /** The fields that were changed, by name. */
  changes() {
    return Object.fromEntries(this.fields.filter((item) => item.isChanged).map((item) => [item.field.name, item.value]));
  }

  /**
   * Show each fault under its field.
   * @param {{field: string, message: string}[]} faults
   * @returns {{field: string, message: string}[]} those that are of no field here
   */
  say(faults) {
    for (const item of this.fields) {
      item.say(faults.filter(({ field }) => field === item.field.name).map(({ message }) => message).join(" "));
    }
    this.fields.find(({ fault }) => !fault.hidden)?.control.focus();
    return faults.filter(({ field }) => !this.fields.some((item) => item.field.name === field));
  }

  /** Faults that the browser sees itself: what it cannot read would be sent as nothing. */
  unread() {
    return this.fields.filter((item) => item.isUnread).map((item) => ({ field: item.field.name, message: fill(this.words.not_a_value, {}) }));
  }
}

function pick(select, value) {
  select.value = value;
  return select;
}

function plain(value) {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

function items(text) {
  return text.split(/[,，、;；]/).map((part) => part.trim()).filter(Boolean);
}

function withOffset(text, offset) {
  return `${text.length === 16 ? `${text}:00` : text}${offset}`;
}
