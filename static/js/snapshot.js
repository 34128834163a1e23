/** The page of a snapshot: whether there is a newer version, asked apart from what was frozen. */
import "./chrome.js";

const notice = document.querySelector("[data-geosvc=status]");
const said = document.querySelector("[data-geosvc=said]");
const newer = document.querySelector("[data-geosvc=newer]");

/** Ask once; a page that cannot ask says nothing, for what was frozen stays true. */
async function ask() {
  const answer = await fetch(notice.dataset.url, { cache: "no-store" });
  if (!answer.ok) return;
  const status = await answer.json();
  if (status.state === "newer") {
    said.textContent = status.text;
    newer.href = status.url;
    newer.hidden = false;
    notice.hidden = false;
  }
  if (status.state === "withdrawn") {
    said.textContent = `${notice.dataset.gone} · ${status.reason}`;
    notice.hidden = false;
  }
}

if (notice) ask().catch(() => {});
