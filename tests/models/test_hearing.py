"""Our own ear on real recordings: what is spoken is found, and where nobody speaks nothing begins."""

import numpy as np
import pytest

from appliance.core.events import VoiceBegan, VoiceCeased, VoicePaused
from models.local.silero import Ear, Silero, shipped_weights
from scripts.ears.hearing import heard, heard_wide
from scripts.ears.sounds import edges_ms, frames, longest_pause_ms, recordings, silence, takes, wordless

WEIGHTS = shipped_weights()
pytestmark = pytest.mark.skipif(
    WEIGHTS is None, reason="takes faster-whisper, whose package holds the network"
)
RECORDINGS = recordings()
SPOKEN = [recording for recording in RECORDINGS if recording.speech]
AMBIENCE = next(recording.sound for recording in RECORDINGS if recording.name == "office_ambience")
LINES = ("alone", "in silence", "white 10 dB", "pink 20 dB", "office 10 dB", "peak -12 dB", "peak -30 dB")


@pytest.fixture(scope="module")
def network() -> Silero:
    assert WEIGHTS is not None
    return Silero(WEIGHTS)


def test_everything_spoken_is_found_on_a_wide_line(network: Silero) -> None:
    kept = {each.name: each.wide_16k for each in SPOKEN if each.wide_16k is not None}
    assert len(kept) >= 15
    assert [name for name, wide in kept.items() if not heard_wide(network, wide)] == []


@pytest.mark.parametrize("line", LINES)
def test_nearly_everything_spoken_is_found_on_the_telephone(network: Silero, line: str) -> None:
    missed = []
    for recording in SPOKEN:
        take = next(take for take in takes(recording, AMBIENCE) if take.line == line)
        if not any(isinstance(event, VoiceBegan) for event in heard(network, frames(take.sound))):
            missed.append(recording.name)
    assert len(missed) <= len(SPOKEN) * 0.05, missed


WORDLESS = dict(wordless(RECORDINGS))


@pytest.mark.parametrize("name", WORDLESS)
def test_what_is_not_spoken_begins_no_turn(network: Silero, name: str) -> None:
    assert heard(network, frames(WORDLESS[name])) == []


def test_time_is_kept_through_silences_of_every_length(network: Silero) -> None:
    """A word said again and again ends as late the last times as the first times."""
    word = next(recording.sound for recording in SPOKEN if recording.name == "brooklyn")
    _, last_ms = edges_ms(word)
    sound, at_ms = np.zeros(0), list[int]()
    for number in range(40):
        sound = np.concatenate((sound, silence(1.5 + 0.017 * number)))
        at_ms.append(len(sound) // 8 + last_ms)
        sound = np.concatenate((sound, word))
    ceased = [event for event in heard(network, frames(sound)) if isinstance(event, VoiceCeased)]
    late_ms = [event.at_ms - wanted_ms for event, wanted_ms in zip(ceased, at_ms, strict=True)]
    assert abs(float(np.mean(late_ms[:10]) - np.mean(late_ms[-10:]))) < 100


@pytest.mark.parametrize("asked_ms", [700, 1500])
def test_hardly_anybody_is_cut_off_but_by_a_pause_of_their_own(network: Silero, asked_ms: int) -> None:
    cut = set()
    for recording in SPOKEN:
        happened = heard(network, frames(recording.sound), asked_ms)
        began = [event.at_ms for event in happened if isinstance(event, VoiceBegan)]
        ceased = [event.at_ms for event in happened if isinstance(event, VoiceCeased)]
        for end_ms, start_ms in zip(ceased, began[1:], strict=False):
            if longest_pause_ms(recording.sound, end_ms - 300, start_ms + 300) < asked_ms - 300:
                cut.add(recording.name)
    # In the middle of this one, over noise, the network hears no speech for 1.6 s.
    assert cut <= {"fleurs_en_002"}


def test_a_pause_is_told_before_the_end(network: Silero) -> None:
    told = ended = 0
    for recording in SPOKEN:
        happened = heard(network, frames(recording.sound), 1_500)
        ended += sum(isinstance(event, VoiceCeased) for event in happened)
        told += sum(isinstance(event, VoicePaused) for event in happened)
    assert told >= ended


def test_windows_do_not_depend_on_how_the_audio_comes(network: Silero) -> None:
    whole = b"".join(frames(SPOKEN[0].sound))[:16_000]
    at_once, in_pieces = Ear(), Ear()
    wanted = network.windows(at_once, whole)
    got = [
        window
        for at in range(0, len(whole), 700)
        for window in network.windows(in_pieces, whole[at : at + 700])
    ]
    assert np.allclose(wanted, got, atol=1e-3)
