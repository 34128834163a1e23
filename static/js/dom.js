/**
 * Making elements. Text enters the page only through `textContent` and attributes through
 * `setAttribute`; there is no way to write markup here.
 */

const SVG = "http://www.w3.org/2000/svg";

/** What stands for an icon where the page carries no sprite (a notebook). */
const GLYPHS = {
  plus: "+",
  minus: "−",
  house: "⌂",
  maximize: "⛶",
  x: "×",
  "chevron-left": "‹",
  "chevron-right": "›",
  "chevron-down": "▾",
  layers: "≡",
};

/**
 * Make an element.
 * @param {string} name tag name
 * @param {Object<string, string|number|boolean|null|undefined|Function>} [attributes] `text` is the
 *   text content, `on…` are listeners, null and false are left out
 * @param {...(Node|null|undefined)} children
 * @returns {HTMLElement}
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") element.textContent = String(value);
    else if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter(Boolean));
  return element;
}

/**
 * Make an SVG element.
 * @param {string} name
 * @param {Object<string, string|number|null>} attributes
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * An interface icon of the sprite that the page carries.
 * @param {string} name Lucide name without prefix
 * @param {string} [className]
 * @returns {Element}
 */
export function icon(name, className = "icon") {
  if (!document.getElementById(`i-${name}`) && GLYPHS[name]) {
    return h("span", { class: className, "aria-hidden": "true", text: GLYPHS[name] });
  }
  return svg("svg", { class: className, "aria-hidden": "true" }, svg("use", { href: `#i-${name}` }));
}

/**
 * A button that shows an icon only; its name is read aloud and shown on hover.
 * @param {string} name icon
 * @param {string} title what it does
 * @param {Function} action
 * @param {Object} [attributes]
 * @returns {HTMLElement}
 */
export function iconButton(name, title, action, attributes = {}) {
  return h(
    "button",
    { type: "button", class: "icon-button", title, onclick: action, ...attributes },
    icon(name),
    h("span", { class: "sr", text: title }),
  );
}

/** Whether the page is shown as a phone shows it: the layout's one break, in CSS and here. */
export function isPhone() {
  return matchMedia("(max-width: 760px)").matches;
}

/**
 * Call `task` once before the next frame, also in a tab that draws no frames.
 * @param {Function} task
 * @returns {Function} ask for a call
 */
export function oncePerFrame(task) {
  let asked = false;
  const run = () => {
    if (!asked) return;
    asked = false;
    task();
  };
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(run);
    setTimeout(run, 250);
  };
}

/** What has the focus, null where it is the page as a whole. */
export function focused() {
  const { activeElement, body } = document;
  return activeElement === body ? null : activeElement;
}
