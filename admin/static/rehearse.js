// Rehearsing with script: by microphone or keys over a WebSocket of the bridge, and what happens runs along.
"use strict";

const HELD_MOST = 32000; // bytes that wait to be sent; what is spoken beyond that is left out
const SHOWN = ["caller", "attendant", "keypad"];

function rehearse(panel) {
  const words = JSON.parse(panel.dataset.words);
  const form = panel.querySelector("[data-before] form");
  const part = (name) => panel.querySelector(`[data-${name}]`);
  const keep = document.querySelector("[data-keep]");
  let line = null; // what the rehearsal that goes on needs: socket, sound, turns, steps

  function said(name, what = "") {
    return (words.said[name] ?? "").replace("{what}", what);
  }

  // Beginning

  if (navigator.mediaDevices && window.AudioWorkletNode) {
    part("speak").hidden = false;
  } else {
    part("why").textContent = said("not_secure");
    part("why").hidden = false;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin("typed");
  });
  part("speak").addEventListener("click", () => begin("spoken"));

  async function begin(mode) {
    const sound = mode === "spoken" ? await opened() : null;
    if (mode === "spoken" && !sound) return;
    const sent = new URLSearchParams(new FormData(form));
    sent.set("mode", mode);
    const answer = await fetch(panel.dataset.token, { method: "POST", body: sent }).catch(() => null);
    const told = await answer?.json().catch(() => null);
    if (!told?.token) {
      sound?.close();
      wrong(told?.wrong?.join(" ") ?? said("lost"));
      return;
    }
    connect(mode, told, sound);
  }

  function wrong(text) {
    part("why").textContent = text;
    part("why").hidden = false;
  }

  function connect(mode, { token, address }, sound) {
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    line = { socket, sound, turns: new Map(), steps: new Map(), outline: null, ended: false };
    const mine = line;
    part("entries").replaceChildren();
    part("before").hidden = part("why").hidden = true;
    part("talk").hidden = part("keys").hidden = part("hang-up").hidden = false;
    part("again").hidden = true;
    part("level").hidden = mode !== "spoken";
    part("say").hidden = mode === "spoken";
    if (keep) keep.hidden = true;
    state(said("connecting"));
    socket.addEventListener("open", () => socket.send(JSON.stringify({ token })));
    socket.addEventListener("message", ({ data }) => (typeof data === "string" ? told(JSON.parse(data)) : heard(data)));
    socket.addEventListener("close", () => over(mine));
    if (sound) listen(mine);
    else part("say").elements.line.focus();
  }

  function state(text) {
    part("state").textContent = text;
  }

  // Sound

  async function opened() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
      const context = new AudioContext();
      await context.audioWorklet.addModule("/static/rehearse-sound.js");
      await context.resume();
      const ear = new AudioWorkletNode(context, "ear");
      const mouth = new AudioWorkletNode(context, "mouth", { numberOfInputs: 0, outputChannelCount: [1] });
      context.createMediaStreamSource(stream).connect(ear);
      // The ear gives no sound, but only what leads to the loudspeaker is run.
      ear.connect(context.destination);
      mouth.connect(context.destination);
      const close = () => {
        stream.getTracks().forEach((track) => track.stop());
        context.close();
      };
      return { ear, mouth, close };
    } catch {
      wrong(said("no_microphone"));
      return null;
    }
  }

  function listen({ socket, sound }) {
    const meter = part("level").querySelector("meter");
    sound.ear.port.onmessage = ({ data }) => {
      meter.value = Math.max(Math.sqrt(data.level), meter.value * 0.8); // as loud as it seems
      if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < HELD_MOST && line?.begun) socket.send(data.frame);
    };
    sound.mouth.port.onmessage = ({ data }) => send({ mark: data });
  }

  function heard(data) {
    line?.sound?.mouth.port.postMessage({ sound: data }, [data]);
  }

  // What is done

  function send(what) {
    if (line?.socket.readyState === WebSocket.OPEN) line.socket.send(JSON.stringify(what));
  }

  part("say").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = event.target.elements.line;
    const text = field.value.trim();
    if (text) send({ line: text });
    field.value = "";
    field.focus();
  });
  panel.querySelectorAll("[data-key]").forEach((key) =>
    key.addEventListener("click", () => send({ key: key.dataset.key })),
  );
  part("talk").addEventListener("keydown", (event) => {
    const typing = event.target.matches("input");
    if (!typing && /^[0-9*#]$/.test(event.key)) send({ key: event.key });
  });
  part("hang-up").addEventListener("click", () => send({ hang_up: true }));
  part("again").addEventListener("click", () => {
    part("talk").hidden = true;
    part("before").hidden = false;
    part("type").focus();
  });

  // What is told

  function told(what) {
    switch (what.told) {
      case undefined:
        if (what.clear) line.sound?.mouth.port.postMessage({ clear: true });
        if (what.mark) line.sound?.mouth.port.postMessage({ mark: what.mark });
        return;
      case "begun":
        line.begun = true;
        line.caller = what.caller;
        state("");
        return;
      case "turn":
        turn(what);
        return;
      case "key":
        line.steps.set(`key ${line.steps.size}`, { key: what.key });
        return;
      case "your_turn":
        state(what.message ? said("turn.message") : "");
        return;
      case "tool_done": {
        const name = words.tools[what.name] ?? what.name;
        note(what.ok ? name : said("tool.refused", name));
        return;
      }
      case "sources":
        note(said(what.sources.length ? "sources" : "sources.none", what.sources.join(", ")));
        return;
      case "assistant":
        note(said(`assistant.${what.who}`));
        return;
      case "noticed":
        note(said(`noticed.${what.what}`));
        return;
      case "language":
        note(said("language", words.languages[what.language] ?? what.language));
        return;
      case "ends": {
        const [kind, department] = what.to.split(":");
        note(said(`ends.${kind || "people"}`, words.departments[department] ?? department), "end");
        return;
      }
      case "over":
        what.effects.forEach((each) => note(said(`effect.${each.kind}`, each.what), "end"));
        note(said("over"), "end");
        line.outline = what.outline;
        line.ended = true;
        return;
      case "refused":
        note(said(`refused.${what.why}`), "end");
        line.ended = true;
        return;
      case "failed":
        note(said("failed", what.why), "end");
        line.ended = true;
    }
  }

  // What is new is seen, in the list alone: the page stays where it is.
  function seen() {
    const list = part("entries");
    list.scrollTop = list.scrollHeight;
  }

  function entry(kind) {
    const item = document.createElement("li");
    item.className = `turn ${kind}`;
    if (SHOWN.includes(kind)) {
      const who = document.createElement("p");
      who.className = "who";
      who.textContent = words.speakers[kind];
      item.append(who);
    }
    const text = document.createElement("p");
    text.className = "text";
    item.append(text);
    part("entries").append(item);
    return item;
  }

  function turn({ place, speaker, text, cut, final }) {
    if (!text) return;
    let item = line.turns.get(place);
    if (!item) item = entry(speaker);
    line.turns.set(place, item);
    if (speaker === "caller") line.steps.set(`turn ${place}`, { line: text.slice(0, 500) });
    const shown = item.querySelector(".text");
    shown.textContent = final ? text : `${text} …`;
    if (cut) {
      const mark = document.createElement("span");
      mark.className = "cut";
      mark.textContent = ` — ${said("turn.cut")}`;
      shown.append(mark);
    }
    seen();
  }

  function note(text, kind = "between") {
    if (!text) return;
    const item = entry(kind);
    item.querySelector(".text").textContent = text;
    seen();
  }

  // The end

  function over(mine) {
    mine.sound?.close();
    if (mine !== line) return;
    if (!mine.ended) note(said("lost"), "end");
    state("");
    part("say").hidden = part("keys").hidden = part("hang-up").hidden = part("level").hidden = true;
    part("again").hidden = false;
    part("again").focus();
    const steps = [...mine.steps.values()];
    if (keep && mine.outline && steps.length) {
      const rehearsed = { caller: mine.caller, steps, ...mine.outline };
      keep.querySelector("[name=rehearsed]").value = JSON.stringify(rehearsed);
      keep.hidden = false;
    }
    line = null;
  }
}

document.querySelectorAll("[data-rehearse]").forEach(rehearse);
