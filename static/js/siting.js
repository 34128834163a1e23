/**
 * The pages of siting: the form with its map, a run on its way, the answer. All words come with the
 * page; tables stand in it, one for each plan, and are shown in turn.
 */
import { ask } from "./edit_send.js";
import { follow, isOpen } from "./follow.js";
import { curve, trace } from "./siting_charts.js";
import { addPlans, addParcels } from "./siting_map.js";
import { addDrawing } from "./siting_draw.js";
import { addDepots } from "./siting_depots.js";
import "./chrome.js";

const LOOK_MS = 500;

const told = JSON.parse(document.getElementById("geosvc_siting").textContent);
const { words, language } = told;
const part = (name) => document.querySelector(`[data-geosvc=${name}]`);

/** Follow a run, with its best value and its bound as they come. */
function followRun({ url, csrf, trace: points }) {
  const draw = (known) => part("trace").replaceChildren(...trace(known, words));
  draw(points);
  follow(url, { csrf, offline: words.offline, seen: (job) => draw(job.trace) });
}

/** The plans of an answer: one is shown, in the tables, on the curve and on the map. */
class Answer extends EventTarget {
  constructor(answer) {
    super();
    this.answer = answer;
    this.shown = answer.chosen;
    document.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-show]");
      if (button) this.show(button.dataset.show);
    });
    this.show(this.shown);
  }

  show(id) {
    if (!document.querySelector(`[data-view="${id}"]`)) return;
    this.shown = id;
    for (const view of document.querySelectorAll("[data-view]")) view.hidden = view.dataset.view !== id;
    for (const button of document.querySelectorAll("button[data-show]")) {
      button.setAttribute("aria-pressed", String(button.dataset.show === id));
    }
    part("curve").replaceChildren(...curve(this.answer.curve, { id, words }));
    this.dispatchEvent(new Event("show"));
  }

  /** Ask why the plan that is shown has no site at a place: a key, or [longitude, latitude]. */
  async why(place) {
    if (!told.why) return;
    const asked = (this.asked = Symbol("asked"));
    const say = (lines) => {
      if (this.asked !== asked) return;
      part("why-said").replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line, dir: "auto" })));
    };
    say([words.why_waiting]);
    const body = { place, list: this.shown[0] === "c" ? "curve" : "plans", row: Number(this.shown.slice(1)) };
    try {
      const { url } = await ask(told.why, { method: "POST", body, csrf: told.csrf, language });
      for (;;) {
        const job = await ask(url, { language });
        if (this.asked !== asked) return;
        if (!isOpen(job)) {
          say(job.said);
          return;
        }
        await new Promise((go) => setTimeout(go, LOOK_MS));
      }
    } catch (error) {
      say([error.status ? error.message : words.why_offline]);
    }
  }
}

/** What is typed is a key, or a longitude and a latitude. */
function placeOf(text) {
  const parts = text.split(/[,，\s]+/).map(Number);
  return parts.length === 2 && parts.every(Number.isFinite) ? parts : text.trim();
}

if (told.run && isOpen(told.run)) followRun(told.run);
const answer = told.answer ? new Answer(told.answer) : null;
if (answer && told.why) {
  part("why").addEventListener("submit", (event) => {
    event.preventDefault();
    answer.why(placeOf(document.getElementById("why-place").value));
  });
}
document.addEventListener("geosvc:started", ({ detail: session }) => {
  if (answer) addPlans(session, answer, words);
  if (told.form) {
    addParcels(session, told.form.parcels, words);
    // one hand on the map at a time
    const hands = [addDrawing(session, words), addDepots(session)];
    document.addEventListener("siting:hand", ({ detail }) => hands.filter((hand) => hand !== detail).forEach((hand) => hand.drop()));
  }
});
