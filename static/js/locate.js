/** "Where am I": asks the browser once, and says plainly why it does not know. */
import { h, iconButton } from "./dom.js";
import { hasStage } from "./toolbar.js";

const { L } = globalThis;
const WAIT_MS = 15_000;
const REASONS = { 1: "locate_refused", 2: "locate_unknown", 3: "locate_slow" };

/**
 * Add the button to the tools beside the map.
 * @param {Session} session
 * @param {(text: string, tone?: string) => void} notice
 */
export function addLocate(session, notice) {
  const { map } = session;
  const tools = map.getContainer().querySelector(".map-tools-side");
  if (!hasStage(session) || !tools) return;
  const ring = L.circle([0, 0], { radius: 0, className: "here-ring", interactive: false, pane: "geosvc-tools" });
  const dot = L.marker([0, 0], { icon: L.divIcon({ className: "here-dot", iconSize: [16, 16] }), interactive: false, keyboard: false });
  const said = h("span", { class: "sr", role: "status" });
  const fail = (key) => {
    button.disabled = false;
    notice(session.say(key));
  };
  const found = ({ coords }) => {
    button.disabled = false;
    const place = [coords.latitude, coords.longitude];
    const [west, south, east, north] = session.options.bounds;
    ring.setLatLng(place).setRadius(coords.accuracy).addTo(map);
    dot.setLatLng(place).addTo(map);
    map.fitBounds(ring.getBounds(), { maxZoom: 17, animate: false });
    said.textContent = session.say("locate_found", { n: Math.round(coords.accuracy) });
    const isFar = place[1] < west - 1 || place[1] > east + 1 || place[0] < south - 1 || place[0] > north + 1;
    if (isFar) notice(session.say("locate_far"), "info");
  };
  const ask = () => {
    // browsers give no place to pages that came over plain http
    if (!isSecureContext) return fail("locate_http");
    if (!navigator.geolocation) return fail("locate_unknown");
    button.disabled = true;
    const options = { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 30_000 };
    return navigator.geolocation.getCurrentPosition(found, ({ code }) => fail(REASONS[code] ?? "locate_unknown"), options);
  };
  const button = iconButton("locate-fixed", session.say("locate"), ask);
  tools.append(button, said);
}
