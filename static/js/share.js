/** The share dialog of a map's page: what writers of reports and pages take away from it. */
import { showFrame } from "./share_frame.js";
import { Freezer, mayFreeze } from "./share_freeze.js";
import { figurePath, frameCode, framePath, frameSize, mapLink, oembedLink, sheetOptions, withQuery, wordOptions } from "./share_links.js";
import { canCopyImages, copyField, copyImage, fetchFile, Refused, saveFile } from "./share_out.js";
import { fill } from "./format.js";
import { formatState, parseState } from "./state.js";

const WAIT_MS = 300;

class Share {
  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    this.dialog = dialog;
    this.session = null;
    this.words = JSON.parse(document.getElementById("share-words").textContent);
    this.tabs = [...dialog.querySelectorAll("[role=tab]")];
    this.frozen = { id: "", query: "", may: false };
    this.timer = null;
    this.freezer = new Freezer(this.panel("freeze"), {
      words: this.words,
      place: () => this.place(),
      language: () => this.pressed("lang"),
      done: (id) => this.keepFrozen(id),
    });
    this.listen();
  }

  find(name) {
    return this.dialog.querySelector(`[data-geosvc="${name}"]`);
  }

  panel(name) {
    return this.dialog.querySelector(`[data-panel="${name}"]`);
  }

  option(name) {
    const field = this.dialog.querySelector(`[data-option="${name}"]`);
    return field.type === "checkbox" || field.type === "radio" ? field.checked : field.value;
  }

  pressed(name) {
    return this.dialog.querySelector(`[data-switch="${name}"][aria-pressed="true"]`).value;
  }

  /** @returns {Place} what is shared: the map with its layers, filters and, unless all is asked for, its view */
  place() {
    const { base, map } = this.dialog.dataset;
    const state = this.session ? this.session.state() : parseState(location.search);
    if (this.pressed("range") === "all") Object.assign(state, { zoom: null, center: null, selected: null });
    const parts = [formatState("", state).slice(1), this.pressed("lang") === "en" ? "lang=en" : ""];
    return { base: base || location.origin, map, query: parts.filter(Boolean).join("&") };
  }

  get title() {
    const { titleZh, titleEn } = this.dialog.dataset;
    return this.pressed("lang") === "en" ? titleEn : titleZh;
  }

  listen() {
    const { dialog } = this;
    document.addEventListener("geosvc:started", ({ detail }) => (this.session = detail));
    document.querySelector("[data-action=share]").addEventListener("click", () => this.open());
    dialog.addEventListener("click", (event) => this.click(event));
    dialog.addEventListener("input", () => this.changed());
    dialog.querySelector("[role=tablist]").addEventListener("keydown", (event) => this.step(event));
    dialog.addEventListener("close", () => this.find("frame").replaceChildren());
    dialog.querySelector("[data-option=live]").checked = true;
  }

  open() {
    this.find("barred").hidden = canCopyImages();
    this.dialog.showModal();
    this.turnTo(this.tabs.find((tab) => tab.ariaSelected === "true")?.dataset.tab ?? "image");
    mayFreeze().then((may) => {
      this.frozen.may = may;
      this.sayFrozen();
    });
  }

  click({ target }) {
    // a press on the backdrop lands on the dialog itself
    if (target === this.dialog) this.dialog.close();
    const tab = target.closest("[data-tab]");
    if (tab) this.turnTo(tab.dataset.tab);
    const part = target.closest("[data-switch]");
    if (part) this.press(part);
    const button = target.closest("[data-share]");
    if (button) this.act(button);
  }

  press(part) {
    for (const other of part.parentElement.children) other.ariaPressed = String(other === part);
    this.changed();
    if (!this.panel("freeze").hidden) this.freezer.open();
  }

  step(event) {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const at = this.tabs.indexOf(document.activeElement);
    const ends = { Home: 0, End: this.tabs.length - 1 };
    const next = by ? (at + by + this.tabs.length) % this.tabs.length : ends[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.turnTo(this.tabs[next].dataset.tab);
  }

  turnTo(name) {
    for (const tab of this.tabs) {
      const on = tab.dataset.tab === name;
      tab.ariaSelected = String(on);
      tab.tabIndex = on ? 0 : -1;
      this.panel(tab.dataset.tab).hidden = !on;
      if (!on) continue;
      tab.focus({ preventScroll: true });
      tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    this.refresh();
    if (name === "freeze") this.freezer.open();
  }

  get active() {
    return this.tabs.find((tab) => tab.ariaSelected === "true").dataset.tab;
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), WAIT_MS);
  }

  /** Bring what the panel in view shows in step with the choices. */
  refresh() {
    const place = this.place();
    const { active } = this;
    // a freeze that runs goes on saying so
    if (!this.freezer.busy) this.say("");
    if (this.frozen.id && this.frozen.query !== place.query) this.forgetFrozen();
    if (active === "image") this.showPicture();
    if (active === "download") this.nameDownload();
    if (active === "link") {
      this.dialog.querySelector("#share-link-text").value = mapLink(place);
      this.dialog.querySelector("#share-oembed").value = oembedLink(place);
    }
    if (active === "qr") show(this.find("qr"), withQuery(`/maps/${place.map}/qr.svg`, place.query));
    if (active === "embed") this.showFrame(place);
  }

  /** The picture that would be copied. */
  showPicture() {
    const image = this.find("image-preview");
    show(image, this.imagePath());
    if (image.complete) return;
    this.say(this.words.working);
    image.onload = () => this.active === "image" && this.say("");
    image.onerror = () => this.active === "image" && this.say(this.words.offline);
  }

  imagePath() {
    const paper = this.option("image_paper");
    return figurePath(this.place(), "png", sheetOptions({ format: "png", paper, landscape: "1", dpi: "150", title: "" }));
  }

  nameDownload() {
    const format = this.option("format");
    const button = this.dialog.querySelector("[data-share=download]");
    button.lastElementChild.textContent = fill(button.dataset.words, { format: format.toUpperCase() });
    const turns = ["a4", "a3"].includes(this.option("paper"));
    this.dialog.querySelector("[data-option=landscape]").disabled = !turns;
    this.dialog.querySelector("[data-option=dpi]").disabled = format !== "png";
  }

  showFrame(place) {
    const id = this.option("frozen") ? this.frozen.id : "";
    const asks = this.option("frozen") && !id;
    const parts = { controls: this.option("controls"), legend: this.option("legend"), wheel: this.option("wheel") };
    const path = framePath(place, { id, language: this.pressed("lang"), ...parts });
    const asked = { width: this.option("width"), widthPx: this.option("width_px"), height: this.option("height"), ratio: this.option("ratio") };
    const size = frameSize(asked);
    // nothing is handed out as frozen that is not
    this.dialog.querySelector("#share-code").value = asks ? "" : frameCode(place.base + path, this.title, size);
    this.dialog.querySelector("[data-share=code]").disabled = asks;
    this.find("freeze-here").hidden = !asks;
    this.find("frame-open").href = path;
    this.find("controls").disabled = Boolean(id);
    this.dialog.querySelector("[data-option=width_px]").parentElement.hidden = asked.width !== "px";
    this.dialog.querySelector("[data-option=height]").parentElement.hidden = Boolean(asked.ratio);
    this.find("frame-size").textContent = showFrame(this.find("frame"), path, { ...size, title: this.title });
  }

  say(text) {
    this.panel(this.active).querySelector(".share-said").textContent = text;
  }

  /** Do what a button says; one at a time. */
  async act(button) {
    const name = button.dataset.share;
    if (name === "close") return this.dialog.close();
    if (name === "use") return this.use();
    button.disabled = true;
    try {
      await this.acts[name](this);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.say(error.message);
    } finally {
      button.disabled = false;
    }
    return undefined;
  }

  acts = {
    "image-copy": (share) => share.copyPicture(),
    "image-save": (share) => share.save(share.imagePath(), "png"),
    download: (share) => share.saveSheet(),
    word: (share) => share.saveWord(),
    code: (share) => share.copyText("#share-code"),
    link: (share) => share.copyText("#share-link-text"),
    oembed: (share) => share.copyText("#share-oembed"),
    file: (share) => share.save(withQuery(`/maps/${share.place().map}.html`, share.place().query), "html"),
    freeze: (share) => share.freezer.freeze(),
    "freeze-here": (share) => share.freezer.freeze(share.panel("embed").querySelector(".share-said")),
    qr: (share) => share.save(withQuery(`/maps/${share.place().map}/qr.png`, share.place().query), "qr.png"),
  };

  async copyPicture() {
    const path = this.imagePath();
    if (!canCopyImages()) return this.save(path, "png");
    this.say(this.words.working);
    const coming = fetchFile(path, this.words.offline);
    try {
      await copyImage(coming);
      this.say(this.words.done_image);
    } catch {
      // the clipboard was refused, not the picture: it is saved instead
      await coming;
      this.find("barred").hidden = false;
      return this.save(path, "png");
    }
    return undefined;
  }

  async save(path, ending) {
    this.say(this.words.working);
    const name = `${this.dialog.dataset.map}.${ending}`;
    saveFile(await fetchFile(path, this.words.offline), name);
    this.say(fill(this.words.done_file, { name }));
  }

  saveSheet() {
    const names = ["format", "paper", "landscape", "dpi", "title"];
    const asked = Object.fromEntries(names.map((name) => [name, this.option(name)]));
    return this.save(figurePath(this.place(), asked.format, sheetOptions(asked)), asked.format);
  }

  saveWord() {
    const asked = { paper: this.option("word_paper"), title: this.option("word_title"), chapter: this.option("chapter") };
    return this.save(figurePath(this.place(), "docx", wordOptions(asked)), "docx");
  }

  async copyText(name) {
    const copied = await copyField(this.dialog.querySelector(name));
    this.say(copied ? this.words.done_text : this.words.select_text);
  }

  use() {
    this.dialog.querySelector("[data-option=frozen]").checked = true;
    this.turnTo("embed");
  }

  keepFrozen(id) {
    Object.assign(this.frozen, { id, query: this.place().query });
    this.sayFrozen();
    if (this.active === "embed") this.refresh();
  }

  forgetFrozen() {
    Object.assign(this.frozen, { id: "", query: "" });
    this.find("frozen").hidden = true;
    this.dialog.querySelector("[data-share=use]").hidden = true;
    this.sayFrozen();
  }

  sayFrozen() {
    const { id, may } = this.frozen;
    this.dialog.querySelector("[data-option=frozen]").disabled = !may && !id;
    const said = id ? `${this.words.frozen_about} ${fill(this.words.frozen_id, { id: id.slice(0, 12) })}` : this.words.frozen_about;
    this.find("frozen-about").textContent = may || id ? said : `${said} ${this.words.frozen_who}`;
  }
}

/** Show a picture; the same one is not asked for again. */
function show(image, path) {
  if (image.getAttribute("src") !== path) image.setAttribute("src", path);
}

const dialog = document.getElementById("share");
if (dialog) new Share(dialog);
