/** Colors by role: `c-urban` is `--c-urban` of tokens.css in the scheme that is shown now. */

const HEX = /^#[0-9a-f]{3,8}$/i;
const ROLE = /^[a-z][a-z0-9-]*$/;
let known = new Map();
let style = null;

/** Forget what was read: the scheme has changed. */
export function forgetColors() {
  known = new Map();
  style = null;
}

/**
 * The color that a canvas understands.
 * @param {string|null|undefined} role a role without dashes or `#rrggbb`
 * @param {string} [fallback] for a role that the sheet does not name
 * @returns {string}
 */
export function color(role, fallback = "#5d6d74") {
  if (!role) return fallback;
  if (HEX.test(role)) return role;
  if (known.has(role)) return known.get(role);
  style ??= getComputedStyle(document.documentElement);
  const found = ROLE.test(role) ? style.getPropertyValue(`--${role}`).trim() : "";
  known.set(role, found || fallback);
  return known.get(role);
}

/**
 * The color as CSS, so that it follows the scheme by itself.
 * @param {string|null|undefined} role
 * @returns {string}
 */
export function cssColor(role) {
  if (!role) return "currentColor";
  if (HEX.test(role)) return role;
  return ROLE.test(role) ? `var(--${role}, #5d6d74)` : "#5d6d74";
}

/** The typeface of the interface, for labels. */
export function fontFamily() {
  return color("font", "sans-serif");
}
