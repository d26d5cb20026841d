"""How the realtime peer's replies sound, and its G.711.

May import: tests.peers.realtime, numpy.
"""

import os
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.peers.realtime.g711 import ALAW_TO_PCM, ULAW_TO_PCM, decode_ulaw, encode, loud_table
from tests.peers.realtime.voices import Source, Voices


def test_g711_decodes_as_the_recommendation_has_it() -> None:
    assert [int(ULAW_TO_PCM[code]) for code in (0xFF, 0x7F, 0x00, 0x80, 0xFE)] == [0, 0, -32124, 32124, 8]
    assert [int(ALAW_TO_PCM[code]) for code in (0xD5, 0x55, 0x2A, 0xAA)] == [8, -8, -32256, 32256]


@pytest.mark.parametrize(("coding", "decoded"), [("audio/pcmu", ULAW_TO_PCM), ("audio/pcma", ALAW_TO_PCM)])
def test_every_code_survives_the_way_there_and_back(coding: str, decoded: np.ndarray) -> None:
    codes = encode(decoded, coding)
    # There are two zeros in mu-law; silence on the wire is the positive one.
    assert [code for code in range(256) if codes[code] != code] == ([0x7F] if coding == "audio/pcmu" else [])


@pytest.mark.parametrize("coding", ["audio/pcmu", "audio/pcma", "audio/pcm"])
def test_a_higher_threshold_wants_louder_speech(coding: str) -> None:
    loud = [loud_table(coding, threshold).count(1) for threshold in (0.2, 0.5, 0.8)]
    assert loud[0] > loud[1] > loud[2] > 0


def written(path: Path, rate: int, hertz: int) -> Path:
    samples = (8000 * np.sin(2 * np.pi * hertz * np.arange(rate) / rate)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000])
def test_a_wav_file_is_spoken_at_its_own_pitch(tmp_path: Path, rate: int) -> None:
    sound = Voices().sound(Source("", audio=written(tmp_path / "a.wav", rate, 500)), "audio/pcmu")
    assert sound.length_ms == 1000
    spectrum = np.abs(np.fft.rfft(decode_ulaw(sound.coded)))
    assert int(spectrum.argmax()) == 500


def test_what_a_telephone_cannot_carry_is_left_out(tmp_path: Path) -> None:
    sound = Voices().sound(Source("", audio=written(tmp_path / "a.wav", 24000, 5000)), "audio/pcmu")
    assert np.abs(decode_ulaw(sound.coded[800:-800])).max() < 100


def test_a_ulaw_file_is_spoken_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "a.ulaw"
    path.write_bytes(bytes(range(256)) * 10)
    assert Voices().sound(Source("", audio=path), "audio/pcmu").coded == path.read_bytes()
    assert Voices().sound(Source("", audio=path), "audio/pcm").length_ms == 320


def test_a_tone_has_its_length() -> None:
    sound = Voices().sound(Source("", tone_ms=750), "audio/pcmu")
    assert sound.length_ms == 750
    assert int(np.abs(np.fft.rfft(decode_ulaw(sound.coded))).argmax()) == 330


def test_longer_words_take_longer() -> None:
    voices = Voices()
    short, long = [voices.sound(Source(words), "audio/pcmu") for words in ("Yes.", "Yes. " * 20)]
    assert 400 <= short.length_ms < 500
    assert long.length_ms > 6000


# A first line cannot name an interpreter whose path has a blank in it.
ESPEAK = """#!/bin/sh
"exec" "{python}" "$0" "$@"
import sys, wave
assert sys.argv[-1] == "Good morning."
file = wave.open(sys.stdout.buffer, "wb")
file.setparams((1, 2, 22050, 0x3FFFF000, "NONE", ""))
try:
    file.writeframesraw(b"\\1\\2" * 22050)
    sys.stdout.buffer.flush()
finally:
    import os
    os._exit(0)
"""


def test_espeak_speaks_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "espeak-ng"
    program.write_text(ESPEAK.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.environ["PATH"])
    voices = Voices("espeak")
    voices.prepare([Source("Good morning.")])
    sound = voices.sound(Source("Good morning."), "audio/pcmu")
    assert sound.length_ms == 1000
    assert abs(int(decode_ulaw(sound.coded)[4000]) - 0x0201) < 20


def test_without_espeak_the_replies_hum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Voices("espeak").sound(Source("Hello."), "audio/pcmu").length_ms > 0


def test_an_unknown_voice_is_refused() -> None:
    with pytest.raises(ValueError, match="synth or espeak"):
        Voices("opera")
