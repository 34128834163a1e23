/** What siting puts on the map: the sites of a plan, who goes where, the parcels of the form. */
import { h } from "./dom.js";

const { L } = globalThis;
const MOST_LINES = 5000;
const MARKS = ["", "keep", "exclude"];

function marker(at, name, { label = "", title, size = 28 }) {
  const mark = h("span", { class: `site-mark site-${name}`, text: label });
  const icon = L.divIcon({ className: "", iconSize: [size, size], html: mark });
  return L.marker(at, { icon, title, alt: title, keyboard: false });
}

/** Say what the marks mean, with how many there are; on the map, below it on a phone. */
function legend(rows) {
  const row = ([name, said, count]) => h("li", {}, h("span", { class: name, "aria-hidden": "true" }), h("span", { text: said }), h("span", { class: "count", text: count }));
  const place = document.querySelector("[data-geosvc=legend]");
  place.replaceChildren(h("ul", {}, ...rows.filter(([, , count]) => count).map(row)));
}

/** A color of the sheet: lines on a canvas cannot ask for it themselves. */
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/**
 * Draw the plan that is shown, and ask why not where somebody clicks.
 * @param {Session} session
 * @param {Answer} shown
 * @param {Object<string, string>} words
 */
export function addPlans(session, shown, words) {
  const { answer } = shown;
  const group = L.layerGroup().addTo(session.map);
  const pane = session.map.createPane("geosvc-siting");
  // above the layers of the catalog, below the marks
  pane.style.zIndex = 590;
  pane.style.pointerEvents = "none";
  const renderer = L.canvas({ padding: 0.2, pane: "geosvc-siting" });
  const draw = () => {
    group.clearLayers();
    drawLines(group, answer, { renderer, id: shown.shown });
    const counts = drawSites(group, shown, words);
    const lines = answer.served[shown.shown].filter((site) => site !== null).length;
    legend([
      ...["new", "closed", "candidate", "excluded"].map((name) => [`site-mark site-${name}`, words[name === "new" ? "chosen" : name], counts[name]]),
      ["demand", words.demand, lines],
      ["line", words.served, lines],
      ["area", words.area, answer.areas.length],
    ]);
    for (const ring of answer.areas) {
      group.addLayer(L.polygon(ring.map(([lon, lat]) => [lat, lon]), { color: color("c-out"), weight: 2, interactive: false, renderer }));
    }
  };
  shown.addEventListener("show", draw);
  draw();
  const places = answer.sites.filter((site) => site.at[0] !== null && (site.standing || answer.plans[answer.chosen].includes(answer.sites.indexOf(site))));
  if (places.length) session.map.fitBounds(L.latLngBounds(places.map((site) => site.at)).pad(0.35), { maxZoom: 15, animate: false });
  session.map.on("click", ({ latlng }) => shown.why([latlng.lng, latlng.lat]));
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-site]");
    const site = button && answer.sites[Number(button.dataset.site)];
    if (site && site.at[0] !== null) session.map.setView(site.at, Math.max(session.map.getZoom(), 15), { animate: false });
  });
}

function drawLines(group, answer, { renderer, id }) {
  const { lat, lon } = answer.demand;
  const style = { color: color("accent"), weight: 1, opacity: 0.55, interactive: false, renderer };
  let count = 0;
  answer.served[id].forEach((site, point) => {
    const end = site === null ? null : answer.sites[site].at;
    if (end === null || end[0] === null || lat[point] === null || count >= MOST_LINES) return;
    count += 1;
    const start = [lat[point], lon[point]];
    group.addLayer(L.polyline([start, end], style));
    group.addLayer(L.circleMarker(start, { radius: 2.5, stroke: false, fillColor: style.color, fillOpacity: 0.9, interactive: false, renderer }));
  });
}

function drawSites(group, shown, words) {
  const { answer } = shown;
  const open = new Set(answer.plans[shown.shown]);
  const counts = { new: 0, closed: 0, candidate: 0, excluded: 0 };
  answer.sites.forEach((site, row) => {
    const isOpen = open.has(row);
    // the catalog's own layer shows those that stand
    if (site.at[0] === null || (site.standing && isOpen)) return;
    const name = site.standing ? "closed" : isOpen ? "new" : site.excluded ? "excluded" : "candidate";
    counts[name] += 1;
    const said = { new: words.chosen, closed: words.closed, excluded: words.excluded, candidate: words.candidate }[name];
    const mark = marker(site.at, name, { label: isOpen ? site.bays : "", title: `${site.key} ${site.name} · ${said}`, size: isOpen ? 28 : site.standing ? 18 : 12 });
    mark.on("click", () => shown.why(site.key));
    if (isOpen) mark.setZIndexOffset(500);
    group.addLayer(mark);
  });
  return counts;
}

/**
 * The parcels of the form on the map: a click goes from “as computed” to “must have” to “leave out”.
 * @param {Session} session
 * @param {{key: string, name: string, at: number[]}[]} parcels
 * @param {Object<string, string>} words
 */
export function addParcels(session, parcels, words) {
  const group = L.layerGroup().addTo(session.map);
  const names = { "": words.auto, keep: words.keep, exclude: words.exclude };
  const choices = parcels.map(({ key }) => document.getElementsByName(`parcel.${key}`)[0]);
  const count = () => legend(MARKS.map((value) => [`site-mark site-${value || "candidate"}`, names[value], choices.filter((choice) => choice.value === value).length]));
  for (const parcel of parcels) {
    const choice = document.getElementsByName(`parcel.${parcel.key}`)[0];
    let mark = null;
    const draw = () => {
      mark?.remove();
      mark = marker(parcel.at, choice.value || "candidate", { title: `${parcel.key} ${parcel.name} · ${names[choice.value]}`, size: 12 });
      mark.on("click", () => {
        choice.value = MARKS[(MARKS.indexOf(choice.value) + 1) % MARKS.length];
        draw();
      });
      group.addLayer(mark);
      count();
    };
    choice.addEventListener("change", draw);
    draw();
  }
}
