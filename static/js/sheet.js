/** The phone's sheet: three heights, by click, key or pull; it follows the finger. */
import { h } from "./dom.js";

const HEIGHTS = ["peek", "half", "full"];
/** A shorter way is a press and no pull; a longer one goes one height on at least. */
const PULL_PX = 16;

/**
 * The handle of the sheet.
 * @param {Session} session
 * @param {HTMLElement} panel
 * @returns {HTMLElement}
 */
export function sheetGrip(session, panel) {
  const work = panel.parentElement;
  const set = (name) => {
    work.dataset.sheet = name;
    button.setAttribute("aria-expanded", String(name !== "peek"));
    session.tell("sheet");
  };
  const button = h("button", { type: "button", class: "sheet-grip only-phone", "aria-expanded": "false" }, h("span", { class: "sr", text: session.say("sheet") }));
  let from = null;
  let pulled = false;
  const drop = () => {
    work.style.removeProperty("--sheet");
    work.classList.remove("pulling");
    from = null;
  };
  button.addEventListener("pointerdown", ({ clientY, pointerId }) => {
    from = { y: clientY, height: panel.offsetHeight };
    button.setPointerCapture(pointerId);
  });
  button.addEventListener("pointermove", ({ clientY }) => {
    if (!from || Math.abs(clientY - from.y) <= PULL_PX) return;
    work.classList.add("pulling");
    const most = work.offsetHeight * 0.94;
    work.style.setProperty("--sheet", `${Math.round(Math.max(60, Math.min(most, from.height + from.y - clientY)))}px`);
  });
  button.addEventListener("pointerup", ({ clientY }) => {
    const way = from ? clientY - from.y : 0;
    const height = panel.offsetHeight;
    pulled = Math.abs(way) > PULL_PX;
    drop();
    if (pulled) set(nearest(work, { height, up: way < 0 }));
  });
  button.addEventListener("pointercancel", drop);
  button.addEventListener("click", () => {
    if (!pulled) set(HEIGHTS[(HEIGHTS.indexOf(work.dataset.sheet) + 1) % 3]);
    pulled = false;
  });
  work.dataset.sheet = "peek";
  return button;
}

/** The height that is nearest to where the sheet was let go, but not the one it was pulled from. */
function nearest(work, { height, up }) {
  const now = HEIGHTS.indexOf(work.dataset.sheet);
  const all = work.offsetHeight;
  const sizes = [232, Math.min(372, all * 0.62), all * 0.94];
  const free = HEIGHTS.map((_, at) => at).filter((at) => (up ? at > now : at < now));
  const best = free.sort((a, b) => Math.abs(sizes[a] - height) - Math.abs(sizes[b] - height))[0];
  return HEIGHTS[best ?? now];
}
