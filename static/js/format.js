/** Values as people write them: numbers, days, times, codes of a domain, units. */

const CJK = /[\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef]/;
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 3 });
const DAY = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?/;

/**
 * Put values into a sentence: `{name}` becomes the value as it is.
 * @param {string} sentence
 * @param {Object<string, any>} values
 * @returns {string}
 */
export function fill(sentence, values) {
  return sentence.replace(/\{([a-z_]+)\}/g, (place, name) => (Object.hasOwn(values, name) ? String(values[name]) : place));
}

/**
 * @param {number} value
 * @returns {string} 1,905 or 86.4; at most three decimals
 */
export function number(value) {
  return NUMBER.format(value);
}

/**
 * A day, or a day and a time of 24 hours, as the record has it: no shift between zones.
 * @param {string} value ISO text
 * @param {"zh"|"en"} language
 * @returns {string} the text itself where it is no date
 */
export function date(value, language) {
  const match = DAY.exec(value);
  if (!match) return value;
  const [, year, month, day, hour, minute] = match;
  const name = MONTHS[Number(month) - 1];
  if (!name) return value;
  const text = language === "zh" ? `${year}年${Number(month)}月${Number(day)}日` : `${Number(day)} ${name} ${year}`;
  return hour ? `${text} ${hour}:${minute}` : text;
}

/** A number with its unit; a Latin unit stands off by a space, a Chinese one too. */
export function withUnit(text, unit) {
  if (!unit) return text;
  return unit === "%" ? `${text}%` : `${text}\u00a0${unit}`;
}

/**
 * One value of a field as text.
 * @param {any} value
 * @param {{type: string, unit?: string|null, labels?: Object<string, {label: string}>}} field
 * @param {{language: "zh"|"en", yes: string, no: string}} words
 * @returns {string} "–" where there is no value
 */
export function value(value_, field, words) {
  if (value_ === null || value_ === undefined || value_ === "") return "–";
  const one = (item) => field.labels?.[String(item)]?.label ?? scalar(item, field, words);
  if (!Array.isArray(value_)) return one(value_);
  return value_.length ? value_.map(one).join(words.language === "zh" ? "、" : ", ") : "–";
}

function scalar(item, field, words) {
  if (typeof item === "boolean") return item ? words.yes : words.no;
  if (typeof item === "number") {
    // a year is no quantity: no thousands mark
    return withUnit(/year/.test(field.name ?? "") ? String(item) : number(item), field.unit);
  }
  if (field.type === "date" || field.type === "datetime") return date(String(item), words.language);
  if (field.type === "time") return String(item).slice(0, 5);
  return String(item);
}

/** Whether a text holds Chinese, Japanese or Korean characters and nothing else. */
export function isCjk(text) {
  return [...text].every((sign) => CJK.test(sign));
}

/**
 * Cut a text that a map cannot hold.
 * @param {string} text
 * @param {number} most characters, counted as people count them
 */
export function cut(text, most) {
  const signs = [...text.slice(0, most * 4).replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " ")];
  return signs.length > most ? `${signs.slice(0, most - 1).join("")}…` : signs.join("");
}
