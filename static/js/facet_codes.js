/** A facet of codes: a check box each, a search where they are many. */
import { h } from "./dom.js";
import { number, value } from "./format.js";

/** A longer list can be searched. */
const SEARCHED = 10;

/**
 * @param {Session} session
 * @param {Facet} facet
 * @param {(condition: Object|null) => void} apply
 * @param {string} id
 * @returns {{element: HTMLElement, update: (counts: Map<string, number>, filter: Filter|null) => void}}
 */
export function codeList(session, facet, apply, id) {
  const words = { language: session.language, yes: session.say("yes"), no: session.say("no") };
  const rows = new Map(facet.codes.map((code, at) => [code, row(textOf(session, facet.field, code, words), `${id}-${at}`)]));
  const list = h("ul", { class: "facet-codes" }, ...[...rows.values()].map(({ element }) => element));
  const element = h("div", {});
  if (facet.codes.length > SEARCHED) element.append(searchBox(session, facet, list, rows));
  element.append(list);
  let chosen = [];
  for (const [code, { check }] of rows) {
    check.addEventListener("change", () => {
      const codes = check.checked ? [...chosen, code] : chosen.filter((item) => item !== code);
      apply(codes.length ? { codes } : null);
    });
  }
  const update = (counts, filter) => {
    chosen = filter?.codes ?? [];
    for (const [code, { check, count, element: line }] of rows) {
      check.checked = chosen.includes(code);
      const left = counts.get(code) ?? 0;
      count.textContent = number(left);
      line.classList.toggle("none", !left);
    }
  };
  return { element, update };
}

function textOf(session, field, code, words) {
  if (code === "") return session.say("filter_missing");
  if (field.labels?.[code]) return field.labels[code].label;
  return field.type === "boolean" ? value(code === "true", field, words) : code;
}

function row(text, id) {
  const check = h("input", { type: "checkbox", class: "check", id });
  const count = h("span", { class: "count" });
  return { check, count, text, element: h("li", {}, check, h("label", { for: id }, h("bdi", { text })), count) };
}

function searchBox(session, { field }, list, rows) {
  const none = h("p", { class: "faint xs", role: "status" });
  const box = h("input", { class: "input facet-search", type: "search", placeholder: session.say("facets_search", { field: field.title }), "aria-label": session.say("facets_search", { field: field.title }) });
  box.addEventListener("input", () => {
    const asked = box.value.trim().toLowerCase();
    let left = 0;
    for (const { element, text } of rows.values()) {
      element.hidden = !text.toLowerCase().includes(asked);
      left += element.hidden ? 0 : 1;
    }
    none.textContent = left ? "" : session.say("facets_not_found");
  });
  return h("div", {}, box, none);
}
