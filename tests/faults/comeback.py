"""Batches in which the cloud comes back: the next turn is the cloud's, and it knows what was said without it.

May import: the standard library, tests.golden, tests.peers, this package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.faults.calls import SESSION_S, Result, complained, concluded
from tests.faults.door import Door
from tests.faults.ground import Ground, Setup, ground
from tests.faults.points import AGAIN, GREETING, LIVE, OPEN
from tests.faults.purposes import HOURS, Purpose, told
from tests.golden.clinic import until
from tests.peers.carrier import PhoneCall
from tests.peers.realtime import Fault, Reply, Script, Session, Turn

LATER_S = 60.0
ASK_LATER = "leave message say_en_question within 60\nwait 60"
"""As soon as the cloud is back, which the caller cannot know: the test says so."""
PLAN = "wait for speech\nwait 6\nsay say_en_hours\n" + ASK_LATER
ASKED = "what are your hours"


@dataclass(frozen=True, slots=True)
class Comeback:
    """A call that begins without the cloud, or loses it; when the box has helped, the cloud is well again."""

    from_start: bool

    @property
    def name(self) -> str:
        return f"the cloud comes back, {self._point}"

    @property
    def _point(self) -> str:
        return "after a start without it" if self.from_start else "after it was lost in a reply"

    async def play(self, folder: Path, speech: Mapping[str, str]) -> list[Result]:
        """Play it; how it went."""
        result = Result("comes back", self._point, "at once", goes_local=False)
        first = Turn("utterance", (Reply(OPEN),), heard=ASKED, connection=1, speedup=LIVE)
        lost = () if self.from_start else (Turn("greeting", (Reply(GREETING),)), first)
        script = Script((*lost, *AGAIN[Purpose.WALK_IN]))

        async def shut(door: Door) -> None:
            if self.from_start:
                door.refuse()

        async with ground(folder, Setup(script, speech, {}), shut) as stage:
            phone = await stage.ring(0, PLAN)
            fault_ms = phone.line.now_ms if self.from_start else await self._lose(stage, phone)
            try:
                session = await self._come_back(stage, phone)
            except TimeoutError as exc:
                result.wrong.append(f"it did not come back: {exc}")
                session = None
            await concluded(stage, phone, Purpose.WALK_IN, fault_ms, result)
            result.wrong += _knows(session)
            return complained(stage, [result])

    async def _lose(self, stage: Ground, phone: PhoneCall) -> int:
        session = await stage.cloud.session(1, SESSION_S)
        answers = "response.output_audio.delta"
        begun = len(session.sent_of(answers))
        await stage.cloud.wait_for(lambda: len(session.sent_of("response.created")) == 2, LATER_S)
        await stage.cloud.wait_for(lambda: len(session.sent_of(answers)) > begun + 4, LATER_S)
        stage.door.refuse()
        session.do(Fault("close", code=1011))
        return phone.line.now_ms

    async def _come_back(self, stage: Ground, phone: PhoneCall) -> Session:
        """Let the cloud in when the box has told the hours by itself; the session that goes on."""
        database = stage.box.database
        await until(lambda: phone.is_over or told(database, phone.sid, Purpose.HOURS), LATER_S)
        await stage.door.open()

        def back() -> Session | None:
            told_of = (each for each in stage.cloud.sessions if not each.closed and _told(each))
            return next(told_of, None)

        session = await stage.cloud.wait_for(back, LATER_S)
        assert session is not None
        phone.line.caller.recording = True
        return session


def _told(session: Session) -> list[str]:
    """What a session was told of the call so far."""
    items = [event["item"] for event in session.received_of("conversation.item.create")]
    return [f"{item['role']}: {item['content'][0]['text']}" for item in items if item["type"] == "message"]


def _knows(session: Session | None) -> list[str]:
    """What the cloud should have been told, or have heard, and was not."""
    if session is None:
        return ["no session"]
    story = _told(session)
    missing = [] if f"user: {ASKED}" in story else [f"the cloud does not know the question: {story}"]
    if not any(line.startswith("assistant: ") and HOURS in line for line in story):
        missing.append(f"the cloud does not know the answer: {story}")
    if len(session.sent_of("input_audio_buffer.committed")) != 1:
        missing.append("the next turn was not the cloud's")
    return missing
