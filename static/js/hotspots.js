/**
 * The page of hotspots: charts, the table of evidence linked with the map, and a rerun on its way.
 * All words come with the page; the numbers of the charts stand in the page as text too.
 */
import { chart } from "./hotspot_charts.js";
import { ask } from "./edit_send.js";
import { follow, isOpen } from "./follow.js";
import "./chrome.js";

const { L } = globalThis;
const POLL_MS = 1000;
const SLOW_MS = 5000;

/** Draw what the page has places for. */
function drawCharts(charts) {
  for (const place of document.querySelectorAll("[data-chart]")) {
    const told = charts[place.dataset.chart];
    if (told) place.replaceChildren(chart(told));
  }
}

/** A row selects its stretch on the map, and a stretch selected there marks its row. */
function linkTable(session, layer) {
  const table = document.querySelector("[data-geosvc=evidence]");
  if (!table) return;
  const rows = [...table.querySelectorAll("tbody[data-key]")];
  const chosen = () => {
    const { selection } = session;
    return selection?.layer.options.id === layer ? selection.layer.features.keys[selection.index] : null;
  };
  for (const row of rows) {
    row.addEventListener("click", () => {
      const { key } = row.dataset;
      if (key === chosen()) session.clear();
      else show(session, { layer, key });
    });
  }
  const mark = () => {
    const key = chosen();
    for (const row of rows) {
      const is = row.dataset.key === key;
      row.classList.toggle("chosen", is);
      row.querySelector("button").setAttribute("aria-pressed", String(is));
      if (is && !row.contains(document.activeElement)) row.scrollIntoView({ block: "nearest" });
    }
  };
  session.addEventListener("select", mark);
  mark();
  drawRanks(session, layer, rows);
}

/** Put the ranks of the table on the map, each in the middle of its stretch. */
function drawRanks(session, layer, rows) {
  const drawn = session.layers.get(layer);
  const group = L.layerGroup();
  for (const row of rows) {
    const index = drawn.features?.keys.indexOf(row.dataset.key) ?? -1;
    const disc = row.querySelector(".rank");
    if (index < 0 || !Number(disc.textContent)) continue;
    const icon = L.divIcon({ className: "", iconSize: [20, 20], html: disc.cloneNode(true) });
    icon.options.html.classList.add("map-rank");
    const marker = L.marker(drawn.place(index), { icon, keyboard: false });
    marker.on("click", () => session.select([{ layer: drawn, index }]));
    group.addLayer(marker);
  }
  const show = () => (session.isOn(layer) ? group.addTo(session.map) : group.remove());
  session.addEventListener("layers", show);
  show();
}

/** Select a stretch and bring all of it into view. */
async function show(session, { layer, key }) {
  const drawn = session.layers.get(layer);
  await session.setOn(layer, true);
  await drawn.load();
  const index = drawn.features?.keys.indexOf(key) ?? -1;
  if (index < 0) return;
  session.map.fitBounds(drawn.featureBounds(index).pad(0.6), { maxZoom: 16, animate: false });
  session.select([{ layer: drawn, index }]);
}

/** Ask whether a layer that was to be computed has moved; then the page is loaded with it. */
function wait(waiting) {
  const look = async () => {
    try {
      const { layers } = document.hidden ? { layers: [] } : await ask("/healthz");
      const hasMoved = ({ id, state, revision }) =>
        waiting[id] && (waiting[id].state !== state || waiting[id].revision !== revision);
      // nobody loses what they are typing
      if (layers.some(hasMoved) && !document.activeElement?.closest("form")) {
        location.reload();
        return;
      }
    } catch {
      // the page stands as it is, and asks again
    }
    setTimeout(look, SLOW_MS);
  };
  setTimeout(look, POLL_MS);
}

const told = JSON.parse(document.getElementById("geosvc_hotspots").textContent);
drawCharts(told.charts);
document.addEventListener("geosvc:started", ({ detail }) => linkTable(detail, told.layer));
if (told.run && isOpen(told.run)) follow(told.run.url, told.run);
if (Object.keys(told.waiting).length > 0) wait(told.waiting);
