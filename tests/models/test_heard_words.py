"""From audio to words: our ear finds an utterance, its audio is cut out, the recogniser peer knows it."""

import orjson
import pytest

from appliance.core.events import VoiceBegan, VoiceCeased
from appliance.core.ulaw import SILENCE
from models.local.doubling import pcm_16k
from models.local.ring import TRAIL_MS, Ring
from models.local.silero import Silero, shipped_weights
from scripts.ears.hearing import heard
from tests.peers.carrier import speech
from tests.peers.recogniser import Library
from tests.peers.recogniser.sound import look, samples

WEIGHTS = shipped_weights()
pytestmark = pytest.mark.skipif(
    WEIGHTS is None, reason="takes faster-whisper, whose package holds the network"
)
TEXTS: dict[str, str] = orjson.loads((speech.SPEECH_FOLDER / speech.TRANSCRIPTS).read_bytes())
MESSAGE_MS = 1_500
QUIET = [SILENCE * 160] * 100


@pytest.fixture(scope="module")
def network() -> Silero:
    assert WEIGHTS is not None
    return Silero(WEIGHTS)


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.read(speech.SPEECH_FOLDER)


def taken(network: Silero, frames: list[bytes]) -> list[bytes]:
    """The utterances of a line on which these frames come, by our own ear."""
    ring, began_ms, free_ms, found = Ring(len(frames) * 160), 0, 0, list[bytes]()
    for frame in frames:
        ring.take(frame)
    for event in heard(network, frames, MESSAGE_MS):
        if isinstance(event, VoiceBegan):
            began_ms = event.at_ms
        elif isinstance(event, VoiceCeased):
            found.append(ring.utterance(began_ms, event.at_ms, free_ms))
            free_ms = event.at_ms + TRAIL_MS
    return found


def words(library: Library, ulaw_8k: bytes) -> str:
    return library.words(look(samples(pcm_16k(ulaw_8k), 2, 1), 16000))


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_caller_says_is_known_from_its_utterance(network: Silero, library: Library, name: str) -> None:
    said = taken(network, [*QUIET, *speech.load(name).frames, *QUIET])
    assert [words(library, utterance) for utterance in said] == [TEXTS[name]]


def test_one_answer_after_the_other_is_taken_apart(network: Silero, library: Library) -> None:
    names = ("say_en_yes", "say_en_chest_pain", "say_es_si", "say_es_cita", "say_en_goodbye")
    frames = [frame for name in names for frame in (*QUIET, *speech.load(name).frames)]
    said = taken(network, [*frames, *QUIET])
    assert [words(library, utterance) for utterance in said] == [TEXTS[name] for name in names]
