/** Freezing what is seen: the check before, the publishing, and what it gave. Editors only. */
import { ask, Refusal } from "./edit_send.js";
import { fill, number } from "./format.js";
import { choices, withQuery } from "./share_links.js";
import { reasonOf } from "./share_out.js";

const LANGUAGES = { zh: "中文", en: "English" };
let me = null;

/** Whether the reader may publish; nobody is asked on behalf of somebody who has not signed in. */
export async function mayFreeze() {
  if (!document.querySelector("main[data-signed-in]")) return false;
  me ??= await ask("/me.json").catch(() => null);
  return Boolean(me?.rights.includes("edit"));
}

/** The panel in which an editor freezes. */
export class Freezer {
  /**
   * @param {HTMLElement} panel
   * @param {{words: Object<string, string>, place: () => Place, language: () => string, done: (id: string) => void}} options
   */
  constructor(panel, { words, place, language, done }) {
    Object.assign(this, { panel, words, place, language, done });
    this.button = panel.querySelector("[data-share=freeze]");
    this.badge = panel.querySelector("[data-geosvc=check]");
    this.caption = panel.querySelector("[data-geosvc=caption]");
    this.said = panel.querySelector(".share-said");
    this.wait = panel.querySelector("[data-geosvc=freeze-wait]");
    this.asked = 0;
    this.busy = false;
    panel.querySelector("[data-option=freeze_paper]").addEventListener("change", () => this.check());
  }

  /** Show what the reader may do, and hold picture, counts and caption against each other. */
  async open() {
    const may = await mayFreeze();
    this.panel.querySelector("[data-geosvc=editor]").hidden = !may;
    this.panel.querySelector("[data-geosvc=no-editor]").hidden = may;
    this.button.hidden = !may;
    const language = LANGUAGES[this.language()];
    this.panel.querySelector("[data-geosvc=freeze-language]").textContent = fill(this.words.freeze_language, { language });
    if (may) await this.check();
  }

  async check() {
    // what is being frozen was checked
    if (this.busy) return;
    this.asked += 1;
    const turn = this.asked;
    const { map, query } = this.place();
    this.button.disabled = true;
    this.badge.hidden = true;
    this.caption.textContent = "";
    this.said.textContent = this.words.check_running;
    const found = await this.told(ask(withQuery(`/maps/${map}/tally.json`, query, choices(this.shape()))));
    // the view may have been changed meanwhile
    if (!found || turn !== this.asked || this.busy) return;
    const numbers = { drawn: number(found.drawn), counted: number(found.counted), said: number(found.said) };
    this.badge.textContent = fill(found.agrees ? this.words.check_agrees : this.words.check_differs, numbers);
    this.badge.className = `badge ${found.agrees ? "badge-ok" : "badge-bad"}`;
    this.badge.hidden = false;
    this.caption.textContent = found.caption;
    this.said.textContent = "";
    this.button.disabled = !found.agrees;
  }

  /** The paper that is chosen: another one may show more of the map, and so count more. */
  shape() {
    const [paper, landscape] = this.panel.querySelector("[data-option=freeze_paper]").value.split("/");
    return { paper, landscape: landscape ?? "" };
  }

  /**
   * Publish; what the service refuses is said in its words, where the reader is.
   * @param {HTMLElement} [said]
   */
  async freeze(said = this.said) {
    if (this.busy) return;
    const { map, query } = this.place();
    const title = this.panel.querySelector("[data-option=freeze_title]").value.trim();
    const caption = this.panel.querySelector("[data-option=note]").value;
    const body = { kind: "map", map, query, title, caption, lang: this.language(), ...this.shape() };
    said.textContent = this.words.freeze_working;
    this.setBusy(true);
    try {
      const found = await this.told(ask("/snapshots", { method: "POST", body, csrf: me.csrf, language: this.language() }), said);
      if (!found) return;
      said.textContent = "";
      this.show(found.id);
      this.done(found.id);
    } finally {
      this.setBusy(false);
    }
  }

  /** Three pictures are drawn and held against the numbers: nothing is pressed twice meanwhile. */
  setBusy(busy) {
    this.busy = busy;
    this.button.disabled = busy;
    this.wait.hidden = !busy;
    this.panel.setAttribute("aria-busy", String(busy));
  }

  show(id) {
    const frozen = this.panel.querySelector("[data-geosvc=frozen]");
    this.panel.querySelector("[data-geosvc=frozen-said]").textContent = fill(this.words.freeze_done, { id: id.slice(0, 12) });
    this.panel.querySelector("[data-geosvc=frozen-open]").href = `/s/${id}`;
    this.button.lastElementChild.textContent = this.button.dataset.again;
    frozen.hidden = false;
    this.panel.querySelector("[data-share=use]").hidden = false;
    frozen.scrollIntoView({ block: "nearest" });
  }

  async told(asking, said = this.said) {
    try {
      return await asking;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      said.textContent = reasonOf(error.problem) || this.words.offline;
      return null;
    }
  }
}
