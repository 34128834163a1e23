/*
 * The color scheme, before the first paint: the reader's choice, else the system's.
 * A classic script in the head. A sandboxed frame has no storage: then the choice is not kept.
 */
(function () {
  "use strict";
  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");

  function kept() {
    try {
      var value = window.localStorage.getItem("geosvc-theme");
      return value === "dark" || value === "light" ? value : null;
    } catch (error) {
      return null;
    }
  }

  function apply(theme) {
    root.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("geosvc:theme"));
  }

  apply(kept() || (system.matches ? "dark" : "light"));
  system.addEventListener("change", function () {
    if (!kept()) apply(system.matches ? "dark" : "light");
  });
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-action=theme]")) return;
    var next = root.dataset.theme === "dark" ? "light" : "dark";
    try {
      window.localStorage.setItem("geosvc-theme", next);
    } catch (error) {
      // nothing is kept; the page changes all the same
    }
    apply(next);
  });
})();
