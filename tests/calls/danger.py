"""How soon our own sentence sounds when somebody is in danger: `python -m tests.calls.danger [--callers N]`.

Plays calls on a real bridge and prints the time from the words, as they came out of the service or of the
recogniser, to the first sound of the fixed sentence at the carrier. May import: the standard library,
appliance, tests.peers, this package's stage.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.core.ulaw import BYTES_PER_MS
from appliance.service.prompts import load
from tests.calls.stage import Stage, staged
from tests.peers.carrier import PhoneCall
from tests.peers.carrier.happenings import ClearReceived, MediaReceived
from tests.peers.carrier.speech import SPEECH_FOLDER
from tests.peers.realtime import Session
from tests.peers.recogniser import RecogniserPeer

CALL_S = 60.0
TELLING_BYTES = 4000
"""So much of a recording is like no other."""
LIKE_A_PERSON = 1.2
"""An answer that is generated no faster than it is heard is still being made when it is cut."""
PLAYED_MS = 200
"""What the carrier gets it plays at its next tick, which may be late."""
LONG = (
    "There is room for your car behind the house, on all working days until six in the evening, and in front."
)
TOLD = "conversation.item.input_audio_transcription"
ENGLISH, SPANISH = "I am having chest pain", "no puedo respirar"


class NotSaid(Exception):
    """Something else was heard."""


@dataclass(frozen=True)
class Case:
    """What is said, and how long after it the service's words come."""

    recording: str
    heard: str
    after_ms: int
    language: str = "en"
    apart_ms: int = 0
    """Between two words that the service tells; 0 is all at once."""
    telling: str = ""
    """The words that tell of danger, where more follow them."""

    @property
    def answer(self) -> bytes:
        """How the fixed sentence begins."""
        return load(self.language)["emergency_911"][:TELLING_BYTES]

    @property
    def script(self) -> str:
        """The service answers as if nothing was the matter."""
        greeting = '[[turn]]\non = "greeting"\nsay = "Good morning."\n'
        heard = (
            f'heard = "{self.heard}"\nheard_after_ms = {self.after_ms}\nheard_delta_ms = {self.apart_ms}\n'
        )
        pace = f"speedup = {LIKE_A_PERSON}\n" if self.telling else ""
        return f'{greeting}[[turn]]\non = "utterance"\n{heard}{pace}say = "{LONG}"\n'

    @property
    def plan(self) -> str:
        """Say it, and hear what comes."""
        return f"wait for speech\nwait 2\nsay {self.recording}\nwait 6\nhang up\n"


CASES = {
    "before the answer": Case("say_en_chest_pain", ENGLISH, 0),
    "in the middle of the answer": Case("say_en_chest_pain", ENGLISH, 1500),
    "in Spanish": Case("say_es_no_puedo_respirar", SPANISH, 1500, "es"),
    "in the middle of the words": Case(
        "say_en_chest_pain", f"{ENGLISH} and it began this morning", 800, apart_ms=250, telling="chest pain"
    ),
}


@dataclass(frozen=True, slots=True)
class Soon:
    """From the words to the first sound, and how long of that there was no core for the box or its peers."""

    ms: float
    crowded_ms: float


async def by_the_service(folder: Path, case: Case, callers: int) -> list[Soon]:
    """The service's words are looked at; so many callers at once."""
    async with staged(folder, case.script) as stage:
        calls = [await stage.ring(case.plan) for _ in range(callers)]
        await asyncio.gather(*(phone.done(CALL_S) for phone, _ in calls))
        if case.telling and not all(_cut_short(phone, session) for phone, session in calls):
            raise NotSaid("the answer under way was not cancelled and cleared before all words were told")
        return [_soon(stage, phone, case, _told_s(session, case.telling)) for phone, session in calls]


def _told_s(session: Session, telling: str = "") -> float:
    """When the service told what the caller had said, or so much of it that these words were told."""
    if not telling:
        return next(at for at, event in session.sent if event["type"] == f"{TOLD}.completed")
    so_far = ""
    for at, event in session.sent:
        if event["type"] == f"{TOLD}.delta":
            so_far += event["delta"]
            if telling in so_far:
                return at
    raise NotSaid(f"the service told no more than: {so_far}")


def _cut_short(phone: PhoneCall, session: Session) -> bool:
    """Whether the answer was cancelled at the service and cleared at the carrier before all was told."""
    told_s = _told_s(session)
    cancelled = any(at < told_s for at, event in session.received if event["type"] == "response.cancel")
    return cancelled and any(each.at_s < told_s for each in phone.journal.of(ClearReceived))


async def by_the_box(folder: Path, calls: int) -> list[Soon]:
    """There is no service, and the box's own recogniser is asked; one caller after the other."""
    case, socket = CASES["in Spanish"], folder / "speech.sock"
    sections: dict[str, dict[str, Any]] = {
        "cloud": {"enabled": False},
        "local": {"enabled": True},
        "speech": {"recognition_uri": f"unix://{socket}"},
    }
    async with (
        RecogniserPeer(SPEECH_FOLDER, socket=socket) as ears,
        staged(folder, case.script, settings=sections) as stage,
    ):
        found = list[Soon]()
        for _ in range(calls):
            before = len(ears.asked)
            phone = await stage.call(case.plan)
            heard_s = next(asked.over_s for asked in ears.asked[before:] if asked.text == SPANISH)
            found.append(_soon(stage, phone, case, heard_s))
        return found


def _soon(stage: Stage, phone: PhoneCall, case: Case, heard_s: float) -> Soon:
    """The next sound that the carrier gets is of another run than what it was told to forget.

    Raises NotSaid when it is not the fixed sentence.
    """
    cleared = [each.at_s for each in phone.journal.of(ClearReceived) if each.at_s >= heard_s]
    since_s = cleared[0] if cleared else heard_s
    first = next(each for each in phone.journal.of(MediaReceived) if each.at_s >= since_s)
    said_ms = phone.heard.find(case.answer) // BYTES_PER_MS
    if not 0 <= said_ms - first.call_ms <= PLAYED_MS:
        raise NotSaid(f"at {first.call_ms} ms of the call; the fixed sentence came at {said_ms} ms")
    return Soon((first.at_s - heard_s) * 1000, stage.crowding.ms(heard_s, first.at_s))


def row(name: str, found: Sequence[Soon]) -> str:
    """A line of the table in docs/phrases.md."""
    ordered = sorted(each.ms for each in found)
    figures = (ordered[int(share * (len(ordered) - 1) + 0.5)] for share in (0.5, 0.95, 1.0))
    return f"| {name} | {len(ordered)} | {' | '.join(f'{each:.0f}' for each in figures)} |"


async def _rows(folder: Path, callers: int, rounds: int) -> Iterator[str]:
    found: dict[str, list[Soon]] = {}
    for number in range(rounds):
        for name, case in CASES.items():
            place = folder / f"{number}{case.recording}{case.after_ms}"
            found.setdefault(name, []).extend(await by_the_service(place, case, callers))
    found["heard by the box itself"] = await by_the_box(folder, callers * rounds)
    return (row(name, times) for name, times in found.items())


def main() -> None:
    """Play all cases and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.calls.danger", description=__doc__)
    parser.add_argument("--callers", type=int, default=4, help="callers at once")
    parser.add_argument("--rounds", type=int, default=5, help="how often each case is played")
    asked = parser.parse_args()
    print("| words | calls | p50 ms | p95 ms | most ms |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="danger") as folder:
        for line in asyncio.run(_rows(Path(folder), asked.callers, asked.rounds)):
            print(line)


if __name__ == "__main__":
    main()
