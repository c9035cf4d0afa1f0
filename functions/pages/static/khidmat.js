"use strict";
// What pages do beyond links and forms: "why" closes again, keys, focus after a change, a list that stays true.
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

  // A case that was opened or changed beside the list: its line there follows, and the address with it.
  function beside(place, request) {
    const made = place.querySelector("template[data-row]");
    const line = made && document.getElementById(made.dataset.row);
    for (const link of document.querySelectorAll(".desk-list [aria-current]")) {
      link.removeAttribute("aria-current");
    }
    if (line && made.content.firstElementChild) {
      const fresh = made.content.firstElementChild;
      line.replaceWith(fresh);
      htmx.process(fresh);
      stay(fresh.querySelector("[data-here]").dataset.here);
    } else if (line) {
      line.remove();
    } else if (request.verb === "get") {
      stay(request.path);
    }
  }

  function stay(address) {
    const language = document.querySelector(".language");
    history.replaceState(null, "", address);
    language.href = address + (address.includes("?") ? "&" : "?") + "lang=" + language.hreflang;
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
    if (event.detail.target.id === "case") {
      beside(event.detail.target, event.detail.requestConfig);
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
    const topics = [...document.querySelectorAll("[data-topic], [data-case]")];
    const focused = topics.findIndex((topic) => topic.contains(document.activeElement));
    const present = focused < 0 ? topics.findIndex((topic) => topic.querySelector("[aria-current]")) : focused;
    const next = topics[present < 0 ? (step > 0 ? 0 : topics.length - 1) : present + step];
    if (next) {
      next.querySelector("[data-open]").focus();
      next.scrollIntoView({ block: "nearest" });
    }
  }

  function press(selector) {
    const topic = document.activeElement.closest("[data-topic], [data-case]");
    const link = topic && topic.querySelector(selector);
    if (link) {
      link.click();
    }
  }

  // What a key is for: in the row that is focused, or in a part of the page that says so.
  function keyed(key) {
    const row = document.activeElement.closest("[data-topic]");
    const named = `[data-key="${key}"]`;
    return (row && row.querySelector(named)) || document.querySelector(`:is(#case, [data-keyed]) ${named}, [data-keyed]${named}`);
  }

  // A step without fields is taken; the form of another is opened, at its first field; a field is gone to.
  function take(step) {
    const form = step.matches("summary") && step.closest("details");
    if (step.matches("select, textarea, [type=text], [type=search]")) {
      const around = step.closest("details");
      if (around) {
        around.open = true;
      }
      step.focus();
    } else if (!form || !form.open) {
      step.click();
    }
    if (form) {
      form.querySelector("select, textarea, input:not([type=hidden])").focus();
    }
  }

  // One form at a time. (Their common `name` would close the fresh one while the old is still there.)
  document.addEventListener("toggle", ({ target }) => {
    for (const other of target.open ? document.querySelectorAll("#case details[open]") : []) {
      other.open = other === target;
    }
  }, true);

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    o: () => press("[data-open]"),
    w: () => press("[data-why]"),
    "?": () => keys.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || keysAreOff()) {
      return;
    }
    const step = /^[a-z1-9/]$/.test(event.key) && keyed(event.key);
    const action = actions[event.key];
    const sender = event.key === "Enter" && !event.target.closest("a, button, summary") && document.querySelector("[data-enter]");
    if (sender) {
      event.preventDefault();
      sender.click();
    } else if (step) {
      event.preventDefault();
      take(step);
    } else if (action) {
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
