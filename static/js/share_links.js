/** Addresses and codes that the share dialog hands out, from a state and choices; nothing else. */

/**
 * @typedef {Object} Place
 * @property {string} base what absolute addresses begin with
 * @property {string} map
 * @property {string} query of the state, without question mark
 */

/** Join a path and queries, leaving out empty ones. */
export function withQuery(path, ...queries) {
  const query = queries.filter(Boolean).join("&");
  return query ? `${path}?${query}` : path;
}

/** Write choices as a query; empty ones are left out. */
export function choices(given) {
  return Object.entries(given)
    .filter(([, value]) => value !== "" && value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}

/** @param {Place} place */
export function mapLink({ base, map, query }) {
  return base + withQuery(`/maps/${map}`, query);
}

/**
 * The path of a figure, or of a document with one.
 * @param {Place} place
 * @param {"png"|"svg"|"pdf"|"docx"} format
 * @param {Object<string, string>} [options]
 */
export function figurePath({ map, query }, format, options = {}) {
  return withQuery(`/figures/${map}.${format}`, query, choices(options));
}

/** The options of a picture on a sheet; what the sheet does not know is left out. */
export function sheetOptions({ format, paper, landscape, dpi, title }) {
  const turns = paper === "a4" || paper === "a3";
  return {
    paper: paper === "a4" ? "" : paper,
    landscape: turns ? landscape : "",
    dpi: format === "png" && dpi !== "300" ? dpi : "",
    title: title.trim(),
  };
}

/** The options of the block for Word: as wide as the text (156 mm at 300 dpi), or as a column. */
export function wordOptions({ paper, title, chapter }) {
  const wide = { paper: "pixels", width: "1843", height: "1229" };
  return { ...(paper === "text" ? wide : { paper: "column" }), title: title.trim(), chapter };
}

/**
 * The address of a frame: a frozen one where there is an id, else the map as it moves.
 * @param {Place} place
 * @param {{id?: string, language?: string, controls: boolean, legend: boolean, wheel: boolean}} options
 */
export function framePath({ map, query }, { id, language, controls, legend, wheel }) {
  if (id) return withQuery(`/embed/s/${id}`, language === "en" ? "lang=en" : "");
  // other people's pages show no other datum, and so no base map that is in one
  const isShifted = query.split("&").includes("display=gcj02");
  const seen = isShifted ? query.split("&").filter((part) => !/^(?:base|display)=/.test(part)).join("&") : query;
  const off = { controls: controls ? "" : "0", legend: legend ? "" : "0", wheel: wheel ? "1" : "" };
  return withQuery(`/embed/${map}`, seen, choices(off));
}

/**
 * The size of a frame.
 * @param {{width: "100%"|"px", widthPx: number, height: number, ratio: string}} options
 * @returns {{width: string, height: number, ratio: string}} the ratio only where the browser has to keep it
 */
export function frameSize({ width, widthPx, height, ratio }) {
  const wide = within(widthPx, 200, 4000, 800);
  const high = within(height, 160, 4000, 480);
  if (!ratio) return { width: width === "px" ? String(wide) : "100%", height: high, ratio: "" };
  const [across, down] = ratio.split("/").map(Number);
  if (width === "px") return { width: String(wide), height: Math.round((wide * down) / across), ratio: "" };
  return { width: "100%", height: high, ratio };
}

function within(value, low, high, usual) {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? Math.round(Math.min(Math.max(number, low), high)) : usual;
}

/** The code of a frame, for somebody else's page. */
export function frameCode(address, title, { width, height, ratio }) {
  const kept = ratio ? ` style="aspect-ratio: ${ratio}; height: auto"` : "";
  const rows = [
    `<iframe src="${escaped(address)}"`,
    `  width="${width}" height="${height}"${kept} title="${escaped(title)}"`,
    `  loading="lazy" referrerpolicy="origin" allowfullscreen></iframe>`,
  ];
  return rows.join("\n");
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** @param {Place} place */
export function oembedLink(place) {
  return `${place.base}/oembed?format=json&url=${encodeURIComponent(mapLink(place))}`;
}
