/** Two versions side by side, where somebody was faster: take theirs, or apply mine on top. */
import { h } from "./dom.js";
import { fill } from "./format.js";

/**
 * @param {{theirs: Object|null, base: Object|null}} problem what the service said
 * @param {{values: Object<string, any>, geometry: Object|null}} mine the fields that I changed
 * @param {{words: Object<string, string>, speak: Object, take: Function, apply: Function}} options
 * @returns {HTMLElement}
 */
export function conflictView({ theirs, base }, mine, { words, speak, take, apply }) {
  const said = theirs ? fill(words.conflict, { author: theirs.author, at: theirs.at_text, reason: theirs.reason }) : words.conflict_removed;
  const button = (text, action, main) => h("button", { type: "button", class: main ? "button button-main" : "button", text, onclick: action });
  return h(
    "section",
    { class: "card edit-conflict", role: "alert", tabindex: "-1" },
    h("p", { dir: "auto", text: said }),
    theirs ? sides(rowsOf(theirs, base, mine, speak), words, speak, mine, theirs) : null,
    h("div", { class: "row row-wrap" }, button(words.take_theirs, take, true), theirs ? button(words.apply_mine, apply, false) : null),
  );
}

/** The names of the fields that either side has changed. */
function rowsOf(theirs, base, mine) {
  const moved = Object.keys(theirs.values).filter((name) => base && !same(theirs.values[name], base.values[name]));
  return [...new Set([...Object.keys(mine.values), ...moved])];
}

function sides(names, words, speak, mine, theirs) {
  const cell = (text, other) => h("td", { class: other ? "edit-differs" : null, dir: "auto", text });
  const row = (name) => {
    const changed = Object.hasOwn(mine.values, name);
    const left = speak.text(name, theirs.values[name]);
    const right = changed ? speak.text(name, mine.values[name]) : left;
    return h("tr", {}, h("th", { scope: "row" }, h("bdi", { text: speak.title(name) })), cell(left, left !== right), cell(right, left !== right));
  };
  const places = [position(theirs.geometry), position(mine.geometry ?? theirs.geometry)];
  const place = mine.geometry ? h("tr", {}, h("th", { scope: "row", text: words.position }), ...places.map((text) => cell(text, places[0] !== places[1]))) : null;
  const head = [words.field, words.theirs, words.mine].map((text) => h("th", { scope: "col", text }));
  return h(
    "div",
    { class: "table-wrap" },
    h("table", { class: "table" }, h("caption", { class: "sr", text: words.conflict_table }), h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...names.map(row), place)),
  );
}

function position(geometry) {
  return geometry?.type === "Point" ? geometry.coordinates.map((item) => item.toFixed(6)).join(", ") : "–";
}

function same(a, b) {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
