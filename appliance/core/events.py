"""What happens in a call: small frozen facts in the past tense, one family a section.

They are the only thing `Conversation` knows of the world; recorded, they are the call log, and replayed
they give the same call. May import: the standard library, appliance.core.dispositions.
"""

from dataclasses import dataclass

from appliance.core.dispositions import Disposition

# The caller's side -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The caller's audio is connected to us, both ways."""


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """The caller pressed a key: one of 0-9, * and #."""

    digit: str


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The caller, or the carrier for the caller, ended our leg. Nothing more can be said."""


@dataclass(frozen=True, slots=True)
class LegFailed:
    """The carrier's connection broke or spoke nonsense; the carrier goes on without us."""

    reason: str


# What was really played ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReplyQueued:
    """The first audio of a reply is in the playout queue, in this order."""

    reply_id: str


@dataclass(frozen=True, slots=True)
class ReplyHeard:
    """The carrier confirmed, by marks, that it has played this much of a reply."""

    reply_id: str
    played_ms: int


@dataclass(frozen=True, slots=True)
class ReplyPlayed:
    """A reply was complete and has been played to its end."""

    reply_id: str
    total_ms: int


@dataclass(frozen=True, slots=True)
class ReplyStalled:
    """Everything there was of a reply has been played, and for seconds nothing more of it came."""

    reply_id: str


# The caller's voice by our own detector ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VoiceBegan:
    """Our own detector hears the caller speak, since `at_ms` of the call."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class VoiceCeased:
    """Our own detector heard the caller stop at `at_ms` of the call, after `spoke_ms` of voice."""

    at_ms: int
    spoke_ms: int


# The brain ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BrainReady:
    """The brain is connected and configured; it can greet, or go on with the story it was told."""


@dataclass(frozen=True, slots=True)
class BrainAlive:
    """The brain answered a probe: it is rightly silent."""


@dataclass(frozen=True, slots=True)
class BrainLost:
    """The brain is gone for this call. `reason` is a short code, such as `refused` or `unacknowledged`."""

    reason: str


@dataclass(frozen=True, slots=True)
class BrainChanged:
    """Another brain took over: `to` is `local` or `cloud`; `reason` says why, such as `closed_1006`."""

    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class BrainErred:
    """The brain reported an error and goes on; `action` is what the error table says to do."""

    code: str
    action: str


@dataclass(frozen=True, slots=True)
class SessionExpiring:
    """The brain's session ends soon and should be renewed at the next pause."""

    left_s: int


@dataclass(frozen=True, slots=True)
class BrainRenewed:
    """A new session took over, knowing the story."""


@dataclass(frozen=True, slots=True)
class RenewalFailed:
    """No new session could be had; the old one goes on while it lasts."""

    reason: str


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The brain hears the caller speak."""


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The brain heard the caller stop."""


@dataclass(frozen=True, slots=True)
class UtteranceTaken:
    """The brain took an utterance as one turn; its words come later, or never."""

    utterance_id: str


@dataclass(frozen=True, slots=True)
class HeardPart:
    """What has been recognised of an utterance so far; it may still change."""

    utterance_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What the caller said; `text` is empty when it could not be understood."""

    utterance_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What the local brain takes an utterance for; `intent` is `none` when it makes nothing of it.

    `digits` are those spoken, `language` one that was asked for; `recalled` says that it is the wish that
    was open in the story, not something said just now.
    """

    utterance_id: str
    intent: str
    department: str = ""
    digits: str = ""
    language: str = ""
    recalled: bool = False


@dataclass(frozen=True, slots=True)
class MessageRecorded:
    """The caller's message is on disk under this name, empty when nothing was said; its words if known."""

    recording: str
    text: str
    ms: int


@dataclass(frozen=True, slots=True)
class ReplyBegan:
    """The brain began to answer; a reply without audio may follow, or only a wish for tools."""

    response_id: str


@dataclass(frozen=True, slots=True)
class ReplyGoesOn:
    """The brain is at its answer, though nothing of it can be heard yet, such as a tool's arguments."""

    response_id: str


@dataclass(frozen=True, slots=True)
class ReplyWorded:
    """The words of a reply, complete as generated (not as heard), and how long they sound."""

    reply_id: str
    text: str
    total_ms: int


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """The brain's answer is complete or given up; `status` is its word, or `empty` without sound."""

    response_id: str
    status: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One tool that the brain wants to be run; `arguments` is JSON as the model wrote it, unchecked."""

    tool_call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolsAsked:
    """A completed answer asks for these tools, all due before it goes on; `spoke` when it has words too."""

    response_id: str
    calls: tuple[ToolCall, ...]
    spoke: bool = False


@dataclass(frozen=True, slots=True)
class UsageReported:
    """Tokens of one answer by kind, and what they cost; `cost_usd` is None when no price is known."""

    model: str
    text_in: int
    text_cached: int
    audio_in: int
    audio_cached: int
    text_out: int
    audio_out: int
    cost_usd: float | None


# Tools, time, the end ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """A tool is done. `output` is for the brain; `leave` is set when the call is to end that way."""

    tool_call_id: str
    output: str
    leave: Disposition | None = None


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer that the conversation started has run out."""

    name: str


LegEvent = CallAnswered | DigitPressed | CallerHungUp | LegFailed
PlayoutEvent = ReplyQueued | ReplyHeard | ReplyPlayed | ReplyStalled
VoiceEvent = VoiceBegan | VoiceCeased
BrainStateEvent = (
    BrainReady
    | BrainAlive
    | BrainLost
    | BrainChanged
    | BrainErred
    | SessionExpiring
    | BrainRenewed
    | RenewalFailed
)
SpeechEvent = SpeechStarted | SpeechStopped | UtteranceTaken | HeardPart | Heard
LocalEvent = Understood | MessageRecorded
ReplyEvent = ReplyBegan | ReplyGoesOn | ReplyWorded | ReplyEnded
OtherEvent = ToolsAsked | UsageReported | ToolAnswered | TimerFired
Event = (
    LegEvent
    | PlayoutEvent
    | VoiceEvent
    | BrainStateEvent
    | SpeechEvent
    | LocalEvent
    | ReplyEvent
    | OtherEvent
)
