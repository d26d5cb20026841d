"""The ports: what a call needs of the world, as verbs. An adapter is a class that has them.

May import: the standard library, numpy, appliance.core.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from appliance.core.citations import Citation
from appliance.core.coding import Coding
from appliance.core.dispositions import Disposition, Outcome
from appliance.core.events import Event, PhonesRang, ToolAnswered, ToolCall
from appliance.core.steps import (
    CallEnded,
    CallOffered,
    MenuAnswered,
    RingEnded,
    Steps,
    VoicemailTaken,
)
from appliance.core.story import Speaker, Turn


class LegEars(Protocol):
    """To whom a leg reports. Nothing here waits for a decision."""

    async def caller_audio(self, audio: bytes) -> None:
        """Take audio of the caller in the leg's coding, in the order spoken; usually 20 ms."""

    def mark_reached(self, mark: str) -> None:
        """Take note that the carrier has played (or thrown away) everything before this mark."""

    def thrown_away(self, unplayed_ms: int) -> None:
        """Take note how much the carrier threw away at the last clear, if it says so: no marks of it come."""

    def happened(self, event: Event) -> None:
        """Take a fact into the call's inbox."""


class BrainEars(Protocol):
    """To whom a brain reports."""

    async def reply_audio(self, response_id: str, reply_id: str, audio: bytes) -> None:
        """Take audio of a reply in the leg's coding, in order, as fast as it comes.

        One answer may hold several replies.
        """

    def reply_complete(self, reply_id: str) -> None:
        """Take note that no more audio of this reply will come."""

    def happened(self, event: Event) -> None:
        """Take a fact into the call's inbox."""

    async def settled(self) -> None:
        """Return when everything that happened so far was decided on and done."""


class Side(Protocol):
    """What a leg and a brain have in common: entered when the call begins, left when it ends."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Leg(Side, Protocol):
    """The caller's side of the call."""

    @property
    def coding(self) -> Coding:
        """How the sound is coded that it takes and gives; the same for the whole call."""

    async def listen(self, ears: LegEars) -> None:
        """Report what the caller says and does; return when the leg is gone."""

    async def play(self, audio: bytes, mark: str) -> None:
        """Hand audio to the carrier, which plays it after what it has, and a mark behind it."""

    async def clear(self) -> None:
        """Have the carrier throw away what it has not played; its marks come back, or how much it was."""

    async def end(self, disposition: Disposition) -> None:
        """Leave the disposition with the carrier and let go of the call. Never raises."""


class Brain(Side, Protocol):
    """What listens and talks. Every method but listen, take_over and finish only hands something over."""

    async def listen(self, ears: BrainEars) -> None:
        """Connect, report what is understood and said; return when the brain is gone (BrainLost said)."""

    async def hear(self, audio: bytes, *, loud: bool = True) -> None:
        """Take the caller's audio, in the leg's coding; `loud` says whether it can hold speech at all."""

    async def greet(self) -> None:
        """Speak first."""

    async def ask_for_reply(self) -> None:
        """Give the answer that is owed."""

    async def cancel(self) -> None:
        """Stop generating, if it is."""

    async def truncate(self, reply_id: str, heard_ms: int) -> None:
        """Take note that only this much of a reply was heard."""

    async def delete(self, reply_id: str) -> None:
        """Take note that nothing of a reply was heard."""

    async def take_utterance(self, began_ms: int, ended_ms: int) -> None:
        """End the caller's turn here, which was spoken at this time of the call (manual turns)."""

    async def probe(self) -> None:
        """Answer with BrainAlive, inaudibly."""

    async def tell(self, text: str) -> None:
        """Take a line about the call, such as pressed keys, and answer it."""

    async def answer_tools(self, outputs: tuple[tuple[str, str], ...], *, go_on: bool) -> None:
        """Take all tool outputs of one answer, and go on speaking if asked to."""

    async def take_over(self, story: tuple[Turn, ...], language: str = "") -> None:
        """Go on in a new session that knows the story; BrainRenewed or RenewalFailed is reported.

        It speaks `language` from then on; the same as before when that is empty.
        """

    async def finish(self) -> None:
        """Stop, as nobody listens any more; return when what was said and used is reported, or soon."""


class Assistant(Brain, Protocol):
    """A brain with a voice of our own behind it: what a call talks with. `cancel` silences both."""

    async def refuse(self) -> None:
        """Stop generating the answer that is not wanted; what we say ourselves goes on."""

    async def only(self, reply_ids: tuple[str, ...]) -> None:
        """The same, and say nothing more of ours but these sentences."""

    async def speak(
        self, reply_id: str, sentence: str, language: str, fields: tuple[tuple[str, str], ...]
    ) -> None:
        """Say a sentence of ours by its name; it is reported as a reply, also when it cannot be said."""

    async def recall(self, story: tuple[Turn, ...]) -> None:
        """Find the wish that is open in the story; Understood with `recalled` is reported."""

    async def take_so_far(self, began_ms: int, ended_ms: int, *, whole: bool) -> None:
        """Recognise what was said between these times, for no answer: HeardPart is reported.

        It is Heard when it is the `whole` of an utterance, which goes on otherwise.
        """

    async def overhear(self, began_ms: int, ended_ms: int, language: str) -> None:
        """Recognise what was said to the cloud between these times, for danger: Overheard is reported."""

    async def start_recording(self, since_ms: int) -> None:
        """Record what the caller says: from now on (-1), or what began at this time of the call."""

    async def stop_recording(self) -> None:
        """End the recording; MessageRecorded is reported when it is on disk."""

    def lose(self, reason: str) -> None:
        """Give up the brain that does not answer; BrainChanged or BrainLost is reported."""


class VoiceDetector(Protocol):
    """Our own ear on the caller: reports VoiceBegan and VoiceCeased to whom it was made for.

    One that attends reports VoicePaused, too.
    """

    def take(self, ulaw_8k: bytes, loud: bool) -> None:
        """Take audio in order; `loud` says whether it can hold speech at all. Only stores it."""

    def attend(self, asked_ms: int) -> None:
        """Listen closely, as one who answers; 0 is to listen as before, when somebody else does.

        A turn then ends after so long a silence, or longer for callers who pause for longer.
        """

    def close(self) -> None:
        """Report nothing more."""


class Toolbox(Protocol):
    """What can be done during a call."""

    async def run(self, call_id: str, call: ToolCall) -> ToolAnswered:
        """Check, run and log one tool. Never raises: a failure is an output that the brain can act on."""


class CallLog(Protocol):
    """Where a call is written down. What is not awaited returns at once and never blocks the loop."""

    async def opened(self, call_id: str, offer: CallOffered, at: str) -> None:
        """A call began at `at` (UTC, ISO 8601); on disk when this returns, or as soon as the disk lets us."""

    def happened(self, call_id: str, at_ms: int, event: Event | PhonesRang) -> None:
        """An event of the call's stream."""

    def turn(self, call_id: str, place: int, speaker: Speaker, text: str, *, final: bool, cut: bool) -> None:
        """A turn of the transcript; a later one with the same place replaces it."""

    def wished(self, call_id: str, what: str, topic: str) -> None:
        """What was found in the caller's words, such as an emergency, and of what kind."""

    def cited(self, call_id: str, citation: Citation) -> None:
        """What became of a question to the office's documents."""

    def spoken(self, call_id: str, language: str) -> None:
        """From now on the call goes on in this language, such as `es`."""

    async def leave(self, call_id: str, disposition: Disposition) -> None:
        """Keep the disposition; on disk when this returns.

        Raises StoreRefused when it is not; then it is written as soon as the disk lets us.
        """

    def closed(
        self,
        call_id: str,
        at: str,
        outcome: Outcome,
        reason: str,
        *,
        seconds: int | None = None,
        settled: bool = True,
    ) -> None:
        """The call is over; not `settled` while the carrier has not said so. `seconds` is its own count."""

    def went(self, call_id: str, outcome: Outcome) -> None:
        """Later word of how a call went that is filed already."""


class Recordings(Protocol):
    """What a carrier keeps of messages that callers spoke. Every method raises CarrierFailed."""

    async def fetch_recording(self, recording_sid: str, path: Path) -> int:
        """Bring one into a file, on disk when this returns its size; goes on where it was cut off."""

    async def delete_recording(self, recording_sid: str) -> None:
        """Have it kept there no longer; one that is gone already is as good."""


BringBack = Callable[[], Awaitable[bool]]
"""Has the carrier bring back a caller who has left us, unless a person has them, which is False.

Raises CarrierFailed.
"""


class Switchboard(Protocol):
    """What a carrier's bridge asks of us. Every answer comes within its deadline, or people are rung."""

    async def offer(self, offer: CallOffered) -> Steps:
        """A call rings: what to do first. Asked again for the same call, the answer is the same."""

    async def menu(self, answer: MenuAnswered) -> Steps:
        """The caller answered a menu."""

    async def next(self, call_sid: str) -> Steps:
        """Our media leg is over: what its disposition says."""

    async def rang(self, ended: RingEnded) -> Steps:
        """The phones are done."""

    async def back(self, ended: RingEnded) -> Steps:
        """Phones are done that the carrier rang by itself, and the caller comes back to us."""

    async def rang_aside(self, ended: RingEnded) -> None:
        """A phone is done that the carrier rang without asking us what comes next."""

    async def voicemail(self, taken: VoicemailTaken) -> Steps:
        """A message was recorded."""

    async def recorded(self, taken: VoicemailTaken) -> None:
        """The recording of a message can be fetched now."""

    async def ended(self, ended: CallEnded) -> None:
        """The carrier says that the call is over."""

    def admit(self, token: str, call_sid: str) -> bool:
        """Whether this token, unused and in time, belongs to this call; it is used up by asking."""

    async def hold(self, call_sid: str, leg: Leg, back: BringBack | None = None) -> None:
        """Hold the admitted call until it is over; `back` is for danger that is only heard behind it."""


class Embedder(Protocol):
    """Texts to vectors of length 1, close to each other where the texts mean the like."""

    model_id: str
    size: int

    def embed(self, texts: Sequence[str], *, asked: bool = False) -> NDArray[np.float32]:
        """One row of `size` numbers a text, in order. May be called from several threads.

        `asked`: the texts are questions, and not what may answer one; some networks take them otherwise.
        """
