"""The person who rang: follows a plan in ticks of 20 ms, hearing what is played and nothing else.

No clock and no I/O: each tick says what was heard in it and gets what the caller does in it.
May import: the standard library, this package's plan, speech and ulaw.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.peers.carrier import speech
from tests.peers.carrier.plan import (
    HangUp,
    LeaveMessage,
    Plan,
    Press,
    Say,
    Step,
    Wait,
    WaitForReply,
    WaitForSpeech,
    WaitHeard,
)
from tests.peers.carrier.ulaw import FRAME_MS

QUIET_MS = 600
"""An agent that was silent for so long has finished its reply."""
BLIP_MS = 120
"""What is no longer is a sound that breaks a silence, and no reply."""
KEY_TICKS = 5


def load_all(plan: Plan, folder: Path = speech.SPEECH_FOLDER) -> None:
    """Read the recordings of a plan before it is needed; one that is missing is said here."""
    for step in plan:
        if isinstance(step, Say | LeaveMessage):
            speech.load(step.recording, folder)


def longest_s(plan: Plan, folder: Path = speech.SPEECH_FOLDER) -> float:
    """How long a caller who follows the plan stays at most: every wait to the end of the patience for it."""
    ticks, waits_s = 0, 0.0
    for step in plan:
        match step:
            case Say(recording, _):
                ticks += len(speech.load(recording, folder).frames)
            case Press(keys):
                ticks += KEY_TICKS * len(keys)
            case Wait(seconds):
                waits_s += seconds
            case WaitForReply() | WaitForSpeech() | WaitHeard():
                waits_s += step.within_s
            case LeaveMessage(recording):
                waits_s += step.within_s
                ticks += len(speech.load(recording, folder).frames)
            case HangUp():
                break
    return waits_s + ticks * FRAME_MS / 1000


@dataclass(frozen=True, slots=True)
class Acts:
    """What the caller does in one tick."""

    frame: bytes | None = None
    utterance: str | None = None
    """What a recogniser would understand of the recording that is being said; '' for noise."""
    key: str | None = None
    hang_up: bool = False
    begins: bool = False
    """The first frame of what is being said."""


NOTHING = Acts()


@dataclass(slots=True)
class Ear:
    """What the caller has heard of the agent."""

    audible: bool = False
    quiet_ms: int = QUIET_MS
    reply_ms: int = 0
    """Playback of the current reply so far, with the pauses that were played in it."""

    def tick(self, audible: bool, playing: bool) -> None:
        self.audible = audible
        if audible and self.quiet_ms >= QUIET_MS:
            self.reply_ms = 0
        self.quiet_ms = 0 if audible else self.quiet_ms + FRAME_MS
        if self.quiet_ms < QUIET_MS and (playing or audible):
            self.reply_ms += FRAME_MS

    @property
    def speech(self) -> bool:
        """Whether the agent is heard, and it is more than a sound that breaks a silence."""
        return self.audible and self.reply_ms > BLIP_MS

    def cut_off(self) -> None:
        """What was queued will never be heard: whatever sounds next is another reply."""
        self.quiet_ms, self.reply_ms = QUIET_MS, 0


@dataclass(slots=True)
class Caller:
    """Follows a plan. `recording` is set from outside while the line records what is said."""

    plan: Plan
    folder: Path = speech.SPEECH_FOLDER
    on_step: Callable[[Step], None] = lambda _: None
    ear: Ear = field(default_factory=Ear)
    recording: bool = False
    gave_up: Step | None = None
    finished: bool = False
    _script: Iterator[Acts] = field(init=False)
    _extra_keys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._script = self._follow()

    def tick(self, audible: bool = False, playing: bool = False) -> Acts:
        self.ear.tick(audible, playing)
        acts = next(self._script, NOTHING)
        if self._extra_keys and acts.key is None:
            return replace(acts, key=self._extra_keys.pop(0))
        return acts

    @property
    def idle(self) -> bool:
        """Nothing is left to be done."""
        return self.finished and not self._extra_keys

    def press(self, keys: str) -> None:
        """Press keys beside the plan, one a tick."""
        self._extra_keys += keys

    def _follow(self) -> Iterator[Acts]:
        for step in self.plan:
            self.on_step(step)
            yield from self._do(step)
            if self.gave_up:
                return
        self.finished = True

    def _do(self, step: Step) -> Iterator[Acts]:
        match step:
            case Say(recording, transcript):
                yield from self._say(recording, transcript)
            case Press(keys):
                yield from self._press(keys)
            case Wait(seconds):
                yield from (NOTHING for _ in range(round(seconds * 1000 / FRAME_MS)))
            case WaitForReply():
                yield from self._until(self._reply_was_heard(), step, step.within_s)
            case WaitForSpeech():
                yield from self._until(lambda: self.ear.speech, step, step.within_s)
            case WaitHeard(ms):
                yield from self._until(lambda: self.ear.reply_ms >= ms, step, step.within_s)
            case LeaveMessage(recording):
                yield from self._until(lambda: self.recording, step, step.within_s)
                if not self.gave_up:
                    yield from self._say(recording, None)
            case HangUp():
                yield Acts(hang_up=True)

    def _say(self, name: str, transcript: str | None) -> Iterator[Acts]:
        recording = speech.load(name, self.folder)
        understood = recording.transcript if transcript is None else transcript
        for place, frame in enumerate(recording.frames):
            yield Acts(frame, understood, begins=place == 0)

    def _press(self, keys: str) -> Iterator[Acts]:
        for key in keys:
            yield Acts(key=key)
            yield from (NOTHING for _ in range(KEY_TICKS - 1))

    def _reply_was_heard(self) -> Callable[[], bool]:
        heard = False

        def over() -> bool:
            nonlocal heard
            heard = heard or self.ear.speech
            return heard and self.ear.quiet_ms >= QUIET_MS

        return over

    def _until(self, met: Callable[[], bool], step: Step, within_s: float) -> Iterator[Acts]:
        ticks = 0
        while not met():
            ticks += 1
            if ticks * FRAME_MS > within_s * 1000:
                self.gave_up = step
                yield Acts(hang_up=True)
                return
            yield NOTHING
