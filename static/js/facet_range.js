/** A facet of numbers or days: bars that can be pressed, and the two ends. */
import { h } from "./dom.js";
import { date, number } from "./format.js";

/**
 * @param {Session} session
 * @param {Facet} facet
 * @param {(condition: Object|null) => void} apply
 * @param {string} id
 * @returns {{element: HTMLElement, update: (counts: number[], filter: Filter|null) => void}}
 */
export function rangeOf(session, facet, apply, id) {
  const { bins, kind } = facet;
  const bars = bins.map((bin) => h("button", { type: "button", class: "bar-one", onclick: () => apply({ low: String(bin.low), high: String(bin.high) }) }, h("span", { class: "bar-fill" })));
  const [low, high] = ["low", "high"].map((end) => endOf(facet, `${id}-${end}`));
  const labels = { low: session.say("facets_low"), high: session.say("facets_high") };
  const change = () => {
    const ends = [low.value, high.value];
    // whoever writes the ends the other way round means the same
    if (ends[0] !== "" && ends[1] !== "" && (kind === "day" ? ends[0] > ends[1] : Number(ends[0]) > Number(ends[1]))) ends.reverse();
    apply(ends[0] || ends[1] ? { low: ends[0], high: ends[1] } : null);
  };
  for (const input of [low, high]) input.addEventListener("change", change);
  const clear = h("button", { type: "button", class: "button button-quiet button-s", text: session.say("facets_clear"), onclick: () => apply(null) });
  const scale = h("div", { class: "bar-scale xs faint", "aria-hidden": "true" }, h("span", { text: textOf(session, facet, bins[0].low) }), h("span", { text: textOf(session, facet, bins[bins.length - 1].high) }));
  const ends = h("div", { class: "facet-ends" }, field(labels.low, low), h("span", { "aria-hidden": "true", text: "–" }), field(labels.high, high), clear);
  const element = h("div", {}, h("div", { class: "bars" }, ...bars), scale, ends);
  const update = (counts, filter) => {
    const most = Math.max(1, ...counts);
    const [from, to] = [filter?.low ?? "", filter?.high ?? ""];
    bars.forEach((bar, at) => {
      const bin = bins[at];
      bar.firstChild.style.height = counts[at] ? `${Math.max(6, (counts[at] / most) * 100)}%` : "0";
      bar.classList.toggle("out", Boolean(filter) && !overlaps(bin, from, to, kind));
      const said = session.say("facets_bin", { low: textOf(session, facet, bin.low), high: textOf(session, facet, bin.high), count: number(counts[at]) });
      bar.title = said;
      bar.setAttribute("aria-label", said);
    });
    low.value = kind === "day" ? full(from, "-01-01") : from;
    high.value = kind === "day" ? full(to, "-12-31") : to;
    clear.hidden = !filter;
  };
  return { element, update };
}

function endOf({ field: { type }, kind, bins }, id) {
  const ends = { min: bins[0].low, max: bins[bins.length - 1].high };
  if (kind === "day") return h("input", { class: "input", id, type: "date", ...ends });
  return h("input", { class: "input", id, type: "number", step: type === "integer" ? 1 : "any", inputmode: type === "integer" ? "numeric" : "decimal", placeholder: id.endsWith("low") ? ends.min : ends.max });
}

function field(text, input) {
  input.setAttribute("aria-label", text);
  return input;
}

/** A year or a month as a day, so that the field can show it; an open end stays open. */
function full(text, rest) {
  if (text === "" || text.length >= 10) return text.slice(0, 10);
  return text.length === 4 ? text + rest : `${text}${rest === "-01-01" ? "-01" : "-28"}`;
}

function overlaps({ low, high }, from, to, kind) {
  if (kind === "day") return (from === "" || high.slice(0, from.length) >= from.slice(0, 10)) && (to === "" || low.slice(0, to.length) <= to.slice(0, 10));
  return (from === "" || high >= Number(from)) && (to === "" || low <= Number(to));
}

function textOf(session, { kind, field: { name } }, value) {
  if (kind === "day") return date(value, session.language);
  return /year/.test(name) ? String(value) : number(value);
}
