// The ear and the mouth of a rehearsal: µ-law at 8 kHz on the wire, whatever the sound card's rate is.
"use strict";

const LINE_HZ = 8000;
const FRAME = 160; // 20 ms
const TAPS = 64;
const LONGEST_S = 95; // an answer has 90 s at most

function encoded(sample) {
  const sign = sample < 0 ? 0x80 : 0;
  const size = Math.min(32635, Math.abs(Math.round(sample * 32767))) + 0x84;
  const exponent = Math.floor(Math.log2(size)) - 7;
  return ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 0x0f)) & 0xff;
}

const DECODED = Float32Array.from({ length: 256 }, (_, code) => {
  const plain = ~code & 0xff;
  const size = ((((plain & 0x0f) << 3) + 0x84) << ((plain & 0x70) >> 4)) - 0x84;
  return (plain & 0x80 ? -size : size) / 32768;
});

// A low pass below half the line's rate, so that nothing above it is folded into speech.
function lowPass() {
  const cut = Math.min(1, (2 * 3600) / sampleRate);
  const taps = Float32Array.from({ length: TAPS }, (_, at) => {
    const x = at - (TAPS - 1) / 2;
    const sinc = x === 0 ? cut : Math.sin(Math.PI * cut * x) / (Math.PI * x);
    return sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * at) / (TAPS - 1)));
  });
  const sum = taps.reduce((all, each) => all + each, 0);
  return taps.map((each) => each / sum);
}

class Ear extends AudioWorkletProcessor {
  constructor() {
    super();
    this.taps = lowPass();
    this.ring = new Float32Array(TAPS);
    this.at = 0;
    this.step = sampleRate / LINE_HZ;
    this.due = 0;
    this.frame = new Uint8Array(FRAME);
    this.filled = 0;
    this.loudest = 0;
  }

  process(inputs) {
    for (const sample of inputs[0][0] ?? []) {
      this.ring[this.at] = sample;
      this.at = (this.at + 1) % TAPS;
      this.due += 1;
      if (this.due >= this.step) {
        this.due -= this.step;
        this.take();
      }
    }
    return true;
  }

  take() {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap += 1) sum += this.taps[tap] * this.ring[(this.at + tap) % TAPS];
    this.loudest = Math.max(this.loudest, Math.abs(sum));
    this.frame[this.filled] = encoded(sum);
    this.filled += 1;
    if (this.filled < FRAME) return;
    this.port.postMessage({ frame: this.frame.buffer, level: this.loudest }, [this.frame.buffer]);
    this.frame = new Uint8Array(FRAME);
    this.filled = this.loudest = 0;
  }
}

// Plays what it is given in order, and tells each mark when all before it was played, or was thrown away.
class Mouth extends AudioWorkletProcessor {
  constructor() {
    super();
    this.waiting = []; // pieces of sound, and marks
    this.held = 0;
    this.at = 0;
    this.last = 0;
    this.step = LINE_HZ / sampleRate;
    this.port.onmessage = ({ data }) => this.told(data);
  }

  told({ sound, mark, clear }) {
    if (clear) {
      const marks = this.waiting.filter((each) => each.mark).map((each) => each.mark);
      this.waiting = [];
      this.held = this.at = 0;
      marks.forEach((each) => this.port.postMessage(each));
    } else if (mark) {
      this.waiting.push({ mark });
    } else if (this.held < LONGEST_S * LINE_HZ) {
      const codes = new Uint8Array(sound);
      this.held += codes.length;
      this.waiting.push({ codes });
    }
  }

  process(_inputs, [[output]]) {
    for (let place = 0; place < output.length; place += 1) output[place] = this.next();
    this.marks();
    return true;
  }

  next() {
    this.marks();
    if (!this.waiting.length) {
      this.last *= 0.95; // no click where sound stops
      return this.last;
    }
    const { codes } = this.waiting[0];
    const before = Math.floor(this.at);
    const now = DECODED[codes[before]];
    const then = before + 1 < codes.length ? DECODED[codes[before + 1]] : now;
    this.last = now + (then - now) * (this.at - before);
    this.at += this.step;
    if (this.at >= codes.length) {
      this.at -= codes.length;
      this.held -= codes.length;
      this.waiting.shift();
    }
    return this.last;
  }

  marks() {
    while (this.waiting.length && this.waiting[0].mark) this.port.postMessage(this.waiting.shift().mark);
    if (!this.waiting.length) this.at = 0;
  }
}

registerProcessor("ear", Ear);
registerProcessor("mouth", Mouth);
