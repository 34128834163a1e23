/** Order and opacity of layers: changed in the panel, kept in the address. */

/** The least opacity that a reader can give a layer, percent. */
const LEAST = 10;

/**
 * Begin with what the address asks, and follow it.
 * @param {Session} session
 */
export function keepLook(session) {
  const usual = session.entries.map(({ id }) => id);
  const strong = ({ id }) => session.layers.get(id);
  session.kept.set("order", () => {
    const now = session.entries.map(({ id }) => id);
    return now.join() === usual.join() ? "" : now.join();
  });
  session.kept.set("opacity", () => session.entries.filter((about) => (strong(about)?.strength ?? 1) < 1).map((about) => `${about.id}:${Math.round(strong(about).strength * 100)}`).join());
  const begin = ({ order, opacity }) => {
    arrange(session, slots(usual, order.split(",")));
    const shares = new Map(opacity.split(",").map((part) => part.split(":")));
    for (const about of session.entries) setStrength(session, about.id, Number(shares.get(about.id) ?? 100) / 100);
  };
  begin(session.asked.more);
  session.addEventListener("address", ({ detail }) => begin(detail.more));
}

/** Put the listed ones into their own places in the order in which they are listed. */
export function slots(usual, listed) {
  const moved = [...new Set(listed)].filter((id) => usual.includes(id));
  const queue = [...moved];
  return usual.map((id) => (moved.includes(id) ? queue.shift() : id));
}

/** Lay the layers upon each other in an order from below. */
function arrange(session, ids) {
  const { manifest, map, layers } = session;
  if (ids.join() === session.entries.map(({ id }) => id).join()) return;
  manifest.layers.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  // each layer has a pane of its own; the levels stay, the panes change places
  const panes = ids.map((id) => map.getPane(layers.get(id)?.options.pane ?? "")).filter(Boolean);
  const levels = panes.map((pane) => Number(pane.style.zIndex)).sort((a, b) => a - b);
  panes.forEach((pane, at) => {
    pane.style.zIndex = String(levels[at]);
  });
  session.tell("order");
}

/**
 * Move a layer over or under another one.
 * @param {Session} session
 * @param {string} id
 * @param {string} other
 * @param {boolean} over
 */
export function moveLayer(session, id, other, over) {
  const ids = session.entries.map((about) => about.id).filter((item) => item !== id);
  ids.splice(ids.indexOf(other) + (over ? 1 : 0), 0, id);
  arrange(session, ids);
  session.tell("layers");
  session.remember(true);
}

/** Give a layer an opacity, 0.1 to 1. */
export function setStrength(session, id, share) {
  const layer = session.layers.get(id);
  if (!layer?.setStrength) return;
  const strength = Number.isFinite(share) ? Math.max(LEAST / 100, Math.min(1, share)) : 1;
  if (layer.strength === strength) return;
  layer.setStrength(strength);
  session.tell("strength", id);
}
