"""What happens in a call: small frozen facts in the past tense, one family a section.

They are the only thing `Conversation` knows of the world; recorded, they are the call log, and replayed
they give the same call. May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.citations import Asked
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
    """Our leg ended without a hang-up: a broken connection, nonsense, our own stop. The carrier goes on."""

    reason: str


# What was really played ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReplyQueued:
    """The first audio of a reply is in the playout queue, in this order."""

    reply_id: str


@dataclass(frozen=True, slots=True)
class ReplyHeard:
    """The carrier has played this much of a reply, or will have when a clear of now reaches it."""

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
    """Our own detector heard the caller stop at `at_ms` of the call, after `spoke_ms` of voice.

    Where it listens no more that is 0: how the voice went on nobody knows.
    """

    at_ms: int
    spoke_ms: int


@dataclass(frozen=True, slots=True)
class VoicePaused:
    """The caller has been silent since `at_ms` of the call, after `spoke_ms` of voice, and may go on."""

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


COST_CAP = "cost cap"
"""Why a brain changed although nothing failed: the cloud has cost what it may today."""


@dataclass(frozen=True, slots=True)
class BrainChanged:
    """Another brain took over: `to` is `local` or `cloud`; `reason` says why, such as `closed_1006`."""

    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class BrainErred:
    """The brain reported an error and goes on; `action` is what the error table says to do, in `wait_ms`."""

    code: str
    action: str
    wait_ms: int = 0


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
    """The brain heard the caller stop; we learnt it at `at_ms` of the call, counted in the caller's audio."""

    at_ms: int = 0


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
class Overheard:
    """What our own recogniser makes of something that the caller has begun to say to the cloud at `began_ms`.

    The cloud had no words for it by then. It is looked at for danger alone.
    """

    began_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What the local brain takes an utterance for; `intent` is `none` when it makes nothing of it.

    `digits` are those spoken, `language` one that was asked for, `text` the words. `recalled` says that it is
    the wish that was open in the story, not something said just now: then `text` is what a message, an
    appointment or a question is about, as far as it was said, and `digits` where to call back.
    """

    utterance_id: str
    intent: str
    department: str = ""
    digits: str = ""
    language: str = ""
    text: str = ""
    recalled: bool = False

    @property
    def wordless(self) -> bool:
        """Whether it was a cough, or another sound without a word."""
        return self.intent == "none" and not (self.text or self.recalled)


@dataclass(frozen=True, slots=True)
class MessageRecorded:
    """The caller's message is on disk under this name; its words if known.

    The name is empty when nothing was said or, then it is not `kept`, when the disk did not take it.
    """

    recording: str
    text: str
    ms: int
    kept: bool = True


@dataclass(frozen=True, slots=True)
class ReplyBegan:
    """The brain began to answer; a reply without audio may follow, or only a wish for tools."""

    response_id: str


@dataclass(frozen=True, slots=True)
class ReplyGoesOn:
    """The brain is at its answer, though nothing of it can be heard yet, such as a tool's arguments."""

    response_id: str


@dataclass(frozen=True, slots=True)
class ReplyWording:
    """The words of a reply so far, while it is made: told once they name a source, before that is heard."""

    reply_id: str
    text: str


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
    """One tool that a brain wants to be run; `arguments` is JSON as the model wrote it, unchecked.

    `ours` says that our own dialogue asks: it has read to the caller what a model's word is not taken for.
    """

    tool_call_id: str
    name: str
    arguments: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class ToolsAsked:
    """A completed answer asks for these tools, all due before it goes on; `spoke` when it has words too."""

    response_id: str
    calls: tuple[ToolCall, ...]
    spoke: bool = False


@dataclass(frozen=True, slots=True)
class UsageReported:
    """Tokens of one answer by kind, and what they cost; `cost_usd` is None when no price is known.

    `prompt` is the version of the instructions by which it was made.
    """

    model: str
    text_in: int
    text_cached: int
    audio_in: int
    audio_cached: int
    text_out: int
    audio_out: int
    cost_usd: float | None
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class UsageMissed:
    """What an answer or a transcription used was never told; `item_id` is its id, or of what asked for it."""

    item_id: str


# Tools, time, the end ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """A tool is done. `output` is for the brain; `leave` is set when the call is to end that way.

    `language` is set when the call is to go on in that one, `asked` when the office's documents were asked;
    `sentence` is one of ours to be said as the call ends, in place of any words of the brain.
    """

    tool_call_id: str
    output: str
    leave: Disposition | None = None
    language: str = ""
    asked: Asked | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer that the conversation started has run out."""

    name: str


@dataclass(frozen=True, slots=True)
class StaffDecided:
    """Somebody of the staff has the call go on elsewhere, or end, by the pages."""

    leave: Disposition


# Between our legs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhonesRang:
    """Phones that the carrier rang are done: `answered`, `busy`, `no-answer`, `failed` or `canceled`.

    `department` is the slug of whose phones they were, where the carrier says so; they were talked on for so
    many seconds. It is written down beside the events of our legs, and no conversation takes it.
    """

    department: str
    result: str
    seconds: int


LegEvent = CallAnswered | DigitPressed | CallerHungUp | LegFailed
PlayoutEvent = ReplyQueued | ReplyHeard | ReplyPlayed | ReplyStalled
VoiceEvent = VoiceBegan | VoicePaused | VoiceCeased
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
SpeechEvent = SpeechStarted | SpeechStopped | UtteranceTaken
WordsEvent = HeardPart | Heard | Overheard
LocalEvent = Understood | MessageRecorded
ReplyEvent = ReplyBegan | ReplyGoesOn | ReplyWording | ReplyWorded | ReplyEnded
OtherEvent = ToolsAsked | UsageReported | UsageMissed | ToolAnswered | TimerFired
Event = (
    LegEvent
    | PlayoutEvent
    | VoiceEvent
    | BrainStateEvent
    | SpeechEvent
    | WordsEvent
    | LocalEvent
    | ReplyEvent
    | StaffDecided
    | OtherEvent
)
