"""No dead air: whoever waits for us in silence hears something, again and again until an answer sounds.

First a soft sound, which puts off no answer that is about to come; words when it takes longer, or when a tool
is at work; then the sound again. How long the silence has lasted counts from where the caller's own voice
ended, not from where we learnt of it. Pure. May import: the standard library, appliance.core.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from appliance.core.commands import Command, PlaySoftSound, Speak, StartTimer, StopTimer
from appliance.core.dialogue.aloud import Aloud
from appliance.core.events import DigitPressed, Event, SpeechStopped, VoiceCeased
from appliance.core.owing import Owing
from appliance.core.phase import Patience, Phase

TIMER = "filler"
ANNOUNCES = frozenset({"one_moment", "language_now"})
"""Sentences that say that something is to come."""


@dataclass(slots=True)
class DeadAir:
    """Watches how long the caller waits.

    `_silent_ms` is since when there is silence, -1 where that is not known; `_announced` and `_sounded` say
    what was heard for this wait already.
    """

    aloud: Aloud
    owing: Owing
    patience: Patience
    _runs: bool = False
    _silent_ms: int = -1
    _announced: bool = False
    _sounded: bool = False
    _sounds: int = 0

    def after(
        self, event: Event, commands: Iterable[Command], phase: Phase, due: bool, *, local: bool
    ) -> list[Command]:
        """What follows: silence is measured from now on, or no longer. `due`: more is waited for."""
        if phase is Phase.OVER:
            return []
        said = (each.sentence for each in commands if isinstance(each, Speak))
        self._announced = self._announced or not ANNOUNCES.isdisjoint(said)
        turn, waits = self.aloud.turn, due or (phase is Phase.TALKING and self._owes(local=local))
        if not waits or turn.talks:
            self._announced = self._sounded = False
        if turn.talks or self.aloud.replies.speaking or isinstance(event, DigitPressed):
            self._silent_ms = -1
        if not waits or turn.talks or self.aloud.replies.speaking:
            runs, self._runs = self._runs, False
            return [StopTimer(TIMER)] if runs else []
        if self._runs and not isinstance(event, DigitPressed):
            return []
        self._runs, self._silent_ms = True, self._since_ms(event)
        return [StartTimer(TIMER, self.patience.filler_ms, self._silent_ms)]

    def _owes(self, *, local: bool) -> bool:
        """Whether an answer is owed, or something is being done; what we fill a silence with ends no wait."""
        return self.aloud.turn.owed or self.aloud.working or (self.owing.lost and not local)

    def _since_ms(self, event: Event) -> int:
        """Since when there has been silence, in ms of the call; -1 is from now on."""
        match event:
            case VoiceCeased():
                return event.at_ms
            case SpeechStopped():
                return max(0, event.at_ms - self.patience.stop_ms)
            case _:
                return self._silent_ms

    def breaks(self, phase: Phase, *, local: bool) -> list[Command]:
        """The silence has lasted long enough."""
        if not self._runs:
            return []
        self._runs = False
        if self._may_announce(phase, local=local):
            return [self.aloud.say("one_moment")]
        self._sounded = True
        self._sounds += 1
        return [PlaySoftSound(self.aloud.replies.sounds(self._sounds))]

    def _may_announce(self, phase: Phase, *, local: bool) -> bool:
        """Whether it is time for words, once: not before we have understood that something was asked."""
        turn, working = self.aloud.turn, self.aloud.working
        asked = phase is Phase.TALKING and (working or turn.owed)
        greeted = bool(self.aloud.replies.story.turns)
        noticed = (turn.taken or local) and not turn.speaks
        return asked and greeted and noticed and not self._announced and (working or self._sounded)
