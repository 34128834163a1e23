/** The page of jobs: rows follow what the service says, while somebody looks. */
import { h } from "./dom.js";
import { ask } from "./edit_send.js";

const SOON_MS = 2000;
const LATER_MS = 10000;

const given = JSON.parse(document.getElementById("geosvc_jobs").textContent);
const { words } = given;
const part = (name) => document.querySelector(`[data-geosvc=${name}]`);
/** What each row shows, as JSON: a row that says the same is left alone, with its focus. */
const shown = new Map(given.jobs.map((job) => [String(job.id), JSON.stringify([job.state, job.words])]));
let timer = 0;

function cancelButton(job) {
  if (!job.words.may_cancel) return null;
  return h("button", { type: "button", class: "button button-s", text: words.cancel, onclick: () => cancel(job.id) });
}

function stateCell({ words: said }) {
  const badge = h("span", { class: `badge badge-${said.tone}`, text: said.state });
  if (said.percent === null) return h("td", {}, badge);
  const bar = h("progress", { max: 100, value: said.percent, "aria-label": words.progress });
  return h("td", {}, badge, bar, h("span", { class: "count", text: `${said.percent}%` }));
}

function row(job) {
  const said = job.words;
  const about = said.about && h("small", {}, h("bdi", { text: said.about }));
  const trouble = said.trouble && h("small", { class: "fault reasons", text: said.trouble });
  return h(
    "tr",
    { "data-job": job.id },
    h("td", { class: "num", text: job.id }),
    h("td", {}, h("bdi", { text: said.work }), about, trouble),
    stateCell(job),
    h("td", { "data-label": words.started, text: said.started ?? "–" }),
    h("td", { "data-label": words.ended, text: said.ended ?? "–" }),
    h("td", { "data-label": words.author }, h("bdi", { text: said.author })),
    h("td", {}, cancelButton(job)),
  );
}

/** Put the rows in order; those that say something new are made anew. */
function show(jobs) {
  const body = part("jobs");
  const before = new Map([...body.children].map((line) => [line.dataset.job, line]));
  const lines = jobs.map((job) => {
    const id = String(job.id);
    const content = JSON.stringify([job.state, job.words]);
    const line = before.get(id);
    if (line && shown.get(id) === content) return line;
    const had = line?.contains(document.activeElement);
    const made = row(job);
    line?.replaceWith(made);
    // a button that is gone leaves the reader where they were
    if (had) (made.querySelector("button") ?? document.getElementById("main")).focus();
    shown.set(id, content);
    return made;
  });
  if (lines.some((line, place) => body.children[place] !== line) || body.children.length !== lines.length) {
    body.replaceChildren(...lines);
  }
  part("none").hidden = jobs.length > 0;
  part("some").hidden = jobs.length === 0;
}

async function look() {
  clearTimeout(timer);
  let isBusy = false;
  try {
    const { jobs } = await ask("/jobs", { language: given.language });
    show(jobs);
    isBusy = jobs.some((job) => job.state === "queued" || job.state === "running");
    part("stale").hidden = true;
  } catch {
    part("stale").hidden = false;
  }
  if (!document.hidden) timer = setTimeout(look, isBusy ? SOON_MS : LATER_MS);
}

async function cancel(id) {
  try {
    await ask(`/jobs/${id}/cancel`, { method: "POST", csrf: given.csrf, language: given.language });
    part("said").textContent = words.asked.replace("{id}", String(id));
  } catch (refusal) {
    part("said").textContent = refusal.message;
  }
  look();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else look();
});
document.getElementById("main").tabIndex = -1;
look();
