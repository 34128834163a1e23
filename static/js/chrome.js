/** Every page: symbols that stand in the page are drawn, the tab of the page is in view. */
import { fillSymbols } from "./symbols.js";

const RETRY_MS = 5000;
const MOST = 5;

fillSymbols();
retryCards();
const tabs = document.querySelector(".nav");
const here = tabs?.querySelector("[aria-current]");
if (here) tabs.scrollLeft = here.offsetLeft + here.offsetWidth / 2 - tabs.offsetLeft - tabs.clientWidth / 2;

/** Where many readers come at once, the service asks for patience with the pictures of its maps. */
function retryCards() {
  for (const picture of document.querySelectorAll(".map-card img")) {
    const address = picture.src;
    let left = MOST;
    let waits = false;
    const again = () => {
      // a failure before this module came may be heard of twice
      if (waits) return;
      waits = true;
      picture.classList.add("missing");
      left -= 1;
      if (left < 0) return;
      setTimeout(() => {
        waits = false;
        picture.src = address;
      }, RETRY_MS);
    };
    picture.addEventListener("error", again);
    picture.addEventListener("load", () => picture.classList.remove("missing"));
    if (picture.complete && picture.currentSrc && !picture.naturalWidth) again();
  }
}
