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
  let news = null; // what is to be shown as soon as nobody is disturbed by it
  const stale = document.querySelector("[data-stale]");
  const waits = document.querySelector("[data-waits]");

  async function ask() {
    begun = performance.now();
    try {
      const answer = await fetch(part.dataset.live, {
        headers: { "If-None-Match": `"${news?.version ?? part.dataset.version}"` },
        cache: "no-store",
      });
      if (answer.status === 401) {
        location.reload(); // the session is over: the way to sign in again is a page
        return;
      }
      if (answer.status === 200) {
        news = { page: await answer.text(), version: answer.headers.get("ETag").replaceAll('"', "") };
      } else if (answer.status !== 304) {
        throw new Error(String(answer.status));
      }
      if (news && show(news)) news = null;
      if (waits) waits.hidden = !news;
      wait = EVERY_MS;
      stale.hidden = true;
    } catch {
      wait = Math.min(wait * 2, LONGEST_MS);
      stale.hidden = false;
    }
    again();
  }

  // Shows it, and says whether it did: not while somebody types in the part, or hears what is there no more.
  function show({ page, version }) {
    const fresh = document.createElement("div");
    fresh.innerHTML = page;
    const heard = [...part.querySelectorAll("[data-keep]")].filter(isHeard).map((old) => ({
      old,
      same: fresh.querySelector(`[data-keep="${CSS.escape(old.dataset.keep)}"]`),
    }));
    if (isTyped(part) || heard.some(({ old, same }) => !same && isPlaying(old))) return false;
    const at = document.activeElement;
    const link = part.contains(at) && marked(at);
    const open = new Set([...part.querySelectorAll("details[open]")].map(named));
    fresh.querySelectorAll("details").forEach((each) => (each.open ||= open.has(named(each))));
    // A player goes on when it is back in the page before this function ends.
    const places = heard.flatMap(({ old, same }) => {
      const place = document.createComment("");
      same?.replaceWith(place);
      return same ? [[place, old]] : [];
    });
    part.replaceChildren(...fresh.childNodes);
    places.forEach(([place, old]) => place.replaceWith(old));
    part.dataset.version = version;
    part.querySelectorAll("[data-sound]").forEach(hear);
    if (part.querySelector("[data-over]")) location.reload(); // there is more to be seen now than this part
    if (link) part.querySelector(link)?.focus();
    return true;
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

function named(details) {
  return `${details.closest("li[id]")?.id} ${details.querySelector("summary").textContent}`;
}

function isPlaying(kept) {
  return [...kept.querySelectorAll("audio")].some((player) => !player.paused && !player.ended);
}

// Also what is paused on its way.
function isHeard(kept) {
  return [...kept.querySelectorAll("audio")].some((player) => player.currentTime > 0 || !player.paused);
}

function isTyped(part) {
  const fields = [...part.querySelectorAll("input:not([type=hidden]), textarea, select")];
  return fields.some(
    (field) => field === document.activeElement || field.value !== (field.defaultValue ?? field.value),
  );
}

const BOUND = new WeakSet(); // sounds that are followed already

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
  if (BOUND.has(sound)) return;
  BOUND.add(sound);
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

// Who spoke when, and what was said then, belong together: either leads to the other.
function align(shape) {
  const picture = shape.querySelector("svg");
  const marked = picture.querySelector(".marked");
  const unit = picture.viewBox.baseVal.width / Number(shape.dataset.shape);
  const turns = [...document.querySelectorAll(".turn[data-from]")];
  const from = (turn) => Number(turn.dataset.from);

  function mark(turn) {
    turns.forEach((each) => each.classList.toggle("now", each === turn));
    marked.setAttribute("x", from(turn) * unit);
    marked.setAttribute("width", Math.max(3, (Number(turn.dataset.until) - from(turn)) * unit));
  }

  shape.classList.add("leads");
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    const ms = ((event.clientX - box.left) / box.width) * Number(shape.dataset.shape);
    const begun = turns.filter((each) => from(each) <= ms);
    const turn = begun.sort((one, other) => from(other) - from(one))[0] ?? turns[0];
    if (!turn) return;
    mark(turn);
    turn.scrollIntoView({ block: "center" });
  });
  turns.forEach((turn) =>
    turn.querySelector("a").addEventListener("click", (event) => {
      event.preventDefault();
      mark(turn);
      shape.scrollIntoView({ block: "center" });
    }),
  );
}

document.querySelectorAll("[data-shape]").forEach(align);

// The menu of a narrow screen closes by Escape, and gives the focus back.
document.querySelectorAll("details.menu").forEach((menu) =>
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  }),
);
