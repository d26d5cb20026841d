"""Danger in the caller's words: how soon our own sentence sounds, whoever has understood them.

From the moment at which the words came out of the service or of the recogniser, at most 500 ms: what the
machine kept the box waiting for a core is not the box's.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.calls.stage import Stage, staged
from tests.peers.carrier import PhoneCall
from tests.peers.carrier.happenings import ClearReceived, MediaReceived
from tests.peers.carrier.speech import SPEECH_FOLDER
from tests.peers.recogniser import RecogniserPeer

SOON_MS = 500
CALL_S = 60.0
LONG = (
    "There is room for your car behind the house, on all working days until six in the evening, and in front."
)
ENGLISH, SPANISH = "I am having chest pain", "no puedo respirar"


@dataclass(frozen=True)
class Case:
    """What is said, and how long after it the service's words come."""

    recording: str
    heard: str
    after_ms: int

    @property
    def script(self) -> str:
        """The service answers as if nothing was the matter."""
        greeting = '[[turn]]\non = "greeting"\nsay = "Good morning."\n'
        heard = f'heard = "{self.heard}"\nheard_after_ms = {self.after_ms}\n'
        return f'{greeting}[[turn]]\non = "utterance"\n{heard}say = "{LONG}"\n'

    @property
    def plan(self) -> str:
        """Say it, and hear what comes."""
        return f"wait for speech\nwait 2\nsay {self.recording}\nwait 6\nhang up\n"


CASES = {
    "before the answer": Case("say_en_chest_pain", ENGLISH, 0),
    "in the middle of the answer": Case("say_en_chest_pain", ENGLISH, 1500),
    "in Spanish": Case("say_es_no_puedo_respirar", SPANISH, 1500),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_words_of_the_service(case: Case, tmp_path: Path) -> None:
    async with staged(tmp_path, case.script) as stage:
        phone, session = await stage.ring(case.plan)
        await phone.done(CALL_S)

        def told(event: dict[str, Any]) -> bool:
            kind = str(event["type"])
            return kind.startswith("conversation.item.input_audio_transcription.completed")

        heard_s = next(at for at, event in session.sent if told(event))
        _judged(stage, phone, heard_s)


async def test_words_of_the_box_itself(tmp_path: Path) -> None:
    case = CASES["in Spanish"]
    sections: dict[str, dict[str, Any]] = {
        "cloud": {"enabled": False},
        "local": {"enabled": True},
        "speech": {"recognition_uri": f"unix://{tmp_path}/speech.sock"},
    }
    async with (
        RecogniserPeer(SPEECH_FOLDER, socket=tmp_path / "speech.sock") as ears,
        staged(tmp_path, case.script, settings=sections) as stage,
    ):
        phone = await stage.call(case.plan)
        heard_s = next(asked.over_s for asked in ears.asked if asked.text == SPANISH)
        _judged(stage, phone, heard_s)


def _judged(stage: Stage, phone: PhoneCall, heard_s: float) -> None:
    """The next sound that the carrier gets is of another run than what it was told to forget."""
    cleared = [each.at_s for each in phone.journal.of(ClearReceived) if each.at_s >= heard_s]
    since_s = cleared[0] if cleared else heard_s
    first_s = next(each.at_s for each in phone.journal.of(MediaReceived) if each.at_s >= since_s)
    assert (first_s - heard_s) * 1000 <= SOON_MS + stage.crowding.ms(heard_s, first_s)
