"""What a carrier asks of us between media legs, and the steps that we answer with.

The steps are the same for every carrier; a bridge writes them in its carrier's own words (TwiML, dialplan).
May import: the standard library.
"""

from dataclasses import dataclass
from datetime import datetime

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
    """The caller answered a menu by key or by voice; both are empty when nothing came.

    `turn` is that of the Ask which is answered; 0 when the carrier does not say.
    """

    call_sid: str
    menu: str
    digits: str = ""
    speech: str = ""
    confidence: float | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class RingEnded:
    """The phones that we asked to ring are done: `answered`, `busy`, `no-answer`, `failed`, `canceled`.

    `department` is the slug of whose phones they were, where the carrier says so.
    """

    call_sid: str
    result: str
    seconds: int = 0
    department: str = ""


@dataclass(frozen=True, slots=True)
class VoicemailTaken:
    """The carrier holds a recorded message of the caller; `at` is when it was begun, if it says so."""

    call_sid: str
    recording_sid: str
    seconds: int
    digits: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The carrier says that the call is over. `status` is its word, such as `completed` or `no-answer`.

    `seconds` is how long it counts from the answer, `at` when it ended: None when it does not say.
    """

    call_sid: str
    status: str
    seconds: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the carrier's books say of a call: how it ended, None while it goes on, and of phones it rang.

    `offered` says who rang whom; None for a call that did not come in from outside. `began` is when.
    """

    ended: CallEnded | None
    phones: tuple[RingEnded, ...] = ()
    offered: CallOffered | None = None
    began: datetime | None = None


# What we answer ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """The carrier speaks a text. `language` is as carriers know it, such as es-US; empty: the clinic's."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """The carrier speaks a prompt and waits for one key or a spoken word; with neither it goes on.

    `turn` comes back with the answer, so that one that comes twice is known; 0: it need not. `recording` is
    the name of a greeting of the clinic's own that is played first; `before` and `behind` are spoken around
    the prompt.
    """

    menu: str
    prompt: str
    hints: tuple[str, ...]
    wait_s: int = 5
    turn: int = 0
    recording: str = ""
    before: tuple[Say, ...] = ()
    behind: tuple[Say, ...] = ()
    language: str = ""


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
    """The carrier speaks a prompt and records a message after the tone; with none it goes on.

    # and 0 end it. With `report` we are told and say what comes next, also when 0 was pressed for a person.
    Else the carrier thanks the caller by itself, and rings people for who stays. `recording` is the name of
    one of the clinic's own that is played in place of the prompt, `before` is spoken first. With a `menu` a
    key ends these words, # for the tone, and any other comes back as the answer to it, of this `turn` as
    with Ask; without one they are heard to their end.
    """

    prompt: str
    longest_s: int
    report: bool = True
    language: str = ""
    recording: str = ""
    before: tuple[Say, ...] = ()
    menu: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class HangUp:
    """The carrier ends the call."""


Step = Say | Ask | Assist | Ring | TakeVoicemail | HangUp
Steps = tuple[Step, ...]
