// What the pages do by themselves. All of them work without it.
"use strict";

// Live parts: once a second, while the page is seen, ask whether the part is another one. A part names where it is
// asked for (data-live) and which version it shows (data-version); 304 means that nothing has changed.
const EVERY_MS = 1000;
const LEAST_MS = 200; // between an answer, however late, and the next question
const LONGEST_MS = 15000;

function watch(part) {
  let wait = EVERY_MS;
  let timer = 0;
  let begun = performance.now();
  const stale = document.querySelector("[data-stale]");

  async function ask() {
    begun = performance.now();
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
    const link = part.contains(at) && marked(at);
    part.innerHTML = page;
    part.dataset.version = version.replaceAll('"', "");
    if (part.querySelector("[data-over]")) location.reload(); // there is more to be seen now than this part
    if (link) part.querySelector(link)?.focus();
  }

  // How what has the focus is found again: by its id, a link by its address, a button by where its form goes.
  function marked(at) {
    if (at.id) return `#${CSS.escape(at.id)}`;
    if (at.matches("a")) return `a[href="${CSS.escape(at.getAttribute("href"))}"]`;
    return at.form ? `form[action="${CSS.escape(at.form.getAttribute("action"))}"] ${at.localName}` : "";
  }

  function again() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, Math.max(LEAST_MS, wait - (performance.now() - begun)));
  }

  document.addEventListener("visibilitychange", () => {
    wait = EVERY_MS;
    clearTimeout(timer);
    if (!document.hidden) ask();
  });
  again();
}

document.querySelectorAll("[data-live]").forEach(watch);

// A file is sent with a bar that shows how far it is. One that is too large is not sent, which is said at once.
function upload(form) {
  const file = form.querySelector("input[type=file]");
  const bar = form.querySelector("progress");
  const wrong = form.querySelector("[data-too-large]");

  file.addEventListener("change", () => {
    wrong.hidden = !(file.files[0]?.size > Number(file.dataset.most));
  });

  form.addEventListener("submit", (event) => {
    if (!wrong.hidden) {
      event.preventDefault();
      file.focus();
      return;
    }
    if (!file.files.length) return;
    event.preventDefault();
    const sent = new XMLHttpRequest();
    sent.upload.addEventListener("progress", (now) => {
      if (now.lengthComputable) bar.value = now.loaded / now.total;
    });
    sent.addEventListener("load", () => {
      if (sent.status === 200) location.assign(sent.responseURL);
      else show(new DOMParser().parseFromString(sent.responseText, "text/html"));
    });
    // What cannot be sent so is sent as without script: the browser itself says why it does not arrive.
    sent.addEventListener("error", () => form.submit());
    sent.open("POST", form.action);
    sent.setRequestHeader("Accept", "text/html");
    sent.send(new FormData(form));
    bar.hidden = false;
    form.querySelector("button").disabled = true;
  });

  // The same page with what is wrong in it.
  function show(page) {
    document.querySelector("main").replaceWith(page.querySelector("main"));
    document.querySelectorAll("[data-upload]").forEach(upload);
    document.querySelector("main [autofocus]")?.focus();
  }
}

document.querySelectorAll("[data-upload]").forEach(upload);
// A recording, its picture and its words belong together: either leads to a time, and the words run along.
function hear(sound) {
  const player = [...document.querySelectorAll("audio")].find(
    (each) => each.getAttribute("src") === sound.dataset.sound,
  );
  if (!player) return;
  const picture = sound.querySelector(".wave");
  const phrases = [...sound.querySelectorAll("[data-from]")];

  function from(ms) {
    player.currentTime = ms / 1000;
    player.play().catch(() => {}); // the player itself shows that it cannot
  }

  picture?.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    from(((event.clientX - box.left) / box.width) * Number(picture.dataset.ms));
  });
  phrases.forEach((phrase) =>
    phrase.querySelector("a").addEventListener("click", (event) => {
      event.preventDefault();
      from(Number(phrase.dataset.from));
    }),
  );
  player.addEventListener("timeupdate", () => {
    const ms = player.currentTime * 1000;
    if (picture) {
      const width = picture.viewBox.baseVal.width * Math.min(1, ms / Number(picture.dataset.ms));
      picture.querySelector(".played").setAttribute("width", width.toFixed(1));
    }
    phrases.forEach((phrase) =>
      phrase.classList.toggle("now", Number(phrase.dataset.from) <= ms && ms < Number(phrase.dataset.until)),
    );
  });
}

document.querySelectorAll("[data-sound]").forEach(hear);

// The menu of a narrow screen closes by Escape, and gives the focus back.
document.querySelectorAll("details.menu").forEach((menu) =>
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  }),
);
