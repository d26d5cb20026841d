"""What callers say to the cloud, looked at for danger by ourselves when the cloud's words for it are late.

Who cannot breathe is not to wait until a silent cloud is given up. What is found harmless is the cloud's to
answer, as before. Pure. May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.commands import Command, Overhear, StartTimer
from appliance.core.events import Heard, HeardPart
from appliance.core.phase import Patience
from appliance.core.turn import CallerTurn

TIMER = "overhear"
LONGEST_MS = 12_000
"""So much of what was said without words is looked at: help is called for in pieces, with pauses."""


@dataclass(slots=True)
class Overhearing:
    """Keeps what was said last that the cloud has no words for. Times are of the call.

    `answered` says that danger was found in it and told of.
    """

    turn: CallerTurn
    patience: Patience
    answered: bool = False
    _late: bool = False
    """Whether the cloud has still to hear what was answered, if it ever does."""
    _span: tuple[int, int] | None = None
    _worded: bool = False
    _parted: bool = False

    def begins(self, at_ms: int) -> None:
        """The caller speaks since then; our ear may be late to hear it, and the words may be there."""
        if at_ms > self.turn.stopped_ms:
            self.answered = self._worded = self._parted = False

    @property
    def knows_better(self) -> bool:
        """Whether speech that the cloud only hears now is what we have answered: nobody speaks any more."""
        return self._late and self.answered and not self.turn.voice

    def answers(self) -> None:
        """Danger was found in it, and is being answered."""
        self.answered, self._late, self._span = True, not self.turn.taken, None

    def caught_up(self) -> None:
        """The cloud has heard an end of speech: what it hears next is something else."""
        self._late = False

    def forget(self) -> None:
        """Another brain hears the caller: its words come from there."""
        self._span = None

    def ceased(self, language: str, *, manual: bool = False) -> list[Command]:
        """The caller has finished: words are due, sooner the less the cloud has noticed of the speech.

        In `manual` turns it notices nothing by itself.
        """
        turn = self.turn
        if self._worded:
            return []
        began_ms = turn.began_ms if self._span is None else self._span[0]
        self._span = max(began_ms, turn.ceased_ms - LONGEST_MS), turn.ceased_ms
        if not (turn.speaks or turn.taken or manual):
            return self._look(language)
        due_ms = self.patience.words_due_ms
        return [StartTimer(TIMER, due_ms if turn.taken or manual else due_ms // 2)]

    def words(self, event: Heard | HeardPart, language: str) -> list[Command]:
        """The cloud has words: those of what was said last, unless it has not heard the end of that yet."""
        if self.turn.voice and self.turn.stopped_ms <= self.turn.began_ms:
            return []
        if isinstance(event, HeardPart):
            self._parted = True
            return []
        if not event.text:
            return self._look(language)
        self._worded, self._span = True, None
        return []

    def due(self, language: str) -> list[Command]:
        """Words are due. While they come in pieces the rest of them is waited for."""
        if self._parted:
            self._parted = False
            return [StartTimer(TIMER, self.patience.words_due_ms)]
        return self._look(language)

    def awaits(self, began_ms: int) -> bool:
        """Whether there are still no words for what began then."""
        return self._span is not None and self._span[0] == began_ms

    def _look(self, language: str) -> list[Command]:
        return [] if self._span is None else [Overhear(*self._span, language)]
