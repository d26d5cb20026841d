"""One call of the box to itself, as its caller: it listens, presses, speaks, and says what it found.

May import: the standard library, appliance.core, appliance.service, ari_bridge.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from appliance.core import ulaw
from appliance.core.errors import CarrierFailed, WireError
from appliance.core.self_call import Check, Finding, State
from appliance.core.steps import CallEnded, RingEnded, VoicemailTaken
from appliance.service.pbx.sounds import TONE_HZ
from appliance.service.self_call.board import Notes
from appliance.service.self_call.hearing import RATE, Hearing, decibels
from ari_bridge.ami_events import Told
from ari_bridge.own_phone import OwnPhone

GREETING_S, GREETED_MS = 8.0, 1500
GREETED_WHOLE_S, OVER_S = 40.0, 1.5
"""How long the greeting is listened to, and how long a pause ends it: there is none of that length in it."""
QUIETEST, LOUDEST = 600.0, 12000.0
"""Effective values between which speech is neither strained for nor hurts: -35 and -9 dB."""
PRESSED_S, UNDERSTOOD_S, TONE_S = 12.0, 15.0, 40.0
MESSAGE_HZ, MESSAGE_S, MESSAGE_LOUDNESS = 700.0, 2.0, 6000.0
TAKEN_S, LOOK_S = 5.0, 0.05
KEY = "0"


@dataclass(slots=True)
class Line:
    """The call while it lasts, from the caller's side."""

    phone: OwnPhone
    hearing: Hearing
    notes: Notes
    told: list[Told] = field(default_factory=list)
    """What the dialplan has told of it."""

    async def until(self, met: Callable[[], bool], within_s: float, *, after: bool = False) -> bool:
        """Wait until this is so; whether it came to be, in time and in the call, or `after` it as well."""
        clock = asyncio.get_running_loop().time
        ends_s = clock() + within_s
        while not met():
            if clock() > ends_s or (self.phone.over and not after):
                return met()
            await asyncio.sleep(LOOK_S)
        return True

    @property
    def missed(self) -> bool:
        """Whether the gate kept it from us."""
        return any(each.what is None for each in self.told)

    @property
    def to_people(self) -> bool:
        """Whether a patient would hear a desk phone ring now, or has."""
        return any(isinstance(each.what, RingEnded) for each in self.told)

    @property
    def voicemail(self) -> VoicemailTaken | None:
        """The message that was recorded."""
        return next((each.what for each in self.told if isinstance(each.what, VoicemailTaken)), None)

    @property
    def over(self) -> bool:
        """Whether the dialplan has told its end."""
        return any(isinstance(each.what, CallEnded) for each in self.told)


@asynccontextmanager
async def connected(phone: OwnPhone, notes: Notes, told: list[Told]) -> AsyncIterator[Line]:
    """Ring and listen; leaving hangs up and waits until the dialplan is done. Raises CarrierFailed."""
    clock = asyncio.get_running_loop().time
    line = Line(phone, Hearing(clock, TONE_HZ), notes, told)
    async with phone, asyncio.TaskGroup() as tasks:
        ear = tasks.create_task(_listening(phone, line.hearing), name="own telephone")
        try:
            yield line
        finally:
            await phone.hang_up()
            await line.until(lambda: line.over, TAKEN_S, after=True)
            ear.cancel()


async def _listening(phone: OwnPhone, hearing: Hearing) -> None:
    try:
        await phone.listen(hearing.take)
    except WireError:
        # Nonsense ends the call like any other end; what is missing then is what is found.
        return


async def greeted(line: Line) -> list[Finding]:
    """Hear the greeting begin: the gate, the media leg and the first words."""
    began_s = asyncio.get_running_loop().time()
    sounded = await line.until(lambda: line.hearing.sounded_ms >= GREETED_MS, GREETING_S)
    if line.missed:
        closed = "the gate is closed: the bridge does not answer /alive to the PBX, and callers go to people"
        return [Finding(Check.GATE, State.FAILED, closed)]
    if line.to_people:
        lost = "the assistant does not take the call, and callers go to people"
        return [Finding(Check.GATE, State.FAILED, lost)]
    if not line.notes.held:
        return [Finding(Check.GATE, State.FAILED, "the PBX does not connect the sound to the bridge")]
    gate = Finding(Check.GATE, State.OK)
    if not sounded:
        silent = f"no greeting within {GREETING_S:g} s"
        return [gate, Finding(Check.GREETING, State.FAILED, silent)]
    return [gate, _greeting(line.hearing, (line.hearing.began_s or began_s) - began_s)]


def _greeting(hearing: Hearing, after_s: float) -> Finding:
    level = hearing.level
    told = f"after {after_s:.1f} s, at {decibels(level)} dB"
    well = QUIETEST <= level <= LOUDEST
    return Finding(
        Check.GREETING, State.OK if well else State.FAILED, told if well else f"wrong level: {told}"
    )


async def pressed(line: Line) -> Finding:
    """Press the key for a person."""
    try:
        await line.phone.press(KEY)
    except CarrierFailed as exc:
        return Finding(Check.KEYS, State.FAILED, f"no key can be pressed: {exc}")
    went = await line.until(lambda: line.to_people, PRESSED_S)
    if KEY not in line.notes.pressed:
        return Finding(Check.KEYS, State.FAILED, "a key does not reach the conversation")
    if not went:
        return Finding(Check.KEYS, State.FAILED, "the key for a person does not lead to one")
    return Finding(Check.KEYS, State.OK)


def _message() -> bytes:
    """What is left as a message: a tone that is known again."""
    at = np.arange(int(MESSAGE_S * RATE)) / RATE
    return ulaw.encode((MESSAGE_LOUDNESS * np.sin(2 * np.pi * MESSAGE_HZ * at)).astype(np.int16))


Fetch = Callable[[VoicemailTaken], Awaitable[str]]
"""Takes a recording to where messages are kept, and away again; why that failed, empty when it did not."""


async def left_message(line: Line, fetch: Fetch) -> Finding:
    """Leave a message after the tone, hang up, and have it fetched."""
    if not await line.until(lambda: line.hearing.tone_s is not None, TONE_S):
        return Finding(Check.VOICEMAIL, State.FAILED, "nobody is there, and no tone asks for a message")
    await line.phone.say(_message())
    await asyncio.sleep(MESSAGE_S + LOOK_S)
    await line.phone.hang_up()
    await line.until(lambda: line.voicemail is not None, TAKEN_S, after=True)
    if line.voicemail is None:
        return Finding(Check.VOICEMAIL, State.FAILED, "the PBX recorded no message")
    problem = await fetch(line.voicemail)
    return Finding(Check.VOICEMAIL, State.FAILED if problem else State.OK, problem)


async def understood(line: Line, sound: bytes) -> Finding:
    """Ask for a person in words, when the greeting is over; into one that goes on and on, as callers do."""
    if not await line.until(lambda: line.hearing.began_s is not None, GREETING_S):
        return Finding(Check.RECOGNITION, State.FAILED, "the greeting does not come")
    await line.until(lambda: line.hearing.quiet_s > OVER_S, GREETED_WHOLE_S)
    if line.phone.over:
        return Finding(Check.RECOGNITION, State.FAILED, "the call ends in the greeting")
    await line.phone.say(sound)
    if await line.until(lambda: line.to_people, len(sound) / RATE + UNDERSTOOD_S):
        return Finding(Check.RECOGNITION, State.OK)
    what = "another sentence" if line.notes.heard else "nothing"
    told = f"the assistant understood {what} when it was asked for a person"
    return Finding(Check.RECOGNITION, State.FAILED, told)
