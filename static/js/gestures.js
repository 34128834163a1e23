/** In an embed one finger scrolls the page around it: a hint says that two move the map. */
import { h } from "./dom.js";

const SHOWN_MS = 1500;
const MOVED_PX = 12;

/** @param {Session} session */
export function addGestures(session) {
  const { map } = session;
  if (session.mode !== "embed" || map.dragging.enabled()) return;
  const box = map.getContainer();
  const hint = h("div", { class: "map-hint", role: "status" });
  box.append(hint);
  let from = null;
  let timer = null;
  const show = (on) => {
    hint.textContent = on ? session.say("two_fingers") : "";
    hint.classList.toggle("on", on);
  };
  box.addEventListener("touchstart", ({ touches }) => {
    from = touches.length === 1 ? [touches[0].clientX, touches[0].clientY] : null;
    if (touches.length > 1) show(false);
  }, { passive: true });
  box.addEventListener("touchmove", ({ touches }) => {
    if (!from || touches.length !== 1 || Math.hypot(touches[0].clientX - from[0], touches[0].clientY - from[1]) < MOVED_PX) return;
    from = null;
    show(true);
    clearTimeout(timer);
    timer = setTimeout(() => show(false), SHOWN_MS);
  }, { passive: true });
}
