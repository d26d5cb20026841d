"""What the brain owes the caller: an answer or a sign of it, and what is done when it takes long or fails.

Pure. May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.commands import AskForReply, Command, ProbeBrain, StartTimer, StopTimer, TakeUtterance
from appliance.core.dialogue.aloud import Aloud
from appliance.core.phase import Patience
from appliance.core.turn import CallerTurn

SIGNS = ("first_audio", "reply_due", "probe")


@dataclass(slots=True)
class Owing:
    """Keeps in `turn` what is owed, and asks for it.

    `lost` is an answer that a session took with it: the next one owes it. `changing` says that one in another
    language is to give it, `unworded` that the caller's words are waited for, which it is told.
    """

    turn: CallerTurn
    aloud: Aloud
    patience: Patience
    lost: bool = False
    changing: bool = False
    unworded: bool = False

    def reply(self) -> list[Command]:
        """An answer is owed: when it takes too long we act."""
        self.turn.put_off = False
        return self.still()

    def still(self) -> list[Command]:
        """It is owed as before, and its deadline begins anew."""
        self.turn.owed = True
        return [StartTimer("first_audio", self.patience.first_audio_ms)]

    def asked(self) -> list[Command]:
        """Ask for what is owed."""
        return [AskForReply(), *self.reply()]

    def begins(self) -> list[Command]:
        """The first sound of the answer is here."""
        self.turn.owed = self.turn.unanswered = self.turn.put_off = False
        return self.waits_no_more()

    def waits_no_more(self) -> list[Command]:
        """No sign is waited for."""
        return [StopTimer(name) for name in SIGNS]

    def sign(self, since_ms: int = -1) -> list[Command]:
        """The caller has spoken: a sign of the brain is due, and when it lives but is deaf, an answer.

        It is due from where the caller's voice ended at `since_ms`, or from now.
        """
        if self.turn.taken:
            return []
        if self.turn.probes >= self.patience.probes:
            self.turn.taken = True
            return self.asked()
        self.turn.owed = True
        return [StartTimer("reply_due", self.patience.reply_due_ms, since_ms)]

    def probes(self) -> list[Command]:
        """No sign has come: ask for one."""
        self.turn.probes += 1
        return [ProbeBrain(), StartTimer("probe", self.patience.probe_ms)]

    def breaks(self) -> list[Command]:
        """The session breaks, and another is to be set up: an answer that still came is lost with it.

        One that is all here plays on.
        """
        replies = self.aloud.replies
        self.begins_anew()
        self.lost = bool(replies.answering) or self.turn.owed or self.turn.speaks
        self.turn.speaks = False
        return [*(replies.gives_way() if replies.answering else []), *self.waits_no_more()]

    def failed(self, wait_ms: int) -> list[Command]:
        """What was owed failed: ask again, now or in a while. Nobody is answered who asked nothing."""
        if not self.turn.owed or self.turn.speaks:
            # Who speaks is answered for all of it.
            return []
        if not wait_ms:
            return self.asked()
        self.turn.put_off = True
        moment = [] if self.aloud.replies.speaking else [self.aloud.say("one_moment")]
        return [*self.waits_no_more(), *moment, StartTimer("ask_again", wait_ms)]

    def other_language(self, *, worded: bool) -> list[Command]:
        """A session in another language is to answer; meanwhile the caller hears that we have understood.

        It is to be set up when the caller's words are there, or after a while.
        """
        self.lost = self.changing = True
        self.unworded = not worded
        waits = [] if worded else [StartTimer("words", self.patience.words_ms)]
        return [self.aloud.say("language_now"), *waits, *self.still()]

    @property
    def knows_words(self) -> bool:
        """Whether the caller's words are not waited for."""
        return self.turn.worded or not self.unworded

    def waited(self, timer: str) -> list[Command]:
        """A wait is over: for a sign, for the service to be ready, or for words."""
        if timer == "reply_due":
            return self.probes()
        if timer == "ask_again":
            return self.again()
        self.unworded = False
        return []

    def renewed(self) -> list[Command]:
        """The next session is there, or that of before goes on: it owes what was lost."""
        owed, self.lost = self.lost, False
        self.changing = self.unworded = False
        # Who speaks just now is answered for all of it.
        return self.asked() if owed and not self.turn.speaks else []

    def begins_anew(self) -> None:
        """Another session or brain goes on: nothing is put off, and none in another language on its way."""
        self.turn.put_off = self.changing = self.unworded = False

    def turn_over(self, *, noise: bool) -> list[Command]:
        """Our own ear ends the caller's turn; a mere noise takes none, but what it cut is owed again."""
        self.turn.speaks = False
        if not noise:
            return [TakeUtterance(self.turn.began_ms, self.turn.ceased_ms), *self.reply()]
        return self.asked() if self.turn.broke_in else []

    def again(self) -> list[Command]:
        """The while is over: ask for what was put off, unless it has come or was asked for otherwise."""
        due = self.turn.put_off and self.turn.owed and not self.turn.speaks
        return self.asked() if due else []
