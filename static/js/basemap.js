/**
 * How the basemap looks: for each kind of its tiles the classes, in the colors of the ground, from
 * below. What is in a tile is what its zoom shows, so nothing here says from which zoom.
 */

/** A longer number of a road is none that a shield could carry. */
const LONGEST = 8;

const line = (color, width, more = {}) => ({ color, width_px: width, shape: "line", ...more });
const area = (color) => ({ color, width_px: 0, shape: "area" });
const road = (color, width) => line(color, width, { casing: `${color}-case` });

/** The first class of a kind is the most important one: it is painted last and named first. */
const ROADS = {
  motorway: road("m-highway", 4.5),
  trunk: road("m-highway", 4),
  primary: road("m-arterial", 3.8),
  secondary: road("m-road", 3),
  tertiary: road("m-road", 2.5),
  street: road("m-road", 2),
  lane: road("m-road", 1.2),
  path: line("m-road-case", 0.7),
};

/** What is painted. `only` picks classes of a kind that are painted at another height. */
export const PAINTED = [
  { kind: "land", geometry: "area", classes: { "": area("m-land") } },
  { kind: "block", geometry: "area", classes: { block: area("m-block"), old: area("m-old"), industry: area("m-industry") } },
  { kind: "green", geometry: "area", classes: { "": area("m-green") } },
  { kind: "edge", geometry: "line", classes: { block: line("m-road-case", 0.6) } },
  { kind: "water", geometry: "area", classes: { "": area("m-water") } },
  { kind: "edge", geometry: "line", classes: { shore: line("m-water-line", 0.7) } },
  { kind: "waterway", geometry: "line", classes: { "": line("m-water", 1.6) } },
  { kind: "building", geometry: "area", classes: { "": area("m-building") } },
  { kind: "rail", geometry: "line", classes: { "": line("m-road-case", 1.3) }, dash: [7, 3] },
  { kind: "road", geometry: "line", classes: ROADS, scaled: true },
  { kind: "edge", geometry: "line", classes: { town: line("m-boundary", 0.8) }, dash: [3, 3], opacity: 0.8 },
  { kind: "edge", geometry: "line", classes: { county: line("m-boundary", 2) }, dash: [8, 4] },
];

const nameless = { color: "m-label-2", shape: "circle", size_px: 0, width_px: 0 };

/** What is named, with the rank of its names among all names of the map. */
export const NAMED = [
  { kind: "place", geometry: "point", classes: { city: nameless }, rank: 1 },
  { kind: "place", geometry: "point", classes: { town: nameless }, rank: 2 },
  { kind: "road", geometry: "line", classes: ROADS, scaled: true, rank: 2, says: "ref" },
  { kind: "district", geometry: "area", classes: { "": area("m-boundary") }, rank: 2 },
  { kind: "water", geometry: "area", classes: { "": area("m-water") }, rank: 2 },
  { kind: "place", geometry: "point", classes: { suburb: nameless }, rank: 3 },
  { kind: "road", geometry: "line", classes: ROADS, scaled: true, rank: 3 },
  { kind: "place", geometry: "point", classes: { village: nameless, hamlet: nameless }, rank: 4 },
  { kind: "block", geometry: "area", classes: { block: area("m-block"), old: area("m-old"), industry: area("m-industry") }, rank: 4 },
];

/** What the painter and the writer of names must know of a part, as a layer of the manifest says it. */
export function describe({ kind, geometry, classes, scaled = false, dash = [], rank = 4, says = "name" }) {
  const values = Object.keys(classes);
  return {
    ...{ id: `ground:${kind}`, kind, geometry, scaled, dash, says, label: says, label_rank: rank, named_from: 0, fill_opacity: 1 },
    values,
    classes: values.map((value) => ({ casing: null, min_zoom: 0, ...classes[value] })),
  };
}

/** The name of a feature for a reader, Chinese first, English where that is read; or its number. */
export function textOf(props, says, language) {
  if (says === "ref") return numberOf(props);
  const name = language === "en" ? (props.name_en ?? props.name) : props.name;
  return name ? String(name) : "";
}

/** The first number of a road: a file may list several. */
function numberOf({ ref }) {
  const first = String(ref ?? "").split(";", 1)[0].trim();
  return first.length <= LONGEST && /\d/.test(first) ? first : "";
}
