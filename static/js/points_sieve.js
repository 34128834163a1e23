/** What filters, facets, the time slider and the table need of many points: columns, one at a time. */
import { readBytes, valueAt } from "./data.js";
import { countPassing } from "./facet_fields.js";
import { matches } from "./filters.js";
import { pickPoints, readColumns } from "./points_columns.js";
import { Sieve } from "./sieve.js";

export class PointSieve extends Sieve {
  constructor(about, language, layer) {
    super(about, language);
    this.layer = layer;
    this.columns = {};
    this.coming = new Map();
    /** Fields of which nearly each feature has another value: there is no column of them. */
    this.left = new Set();
  }

  /** Whether the table can be put in the order of a field. */
  sorts(name) {
    return Boolean(this.columns[name]);
  }

  takes(name) {
    return super.takes(name) && !this.left.has(name);
  }

  /** Learn of fields, and whether there are columns of those that are filtered by. */
  async learn(filters) {
    await super.learn(filters);
    await Promise.all(filters.map(({ field }) => this.fetchColumn(field)));
  }

  async know() {
    await super.learn([{ field: "" }]);
    await this.fetchRows();
  }

  /** Fetch the columns of all fields that are not personal. */
  async fetchRows() {
    await Promise.all([...this.fields.values()].filter(({ masked, single }) => !masked && !single).map(({ name }) => this.fetchColumn(name)));
  }

  fetchColumn(name) {
    const field = this.fields.get(name);
    if (!field || field.masked) return null;
    if (!this.coming.has(name)) {
      const url = `${this.layer.base}/fields/${encodeURIComponent(name)}.bin`;
      this.coming.set(name, readBytes(url, { missing: () => null }).then((bytes) => this.take(name, bytes)));
    }
    return this.coming.get(name);
  }

  take(name, bytes) {
    if (!bytes) {
      this.left.add(name);
      return;
    }
    const { head, arrays } = readColumns(bytes);
    this.columns[name] = arrays.codes ? { codes: arrays.codes, dictionary: head.dictionary } : { values: arrays.values };
  }

  async sift(features, filters) {
    await this.learn(filters);
    return pickPoints(features, this.passing(features, filters));
  }

  count(features, filters) {
    return this.passing(features, filters).length;
  }

  /** The rows that pass: each value is judged once, each row looks its verdict up. */
  passing({ count }, filters) {
    const tests = filters.filter(({ field }) => this.columns[field]).map((filter) => this.verdicts(filter));
    const rows = new Int32Array(count);
    let found = 0;
    for (let row = 0; row < count; row += 1) {
      if (!tests.every((test) => test(row))) continue;
      rows[found] = row;
      found += 1;
    }
    return rows.slice(0, found);
  }

  verdicts(filter) {
    const field = this.fields.get(filter.field);
    const { codes, dictionary, values } = this.columns[filter.field];
    if (values) return (row) => matches(filter, field, Number.isNaN(values[row]) ? null : values[row]);
    // the last one is that of no value, whose code is -1
    const verdict = Uint8Array.from([null, ...dictionary], (value) => Number(matches(filter, field, value)));
    return (row) => verdict[codes[row] + 1];
  }

  source({ count, rows }) {
    const value = (name, index) => valueAt(this.columns[name], rows?.[index] ?? index);
    const own = rows ? {} : { tallies: (filters, names) => this.tallies(count, filters, names) };
    return { count, value, field: (name) => this.fields.get(name), ...own };
  }

  /** How many of all rows have each value, as `facet_fields.js` asks: codes are counted, not values. */
  tallies(count, filters, names) {
    const tests = filters.filter(({ field }) => this.columns[field]).map((filter) => [filter.field, this.verdicts(filter)]);
    const counters = new Map(names.filter((name) => this.columns[name]).map((name) => [name, counterOf(this.columns[name])]));
    countPassing(count, tests, new Map([...counters].map(([name, { add }]) => [name, add])));
    return new Map(names.map((name) => [name, counters.get(name)?.tally() ?? new Map()]));
  }

  /** The value of a cell: from its column, else from its page, which is fetched when it is looked at. */
  cells(features, arrived) {
    const { value } = this.source(features);
    return (name, index) => {
      if (this.columns[name]) return value(name, index);
      const waits = this.layer.learn(index);
      if (waits) waits.then?.(arrived, () => {});
      return waits ? null : valueAt(features.columns[name], index);
    };
  }
}

/** Counts the values of a column row by row. */
function counterOf({ codes, dictionary, values }) {
  if (values) {
    const found = new Map();
    const add = (row) => {
      const value = Number.isNaN(values[row]) ? null : values[row];
      found.set(value, (found.get(value) ?? 0) + 1);
    };
    return { add, tally: () => found };
  }
  // the first one is that of no value, whose code is -1
  const counts = new Uint32Array(dictionary.length + 1);
  const add = (row) => {
    counts[codes[row] + 1] += 1;
  };
  return { add, tally: () => new Map([null, ...dictionary].map((value, at) => [value, counts[at]]).filter(([, count]) => count)) };
}
