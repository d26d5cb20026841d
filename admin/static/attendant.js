// What the pages do by themselves. All of them work without it.
"use strict";

// Live parts: once a second, while the page is seen, ask whether the part is another one. A part names where it is
// asked for (data-live) and which version it shows (data-version); 304 means that nothing has changed.
const EVERY_MS = 1000;
const LONGEST_MS = 15000;

function watch(part) {
  let wait = EVERY_MS;
  let timer = 0;
  const stale = document.querySelector("[data-stale]");

  async function ask() {
    try {
      const answer = await fetch(part.dataset.live, {
        headers: { "If-None-Match": `"${part.dataset.version}"` },
        cache: "no-store",
      });
      if (answer.status === 401) {
        location.reload(); // the session is over: the way to sign in again is a page
        return;
      }
      if (answer.status === 200) {
        show(await answer.text(), answer.headers.get("ETag"));
      } else if (answer.status !== 304) {
        throw new Error(String(answer.status));
      }
      wait = EVERY_MS;
      stale.hidden = true;
    } catch {
      wait = Math.min(wait * 2, LONGEST_MS);
      stale.hidden = false;
    }
    again();
  }

  function show(page, version) {
    const at = document.activeElement;
    const link = part.contains(at) ? at.getAttribute("href") : null;
    const id = part.contains(at) ? at.id : "";
    part.innerHTML = page;
    part.dataset.version = version.replaceAll('"', "");
    if (link) part.querySelector(`[href="${CSS.escape(link)}"]`)?.focus();
    else if (id) document.getElementById(id)?.focus();
  }

  function again() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, wait);
  }

  document.addEventListener("visibilitychange", () => {
    wait = EVERY_MS;
    clearTimeout(timer);
    if (!document.hidden) ask();
  });
  again();
}

document.querySelectorAll("[data-live]").forEach(watch);

// The menu of a narrow screen closes by Escape, and gives the focus back.
document.querySelectorAll("details.menu").forEach((menu) =>
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  }),
);
