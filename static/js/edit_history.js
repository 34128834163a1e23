/** What became of a feature: who, when, why, and what changed. */
import { h } from "./dom.js";
import { fill, number, value } from "./format.js";

/**
 * A reader of values for people: codes as words, units behind numbers.
 * @param {Object[]} fields
 * @param {Object<string, string>} words
 * @param {"zh"|"en"} language
 * @returns {{title: function(string): string, text: function(string, any): string}}
 */
export function speaker(fields, words, language) {
  const known = new Map(fields.map((field) => [field.name, { ...field, labels: Object.fromEntries(field.labels.map((item) => [item.code, item])) }]));
  return {
    title: (name) => known.get(name)?.title ?? name,
    text: (name, raw) => value(asNumber(raw, known.get(name)), known.get(name) ?? { type: "string" }, { language, yes: words.yes, no: words.no }),
  };
}

/**
 * @param {Object[]} versions the latest first
 * @param {{words: Object<string, string>, speak: Object}} options
 * @returns {HTMLElement}
 */
export function historyList(versions, { words, speak }) {
  return h("ol", { class: "edit-history" }, ...versions.map((version) => entry(version, words, speak)));
}

/**
 * The last change of the layer, which can be undone unless it was an import.
 * @param {{words: Object<string, string>, last: Object}} told
 * @param {function({base: number, reason: string}): void} undo
 * @returns {HTMLElement}
 */
export function lastChange({ words, last }, undo) {
  const facts = h("p", { class: "small", dir: "auto", text: `${fill(words.revision, { number: last.number })} · ${last.at_text} · ${last.author} · ${last.reason}` });
  const box = h("section", { class: "card edit-last" }, h("h2", { text: words.last }), facts);
  if (!last.may_undo) return box;
  const reason = h("input", { class: "input", id: "edit-undo-reason", required: true, maxlength: 200 });
  const form = h("form", {}, h("div", { class: "field" }, h("label", { for: reason.id, text: words.undo_reason }), reason), h("button", { class: "button", type: "submit", text: words.undo }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    undo({ base: last.number, reason: reason.value });
  });
  box.append(form);
  return box;
}

/** What is typed into a field of numbers is text. */
function asNumber(raw, field) {
  const isNumber = field?.type === "integer" || field?.type === "number";
  return isNumber && typeof raw === "string" && raw !== "" && Number.isFinite(Number(raw)) ? Number(raw) : raw;
}

function entry(version, words, speak) {
  const said = version.fields.map(({ name, before, after }) =>
    fill(words.became, { field: speak.title(name), before: speak.text(name, before), after: speak.text(name, after) }),
  );
  if (version.moved_m !== null) said.push(fill(words.moved, { meters: number(Number(version.moved_m.toPrecision(3))) }));
  if (version.is_first) said.push(words.made);
  if (version.is_removed) said.push(words.removed);
  return h(
    "li",
    {},
    h("span", { class: "small" }, h("b", { text: fill(words.revision, { number: version.revision }) }), h("bdi", { text: ` ${version.at_text} · ${version.author}` })),
    h("q", { text: version.reason }),
    ...said.map((text) => h("span", { class: "small", dir: "auto", text })),
  );
}
