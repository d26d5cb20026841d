"""What is typed instead of being said: a sound that our own ear can read, and a leg that makes it.

So a typed line goes the way of a spoken one through the call, the conversation and whichever assistant
talks; only nobody has to recognise it. Nothing is spoken aloud either: nobody waits for a sentence's end.
May import: the standard library, appliance.core, models.local.
"""

import asyncio
import re
import secrets
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import replace
from types import TracebackType
from typing import Self

from appliance.core.coding import Coding
from appliance.core.dispositions import Disposition
from appliance.core.events import (
    CallAnswered,
    CallerHungUp,
    DigitPressed,
    Event,
    LegFailed,
    ReplyBegan,
    ReplyEnded,
    VoiceBegan,
    VoiceCeased,
)
from appliance.core.phase import Patience
from appliance.core.ports import LegEars
from appliance.core.rehearsal import HangUp, Key, Line, Step
from appliance.core.ulaw import BYTES_PER_MS, FRAME_MS, SILENCE
from models.local.brain import Faculties
from models.local.speech_client import Recognised

SOUND_MS, PAUSE_MS = 600, 1200
"""How long a line sounds, so that it is no noise, and the silence behind it: nothing of it is heard again
with the next one, to which the second before its beginning belongs."""
TICK_S = 0.1
WAITING_MOST = 20
FRAME = FRAME_MS * BYTES_PER_MS
MARK = b"\x01\x81\x02\x82"
NUMBER_BITS = 16
READ = re.compile(re.escape(MARK) + b"([\x00\x80]{%d})" % NUMBER_BITS, re.DOTALL)
ONE_HOUR_MS = 3_600_000
MESSAGE_PAUSE_MS = 300
"""One line is the whole of a message."""


class Lines:
    """The lines of one rehearsal, and the sound that stands for each."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._began_ms: list[int] = []

    def sound(self, text: str, at_ms: int) -> bytes:
        """The sound of a line that is typed at this time of the call: µ-law at 8 kHz, as loud as can be."""
        number = len(self._texts)
        self._texts.append(text)
        self._began_ms.append(at_ms)
        word = MARK + bytes(0x80 if number >> bit & 1 else 0 for bit in range(NUMBER_BITS))
        return (word * (SOUND_MS * BYTES_PER_MS // len(word) + 1))[: SOUND_MS * BYTES_PER_MS]

    def within(self, ulaw_8k: bytes) -> str:
        """The lines that sound in this audio, each once; empty for none."""
        numbers = (_number(found[1]) for found in READ.finditer(ulaw_8k))
        known = dict.fromkeys(number for number in numbers if number < len(self._texts))
        return " ".join(self._texts[number] for number in known)

    def begun(self, began_ms: int) -> str:
        """The line that began at this time of the call; empty for none."""
        places = (place for place, at_ms in enumerate(self._began_ms) if at_ms == began_ms)
        return next((self._texts[place] for place in places), "")

    def faculties(self, able: Faculties) -> Faculties:
        """The same ears and mouth for what is typed: nothing sounds, and no recording is kept."""

        async def recognise(ulaw_8k: bytes, language: str) -> Recognised:
            text = self.within(ulaw_8k)
            return Recognised(text, 1.0, language, speech=bool(text))

        return replace(unkept(able), voice=_NoVoice(), recognise=recognise)


def unkept(able: Faculties) -> Faculties:
    """The same without a disk: a message that is spoken in a rehearsal is named as ever, and kept nowhere."""

    async def keep(_call_id: str, _ulaw_8k: bytes) -> str:
        return f"message-{secrets.token_hex(8)}.wav"

    return replace(able, keep=keep)


def patience(usual: Patience) -> Patience:
    """That of one who waits for somebody to type."""
    return replace(
        usual,
        no_input_ms=ONE_HOUR_MS,
        no_input_cloud_ms=ONE_HOUR_MS,
        message_pause_ms=MESSAGE_PAUSE_MS,
    )


class _NoVoice:
    """Says every sentence in one frame of silence."""

    async def speak(self, text: str, language: str, coding: Coding) -> AsyncGenerator[bytes, None]:
        yield SILENCE * FRAME


class TypedLeg:
    """The caller's side of a rehearsal that is typed; implements `Leg`.

    What the cloud says takes its time only while it is being made: nobody hears it, but a reply of which the
    sound does not come is to be noticed as ever.
    """

    coding: Coding = "ulaw_8k"

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.left: Disposition | None = None
        self._steps: asyncio.Queue[Step] = asyncio.Queue(WAITING_MOST)
        self._ears: LegEars | None = None
        self._given = 0
        self._heard_until_s = 0.0
        self._hurries = True
        self._plays_until_s = 0.0
        self._marks: deque[tuple[float, str]] = deque()
        self._failed = ""
        self._gone = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone = True

    def do(self, step: Step) -> bool:
        """Have something done; False when so much waits already that it is not."""
        try:
            self._steps.put_nowait(step)
        except asyncio.QueueFull:
            return False
        return True

    def end_for(self, reason: str) -> None:
        """End the rehearsal from the outside, at once."""
        self._failed = self._failed or reason
        if self._ears is not None and not self._gone:
            self._gone = True
            self._ears.happened(LegFailed(reason))

    def watch(self, event: Event) -> None:
        """An answer of the cloud begins, and takes its time; once it is made nobody waits for it."""
        if isinstance(event, ReplyBegan):
            self._hurries = False
        elif isinstance(event, ReplyEnded):
            self._hurries = True
            self._all_played()

    # The port ------------------------------------------------------------------------------------------

    async def listen(self, ears: LegEars) -> None:
        """Report what is typed and pressed, and silence meanwhile."""
        self._ears = ears
        ears.happened(CallAnswered())
        if self._failed:
            self.end_for(self._failed)
        loop = asyncio.get_running_loop()
        self._heard_until_s = loop.time()
        while not self._gone:
            try:
                async with asyncio.timeout(TICK_S):
                    step = await self._steps.get()
            except TimeoutError:
                step = None
            if step is not None:
                await self._done(step, ears)
            while self._marks and self._marks[0][0] <= loop.time():
                ears.mark_reached(self._marks.popleft()[1])
            missing_ms = int((loop.time() - self._heard_until_s) * 1000) // FRAME_MS * FRAME_MS
            self._heard_until_s += missing_ms / 1000
            await self._give(SILENCE * (missing_ms * BYTES_PER_MS), ears)

    async def _done(self, step: Step, ears: LegEars) -> None:
        match step:
            case Line():
                at_ms = self._given // BYTES_PER_MS
                ears.happened(VoiceBegan(at_ms))
                await self._give(self.lines.sound(step.text, at_ms), ears)
                await self._give(SILENCE * (PAUSE_MS * BYTES_PER_MS), ears)
                ears.happened(VoiceCeased(at_ms + SOUND_MS, SOUND_MS))
            case Key():
                ears.happened(DigitPressed(step.key))
            case HangUp():
                self._gone = True
                ears.happened(CallerHungUp())

    async def _give(self, ulaw_8k: bytes, ears: LegEars) -> None:
        self._given += len(ulaw_8k)
        for at in range(0, len(ulaw_8k), FRAME):
            await ears.caller_audio(ulaw_8k[at : at + FRAME])

    async def play(self, ulaw_8k: bytes, mark: str) -> None:
        """Take it as played: at once, or while it is being made, in the time that it would take."""
        if self._ears is None:
            return
        if self._hurries and not self._marks:
            self._ears.mark_reached(mark)
            return
        now_s = asyncio.get_running_loop().time()
        self._plays_until_s = max(now_s, self._plays_until_s) + len(ulaw_8k) / BYTES_PER_MS / 1000
        self._marks.append((0.0 if self._hurries else self._plays_until_s, mark))

    def _all_played(self) -> None:
        while self._marks and self._ears is not None:
            self._ears.mark_reached(self._marks.popleft()[1])

    async def clear(self) -> None:
        """Throw away what has not been played; its marks come back, as those of a carrier do."""
        self._plays_until_s = 0.0
        self._marks = deque((0.0, mark) for _, mark in self._marks)

    async def end(self, disposition: Disposition) -> None:
        """Note where the call would go."""
        self.left, self._gone = disposition, True


def _number(bits: bytes) -> int:
    return sum(1 << place for place, bit in enumerate(bits) if bit)
