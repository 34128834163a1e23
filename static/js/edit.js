/**
 * The page where an editor changes one layer. A feature is opened by a click on the map or by its
 * key; every write carries the revision that was seen and a reason. After a write the page is loaded
 * anew, so that map, counts and trust line are of the same revision.
 */
import { h, icon } from "./dom.js";
import { conflictView } from "./edit_conflict.js";
import { FeatureForm } from "./edit_form.js";
import { historyList, lastChange, speaker } from "./edit_history.js";
import { Place } from "./edit_place.js";
import { keepSaid, takeSaid } from "./edit_said.js";
import { ask } from "./edit_send.js";
import { editTools } from "./edit_tools.js";
import { fill } from "./format.js";
import { formatState, parseState } from "./state.js";

const NOTHING = { zoom: null, center: null, layers: null };

class Editing {
  constructor(root, told) {
    this.root = root;
    this.told = told;
    this.words = told.words;
    this.session = null;
    this.feature = null;
    this.form = null;
    this.place = null;
    this.speak = speaker(told.fields, told.words, told.language);
    this.status = h("div", { class: "edit-status", "aria-live": "polite" });
    this.body = h("div", { class: "edit-body" });
    this.past = h("div");
    root.replaceChildren(editTools(told, { open: (key) => this.open(key), create: () => this.create() }), this.status, this.body, this.past, lastChange(told, (body) => this.undo(body)));
    addEventListener("beforeunload", (event) => {
      if (this.isChanged && !this.isLeaving) event.preventDefault();
    });
    this.rest();
  }

  /** Say something above the form. */
  say(text, tone = "") {
    const sign = { bad: "circle-x", warn: "triangle-alert", ok: "circle-check" }[tone] ?? "info";
    const shown = tone === "bad" || tone === "warn" ? `notice notice-${tone}` : "notice";
    this.status.replaceChildren(...(text ? [h("div", { class: shown }, icon(sign), h("span", { dir: "auto", text }))] : []));
    if (text) this.status.scrollIntoView({ block: "nearest" });
  }

  /** No feature is open. */
  rest() {
    this.drop();
    this.body.replaceChildren(h("p", { class: "muted small", text: this.told.geometry === "none" ? this.words.lead_table : this.words.lead }));
    this.past.replaceChildren();
  }

  drop() {
    this.place?.remove();
    this.feature = this.form = this.place = null;
  }

  get isChanged() {
    return Boolean(this.form && (this.form.isChanged || this.place?.isChanged));
  }

  /** Whether another feature may be opened: nothing typed is lost unasked. */
  isFree() {
    if (this.isChanged) this.say(this.words.unsaved, "warn");
    return !this.isChanged;
  }

  address(key) {
    return `${this.told.features}/${encodeURIComponent(key)}`;
  }

  async open(key, { force = false, hush = true } = {}) {
    if (!force && !this.isFree()) return;
    const { language } = this.told;
    try {
      const feature = await ask(this.address(key), { language });
      if (hush) this.say("");
      this.show(feature, feature.values);
      await this.showPast(key, () => this.feature === feature);
    } catch (error) {
      if (error.status === 404 && error.problem.code === "unknown_feature") await this.openGone(key, error);
      else this.fail(error, key);
    }
  }

  /** There is no such feature now: where there was one, its past is there. */
  async openGone(key, reason) {
    this.rest();
    try {
      await this.showPast(key, () => this.feature === null);
      this.say(fill(this.words.gone, { key }), "warn");
    } catch {
      this.fail(reason, key);
    }
  }

  async showPast(key, isWanted) {
    const { told, words, speak } = this;
    const url = `${told.history}/${encodeURIComponent(key)}`;
    const read = (before) => ask(before ? `${url}?before=${before}` : url, { language: told.language });
    const page = await read(null);
    if (!isWanted()) return;
    const more = (before) => read(before).catch((error) => this.fail(error, key));
    const restore = (body) => this.restore(key, { ...body, base: page.base });
    this.past.replaceChildren(h("h2", { text: words.history }), historyList(page, { words, speak, read: more, restore }));
  }

  create() {
    if (!this.isFree()) return;
    this.session?.clear();
    this.say("");
    this.show({ key: null, base: null, geometry: null }, {});
    this.past.replaceChildren();
    (this.form.fields.find(({ isClosed }) => !isClosed) ?? this.form.fields[0]).control.focus();
  }

  show(feature, values) {
    const { words, told } = this;
    this.drop();
    this.feature = feature;
    const isNew = feature.key === null;
    this.form = new FeatureForm(told.fields, values, { words, key: told.key, isNew });
    if (told.geometry === "point") this.place = new Place(feature.geometry?.coordinates ?? null, { words, map: this.session?.map ?? null });
    this.reason = h("input", { class: "input", id: "edit-reason", maxlength: 200, "aria-required": "true", "aria-describedby": "edit-reason-fault" });
    this.reasonFault = h("span", { class: "fault", id: "edit-reason-fault", hidden: true });
    const why = h("div", { class: "field" }, h("label", { for: "edit-reason" }, h("span", { text: words.reason }), h("span", { class: "edit-required", text: words.required })), this.reason, h("span", { class: "hint", text: words.reason_hint }), this.reasonFault);
    const title = h("h2", {}, h("bdi", { text: isNew ? words.new_feature : feature.key }));
    const form = h("form", { class: "edit-form", novalidate: true }, title, this.place?.element, this.form.element, h("div", { class: "edit-actions" }, why, this.buttons(isNew)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save(this.feature.base);
    });
    this.body.replaceChildren(form);
  }

  buttons(isNew) {
    const { words } = this;
    const save = h("button", { class: "button button-main", type: "submit", text: words.save });
    const discard = h("button", { class: "button", type: "button", text: words.discard, onclick: () => this.discard() });
    if (isNew) return h("div", { class: "row row-wrap" }, save, discard);
    const remove = h("button", { class: "button push", type: "button", text: words.delete });
    let sure = false;
    remove.addEventListener("click", () => {
      if (sure) this.remove();
      sure = true;
      remove.textContent = fill(words.delete_really, { key: this.feature.key });
    });
    return h("div", { class: "row row-wrap" }, save, discard, remove);
  }

  discard() {
    const { key } = this.feature;
    this.say("");
    if (key === null) this.rest();
    else this.open(key, { force: true });
  }

  /** What I have changed. */
  mine() {
    return { values: this.form.changes(), geometry: this.place?.geometry ?? null };
  }

  save(base) {
    const { words, told, feature } = this;
    const unread = this.form.unread();
    this.faults(unread);
    if (unread.length) return;
    if (!this.isChanged) {
      this.say(words.unchanged);
      return;
    }
    const body = { ...this.mine(), reason: this.reason.value };
    const isNew = feature.key === null;
    if (!isNew) body.base = base;
    this.send(isNew ? told.features : this.address(feature.key), isNew ? "POST" : "PUT", body, ({ revision, key }) => this.goOn(fill(words.saved, { number: revision }), key));
  }

  remove() {
    const { words, feature } = this;
    const body = { base: feature.base, reason: this.reason.value };
    this.send(this.address(feature.key), "DELETE", body, ({ revision, key }) => this.goOn(fill(words.deleted, { key, number: revision }), null));
  }

  restore(key, body) {
    if (!this.isFree()) return;
    this.send(`${this.told.restore}/${encodeURIComponent(key)}`, "POST", body, ({ revision }) => this.goOn(fill(this.words.restored, { number: revision }), key));
  }

  undo(body) {
    if (!this.isFree()) return;
    const key = this.feature?.key ?? null;
    this.send(this.told.undo, "POST", body, ({ revision }) => this.goOn(fill(this.words.undone, { number: revision }), key));
  }

  async send(url, method, body, done) {
    if (this.busy) return;
    this.busy = true;
    const { csrf, language } = this.told;
    try {
      done(await ask(url, { method, body, csrf, language }));
    } catch (error) {
      // who puts back a revision has nothing of their own to lay on top
      this.fail(error, this.feature?.key, { isEdit: method !== "POST" });
    } finally {
      this.busy = false;
    }
  }

  fail(error, key, { isEdit = false } = {}) {
    const { words } = this;
    const { status, problem } = error;
    if (status === undefined) throw error;
    if (status === 409 && isEdit && this.form) this.conflict(problem);
    else if (status === 422 && problem.faults) this.faults(problem.faults);
    else if (status === 404 && problem.code === "unknown_feature") this.say(fill(words.not_here, { key }), "bad");
    else this.say(fill(words.failed, { reason: status ? error.message : words.offline }), "bad");
  }

  /** Say faults under their fields, and above the form those that have no field. */
  faults(faults) {
    const left = this.form ? this.form.say(faults) : faults;
    const of = (name) => left.filter(({ field }) => field === name).map(({ message }) => message).join(" ");
    this.place?.say(of("geometry"));
    if (this.form) {
      this.reasonFault.textContent = of("reason");
      this.reasonFault.hidden = !of("reason");
      if (of("reason")) this.reason.setAttribute("aria-invalid", "true");
      else this.reason.removeAttribute("aria-invalid");
    }
    const named = this.form ? ["reason", ...(this.place ? ["geometry"] : [])] : [];
    const rest = left.filter(({ field }) => !named.includes(field)).map(({ field, message }) => (field ? `${this.speak.title(field)}: ${message}` : message));
    const count = fill(this.words.faulty, { count: faults.length });
    if (faults.length) this.say([count, ...rest].join(" "), "bad");
    if (faults.length === 1 && of("reason")) this.reason.focus();
  }

  conflict(problem) {
    this.body.querySelector(".edit-conflict")?.remove();
    this.say("");
    const view = conflictView(problem, this.mine(), {
      words: this.words,
      speak: this.speak,
      take: () => (problem.theirs ? this.open(this.feature.key, { force: true }) : this.goOn("", null)),
      apply: () => this.save(problem.theirs.revision),
    });
    this.body.prepend(view);
    view.focus();
  }

  /** Load the page of the new revision, where the reader was. */
  goOn(text, key) {
    keepSaid(text);
    this.isLeaving = true;
    const state = this.session?.state() ?? NOTHING;
    const selected = key === null ? null : { layer: this.told.layer, key };
    location.assign(location.pathname + (formatState(location.search, { ...state, selected }) || "?"));
  }

  /** Hear the map: a click opens a feature, or places a new one. */
  listen(session) {
    this.session = session;
    session.addEventListener("select", () => {
      const { selection } = session;
      if (!selection) return;
      if (this.feature?.key === null || selection.layer.options.id !== this.told.layer) {
        session.clear();
        return;
      }
      const key = selection.layer.features.keys[selection.index];
      if (key !== this.feature?.key) this.open(key);
    });
    session.map.on("click", ({ latlng }) => {
      if (this.feature?.key === null) this.place?.move(latlng);
    });
    if (this.place) {
      this.place.map = session.map;
      this.place.mark();
    }
  }

  async begin() {
    const said = takeSaid();
    if (said) this.say(said, "ok");
    const { selected } = parseState(location.search);
    if (selected?.layer === this.told.layer) await this.open(selected.key, { hush: false });
  }
}

const root = document.querySelector("[data-geosvc=edit]");
if (root) {
  const editing = new Editing(root, JSON.parse(document.getElementById("geosvc_edit").textContent));
  document.addEventListener("geosvc:started", ({ detail }) => editing.listen(detail));
  editing.begin();
}
