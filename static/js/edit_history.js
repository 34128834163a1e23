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
 * The versions of a feature, some at a time.
 * @param {{versions: Object[], next: number|null}} page the latest first
 * @param {{words: Object<string, string>, speak: Object, read: function(number): Promise<Object>,
 *   restore: function({revision: number, reason: string}): void}} options `read` gives the page before
 *   a revision
 * @returns {HTMLElement}
 */
export function historyList(page, { words, speak, read, restore }) {
  const list = h("ol", { class: "edit-history" });
  const more = h("button", { class: "button button-s", type: "button", text: words.more });
  let next = null;
  const add = (found) => {
    const rows = found.versions.map((version) => entry(version, words, { speak, restore }));
    list.append(...rows);
    next = found.next;
    more.hidden = next === null;
    return rows[0];
  };
  more.addEventListener("click", async () => {
    more.disabled = true;
    const found = await read(next);
    more.disabled = false;
    if (!found) return;
    // the button may be gone now: the reader goes on where it was
    const first = add(found);
    first?.setAttribute("tabindex", "-1");
    first?.focus();
  });
  add(page);
  return h("div", { class: "edit-past" }, list, more);
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

/** A way back to a version: a button, then a form, because each change has its reason. */
function wayBack(version, words, restore) {
  const button = h("button", { class: "button button-quiet button-s", type: "button", text: words.restore });
  button.addEventListener("click", () => {
    const id = `edit-restore-${version.revision}`;
    const reason = h("input", { class: "input", id, required: true, maxlength: 200 });
    const form = h("form", {}, h("div", { class: "field" }, h("label", { for: id, text: words.restore_reason }), reason), h("button", { class: "button button-s", type: "submit", text: words.restore }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      restore({ revision: version.revision, reason: reason.value });
    });
    button.replaceWith(form);
    reason.focus();
  });
  return button;
}

function entry(version, words, { speak, restore }) {
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
    version.may_restore ? wayBack(version, words, restore) : null,
  );
}
