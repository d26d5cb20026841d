"""What all calls of a carrier peer share: account, numbers, addresses, destinations, recordings, the clock.

May import: the standard library, this package's address, distance, plan, ticker and speech.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.peers.carrier import speech
from tests.peers.carrier.address import AddressBook
from tests.peers.carrier.distance import Distance
from tests.peers.carrier.plan import Plan
from tests.peers.carrier.ticker import Ticker

API_VERSION = "2010-04-01"
Pace = Literal["instant", "real"]
DialStatus = Literal["completed", "busy", "no-answer", "failed"]
SignatureKind = Literal["right", "wrong", "missing"]


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are for the carrier; api_keys are further pairs that REST accepts."""

    sid: str = "AC" + "0" * 31 + "1"
    auth_token: str = "0123456789abcdef0123456789abcdef"
    api_keys: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Number:
    """One of our telephone numbers, as set up at the carrier."""

    voice_url: str
    voice_method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    status_events: frozenset[str] = frozenset({"completed"})
    sms_url: str = ""
    """Where it tells of texts that come in."""
    application_sid: str = ""
    """An application whose addresses count instead of these, as REST shows it."""


@dataclass(frozen=True, slots=True)
class Destination:
    """How a telephone behaves when the box has it dialled. Times are the call's, not the machine's."""

    outcome: DialStatus = "completed"
    answers_after_s: float = 4.0
    talks_s: float = 20.0
    """Infinite: until the caller, the box or the time limit ends it."""
    hangs_up_first: bool = True
    """Else the caller does, after talks_s."""
    plan: Plan = ()
    """What the person does in TwiML of their own: a screening before the bridge, or a call that we place."""

    @classmethod
    def answers(
        cls, after_s: float = 4.0, talks_s: float = 20.0, *, hangs_up_first: bool = True, plan: Plan = ()
    ) -> "Destination":
        return cls("completed", after_s, talks_s, hangs_up_first, plan)

    @classmethod
    def busy(cls, after_s: float = 1.0) -> "Destination":
        return cls("busy", after_s)

    @classmethod
    def no_answer(cls) -> "Destination":
        return cls("no-answer", float("inf"))

    @classmethod
    def failed(cls) -> "Destination":
        return cls("failed", 0.0)


@dataclass(frozen=True, slots=True)
class Faults:
    """What the carrier does wrong in one call."""

    signature: SignatureKind = "right"
    stream_signature: SignatureKind = "right"
    double_voice_webhook: bool = False
    """The voice request comes twice at the same time, with one idempotency token; the first answer counts."""
    replay_after_end: bool = False
    """The voice request comes once more, byte for byte, when the call is over."""
    double_callbacks: bool = False
    reversed_callbacks: bool = False
    """Status callbacks are held back until the call is over and then come in the wrong order."""
    no_callbacks: bool = False
    """No status callback of the call comes; that of its recordings may."""
    no_recording_callbacks: bool = False
    bare_close: bool = False
    """The media socket is closed without `stop`."""
    lose_every: int = 0
    """Every so many frames of the caller's are lost on the way into the stream."""


@dataclass(slots=True)
class VoiceRecording:
    """A recording at the carrier; it can be fetched once it is `completed`."""

    sid: str
    call_sid: str
    ulaw_8k: bytes
    source: str
    status: str = "in-progress"
    created_at_s: float = field(default_factory=time.time)

    @property
    def duration_s(self) -> int:
        return round(len(self.ulaw_8k) / 8000)


@dataclass(slots=True)
class Network:
    """The carrier's side of everything that is not one call."""

    account: Account = field(default_factory=Account)
    addresses: AddressBook = field(default_factory=AddressBook)
    numbers: dict[str, Number] = field(default_factory=dict)
    destinations: dict[str, Destination] = field(default_factory=dict)
    verified_caller_ids: set[str] = field(default_factory=set)
    pace: Pace = "instant"
    api_base: str = "https://api.twilio.com"
    stream_connect_s: float = 5.0
    """How long a media socket may take to open; the caller hears nothing meanwhile."""
    distance: Distance = field(default_factory=Distance)
    """How far media streams travel to the box."""
    speech_folder: Path = speech.SPEECH_FOLDER
    on_line: Callable[[str], None] | None = None
    ticker: Ticker = field(default_factory=Ticker)
    recordings: dict[str, VoiceRecording] = field(default_factory=dict)
    recordings_wait: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared, recordings stay in progress (404) and their callbacks are not sent."""

    def __post_init__(self) -> None:
        self.recordings_wait.set()

    def recording_url(self, sid: str) -> str:
        return f"{self.api_base}/{API_VERSION}/Accounts/{self.account.sid}/Recordings/{sid}"
