/** Says where a dot stands for several points, and what cannot be done with many points. */
import { countDrawn } from "./counted.js";
import { h } from "./dom.js";
import { number } from "./format.js";

/**
 * @param {Session} session
 * @param {(text: string, tone?: string) => void} notice
 */
export function addThinning(session, notice) {
  const many = session.entries.filter((about) => about.many);
  if (!many.length) return;
  const said = h("p", { class: "map-word map-thinned", role: "status", hidden: true });
  session.map.getContainer().append(said);
  session.addEventListener("counts", () => {
    const text = many.map((about) => thinned(session, about)).filter(Boolean).join(" ");
    // said anew only where it has changed: a reader of the screen hears it each time
    if (said.textContent !== text) said.textContent = text;
    said.hidden = !text;
  });
  session.addEventListener("unfiltered", ({ detail: { layer, field } }) => {
    const { about, sieve } = session.layers.get(layer);
    notice(session.say("points_left", { layer: about.title, fields: sieve.fields.get(field)?.title ?? field }));
  });
}

/** What stands for what in the view, "" where every point is seen. */
function thinned(session, { id, title }) {
  const { thinned: drawn } = session.layers.get(id);
  const points = drawn ? (countDrawn(session, id)?.all ?? 0) : 0;
  if (!drawn || points <= drawn.dots) return "";
  return session.say("points_thinned", { layer: title, points: number(points), dots: number(drawn.dots) });
}
