"""One telephone call at the carrier: its state, its journal, and what the person can do beside the plan.

May import: the standard library, this package.
"""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Literal

from tests.peers.carrier import happenings as h
from tests.peers.carrier.caller import Caller
from tests.peers.carrier.journal import Journal
from tests.peers.carrier.line import Line
from tests.peers.carrier.network import API_VERSION, Faults, Network, Number, VoiceRecording, new_sid
from tests.peers.carrier.plan import Plan
from tests.peers.carrier.printing import line_of
from tests.peers.carrier.sound_files import wav
from tests.peers.carrier.stream import CALLER_HUNG_UP, UPDATED, MediaStream

Status = Literal["queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"]
Disposition = Literal[
    "", "twiml-ended", "caller-hung-up", "rest-ended", "rejected", "not-answered", "application-error"
]
ENDED_WELL = frozenset({"twiml-ended", "caller-hung-up", "rest-ended"})


@dataclass(frozen=True, slots=True)
class Document:
    """Where the call's next TwiML comes from: a URL to ask, or a text that REST brought."""

    url: str
    method: str = "POST"
    twiml: str = ""
    purpose: str = "twiml"
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dialled:
    """The outcome of one <Dial>."""

    numbers: tuple[str, ...]
    status: str
    talked_s: int
    caller_id: str


@dataclass(slots=True)
class Rung:
    """One telephone that was rung for a call: a call of its own in the carrier's books."""

    sid: str
    number: str
    status: str = "ringing"
    talked_s: int = 0


class PhoneCall:
    """A call, from the first ring to the last callback."""

    def __init__(
        self,
        network: Network,
        *,
        caller: str,
        called: str,
        plan: Plan,
        number: Number,
        direction: str = "inbound",
        sid: str = "",
        faults: Faults | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        self.sid = sid or new_sid("CA")
        self.caller = caller
        self.called = called
        self.number = number
        self.direction = direction
        self.faults = faults or Faults()
        self.status: Status = "ringing"
        self.disposition: Disposition = ""
        self.answered_ms: int | None = None
        self.started_at_s = time.time()
        self.ended_at_s: float | None = None
        self.rung: list[Rung] = []
        """The telephones that were rung for it."""
        self.streams: list[MediaStream] = []
        self.spoken: list[str] = []
        """Texts of <Say>, and URLs of <Play>, as the caller heard them begin."""
        self.dials: list[Dialled] = []
        self.recordings: list[VoiceRecording] = []
        self.screenings: list[PhoneCall] = []
        """Calls of those who were asked by a <Number url> whether they take this one."""
        self.line = Line(Caller(plan, network.speech_folder, self._on_step))
        self.journal = Journal(lambda: self.line.now_ms, self._on_happening)
        self.first_twiml = ""
        """TwiML that a call of ours begins with, in place of a URL."""
        self.live_recordings: list[tuple[VoiceRecording, int]] = []
        """Begun by REST, and at which time of the call; they end with it."""
        self.update: Document | Literal["completed"] | None = None
        self.left = False
        """The caller put the telephone down."""
        self.overran = False
        """Somebody had to end it from outside."""
        self.interrupted = asyncio.Event()
        self._network = network
        self._extra = dict(extra or {})
        self._over = asyncio.Event()
        self._failure: BaseException | None = None

    @property
    def stream(self) -> MediaStream:
        """The latest media stream."""
        if not self.streams:
            raise LookupError(f"{self.sid} has had no media stream")
        return self.streams[-1]

    @property
    def heard(self) -> bytes:
        """Mu-law of all the call, on its clock: 0xFF where the caller heard nothing."""
        return self.line.heard.render(0, self.line.now_ms)

    @property
    def said(self) -> bytes:
        """Mu-law of what the caller said, on the same clock."""
        return self.line.said.render(0, self.line.now_ms)

    def stereo_wav(self) -> bytes:
        """The call as a WAV file: the caller left, the agent right."""
        return wav(self.said, self.heard)

    @property
    def troubles(self) -> list[h.Troubled]:
        """Errors and warnings that the carrier logged."""
        return self.journal.of(h.Troubled)

    @property
    def codes(self) -> list[int]:
        return [trouble.code for trouble in self.troubles]

    @property
    def duration_s(self) -> int:
        """Seconds since it was answered, as billed."""
        return 0 if self.answered_ms is None else max(1, round((self.line.now_ms - self.answered_ms) / 1000))

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    @property
    def ended_well(self) -> bool:
        return self.disposition in ENDED_WELL and self.line.caller.gave_up is None and not self.overran

    async def done(self, timeout_s: float = 30.0) -> "PhoneCall":
        """Wait until the call is over and its callbacks were sent."""
        async with asyncio.timeout(timeout_s):
            await self._over.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def hang_up(self) -> None:
        """Put the caller's telephone down now, whatever the plan says."""
        if not self.left and not self.is_over:
            self.left = True
            self._interrupt(CALLER_HUNG_UP)

    def break_stream(self) -> None:
        """Have the line between carrier and box break in the middle of the stream."""
        self.stream.break_off()

    def press(self, keys: str) -> None:
        """Press keys now, beside the plan."""
        self.line.caller.press(keys)

    def take_update(self, update: Document | Literal["completed"], params: Mapping[str, str]) -> None:
        """What REST asked for: other TwiML, or the end."""
        self.journal.note(h.Updated, dict(params))
        self.update = update
        self._interrupt(UPDATED)

    def _interrupt(self, reason: str) -> None:
        self.interrupted.set()
        if self.streams:
            self.streams[-1].end(reason)

    def answer(self) -> None:
        if self.answered_ms is None:
            self.answered_ms = self.line.now_ms
            self.status = "in-progress"

    def end(self, disposition: Disposition, status: Status) -> None:
        self.disposition, self.status, self.ended_at_s = disposition, status, time.time()
        self.journal.note(h.CallEnded, disposition, status)

    def close(self, failure: BaseException | None = None) -> None:
        """Nothing more will happen."""
        self._failure = failure
        self._over.set()

    def trouble(self, code: int, text: str, url: str = "") -> None:
        self.journal.note(h.Troubled, code, text, url)

    def params(self) -> dict[str, str]:
        """The parameters that every request about this call carries."""
        return {
            "CallSid": self.sid,
            "AccountSid": self._network.account.sid,
            "ApiVersion": API_VERSION,
            "Direction": self.direction,
            "CallStatus": self.status,
            "From": self.caller,
            "To": self.called,
            "Caller": self.caller,
            "Called": self.called,
            **_places("From", self.caller),
            **_places("To", self.called),
            **_places("Caller", self.caller),
            **_places("Called", self.called),
            **self._extra,
        }

    def time_text(self) -> str:
        """When it began, as the carrier writes it."""
        return formatdate(self.started_at_s)

    def _on_step(self, step: object) -> None:
        words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(step).__name__).lower()
        values = [str(getattr(step, name)) for name in getattr(step, "__slots__", ()) if name != "within_s"]
        self.journal.note(h.CallerActed, " ".join([words, *(v for v in values if v != "None")]))

    def _on_happening(self, happening: h.Happening) -> None:
        if self._network.on_line is not None:
            text = line_of(happening)
            if text:
                self._network.on_line(f"{happening.call_ms / 1000:8.2f}  {text}")


def _places(prefix: str, number: str) -> dict[str, str]:
    """Where a number is from; the carrier knows it of North American ones, more or less."""
    known = number.startswith("+1") and len(number) == 12
    values = ("ANYTOWN", "NY", "10001", "US") if known else ("", "", "", "")
    return {
        prefix + name: value for name, value in zip(("City", "State", "Zip", "Country"), values, strict=True)
    }
