"""What a carrier asks of us between media legs, and the steps that we answer with.

The steps are the same for every carrier; a bridge writes them in its carrier's own words (TwiML, dialplan).
May import: the standard library.
"""

from dataclasses import dataclass

# What the carrier asks ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallOffered:
    """A call rings. `call_sid` is the carrier's id; numbers are E.164, or empty when withheld."""

    call_sid: str
    caller: str
    called_number: str
    carrier: str


@dataclass(frozen=True, slots=True)
class MenuAnswered:
    """The caller answered a menu by key or by voice; both are empty when nothing came."""

    call_sid: str
    menu: str
    digits: str = ""
    speech: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class RingEnded:
    """The phones that we asked to ring are done: `answered`, `busy`, `no-answer`, `failed`, `canceled`."""

    call_sid: str
    result: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class VoicemailTaken:
    """The carrier holds a recorded message of the caller."""

    call_sid: str
    recording_sid: str
    seconds: int
    digits: str = ""


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The carrier says that the call is over. `status` is its word, such as `completed` or `no-answer`."""

    call_sid: str
    status: str
    seconds: int | None = None


# What we answer ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """The carrier speaks a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """The carrier speaks a prompt and waits for one key or a spoken word; with neither it goes on."""

    menu: str
    prompt: str
    hints: tuple[str, ...]
    wait_s: int = 5


@dataclass(frozen=True, slots=True)
class Assist:
    """The carrier connects the caller's audio to us; the token is good once, for this call."""

    token: str


@dataclass(frozen=True, slots=True)
class Ring:
    """Phones ring together. With `report` their result comes back as RingEnded, else the next step comes."""

    numbers: tuple[str, ...]
    seconds: int
    report: bool = True


@dataclass(frozen=True, slots=True)
class TakeVoicemail:
    """The carrier records a message after the tone."""

    prompt: str
    longest_s: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """The carrier ends the call."""


Step = Say | Ask | Assist | Ring | TakeVoicemail | HangUp
Steps = tuple[Step, ...]
