"""What happened in a call, one frozen record for each kind; the journal of a call is a list of these.

Pure. May import: the standard library.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something happened, at two clocks: the machine's and the call's."""

    at_s: float
    """time.monotonic() in this process."""
    call_ms: int
    """The call's own time, which TwiML makes pass and a stream counts by its ticks."""


@dataclass(frozen=True, slots=True)
class WebhookPosted(Happening):
    """A request to the box was made and its answer, if any, is here (status 0: no answer)."""

    purpose: str
    url: str
    params: Mapping[str, str]
    token: str
    status: int
    took_ms: float


@dataclass(frozen=True, slots=True)
class TwimlReceived(Happening):
    """A document came that the call goes on with."""

    url: str
    twiml: str


@dataclass(frozen=True, slots=True)
class VerbRun(Happening):
    """A verb of the document has its turn."""

    verb: str
    attributes: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class CallerActed(Happening):
    """The caller came to a step of the plan."""

    step: str


@dataclass(frozen=True, slots=True)
class KeyPressed(Happening):
    """A key of the caller's telephone."""

    key: str


@dataclass(frozen=True, slots=True)
class StreamStarted(Happening):
    """The media socket is open; `connected` and `start` were sent."""

    stream_sid: str


@dataclass(frozen=True, slots=True)
class StreamEnded(Happening):
    """The media socket is closed."""

    stream_sid: str
    reason: str


@dataclass(frozen=True, slots=True)
class InStream(Happening):
    """Something in a media stream, at its time: ms of playback since its start."""

    stream_ms: int


@dataclass(frozen=True, slots=True)
class MediaReceived(InStream):
    """The box sent audio; positions count bytes since the start of the stream."""

    position: int
    size: int


@dataclass(frozen=True, slots=True)
class MarkReceived(InStream):
    """The box sent a mark behind so many bytes of audio."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class MarkEchoed(InStream):
    """A mark went back: `heard` when all audio before it was played, else because of a clear."""

    name: str
    position: int
    heard: bool


@dataclass(frozen=True, slots=True)
class ClearArrived(InStream):
    """The box's wish to empty the buffer came out of the socket; it still has its way to the carrier."""

    looks: int
    """So often the peer's loop had looked at its sockets; see the stopwatch."""


@dataclass(frozen=True, slots=True)
class ClearReceived(InStream):
    """The box emptied the buffer; so many bytes will never be heard."""

    position: int
    dropped: int


@dataclass(frozen=True, slots=True)
class PlaybackStarted(InStream):
    """Audio begins to be played, from this position of what was received."""

    position: int


@dataclass(frozen=True, slots=True)
class PlaybackStopped(InStream):
    """Nothing is left to play."""

    position: int


@dataclass(frozen=True, slots=True)
class AgentHeard(InStream):
    """Sound after silence: the caller begins to hear the agent."""


@dataclass(frozen=True, slots=True)
class CallerHeard(InStream):
    """Sound after silence: the caller begins to be heard."""


@dataclass(frozen=True, slots=True)
class DialRang(Happening):
    """A number was dialled for the caller, with this outcome."""

    number: str
    status: str
    talked_s: int


@dataclass(frozen=True, slots=True)
class Recorded(Happening):
    """A recording was made of the caller."""

    recording_sid: str
    length_ms: int


@dataclass(frozen=True, slots=True)
class Troubled(Happening):
    """An error or warning that the carrier logs."""

    code: int
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Updated(Happening):
    """The box changed the live call by REST."""

    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallEnded(Happening):
    """The call is over."""

    disposition: str
    status: str
