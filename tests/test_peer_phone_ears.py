"""The phone peer's judgement of what was heard: level, stretches, known recordings, tones, gaps."""

from pathlib import Path

import numpy as np
import pytest

from tests.peers.carrier import speech, ulaw
from tests.peers.phone import ears
from tests.peers.phone.sound import BadSound, Pcm, as_pcm, read_wav, rms, tone, write_wav

QUIET = np.zeros(1600, np.int16)
SENTENCE = speech.SPEECH_FOLDER / "s2p_what_time_is_it.wav"


def after(*parts: Pcm) -> Pcm:
    return np.concatenate(parts)


def noise(count: int, loud: float) -> Pcm:
    return np.random.default_rng(5).normal(0, loud, count).astype(np.int16)


def test_levels_are_those_of_each_20_ms() -> None:
    levels = ears.levels(after(QUIET, tone(500, 100, loud=1000), QUIET))
    assert len(levels) == 25
    assert levels[:10].max() == 0
    assert levels[10:15] == pytest.approx(707, rel=0.01)
    assert rms(tone(500, 100, loud=1000)) == pytest.approx(707, rel=0.01)
    assert rms(np.zeros(0, np.int16)) == 0


def test_stretches_of_sound_are_found_and_short_pauses_are_within_them() -> None:
    word = tone(500, 100)
    heard = after(QUIET, word, np.zeros(800, np.int16), word, QUIET, QUIET, word)
    assert [(span.start_ms, span.end_ms) for span in ears.sounds(heard)] == [(200, 500), (900, 1000)]
    assert len(ears.sounds(heard, pause_ms=0)) == 3
    assert ears.sounds(after(QUIET, noise(1600, 20))) == []
    assert ears.longest_gap_ms(heard) == 400
    assert ears.longest_gap_ms(QUIET) == 0


def test_a_recording_is_found_where_it_is_at_any_loudness() -> None:
    known = read_wav(SENTENCE, 8000)
    heard = after(QUIET, (known * 0.25).astype(np.int16), QUIET)
    match = ears.find(known, heard + noise(len(heard), 5))
    assert match.score > 0.98
    assert match.at == len(QUIET)
    assert match.gain == pytest.approx(0.25, rel=0.05)


def test_another_recording_is_not_it() -> None:
    known, other = read_wav(SENTENCE, 8000), read_wav(speech.SPEECH_FOLDER / "s2p_nevermind.wav", 8000)
    assert ears.find(known, after(QUIET, other, QUIET)).score < 0.3
    assert ears.find(known, noise(5 * len(known), 2000)).score < 0.3
    assert ears.find(known, QUIET).score < 0.01
    assert ears.find(known, np.zeros(0, np.int16)).score < 0.01
    # Half of it is not all of it.
    hiss = noise(8000, 2000)
    assert ears.find(hiss, after(QUIET, hiss[:4000], QUIET, QUIET, QUIET)).score == pytest.approx(
        0.7, abs=0.05
    )
    with pytest.raises(ValueError, match="silence"):
        ears.find(QUIET, known)


def test_a_tone_is_told_from_others() -> None:
    tones = (400, 700, 1000)
    assert ears.strongest_tone(tone(700, 100), tones) == 700
    assert ears.strongest_tone(tone(700, 100, 16000), tones, 16000) == 700
    assert ears.strongest_tone(tone(850, 100), tones) is None
    assert ears.strongest_tone(noise(1600, 1000), tones) is None
    assert ears.strongest_tone(QUIET, tones) is None
    assert ears.tone_power(tone(400, 200), 400) == pytest.approx(1, rel=0.01)


def test_files_are_read_at_the_rate_of_the_call(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    write_wav(path, tone(700, 200, 16000), 16000)
    assert ears.strongest_tone(read_wav(path, 8000), (700, 1400)) == 700
    assert len(read_wav(path, 16000)) == 3200
    path.write_bytes(b"RIFF no WAV")
    with pytest.raises(BadSound, match=r"tone\.wav"):
        read_wav(path, 8000)


def test_mu_law_is_said_as_it_sounds() -> None:
    coded = ulaw.encode(tone(700, 100))
    assert (as_pcm(coded, 8000) == ulaw.decode(coded)).all()
    assert ears.strongest_tone(as_pcm(coded, 16000), (700, 1400), 16000) == 700
