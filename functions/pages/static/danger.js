"use strict";
// Says aloud, and in the window's title, that somebody came while the list refreshed itself.
(() => {
  const place = document.getElementById("waiting");
  const title = document.title;

  function ids() {
    return [...place.querySelectorAll("[data-case]")].map((each) => each.id);
  }

  function entitle() {
    const count = place.querySelector("[data-waiting]").dataset.waiting;
    document.title = count === "0" ? title : `(${count}) ${title}`;
  }

  let known = new Set(ids());
  entitle();
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target !== place) {
      return;
    }
    const present = ids();
    if (present.some((id) => !known.has(id))) {
      document.getElementById("said").textContent = place.dataset.arrived;
    }
    known = new Set(present);
    entitle();
  });
})();
