/** What a layer's filters need to know of it: fields and values, beyond what a map draws. */
import { readJson, valueAt } from "./data.js";
import { passing } from "./filters.js";
import { pick } from "./geometry.js";

/** One layer's features with those that do not pass left out. */
export class Sieve {
  /**
   * @param {Object} about the layer in the manifest
   * @param {"zh"|"en"} language
   */
  constructor(about, language) {
    this.about = about;
    this.language = language;
    this.fields = new Map(about.fields.map((field) => [field.name, field]));
    this.learned = false;
    this.rows = null;
  }

  /** Whether a field may be filtered by, as far as is known. */
  takes(name) {
    const field = this.fields.get(name);
    return field ? !field.masked : !this.learned;
  }

  /** Learn of fields that the map itself does not show; a field that is not there stays unknown. */
  async learn(filters) {
    if (filters.every(({ field }) => this.fields.has(field))) return;
    this.schema ??= readJson(`${this.about.page}/schema.json`);
    const { fields, primaryKey } = await this.schema;
    this.learned = true;
    this.primary = primaryKey;
    this.order = fields.map(({ name }) => name);
    for (const field of fields) {
      const known = this.fields.get(field.name) ?? this.words(field);
      // what names a feature groups none
      this.fields.set(field.name, { ...known, single: field.name === primaryKey || Boolean(field.constraints?.unique) });
    }
  }

  words({ name, title, type, unit, labels = {}, privacy }) {
    const said = Object.entries(labels).map(([code, text]) => [code, { label: text[this.language], tone: text.tone }]);
    return { name, title: title[this.language], type, unit: unit?.[this.language] ?? null, masked: Boolean(privacy), labels: Object.fromEntries(said) };
  }

  /** Learn of all fields and fetch the values of those that the map does not show. */
  async know() {
    await this.learn([{ field: "" }]);
    await this.fetchRows();
  }

  /** What the table shows of features, by field and index. */
  cells(features) {
    return this.source(features).value;
  }

  /** Whether the table can be put in the order of a field. */
  sorts() {
    return true;
  }

  /** All fields in the order of the schema, after `know`. */
  ordered() {
    return this.order.map((name) => this.fields.get(name));
  }

  /**
   * The features that pass.
   * @param {Features} features all of the layer
   * @param {Filter[]} filters
   * @returns {Promise<Features>}
   */
  async sift(features, filters) {
    await this.learn(filters);
    const known = filters.filter(({ field }) => this.fields.has(field));
    if (known.some(({ field }) => !features.columns[field])) await this.fetchRows();
    return pick(features, passing(known, this.source(features)));
  }

  async fetchRows() {
    this.rows ??= readJson(`${this.about.page}/rows.json`).then((json) => ({ ...json, at: new Map(json.keys.map((key, row) => [key, row])) }));
    this.loaded = await this.rows;
  }

  source({ count, columns, keys }) {
    const value = (name, row) => {
      if (columns[name]) return valueAt(columns[name], row);
      const there = this.loaded?.at.get(keys[row]);
      return there === undefined ? null : valueAt(this.loaded.columns[name], there);
    };
    return { count, value, field: (name) => this.fields.get(name) };
  }

  /**
   * How many features pass without one of the filters, after `sift`.
   * @param {Features} features all of the layer
   * @param {Filter[]} filters
   */
  count(features, filters) {
    return passing(filters, this.source(features)).length;
  }
}

/**
 * How many features of a layer pass, in all and by class.
 * @param {FeatureLayer} layer
 * @returns {{all: number, classes: Map<number, number>}|null} null while there is no data
 */
export function countPassing({ features }) {
  if (!features) return null;
  const classes = new Map();
  const counts = [];
  for (const name of features.classes) counts[name] = (counts[name] ?? 0) + 1;
  for (const [name, count] of Object.entries(counts)) classes.set(Number(name), count);
  return { all: features.count, classes };
}
