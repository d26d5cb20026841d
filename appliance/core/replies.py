"""The replies of a call that are not over: what sounds, what is being made, what was cut, and its turns.

Pure. May import: the standard library, appliance.core.
"""

from dataclasses import dataclass, field

from appliance.core.commands import (
    CancelReply,
    ClearPlayback,
    Command,
    DeleteReply,
    PlayOnly,
    TruncateReply,
    WriteTurn,
)
from appliance.core.events import ReplyHeard, ReplyWorded
from appliance.core.story import Speaker, Story, Turn, spoken_part

PROMPT = "prompt:"
SAY = "say:"
"""Sentences that we speak ourselves; no brain has made them."""
SOUND = "sound:"
"""Soft sounds that only break a silence: they are no turns, and nothing is left unheard of them."""
UNTOLD, OURS = (PROMPT, SOUND), (PROMPT, SAY, SOUND)
PASSING = frozenset({"one_moment", "changeover", "goes_on"})
"""Sentences that answer nothing: what was asked before one of them is still open."""
WARNINGS = frozenset({"emergency_911", "emergency"})
"""What callers in danger are told: they hear it to its end, whatever is said or heard meanwhile."""
LEAST_HEARD_MS = 500
"""Who has heard less than this of a question does not answer it."""


@dataclass(slots=True)
class Reply:
    """A reply that the caller has not heard to its end."""

    heard_ms: int = 0
    total_ms: int = 0
    text: str = ""
    """The words of a sentence of ours, until it was heard: of those that wait, many are never said."""


@dataclass(slots=True)
class Replies:
    """`speaking` is what sounds or is about to, by reply id; `answering` the answers that are being made."""

    story: Story
    speaking: dict[str, Reply] = field(default_factory=dict)
    answering: set[str] = field(default_factory=set)
    missed: bool = False
    """Whether the last of our sentences was cut before enough of it was heard to answer it."""
    refuses: bool = False
    """Whether the brain is at an answer that is not wanted: nothing of it is heard."""
    warnings: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The sentences for danger among what sounds, each with its language."""
    _passing: set[str] = field(default_factory=set)
    _cut_ms: dict[str, int] = field(default_factory=dict)

    def says(self, reply_id: str, sentence: str, language: str) -> None:
        """We are about to say this."""
        # It counts as sounding from now on, so that nothing ends before it was heard.
        self.speaking[reply_id] = Reply()
        if sentence in WARNINGS:
            self.warnings[reply_id] = sentence, language
        elif sentence in PASSING:
            self._passing.add(reply_id)

    def warns_so(self, sentence: str, language: str) -> bool:
        """Whether this one does: it is not said twice at a time."""
        return (sentence, language) in self.warnings.values()

    def told(self) -> tuple[Turn, ...]:
        """What was said so far, without what we say in passing."""
        return tuple(turn for turn in self.story.told() if turn.turn_id not in self._passing)

    def queued(self, reply_id: str) -> bool:
        """A reply begins; whether a brain made it. A sentence of ours is none, though a turn of the story."""
        self.speaking[reply_id] = Reply()
        if not reply_id.startswith(UNTOLD):
            self.story.open(reply_id, Speaker.ATTENDANT)
        return not reply_id.startswith(OURS)

    def sounds(self, number: int) -> str:
        """A soft sound is about to be heard; its id."""
        reply_id = f"{SOUND}{number}"
        self.speaking[reply_id] = Reply()
        return reply_id

    def heard(self, event: ReplyHeard) -> None:
        """So much of a reply was played."""
        if event.reply_id in self.speaking and not event.reply_id.startswith(SOUND):
            self.speaking[event.reply_id].heard_ms = event.played_ms
            self.missed = self.missed and event.played_ms < LEAST_HEARD_MS

    @property
    def heard_ms(self) -> int:
        """How much was heard of all that sounds."""
        return sum(reply.heard_ms for reply in self.speaking.values())

    @property
    def prompt_sounds(self) -> bool:
        """Whether a recorded sentence of ours sounds, or is about to."""
        return any(reply_id.startswith(PROMPT) for reply_id in self.speaking)

    @property
    def words_sound(self) -> bool:
        """Whether words sound, or are about to: nobody misses a soft sound that is cut."""
        return any(not reply_id.startswith(SOUND) for reply_id in self.speaking)

    @property
    def yields(self) -> bool:
        """Whether a voice cuts something: an answer on its way, or words that are not for danger."""
        words = (each for each in self.speaking if not each.startswith(SOUND) and each not in self.warnings)
        return bool(self.answering) or any(words)

    def silence(self) -> list[Command]:
        """Stop everything that sounds, and tell the brain how much of it was heard."""
        self.warnings.clear()
        return self.gives_way()

    def gives_way(self) -> list[Command]:
        """The same, but for a sentence for danger, which is heard to its end. The one barge-in."""
        cut = {each: reply for each, reply in self.speaking.items() if each not in self.warnings}
        if not cut and not self.answering:
            return []
        ours = [reply for reply_id, reply in cut.items() if reply_id.startswith(SAY)]
        self.missed = bool(ours) and ours[-1].heard_ms < LEAST_HEARD_MS
        stays = tuple(self.warnings)
        commands: list[Command] = [PlayOnly(stays)] if stays else [ClearPlayback(), CancelReply()]
        for reply_id, reply in cut.items():
            if not reply_id.startswith(OURS):
                heard = reply.heard_ms > 0
                commands.append(TruncateReply(reply_id, reply.heard_ms) if heard else DeleteReply(reply_id))
            if not reply_id.startswith(UNTOLD):
                commands += self._cut_turn(reply_id, reply)
            del self.speaking[reply_id]
        self.answering.clear()
        return commands

    def unheard(self) -> list[Command]:
        """The turns that nobody will hear the rest of."""
        turns = [
            turn
            for reply_id, reply in self.speaking.items()
            if not reply_id.startswith(UNTOLD)
            for turn in self._cut_turn(reply_id, reply)
        ]
        self.warnings.clear()
        self.speaking.clear()
        self.answering.clear()
        return turns

    def _cut_turn(self, reply_id: str, reply: Reply) -> list[Command]:
        """Keep of a turn what was heard: now, or when its words come."""
        self._cut_ms[reply_id] = reply.heard_ms
        text = reply.text or self.story.text_of(reply_id)
        return self.worded(ReplyWorded(reply_id, text, reply.total_ms)) if text else []

    def worded(self, event: ReplyWorded) -> list[Command]:
        """The words of a reply are known: write them down as far as they were, or will be, heard."""
        if self.refuses and not self.story.holds(event.reply_id):
            return []
        heard_ms = self._cut_ms.pop(event.reply_id, None)
        ours, sounds = event.reply_id.startswith(SAY), self.speaking.get(event.reply_id)
        if sounds is not None:
            sounds.total_ms = event.total_ms
        if heard_ms is None and ours and sounds is not None:
            sounds.text = event.text
            return []
        if heard_ms is None:
            return self._write(event.reply_id, event.text)
        if heard_ms == 0 and ours:
            return []
        text = spoken_part(event.text, heard_ms, event.total_ms) if heard_ms else ""
        return self._write(event.reply_id, text, cut=True)

    def _write(self, reply_id: str, text: str, *, cut: bool = False) -> list[Command]:
        place = self.story.tell(reply_id, Speaker.ATTENDANT, text, cut=cut)
        return [WriteTurn(place, Speaker.ATTENDANT, text, cut=cut)]

    def played(self, reply_id: str) -> list[Command]:
        """A reply was heard to its end."""
        reply = self.speaking.pop(reply_id, None)
        self.warnings.pop(reply_id, None)
        if reply_id.startswith(SOUND):
            return []
        self.missed = self.missed and reply is None
        return self._write(reply_id, reply.text) if reply is not None and reply.text else []
