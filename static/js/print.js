/** Printing: the static figure of what is seen, on a whole sheet, instead of a torn screen. */
import { h, icon } from "./dom.js";
import { fitOnPaper } from "./print_screen.js";
import { figurePath, sheetOptions } from "./share_links.js";
import { fetchFile, Refused } from "./share_out.js";
import { formatState } from "./state.js";
import { addCard, choiceRow } from "./tool_card.js";
import { hasStage } from "./toolbar.js";

/**
 * Add the tool, and take Ctrl+P.
 * @param {Session} session
 */
export function addPrint(session) {
  if (!hasStage(session)) return;
  fitOnPaper(session);
  new Printer(session);
}

class Printer {
  constructor(session) {
    this.session = session;
    this.paper = "a4";
    this.way = "1";
    this.busy = false;
    this.build();
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "p" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      this.card.open();
      this.print();
    });
    addEventListener("afterprint", () => this.clear());
    session.map.on("moveend", () => this.show());
    for (const name of ["layers", "filters", "strength"]) session.addEventListener(name, () => this.show());
  }

  build() {
    const { session } = this;
    const say = (key) => session.say(key);
    this.papers = choiceRow(say("print_paper"), [["a4", "A4"], ["a3", "A3"]], (paper) => this.choose({ paper }));
    this.ways = choiceRow(say("print_way"), [["1", say("print_landscape")], ["", say("print_portrait")]], (way) => this.choose({ way }));
    this.said = h("p", { class: "small", role: "status" });
    this.note = h("p", { class: "small muted", hidden: true, text: say("print_symbols") });
    this.start = h("button", { type: "button", class: "button button-main", onclick: () => this.print() }, icon("printer"), h("span", { text: say("print") }));
    this.link = h("a", { class: "button", target: "_blank", rel: "noopener" }, icon("external-link"), h("span", { text: say("print_pdf") }));
    this.card = addCard(session, {
      ...{ name: "print", icon: "printer", title: say("print") },
      body: [this.papers.element, this.ways.element, h("div", { class: "row row-wrap" }, this.start, this.link), this.said, h("p", { class: "small muted", text: say("print_about") }), this.note],
      onopen: () => this.choose({}),
      first: () => this.start,
    });
  }

  choose(change) {
    Object.assign(this, change);
    this.papers.set(this.paper);
    this.ways.set(this.way);
    this.show();
  }

  /** The address of the figure of what is seen. */
  path(format) {
    const { session, paper, way } = this;
    const parts = [formatState("", session.state()).slice(1), session.language === "en" ? "lang=en" : ""];
    const place = { map: session.manifest.map.id, query: parts.filter(Boolean).join("&") };
    return figurePath(place, format, sheetOptions({ format, paper, landscape: way, dpi: "150", title: "" }));
  }

  show() {
    if (!this.card.isOpen()) return;
    this.link.href = this.path("pdf");
    this.note.hidden = !this.session.entries.some(({ id }) => this.session.isOn(id) && this.session.layers.get(id).display);
    this.said.textContent = "";
  }

  async print() {
    if (this.busy) return;
    this.busy = true;
    const { session } = this;
    this.said.textContent = session.say("print_wait");
    try {
      const content = await fetchFile(this.path("png"), session.say("print_failed"));
      await this.lay(content);
      this.said.textContent = "";
      globalThis.print();
    } catch (error) {
      this.said.textContent = error instanceof Refused ? error.message : session.say("print_failed");
    } finally {
      this.busy = false;
    }
  }

  /** Put the picture on the page, where only paper shows it. */
  async lay(content) {
    this.clear();
    const reader = new FileReader();
    const loaded = new Promise((resolve, reject) => {
      reader.onload = resolve;
      reader.onerror = reject;
    });
    reader.readAsDataURL(content);
    await loaded;
    const kind = `print-${this.paper}${this.way ? "-landscape" : ""}`;
    const picture = h("img", { class: "print-sheet", alt: this.session.manifest.map.title, src: reader.result });
    await picture.decode();
    document.documentElement.classList.add("printing", kind);
    document.body.append(picture);
  }

  clear() {
    document.querySelector(".print-sheet")?.remove();
    const names = [...document.documentElement.classList].filter((name) => name.startsWith("print"));
    document.documentElement.classList.remove(...names);
  }
}
