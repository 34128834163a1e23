/** What is filtered as a file: the address of it, and the menu of formats. */
import { h, icon } from "./dom.js";
import { formatFilter } from "./filters.js";
import { number } from "./format.js";

const FORMATS = [
  ["xlsx", "Excel", "export_xlsx"],
  ["csv", "CSV", "export_csv"],
  ["geojson", "GeoJSON", "export_geojson"],
  ["gpkg", "GeoPackage", "export_gpkg"],
];

/**
 * The box of the view for a file: no feature lies on an edge between two micro-degrees.
 * @param {L.LatLngBounds} bounds
 * @returns {number[]} west, south, east, north in degrees
 */
export function viewEdges(bounds) {
  const edge = (value, most) => (Math.floor(Math.max(-most, Math.min(most, value)) * 1e6) + 0.5) / 1e6;
  const [west, east] = [bounds.getWest(), bounds.getEast()].map((value) => edge(value, 179.99));
  const [south, north] = [bounds.getSouth(), bounds.getNorth()].map((value) => edge(value, 89.99));
  return [west, south, east, north];
}

/**
 * The address of what is filtered, and in view, as a file.
 * @param {Session} session
 * @param {string} id of the layer
 * @param {string} ending
 * @param {number[]|null} box
 * @returns {string}
 */
export function exportUrl(session, id, ending, box) {
  const { page } = session.layers.get(id).about;
  const parts = session.filtersOf(id).map(formatFilter);
  if (box) parts.push(`bbox=${box.map((value) => value.toFixed(7)).join(",")}`);
  if (ending === "csv") parts.push("titles=1");
  if (session.language === "en") parts.push("lang=en");
  return `${page}.${ending}${parts.length ? `?${parts.join("&")}` : ""}`;
}

/**
 * A button that says how many rows a file will have, with its formats.
 * @param {Session} session
 * @returns {{element: HTMLElement, update: (id: string, count: number, box: number[]|null) => void}}
 */
export function exportMenu(session) {
  const said = h("span");
  const links = FORMATS.map(([ending, name, note]) => {
    const link = h("a", { download: true, "data-format": ending }, h("b", { text: name }), h("small", { text: session.say(note) }));
    return { ending, link };
  });
  const list = h("ul", { class: "menu-list" }, ...links.map(({ link }) => h("li", {}, link)));
  const element = menu(h("summary", { class: "button button-s" }, icon("download"), said, icon("chevron-down")), list);
  list.addEventListener("click", () => {
    element.open = false;
  });
  const update = (id, count, box) => {
    said.textContent = session.say("export_count", { count: number(count) });
    for (const { ending, link } of links) link.href = exportUrl(session, id, ending, box);
    element.classList.toggle("none", !count);
    if (!count) element.open = false;
  };
  return { element, update };
}

/** A part that opens below its button, and closes with Esc or a press elsewhere. */
export function menu(summary, list) {
  const element = h("details", { class: "menu" }, summary, list);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    event.preventDefault();
    element.open = false;
    summary.focus();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (element.open && !element.contains(target)) element.open = false;
  });
  return element;
}
