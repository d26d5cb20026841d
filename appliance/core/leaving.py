"""The way out of a call: where it leads, and how long the caller is still listened to before it is taken.

Who is in danger may say so into the announcement of a transfer: nobody is sent on before that was looked at.
Pure. May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.commands import Command, NoteWish, StartTimer, StopTimer, TakeSoFar, TakeUtterance
from appliance.core.decided import STAFF
from appliance.core.dialogue.aloud import Aloud
from appliance.core.dispositions import GOODBYE, PEOPLE, VOICEMAIL, Disposition, transfer
from appliance.core.events import Heard, HeardPart, Overheard
from appliance.core.phase import Patience
from appliance.core.staff import EMERGENCY_LINE

LAST_WORDS = "last_words"
"""The timer of the wait for what the caller said last."""
ON_CALL = transfer(EMERGENCY_LINE)


@dataclass(slots=True)
class Leaving:
    """`to` is where the call goes next, None while it stays; `words_due`: the brain's farewell is to come.

    `listens` says that the caller speaks, or has spoken and it is not known yet what; `warned`, that danger
    was answered: that sentence is heard to its end, as it is not said again.
    """

    aloud: Aloud
    patience: Patience
    to: Disposition | None = None
    why: str = ""
    words_due: bool = False
    listens: bool = False
    warned: bool = False
    _heard_ms: int = -1

    def begins(self, to: Disposition, why: str, *, words_due: bool = False) -> list[Command]:
        """The call is to go there; on the way to people nothing that was said before is waited for."""
        turn = self.aloud.turn
        self.to, self.why, self.words_due = to, why, words_due
        speaks = turn.speaks or turn.voice
        under_way = speaks or self.aloud.replies.story.awaited
        self.warned = self.warned or self.aloud.dialogue.facts.danger
        self.listens = under_way and to != PEOPLE and not self._settled
        # Who speaks is heard out first.
        due = [] if speaks else self._words_due()
        return [*due, StartTimer("leave", self.patience.leave_ms)]

    def stays(self) -> None:
        """The call goes on with us."""
        self.to, self.words_due, self.listens, self.warned = None, False, False, False

    @property
    def _settled(self) -> bool:
        """Whether nothing that is said changes the way: staff decided it, or danger was answered."""
        return self.why.startswith(STAFF) or self._answered

    @property
    def _answered(self) -> bool:
        """Whether danger was answered: nothing more that is said changes anything."""
        return self.warned or self.to == ON_CALL

    def _words_due(self) -> list[Command]:
        return [StartTimer(LAST_WORDS, self.patience.last_words_ms)] if self.listens else []

    # What the caller says --------------------------------------------------------------------------

    def spoken_into(self) -> list[Command]:
        """The caller speaks: what sounds gives way, but for our recorded sentences and those for danger."""
        if self._settled:
            return []
        first, self.listens = not self.listens, True
        waits: list[Command] = [StopTimer(LAST_WORDS)]
        if first:
            waits.append(StartTimer("leave", self.patience.leave_ms))
        if self.aloud.replies.prompt_sounds:
            return waits
        # A farewell that is cut, or has not begun yet, is not to come any more.
        self.words_due = False
        return waits + self.aloud.replies.gives_way()

    def voice_began(self) -> None:
        """Our own ear hears the caller, and the brain does not yet."""
        self.listens = self.listens or not self._settled

    def stopped(self) -> list[Command]:
        """The brain heard the caller stop: the words are to come."""
        return self._words_due()

    def ceased(self, at_ms: int, *, noise: bool, local: bool, manual: bool) -> list[Command]:
        """Our own ear heard the caller stop: what was said is recognised, and no answer is wanted."""
        turn = self.aloud.turn
        turn.ceases(at_ms, noise=noise)
        turn.speaks = turn.speaks and not (local or manual)
        if noise and self.listens and self.aloud.replies.story.awaited:
            # A cough says nothing of the words that are still to come.
            return self._words_due()
        if noise or turn.told_before(at_ms) or not self.listens:
            self.looked_at()
            return []
        if local:
            return [TakeSoFar(turn.began_ms, at_ms, whole=True), *self._words_due()]
        if manual:
            return [TakeUtterance(turn.began_ms, at_ms), *self._words_due()]
        overheard = self.aloud.overhearing.ceased(self.aloud.dialogue.language)
        return [*overheard, *self._words_due()]

    def looked_at(self) -> None:
        """The caller's words are known, or will not come: nothing is waited for but what is said just now."""
        turn = self.aloud.turn
        self.listens = self.listens and (turn.speaks or turn.voice)

    def heard(self, event: Heard | HeardPart | Overheard, *, local: bool) -> list[Command]:
        """Danger, and the wish for a person, go before where the call was going."""
        if self.aloud.parting or self._answered:
            return []
        if isinstance(event, Overheard):
            answered = [] if local else self.aloud.overheard(event)
        else:
            answered = self.aloud.alarmed(event, person=not self._settled and self.to != PEOPLE)
        found = [command.what for command in answered if isinstance(command, NoteWish)]
        if not found:
            if isinstance(event, Heard) and not self.aloud.replies.story.awaited:
                self.looked_at()
            return answered
        self._changes(danger="emergency" in found)
        return [*answered, StartTimer("leave", self.patience.leave_ms)]

    def _changes(self, *, danger: bool) -> None:
        """What was found has been answered: go where it leads, or on to people; a talk that ended goes on."""
        leave, self.aloud.leaving = self.aloud.leaving, None
        self.words_due = self.listens = False
        if leave is not None:
            self.to, self.why = leave.disposition, leave.why
        elif self.to == VOICEMAIL:
            self.to, self.why = PEOPLE, "an emergency"
        elif self.to == GOODBYE and not self._settled:
            self.stays()
        self.warned = danger and self.to is not None

    # The last sentence -----------------------------------------------------------------------------

    def goes_on(self) -> list[Command]:
        """The closing words take long: wait on while they are being heard, and no more when nothing moves."""
        replies = self.aloud.replies
        if not replies.words_sound or replies.heard_ms == self._heard_ms:
            return []
        self._heard_ms = replies.heard_ms
        return [StartTimer("leave", self.patience.leave_ms)]
