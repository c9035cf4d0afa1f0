"use strict";
// What the board and topic pages do beyond links and forms: "why" closes again, keys, focus after a change.
// Everything works without this file; it only saves a page load.
(() => {
  const OFF = "khidmat-keys-off";
  const keys = document.getElementById("keys");
  const off = document.getElementById("keys-off");
  const opener = document.querySelector("[data-open-keys]");

  function keysAreOff() {
    try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
  }

  function rowOf(link) {
    return document.getElementById(link.getAttribute("aria-controls")).closest("tr");
  }

  function setOpen(link, open) {
    link.setAttribute("aria-expanded", String(open));
    rowOf(link).hidden = !open;
  }

  function complain(text) {
    const place = document.getElementById("problem");
    const notice = document.createElement("div");
    notice.className = "notice bad";
    notice.textContent = text;
    place.replaceChildren(notice);
    place.scrollIntoView({ block: "nearest" });
  }

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const link = event.target.closest("[data-why]");
    document.getElementById("problem").replaceChildren();
    if (link && rowOf(link).querySelector(".why-open")) {
      event.preventDefault();
      setOpen(link, link.getAttribute("aria-expanded") !== "true");
    }
  });

  document.body.addEventListener("htmx:afterSwap", (event) => {
    const link = event.detail.requestConfig.elt.closest("[data-why]");
    if (link && event.detail.target.id !== "problem") {
      setOpen(link, true);
      return;
    }
    const told = event.detail.target.isConnected
      ? event.detail.target.querySelector("[data-focus]")
      : document.querySelector("#decision [data-focus]");
    if (told) {
      told.focus();
    }
  });

  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(failure, () => complain(document.body.dataset.offline));
  }

  function move(step) {
    const topics = [...document.querySelectorAll("[data-topic]")];
    const present = topics.findIndex((topic) => topic.contains(document.activeElement));
    const next = topics[present < 0 ? (step > 0 ? 0 : topics.length - 1) : present + step];
    if (next) {
      next.querySelector("[data-open]").focus();
      next.scrollIntoView({ block: "nearest" });
    }
  }

  function press(selector) {
    const topic = document.activeElement.closest("[data-topic]");
    const link = topic && topic.querySelector(selector);
    if (link) {
      link.click();
    }
  }

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    o: () => press("[data-open]"),
    w: () => press("[data-why]"),
    "?": () => keys.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || keysAreOff()) {
      return;
    }
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });

  opener.hidden = false;
  opener.addEventListener("click", () => keys.showModal());
  off.checked = keysAreOff();
  off.addEventListener("change", () => {
    try { localStorage.setItem(OFF, off.checked ? "1" : "0"); } catch { /* kept for this page only */ }
  });
})();
