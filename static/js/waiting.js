/** Says which layers are on their way where that takes a while: the page is there, the data follow. */
import { h } from "./dom.js";
import { number } from "./format.js";

/** What comes sooner needs no word. */
const PATIENCE_MS = 400;

/** @param {Session} session */
export function addWaiting(session) {
  const asked = new Set();
  const coming = new Set();
  let timer = null;
  const bar = h("progress", { "aria-hidden": "true" });
  const said = h("span", {});
  const box = h("p", { class: "map-word map-waiting", role: "status", hidden: true }, bar, said);
  session.map.getContainer().append(box);
  const show = () => {
    timer = null;
    const titles = [...coming].map(({ about }) => about.title);
    const done = asked.size - coming.size;
    bar.max = asked.size;
    bar.value = done;
    box.hidden = !titles.length;
    said.textContent = titles.length ? session.say("layers_waiting", { done: number(done), all: number(asked.size), layers: titles.join(session.language === "zh" ? "、" : ", ") }) : "";
  };
  session.addEventListener("waits", ({ detail }) => {
    asked.add(detail);
    coming.add(detail);
    timer ??= setTimeout(show, PATIENCE_MS);
  });
  session.addEventListener("came", ({ detail }) => {
    coming.delete(detail);
    // what is hidden waits for the end of patience, what is seen follows at once
    if (!box.hidden) show();
    if (coming.size) return;
    clearTimeout(timer);
    timer = null;
    asked.clear();
  });
}
