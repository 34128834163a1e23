/** The page of reports while one is built: how far that is, and the page again at its end. */
import { ask } from "./edit_send.js";
import "./chrome.js";

const POLL_MS = 1000;
const SLOW_MS = 5000;
const OPEN = ["queued", "running"];

const bar = document.querySelector("[data-geosvc=progress]");
const percent = document.querySelector("[data-geosvc=percent]");

/** Ask once; what cannot be reached is asked again later. */
async function follow() {
  let wait = POLL_MS;
  try {
    const job = await ask(bar.dataset.job);
    if (!OPEN.includes(job.state)) {
      location.reload();
      return;
    }
    bar.value = Math.round(100 * job.progress);
    percent.textContent = `${bar.value}%`;
  } catch {
    wait = SLOW_MS;
  }
  setTimeout(follow, wait);
}

if (bar) follow();
