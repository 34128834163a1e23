/** The search box: what is found on the map by name, pinyin or code, and going there. */
import { readJson } from "./data.js";
import { h, icon, iconButton, isPhone } from "./dom.js";
import { number } from "./format.js";
import { goTo, listed } from "./search_list.js";
import { markAll } from "./search_mark.js";
import { fold, prepare, search } from "./search_match.js";

const { L } = globalThis;

/**
 * Put the search box on the page; an embed has it only where its address asks for it.
 * @param {Session} session
 */
export function addSearch(session) {
  const { mode, manifest, map } = session;
  const asked = mode === "embed" && new URLSearchParams(location.search).get("search") === "1";
  const panel = mode === "page" ? document.querySelector("[data-geosvc=panel]") : null;
  if (!manifest.map.search || !(panel || asked)) return;
  const box = new SearchBox(session);
  L.DomEvent.disableClickPropagation(box.element);
  L.DomEvent.disableScrollPropagation(box.element);
  if (panel) settle(box.element, panel);
  else {
    box.element.classList.add("search-afloat");
    map.getContainer().before(box.element);
  }
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    const writes = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || (writes && target.type !== "checkbox")) return;
    event.preventDefault();
    box.input.focus();
    box.input.select();
  });
}

/** At the top of the panel; over the map on a phone and where the panel is closed. */
function settle(element, panel) {
  const work = panel.parentElement;
  const place = () => {
    const afloat = isPhone() || work.classList.contains("panel-closed");
    if (element.isConnected && element.classList.contains("search-afloat") === afloat) return;
    element.classList.toggle("search-afloat", afloat);
    if (afloat) panel.before(element);
    else panel.prepend(element);
  };
  place();
  matchMedia("(max-width: 760px)").addEventListener("change", place);
  new MutationObserver(place).observe(work, { attributeFilter: ["class"] });
}

class SearchBox {
  constructor(session) {
    this.session = session;
    this.options = [];
    this.active = -1;
    /** The view to go back to, while a search is on. */
    this.before = null;
    this.build();
    this.listen();
  }

  say(key, values) {
    return this.session.say(key, values);
  }

  build() {
    const name = this.say("search");
    const open = { role: "combobox", "aria-expanded": "false", "aria-controls": "search-list", "aria-autocomplete": "list" };
    const writing = { autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search", maxlength: 80 };
    this.input = h("input", { class: "input", type: "search", "aria-label": name, placeholder: this.say("search_hint"), ...open, ...writing });
    this.wipe = iconButton("x", this.say("search_clear"), () => this.clear({ stay: true }), { class: "icon-button icon-button-s", hidden: true });
    this.key = h("kbd", { class: "only-wide", "aria-hidden": "true", text: "/" });
    this.list = h("div", { id: "search-list", role: "listbox", "aria-label": this.say("search_results") });
    this.keys = this.foot();
    this.none = h("p", { class: "results-none", hidden: true });
    this.results = h("div", { class: "results", hidden: true }, this.none, this.list, this.keys);
    this.status = h("p", { class: "sr", role: "status" });
    const field = h("div", { class: "search" }, icon("search"), this.input, this.key, this.wipe, this.results, this.status);
    this.element = h("div", { class: "panel-search", role: "search", "aria-label": name }, field);
  }

  foot() {
    const keys = (...names) => names.flatMap((text) => [h("kbd", { text }), " "]);
    const rows = [
      h("span", {}, ...keys("↑", "↓"), this.say("search_choose")),
      h("span", {}, ...keys("Enter"), this.say("search_go")),
      h("span", {}, ...keys("Esc"), this.say("search_back")),
    ];
    return h("div", { class: "results-foot only-wide", "aria-hidden": "true" }, ...rows);
  }

  listen() {
    const { input, session } = this;
    input.addEventListener("focus", () => this.load());
    input.addEventListener("input", () => {
      this.eager = false;
      this.answer();
    });
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("click", () => this.results.hidden && this.answer());
    this.list.addEventListener("click", (event) => {
      const at = this.options.findIndex(({ element }) => element.contains(event.target));
      if (at >= 0) this.choose(at);
    });
    // a press on a result must not take the focus from the box
    this.results.addEventListener("pointerdown", (event) => event.preventDefault());
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget)) this.close();
    });
    const own = () => {
      // who moves the map has left the view that the search began with
      if (!this.moving) this.before = null;
    };
    session.map.on("dragstart zoomstart", own);
  }

  /** Fetch the index on the first use; a failed try is made again on the next. */
  load() {
    this.loading ??= readJson(this.session.manifest.map.search)
      .then((json) => {
        const there = new Map(this.session.entries.filter((about) => this.session.isDrawable(about)).map((about) => [about.id, about]));
        this.index = prepare(json).filter(({ id }) => there.has(id));
        this.about = there;
      })
      .catch(() => {
        this.loading = null;
        this.failed = true;
      });
    return this.loading;
  }

  /** Show what is found for what stands in the box. */
  async answer() {
    const text = this.input.value;
    this.wipe.hidden = !text;
    this.key.hidden = Boolean(text);
    if (!fold(text)) {
      this.close();
      if (!text) this.restore();
      return;
    }
    this.before ??= this.view();
    if (!this.index) {
      this.failed = false;
      this.tell(this.say("search_loading"));
      await this.load();
      if (text !== this.input.value) return;
    }
    if (!this.index) {
      this.tell(this.say("search_failed"));
      return;
    }
    const { lng, lat } = this.before?.center ?? this.session.map.getCenter();
    this.fill(text, search(this.index, text, [lng, lat]));
    if (this.eager && this.options.length) this.choose(0);
    this.eager = false;
  }

  fill(text, groups) {
    const { elements, options } = listed(this.session, groups, this.about);
    this.options = options;
    this.list.replaceChildren(...elements);
    const total = groups.reduce((sum, group) => sum + group.total, 0);
    this.none.hidden = total > 0;
    this.list.hidden = this.keys.hidden = total === 0;
    const none = this.say("search_none", { query: text.trim() });
    this.none.replaceChildren(h("b", { dir: "auto", text: none }), h("span", { text: this.say("search_try") }));
    this.status.textContent = total ? this.say("search_count", { count: number(total) }) : none;
    this.open();
    this.activate(total ? 0 : -1);
  }

  /** Say one sentence in place of results. */
  tell(text) {
    this.options = [];
    this.list.hidden = this.keys.hidden = true;
    this.none.hidden = false;
    this.none.replaceChildren(h("span", { text }));
    this.status.textContent = text;
    this.open();
  }

  open() {
    this.results.hidden = false;
    this.list.scrollTop = 0;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.results.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  activate(at) {
    this.options.forEach(({ element }, number) => element.setAttribute("aria-selected", String(number === at)));
    this.active = at;
    const element = this.options[at]?.element;
    if (!element) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.input.setAttribute("aria-activedescendant", element.id);
    if (at) element.scrollIntoView({ block: "nearest" });
    else this.list.scrollTop = 0;
  }

  press(event) {
    // a key that ends or changes what an input method is writing is not for us
    if (event.isComposing) return;
    const { key } = event;
    const many = this.options.length;
    const isOpen = !this.results.hidden;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) this.answer();
      else if (many) this.activate((this.active + (key === "ArrowDown" ? 1 : -1) + many) % many);
    } else if (key === "Enter") {
      event.preventDefault();
      if (isOpen && many) this.choose(Math.max(0, this.active));
      // the first one as soon as it is known
      else this.eager = isOpen && !this.index;
    } else if (key === "Escape" && (this.input.value || isOpen)) {
      event.preventDefault();
      this.clear({ stay: true });
    }
  }

  /** What the map showed before the search. */
  view() {
    const { map, entries, selection } = this.session;
    const held = selection ? { layer: selection.layer.options.id, key: selection.layer.features.keys[selection.index] } : null;
    return { center: map.getCenter(), zoom: map.getZoom(), on: new Set(entries.filter(({ id }) => this.session.isOn(id)).map(({ id }) => id)), held };
  }

  async choose(at) {
    const { layer, hit, title } = this.options[at];
    const { session } = this;
    const key = layer.keys[hit.row];
    this.close();
    this.input.value = title;
    this.wipe.hidden = false;
    if (isPhone()) this.input.blur();
    const before = this.before;
    this.switched = session.isOn(layer.id) ? null : layer.id;
    // Back leads to the view before, also where the address did not say it yet
    session.remember(false);
    this.moving = true;
    goTo(session, layer.box(hit.row));
    this.moving = false;
    session.remember(true);
    await session.selectKey({ layer: layer.id, key });
    this.before = before;
    const found = session.selection;
    const there = found && found.layer.options.id === layer.id && found.layer.features.keys[found.index] === key;
    if (there && layer.merged) markAll(session, layer.merged);
    if (there) this.status.textContent = this.say("search_there", { name: title });
    else this.tell(this.say("search_hidden", { name: title }));
  }

  /** Empty the box and show what was shown before. */
  clear({ stay }) {
    this.input.value = "";
    this.wipe.hidden = true;
    this.key.hidden = false;
    this.options = [];
    this.status.textContent = "";
    this.close();
    this.restore();
    if (stay) this.input.focus({ preventScroll: true });
  }

  restore() {
    const { before, session } = this;
    this.before = null;
    if (!before) return;
    this.moving = true;
    session.drop();
    session.map.setView(before.center, before.zoom, { animate: false });
    this.moving = false;
    for (const { id } of session.entries) if (session.isOn(id) && !before.on.has(id) && id === this.switched) session.setOn(id, false, { step: false });
    if (before.held) session.selectKey(before.held);
    session.remember(true);
  }
}
