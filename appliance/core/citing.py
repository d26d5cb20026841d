"""Names the source of each answer, and holds what a model names against what was found. Pure.

The source is not left to the model: when its answer is complete, and rests on a passage, our own voice names
that passage behind it. A model that names a source by itself is listened to as its words come, which is
before they are heard; one that was not found in this call is cut there and corrected. May import: the
standard library, appliance.core.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.core import sources
from appliance.core.citations import Asked, Citation, Source
from appliance.core.commands import Command, EndCall, NoteCitation, Speak, StopTimer
from appliance.core.dialogue.aloud import Aloud
from appliance.core.dialogue.documents import NAMING, says_answer, says_source
from appliance.core.dialogue.moves import Move, Say
from appliance.core.events import Event, ReplyEnded, ReplyWorded, ReplyWording, ToolAnswered
from appliance.core.replies import SAY, Replies

REMEMBERED = 50
WAITS = ("first_audio", "reply_due", "probe")


@dataclass(slots=True)
class Citing:
    """The questions of a call to the documents. `_due` are those whose answer is still to be given."""

    replies: Replies
    aloud: Aloud
    _due: list[Asked] = field(default_factory=list)
    _found: list[Source] = field(default_factory=list)
    _judged: set[str] = field(default_factory=set)
    _worded: bool = False
    """Whether something was answered that rests on no passage."""

    def after(self, event: Event, commands: list[Command]) -> list[Command]:
        """These commands, and what follows for the sources of what is said."""
        match event:
            case ToolAnswered() if event.asked is not None:
                commands = [*commands, *self._asked(event.asked)]
            case ReplyWording():
                commands = [*commands, *self._listened(event.reply_id, event.text)]
            case ReplyWorded() if not event.reply_id.startswith(SAY):
                commands = [*commands, *self._answered(event)]
            case ReplyEnded() if event.status == "completed" and self._worded:
                commands = [*commands, *self._given_up()]
            case _:
                pass
        if self._due and any(isinstance(each, Speak) and each.sentence in NAMING for each in commands):
            # Our own dialogue has answered, in the passage's words.
            commands = [*commands, *(self._note(each, each.sources[0]) for each in self._taken())]
        # What ends the call comes last.
        ends = any(isinstance(each, EndCall) for each in commands)
        return [*self.over(), *commands] if ends else commands

    def over(self) -> list[Command]:
        """The call ends: nothing more is answered."""
        return self._given_up()

    def _asked(self, asked: Asked) -> list[Command]:
        if not asked.sources:
            return [NoteCitation(Citation(asked, answered=False, verified=False))]
        self._due.append(asked)
        self._found = [*self._found, *asked.sources][-REMEMBERED:]
        self._worded = False
        return []

    def _taken(self) -> list[Asked]:
        taken, self._due, self._worded = self._due, [], False
        return taken

    def _given_up(self) -> list[Command]:
        """Nothing was answered from the documents."""
        return [NoteCitation(Citation(each, answered=False, verified=False)) for each in self._taken()]

    # What a model says -------------------------------------------------------------------------------

    def _listened(self, reply_id: str, text: str) -> list[Command]:
        """Hold the source that is being named against what was found."""
        claim = sources.claim(text, whole=False)
        if claim is None or reply_id in self._judged or not self._wanted(reply_id):
            return []
        return self._invented(reply_id, claim.name) if sources.named(claim, self._found) is False else []

    def _wanted(self, reply_id: str) -> bool:
        """Whether an answer is, or will be, heard: of one that was cut nothing has to be corrected."""
        return reply_id in self.replies.speaking or bool(self.replies.answering)

    def _answered(self, event: ReplyWorded) -> list[Command]:
        if event.reply_id in self._judged:
            return []
        claim = sources.claim(event.text, whole=True)
        if claim is not None:
            meant = sources.named(claim, self._found)
            if not isinstance(meant, Source):
                return self._invented(event.reply_id, claim.name)
            return [self._note(each, meant, named=claim.name) for each in self._taken()]
        resting = [
            (asked, self._rests_on(event.text, asked)) for asked in self._due if self._counts(event.text)
        ]
        cited = [(asked, source) for asked, source in resting if source is not None]
        if not cited:
            self._worded = bool(self._due)
            return []
        self._taken()
        notes = [
            self._note(asked, source)
            if source
            else NoteCitation(Citation(asked, answered=False, verified=False))
            for asked, source in resting
        ]
        return [*notes, *self._named(event.reply_id, [source for _, source in cited])]

    def _counts(self, text: str) -> bool:
        """Whether every number in an answer is one of those that were found."""
        found = " ".join(each.text for asked in self._due for each in asked.sources)
        return sources.numbers(text) <= sources.numbers(found)

    def _rests_on(self, text: str, asked: Asked) -> Source | None:
        """The passage that an answer rests on most."""
        language = self.aloud.dialogue.language
        scored = [(sources.rests(text, each, language), each) for each in asked.sources]
        share, best = max(scored, key=lambda each: each[0])
        return best if share > 0 else None

    def _named(self, reply_id: str, cited: Sequence[Source]) -> list[Command]:
        """Name each source once; of an answer that the caller has cut nothing more is said."""
        if reply_id not in self.replies.speaking:
            return []
        once = dict.fromkeys((each.said, each.as_of) for each in cited)
        return self.aloud.made([says_source(said, as_of) for said, as_of in once])

    def _invented(self, reply_id: str, name: str) -> list[Command]:
        """Cut an answer that names a source which is none; what was found is told in its own words."""
        self._judged.add(reply_id)
        wanted, due = self._wanted(reply_id), self._taken()
        notes = [
            NoteCitation(Citation(each, answered=True, verified=False, named=name))
            for each in due or [Asked("", self.aloud.dialogue.language)]
        ]
        if not wanted:
            return [*notes]
        corrected: list[Move] = [Say("cited_wrongly")]
        for asked in due:
            corrected += says_answer(asked.answer, asked.sources[0].language, self.aloud.dialogue.language)
            corrected.append(says_source(asked.sources[0].said, asked.sources[0].as_of))
        self.aloud.turn.owed = False
        stops = [StopTimer(name) for name in WAITS]
        return [*notes, *stops, *self.replies.gives_way(), *self.aloud.made(corrected)]

    def _note(self, asked: Asked, source: Source, *, named: str = "") -> Command:
        return NoteCitation(Citation(asked, True, True, named or source.said, source.passage))
