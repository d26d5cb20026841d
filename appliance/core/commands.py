"""What the conversation asks for: small frozen wishes in the imperative, performed by `Call`.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.citations import Citation
from appliance.core.dispositions import Disposition
from appliance.core.events import ToolCall
from appliance.core.story import Speaker, Turn


@dataclass(frozen=True, slots=True)
class Greet:
    """Let the brain speak first."""


@dataclass(frozen=True, slots=True)
class ClearPlayback:
    """Silence what the caller hears of us, at once, here and in the carrier's buffer."""


@dataclass(frozen=True, slots=True)
class CancelReply:
    """Stop whoever speaks: the brain's answer, if it is at one, and what we were about to say ourselves."""


@dataclass(frozen=True, slots=True)
class IgnoreReply:
    """Have the brain stop this answer, and play nothing of it; what we say ourselves goes on."""

    response_id: str


@dataclass(frozen=True, slots=True)
class PlayOnly:
    """Have the brain stop, and play nothing more but these sentences of ours, to their end."""

    reply_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TruncateReply:
    """Tell the brain that only this much of a reply was heard."""

    reply_id: str
    heard_ms: int


@dataclass(frozen=True, slots=True)
class DeleteReply:
    """Tell the brain that nothing of a reply was heard."""

    reply_id: str


@dataclass(frozen=True, slots=True)
class TakeUtterance:
    """Tell the brain that the caller's turn is over (manual turns), and when in the call it was spoken."""

    began_ms: int = 0
    ended_ms: int = 0


@dataclass(frozen=True, slots=True)
class TakeSoFar:
    """Have words recognised that need no answer: HeardPart comes back, or Heard when they are `whole`."""

    began_ms: int
    ended_ms: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Overhear:
    """Have what was said to the cloud recognised by ourselves as well, for danger: Overheard comes back."""

    began_ms: int
    ended_ms: int
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Attend:
    """Listen closely with our own ear: tell pauses, and end a turn after so many ms; 0 is as ever."""

    ms: int


@dataclass(frozen=True, slots=True)
class Speak:
    """Say a sentence of ours, by its name in the language's data, with our own voice."""

    reply_id: str
    sentence: str
    language: str = "en"
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NoteWish:
    """Keep for the staff what was found in the caller's words, such as an emergency, and of what kind."""

    what: str
    topic: str


@dataclass(frozen=True, slots=True)
class NoteLanguage:
    """Keep that the call goes on in this language."""

    language: str


@dataclass(frozen=True, slots=True)
class NoteCitation:
    """Keep what became of a question to the office's documents, and what the answer rested on."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record what the caller says: from now on, or what began at this time of the call."""

    since_ms: int = -1


@dataclass(frozen=True, slots=True)
class StopRecording:
    """End the recording and keep it; MessageRecorded comes back when it is on disk."""


@dataclass(frozen=True, slots=True)
class AskForReply:
    """Ask the brain for an answer that it owes."""


@dataclass(frozen=True, slots=True)
class ProbeBrain:
    """Ask the brain for a sign of life that the caller does not hear."""


@dataclass(frozen=True, slots=True)
class LoseBrain:
    """Give the brain up: it is connected and does not answer. BrainChanged or BrainLost comes back."""

    reason: str


@dataclass(frozen=True, slots=True)
class RecallWish:
    """Find out what the caller still wants by the story; Understood with `recalled` comes back."""

    story: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class RenewBrain:
    """Give the brain a new session that knows the story and speaks this language."""

    story: tuple[Turn, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class TellBrain:
    """Put a line into the brain's view of the call, such as keys pressed, and have it answered."""

    text: str


@dataclass(frozen=True, slots=True)
class RunTool:
    """Run a tool beside the call; a ToolAnswered comes back, whatever happens."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class AnswerTools:
    """Give the brain all outputs of one answer's tools as (tool_call_id, output); `go_on` asks for words."""

    outputs: tuple[tuple[str, str], ...]
    go_on: bool = True


@dataclass(frozen=True, slots=True)
class PlayPrompt:
    """Play a recorded sentence of ours; it is reported like a reply, with `prompt:<name>` as its id."""

    name: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class PlaySoftSound:
    """Break a silence by a short soft sound, which begins no reply; ReplyPlayed tells of its end."""

    reply_id: str


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Have TimerFired come in so many ms, counted from `since_ms` of the call, or from now (-1).

    A timer of the same name starts anew.
    """

    name: str
    ms: int
    since_ms: int = -1


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Forget a timer; one that is not running is no mistake."""

    name: str


@dataclass(frozen=True, slots=True)
class WriteTurn:
    """Keep a turn of the transcript; a later one with the same place replaces it."""

    place: int
    speaker: Speaker
    text: str
    final: bool = True
    cut: bool = False


@dataclass(frozen=True, slots=True)
class EndCall:
    """Leave the disposition with the carrier and end our part; `reason` is for the call log."""

    disposition: Disposition
    reason: str


PlaybackCommand = ClearPlayback | IgnoreReply | PlayOnly | PlayPrompt | PlaySoftSound
BrainCommand = (
    Greet
    | CancelReply
    | TruncateReply
    | DeleteReply
    | TakeUtterance
    | TakeSoFar
    | Overhear
    | AskForReply
    | ProbeBrain
    | LoseBrain
    | RecallWish
    | RenewBrain
    | TellBrain
    | AnswerTools
    | Speak
    | StartRecording
    | StopRecording
)
Note = NoteWish | NoteLanguage | NoteCitation
OtherCommand = Attend | Note | RunTool | StartTimer | StopTimer | WriteTurn | EndCall
Command = PlaybackCommand | BrainCommand | OtherCommand
