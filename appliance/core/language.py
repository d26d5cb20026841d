"""In which language a call goes on, and what follows from that for the cloud's session. Pure.

May import: the standard library, appliance.core.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from appliance.core.commands import Command, NoteLanguage, RenewBrain
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.errands import Errands
from appliance.core.story import Story, Turn


@dataclass(slots=True)
class CallLanguage:
    """`dialogue` holds the language that we speak; the cloud's session may still be set up for another."""

    dialogue: Dialogue
    story: Story
    _session: str = field(init=False)
    _noted: str = field(init=False)
    _told: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._session = self._noted = self.dialogue.language

    @property
    def is_news(self) -> bool:
        """Whether the cloud's session has still to be set up for it."""
        return self._session != self.dialogue.language

    def asked(self, errands: Errands) -> bool:
        """Whether the tools ask for a language that is news to the cloud's session; it is spoken then."""
        language, errands.language = errands.language, ""
        return bool(language) and self._wanted(language)

    def keyed(self, keys: str) -> bool:
        """Whether these keys are the one for another language; it is spoken then."""
        other = self.dialogue.facts.language_of(keys, self.dialogue.language)
        return bool(other) and self._wanted(other)

    def _wanted(self, language: str) -> bool:
        self.dialogue.goes_on_in(language)
        return self.is_news

    def renewal(self) -> RenewBrain:
        """Have the cloud go on in a session that speaks it."""
        return RenewBrain(self.story.told(), self.dialogue.language)

    def knows(self, turns: Iterable[Turn]) -> bool:
        """Whether the cloud's session was told of all of these when it was asked for."""
        return all(turn.turn_id in self._told for turn in turns)

    def after(self, commands: Iterable[Command]) -> list[Command]:
        """What follows from these commands: the language is noted when it is another than before."""
        for command in commands:
            if isinstance(command, RenewBrain):
                self._session = command.language
                self._told = frozenset(turn.turn_id for turn in command.story)
        if self._noted == self.dialogue.language:
            return []
        self._noted = self.dialogue.language
        return [NoteLanguage(self._noted)]
