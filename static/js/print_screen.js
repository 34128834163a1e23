/**
 * Printing from the browser's menu, which lets no page fetch a figure first: the map goes on the
 * paper as it stands on the screen, in the colors of the day and made smaller; the style sheet sets
 * title, legend and trust line around it.
 */

/** The most that the map takes of a sheet, in CSS pixels: the width of A4 within its margins. */
const MOST = { width: 700, height: 640 };

/** @param {Session} session */
export function fitOnPaper({ map }) {
  const root = document.documentElement;
  let scheme = null;
  const wear = (theme) => {
    // an emptied canvas is drawn as lines and not as dots of the screen
    for (const canvas of map.getContainer().querySelectorAll("canvas")) canvas.width = 0;
    root.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("geosvc:theme"));
  };
  addEventListener("beforeprint", () => {
    // the tool has laid a sheet over the page
    if (root.classList.contains("printing")) return;
    const { x: width, y: height } = map.getSize();
    const share = Math.min(MOST.width / width, MOST.height / height);
    root.style.setProperty("--print-width", `${width}px`);
    root.style.setProperty("--print-height", `${height}px`);
    root.style.setProperty("--print-zoom", share.toFixed(4));
    scheme = root.dataset.theme;
    wear("light");
  });
  addEventListener("afterprint", () => {
    if (scheme) wear(scheme);
    scheme = null;
  });
}
