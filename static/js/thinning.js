/** Says where a dot stands for several points, and what cannot be done with many points. */
import { h } from "./dom.js";
import { number } from "./format.js";

const isThin = ({ thinned }) => Boolean(thinned) && thinned.dots < thinned.points;

/**
 * @param {Session} session
 * @param {(text: string, tone?: string) => void} notice
 */
export function addThinning(session, notice) {
  const many = session.entries.filter((about) => about.many);
  if (!many.length) return;
  const said = h("p", { class: "map-thinned", role: "status", hidden: true });
  session.map.getContainer().append(said);
  session.addEventListener("counts", () => {
    const thin = many.filter(({ id }) => session.isOn(id) && isThin(session.layers.get(id)));
    const texts = thin.map(({ id, title }) => {
      const { points, dots } = session.layers.get(id).thinned;
      return session.say("points_thinned", { layer: title, points: number(points), dots: number(dots) });
    });
    const text = texts.join(" ");
    // said anew only where it has changed: a reader of the screen hears it each time
    if (said.textContent !== text) said.textContent = text;
    said.hidden = !text;
  });
  session.addEventListener("unfiltered", ({ detail: { layer, field } }) => {
    const { about, sieve } = session.layers.get(layer);
    notice(session.say("points_left", { layer: about.title, fields: sieve.fields.get(field)?.title ?? field }));
  });
}
