"""Makes the SYNTHETIC recordings of `tests/data/speech`: short things that callers say, spoken by espeak-ng.

`python -m tests.data.make_spoken` writes `say_LANGUAGE_NAME.wav` and their words into `transcripts.json`; the
other recordings stay as they are. Needs espeak-ng; what it made is committed. May import: the standard
library, numpy, orjson, the carrier peer's mu-law.
"""

import io
import struct
import subprocess
import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from tests.peers.carrier import ulaw

FOLDER = Path(__file__).parent / "speech"
RATE = 8000
BAND_HZ = (300.0, 3400.0)
EDGE_HZ = 60.0
LOUDNESS = 2600.0
"""The root mean square of what is spoken, of 32768."""
QUIET_S = 0.12

# Different mouths, so that the same word in two recordings does not sound the same.
VOICES: Mapping[str, tuple[str, ...]] = {
    "en": ("en-us", "en-us+f2", "en-us+m3", "en-us+f4", "en-us+m5"),
    "es": ("es-419", "es-419+f2", "es+m3", "es-419+f4", "es+m5"),
}
SPEEDS = (150, 135, 165, 145)

Floats = NDArray[np.float64]

SAID: Mapping[str, Mapping[str, str]] = {
    "en": {
        "yes": "yes",
        "no": "no",
        "yes_please": "yes please",
        "thats_right": "that's right",
        "thats_wrong": "no, that's wrong",
        "hours": "what are your hours",
        "billing": "billing department",
        "pharmacy": "the pharmacy please",
        "leave_message": "I want to leave a message",
        "person": "speak to a person",
        "operator": "operator",
        "help": "help",
        "repeat": "can you repeat that",
        "go_back": "go back",
        "book": "I need to book an appointment",
        "cancel": "I have to cancel my appointment",
        "move": "can I move my appointment to Friday",
        "tomorrow_morning": "tomorrow morning",
        "name": "this is Maria Lopez",
        "number": "five five five, one two three, four five six seven",
        "call_back": "please call me back about my test results",
        "question": "do you take walk in patients",
        "chest_pain": "I am having chest pain",
        "cannot_breathe": "I can't breathe",
        "chest_pain_mother": "my mother has chest pain and she is very pale",
        "in_spanish": "in Spanish please",
        "goodbye": "goodbye",
        "one": "one",
        "two": "two",
        "when": "when is my appointment",
        "born": "March ninth nineteen eighty",
        "maybe": "maybe later",
        "first_free": "as soon as possible",
    },
    "es": {
        "si": "sí",
        "no": "no",
        "correcto": "correcto",
        "no_esta_mal": "no, está mal",
        "horario": "cuál es el horario",
        "facturacion": "facturación por favor",
        "dejar_mensaje": "quiero dejar un mensaje",
        "persona": "quiero hablar con una persona",
        "operadora": "operadora",
        "ayuda": "ayuda",
        "repita": "puede repetirlo por favor",
        "volver": "volver atrás",
        "cita": "necesito una cita",
        "cancelar": "tengo que cancelar mi cita",
        "manana": "mañana por la mañana",
        "nombre": "me llamo Carmen Ruiz",
        "numero": "cinco cinco cinco, uno dos tres, cuatro cinco seis siete",
        "pregunta": "atienden sin cita previa",
        "duele_el_pecho": "me duele el pecho",
        "no_puedo_respirar": "no puedo respirar",
        "adios": "adiós gracias",
        "uno": "uno",
        "dos": "dos",
        "cuando": "cuándo es mi cita",
        "nacimiento": "nueve de marzo de mil novecientos ochenta",
        "quizas": "quizás después",
    },
}


def spoken(text: str, voice: str, words_a_minute: int) -> bytes:
    """The text as mu-law after a telephone trip, with a little silence on both sides."""
    command = ("espeak-ng", "--stdout", "-v", voice, "-s", str(words_a_minute), text)
    made = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout
    with wave.open(io.BytesIO(_sized(made))) as file:
        rate, pcm = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2")
    line = _on_the_line(pcm.astype(np.float64), rate)
    line *= LOUDNESS / np.sqrt(np.mean(line[np.abs(line) > np.abs(line).max() / 30] ** 2))
    quiet = np.zeros(int(QUIET_S * RATE))
    whole = np.concatenate((quiet, line, quiet))
    return ulaw.encode(np.clip(np.rint(whole), -32768, 32767).astype(np.int16))


def _sized(wav: bytes) -> bytes:
    # espeak-ng writes to a pipe and cannot go back to fill in the lengths.
    riff, data = (len(wav) - 8).to_bytes(4, "little"), (len(wav) - 44).to_bytes(4, "little")
    return wav[:4] + riff + wav[8:40] + data + wav[44:]


def _on_the_line(pcm: Floats, rate: int) -> Floats:
    """The sound in the telephone's band at 8 kHz, by way of its spectrum; without silence around it."""
    count = len(pcm) * RATE // rate
    hertz = np.fft.rfftfreq(len(pcm), 1 / rate)
    low, high = BAND_HZ
    passes = np.clip((hertz - low) / EDGE_HZ, 0, 1) * np.clip((high - hertz) / EDGE_HZ, 0, 1)
    spectrum = np.fft.rfft(pcm) * passes
    line: Floats = np.fft.irfft(spectrum[: count // 2 + 1], count) * (count / len(pcm))
    heard = np.flatnonzero(np.abs(line) > np.abs(line).max() / 100)
    return line[heard[0] : heard[-1] + 1]


def wav(ulaw_8k: bytes) -> bytes:
    """A WAV file of mu-law (format tag 7)."""
    head = struct.pack("<HHIIHH", 7, 1, RATE, RATE, 1, 8)
    data = ulaw_8k + b"\xff" * (len(ulaw_8k) % 2)
    chunks = (b"fmt " + struct.pack("<I", len(head)) + head, b"data" + struct.pack("<I", len(data)) + data)
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def main() -> None:
    """Write all of them."""
    index = FOLDER / "transcripts.json"
    texts: dict[str, str] = {
        name: text for name, text in orjson.loads(index.read_bytes()).items() if not name.startswith("say_")
    }
    for language, said in SAID.items():
        for place, (name, text) in enumerate(said.items()):
            voice, speed = VOICES[language][place % 5], SPEEDS[place % 4]
            (FOLDER / f"say_{language}_{name}.wav").write_bytes(wav(spoken(text, voice, speed)))
            texts[f"say_{language}_{name}"] = text
    index.write_bytes(orjson.dumps(texts, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


if __name__ == "__main__":
    main()
