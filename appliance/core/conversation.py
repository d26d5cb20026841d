"""What is decided in a call: events go in, commands come out. Pure: no clock, no wait, no log.

The same events give the same commands, which is what lets a recorded call be replayed. The conversation
lives here and not in a brain: a brain may be renewed or lost, the story, the phase and what is owed stay.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass, field
from typing import assert_never

from appliance.core import commands as c
from appliance.core import decided
from appliance.core import events as e
from appliance.core.citing import Citing
from appliance.core.commands import Command
from appliance.core.dead_air import DeadAir
from appliance.core.dialogue.aloud import Aloud
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.watching import Watch
from appliance.core.dispositions import HUNG_UP, PEOPLE, Disposition, Kind
from appliance.core.errands import Errands
from appliance.core.language import CallLanguage
from appliance.core.leaving import ON_CALL, Leaving
from appliance.core.looking import looked_through
from appliance.core.owing import Owing
from appliance.core.phase import Patience, Phase
from appliance.core.replies import PROMPT, Replies, Reply
from appliance.core.story import Speaker, Story
from appliance.core.turn import CallerTurn


@dataclass(slots=True)
class Conversation:
    """One call's conversation with a brain."""

    patience: Patience = field(default_factory=Patience)
    manual_turns: bool = False
    phase: Phase = Phase.OPENING
    story: Story = field(default_factory=Story)
    dialogue: Dialogue = field(default_factory=Dialogue)
    turn: CallerTurn = field(default_factory=CallerTurn)
    watch: Watch | None = None
    _answered: bool = False
    _ready: bool = False
    _lost: str = ""
    _errands: Errands = field(default_factory=Errands)
    _keys: str = ""
    _expiring: bool = False
    _local: bool = False
    replies: Replies = field(init=False)
    aloud: Aloud = field(init=False)
    language: CallLanguage = field(init=False)
    citing: Citing = field(init=False)
    _owing: Owing = field(init=False)
    _leaving: Leaving = field(init=False)
    _dead_air: DeadAir = field(init=False)

    def __post_init__(self) -> None:
        self.replies = Replies(self.story)
        self.aloud = Aloud(self.dialogue, self.replies, self.patience, self.turn, self._errands, self.watch)
        self.language = CallLanguage(self.dialogue, self.story)
        self.citing = Citing(self.replies, self.aloud)
        self._owing = Owing(self.turn, self.aloud, self.patience)
        self._leaving = Leaving(self.aloud, self.patience)
        self._dead_air = DeadAir(self.aloud, self._owing, self.patience)

    def handle(self, event: e.Event) -> list[Command]:
        """What to do, now that this has happened."""
        if self.phase is Phase.OVER:
            return []
        commands = self.citing.after(event, self._family(event))
        commands += self.aloud.attention(local=self._local)
        leave, self.aloud.leaving = self.aloud.leaving, None
        if leave is not None and self._leaving.to is None:
            self.phase = Phase.LEAVING
            commands += self._leaving.begins(leave.disposition, leave.why)
        if self._leaving.to is not None and self._may_leave():
            commands += self.citing.over() + self._end(self._leaving.to, self._leaving.why)
        elif self._new_session_due():
            self._expiring = False
            commands.append(self.language.renewal())
        # For the call to begin, for keys to be taken, for a farewell, or for what was said into it.
        waits = {Phase.OPENING: self._answered, Phase.TALKING: bool(self._keys)}
        due = waits.get(self.phase, self._leaving.words_due or self._leaving.listens)
        commands += self._dead_air.after(event, commands, self.phase, due, local=self._local)
        return [*commands, *self.language.after(commands)]

    def _family(self, event: e.Event) -> list[Command]:
        match event:
            case e.CallAnswered() | e.DigitPressed() | e.CallerHungUp() | e.LegFailed():
                return self._on_leg(event)
            case e.ReplyQueued() | e.ReplyHeard() | e.ReplyPlayed() | e.ReplyStalled():
                return self._on_playout(event)
            case e.VoiceBegan() | e.VoicePaused() | e.VoiceCeased():
                return self._on_voice(event)
            case e.SpeechStarted() | e.SpeechStopped() | e.UtteranceTaken():
                return self._on_speech(event)
            case e.HeardPart() | e.Heard() | e.Overheard():
                return self._on_words(event)
            case e.ReplyBegan() | e.ReplyGoesOn() | e.ReplyWording() | e.ReplyWorded() | e.ReplyEnded():
                return self._on_reply(event)
            case e.Understood() | e.MessageRecorded():
                wanted = self.aloud.parting or (self._local and self.phase is Phase.TALKING)
                return (self.aloud.reported(event) or self._caller_next()) if wanted else []
            case e.StaffDecided():
                return decided.by_staff(event, self.aloud) if self._leaving.to is None else []
            case e.ToolsAsked() | e.ToolAnswered() | e.TimerFired() | e.UsageReported() | e.UsageMissed():
                return self._on_other(event)
            case _:
                return self._on_brain(event)

    def _on_other(self, event: e.OtherEvent) -> list[Command]:
        match event:
            case e.ToolsAsked():
                return self._tools_asked(event)
            case e.ToolAnswered():
                return self._tool_answered(event)
            case e.TimerFired():
                return self._timer(event.name)
            case _:
                # Words that are still being made, and what was used, are nothing to answer.
                return []

    # The caller's side -----------------------------------------------------------------------------

    def _on_leg(self, event: e.LegEvent) -> list[Command]:
        match event:
            case e.CallAnswered():
                self._answered = True
                return [c.StartTimer("longest", self.patience.longest_ms), *self._open()]
            case e.DigitPressed():
                return self._key(event.digit)
            case e.CallerHungUp():
                return self._gone(HUNG_UP)
            case e.LegFailed():
                return self._gone(f"the leg failed: {event.reason}")
            case _:
                assert_never(event)

    def _gone(self, why: str) -> list[Command]:
        """The caller is gone; a message that they spoke is kept all the same."""
        if self.aloud.parting:
            return self.replies.unheard()
        unheard, last = self.replies.unheard(), self.aloud.part() if self._local else []
        if not last:
            return [*unheard, *self._end(PEOPLE, why)]
        self.phase, self._leaving.to, self._leaving.why = Phase.LEAVING, PEOPLE, why
        return [*unheard, *last]

    def _open(self) -> list[Command]:
        """Greet, once both the caller and the brain are there."""
        if not self._answered or self.phase is not Phase.OPENING:
            return []
        if self._lost:
            return self._leave(PEOPLE, f"the brain was lost: {self._lost}", "cloud_lost")
        if not (self._ready or self.dialogue.facts.danger):
            return []
        self.phase = Phase.TALKING
        begins = self.aloud.greet(local=self._local)
        return begins if self._local or self.aloud.greets else [*begins, *self._owing.reply()]

    def _key(self, digit: str) -> list[Command]:
        number = self._local and self.dialogue.in_number(digit, self._keys)
        if digit == "0" and self._leaving.to != PEOPLE and not (number and self._keys):
            cut, to_help = self.replies.silence(), self._leaving.to == ON_CALL
            return cut if to_help else [*cut, *self._leave(PEOPLE, "the caller pressed 0", "connecting")]
        if self.phase is not Phase.TALKING:
            return []
        if self._local and not number:
            self._keys = ""
            chosen = [*self.replies.silence(), *self.aloud.keyed(digit), *self.aloud.key(digit)]
            return [*chosen, *self._caller_next()]
        if digit == "#":
            return [c.StopTimer("keys"), *self._keys_done()]
        self._keys += digit
        return [c.StartTimer("keys", self.patience.keys_ms)]

    def _keys_done(self) -> list[Command]:
        keys, self._keys = self._keys, ""
        if not keys or self.phase is not Phase.TALKING:
            return []
        written = self.aloud.keyed(keys)
        if self._local:
            return [*self.replies.silence(), *written, *self.aloud.keys(keys)]
        if self.language.keyed(keys):
            return [*self.replies.silence(), *written, *self._owing.other_language(worded=True)]
        said = f"The caller pressed {' '.join(keys)} on the keypad."
        return [*self.replies.silence(), *written, c.TellBrain(said), *self._owing.reply()]

    # What was played -------------------------------------------------------------------------------

    def _on_playout(self, event: e.PlayoutEvent) -> list[Command]:
        match event:
            case e.ReplyQueued():
                # A sentence of ours is no sign of the cloud: what it owes it owes still.
                return self._owing.begins() if self.replies.queued(event.reply_id) else []
            case e.ReplyHeard():
                self.replies.heard(event)
            case e.ReplyPlayed():
                return [*self.replies.played(event.reply_id), *self._caller_next()]
            case e.ReplyStalled():
                return [c.LoseBrain("stalled")]
            case _:
                assert_never(event)
        return []

    def _caller_next(self) -> list[Command]:
        """All was heard: the caller has the word."""
        return self.aloud.quiet(local=self._local) if self._listening() else []

    def _listening(self) -> bool:
        waits = self.turn.speaks or self.turn.owed or self.aloud.working
        return self.phase is Phase.TALKING and not waits and self._nothing_sounds()

    # The caller's voice ----------------------------------------------------------------------------

    def _on_voice(self, event: e.VoiceEvent) -> list[Command]:
        match event:
            case e.VoiceBegan():
                self.turn.begins(event.at_ms, goes_on=self._local and self.turn.owed)
                if self._leaving.to is not None:
                    self._leaving.voice_began()
                if self._local and self.aloud.taking:
                    return self.aloud.voice_began(event.at_ms)
                own = self.manual_turns or self._local
                return [*self.aloud.voice_began(event.at_ms), *(self._speech_started() if own else [])]
            case e.VoicePaused():
                return self.aloud.paused(event.at_ms) if self._local else []
            case e.VoiceCeased():
                self.turn.voice, self.turn.ceased_ms = False, event.at_ms
                noise = event.spoke_ms < self.patience.least_voice_ms
                if self._leaving.to is not None:
                    local, manual = self._local, self.manual_turns
                    return self._leaving.ceased(event.at_ms, noise=noise, local=local, manual=manual)
                if self.phase is not Phase.TALKING:
                    return []
                self.turn.ceases(event.at_ms, noise=noise)
                if self._local:
                    return self.aloud.turn_over(noise) or self._caller_next()
                language, manual = self.dialogue.language, self.manual_turns
                words = [] if noise else self.aloud.overhearing.ceased(language, manual=manual)
                if manual:
                    return [*self._owing.turn_over(noise=noise), *words]
                # The brain is rightly silent while the caller talks: only now is a sign of it due.
                return [*words, *((not noise and self._owing.sign(event.at_ms)) or self._caller_next())]
            case _:
                assert_never(event)

    def _on_speech(self, event: e.SpeechEvent) -> list[Command]:
        match event:
            case e.SpeechStarted():
                return [] if self.aloud.overhearing.knows_better else self._speech_started()
            case e.SpeechStopped():
                self.turn.speaks, self.turn.taken, self.turn.stopped_ms = False, True, event.at_ms
                self.aloud.overhearing.caught_up()
                if self._leaving.to is not None:
                    return self._leaving.stopped()
                # Of what we have answered ourselves no answer is wanted.
                reply = [] if self.turn.muted else self._owing.reply()
                return [c.StopTimer("reply_due"), c.StopTimer("probe"), *reply]
            case e.UtteranceTaken():
                self.story.open(event.utterance_id, Speaker.CALLER)
                return []
            case _:
                assert_never(event)

    def _on_words(self, event: e.WordsEvent) -> list[Command]:
        was, talks = self.phase, self.phase is Phase.TALKING
        found = looked_through(event, self.aloud, self._leaving, talking=talks, local=self._local)
        self.phase = Phase.TALKING if was is Phase.LEAVING and self._leaving.to is None else was
        return found

    def _speech_started(self) -> list[Command]:
        self.turn.speaks, self.turn.muted, self.turn.put_off = True, False, False
        if self._leaving.to is not None:
            if self._lost:
                return []
            if self._leaving.to.kind is not Kind.GOODBYE or self.replies.prompt_sounds:
                return self._leaving.spoken_into()
            # The caller has more to say: no hanging up in the middle of it.
            self.phase = Phase.TALKING
            self._leaving.stays()
        if self.phase is not Phase.TALKING:
            return []
        self.turn.broke_in = self.replies.yields or self.turn.owed
        stops = [c.StopTimer(name) for name in ("first_audio", "reply_due", "leave", "no_input")]
        return [*stops, *self.replies.gives_way()]

    # The brain's answers ---------------------------------------------------------------------------

    def _on_reply(self, event: e.ReplyEvent) -> list[Command]:
        match event:
            case e.ReplyBegan():
                return self._reply_began(event.response_id)
            case e.ReplyGoesOn():
                return self._owing.still() if self.turn.owed else []
            case e.ReplyWording():
                return []
            case e.ReplyWorded():
                return self.replies.worded(event)
            case e.ReplyEnded():
                return self._reply_ended(event)
            case _:
                assert_never(event)

    def _reply_began(self, response_id: str) -> list[Command]:
        self.turn.taken, self.turn.put_off = True, False
        signs: list[Command] = [c.StopTimer("reply_due"), c.StopTimer("probe")]
        unwanted = self.turn.muted or (self._leaving.to is not None and not self._leaving.words_due)
        self.replies.refuses = unwanted or (self.turn.speaks and self.phase is Phase.TALKING)
        if self.replies.refuses:
            # Nobody is to be talked over, neither the caller nor our own last sentence.
            return [*signs, c.IgnoreReply(response_id)]
        self.replies.answering.add(response_id)
        return [*signs, *(self._owing.still() if self.turn.owed else [])]

    def _reply_ended(self, event: e.ReplyEnded) -> list[Command]:
        ours = event.response_id in self.replies.answering
        self.replies.answering.discard(event.response_id)
        # Such an answer is owed still, or again: its error says whether it is asked for once more.
        if event.status in ("failed", "empty"):
            return self._owing.still() if ours and self.phase is Phase.TALKING else []
        self._leaving.words_due = False
        if event.status != "completed" or not ours:
            return []
        self.turn.owed = False
        return [c.StopTimer("first_audio")]

    def _tools_asked(self, event: e.ToolsAsked) -> list[Command]:
        if self.phase is not Phase.TALKING:
            return []
        self.turn.owed = False
        return [c.StopTimer("first_audio"), *self._errands.asked(event)]

    # Tools and timers ------------------------------------------------------------------------------

    def _tool_answered(self, event: e.ToolAnswered) -> list[Command]:
        local = self.aloud.answered(event, talking=self.phase is Phase.TALKING)
        if local is not None:
            return local
        all_back = self._errands.answered(event, self.story)
        if not all_back or self.phase is not Phase.TALKING:
            return []
        return self.aloud.errand() if self._local else self._tools_done()

    def _tools_done(self) -> list[Command]:
        errands = self._errands
        leave, errands.leave = errands.leave, None
        if errands.sentence and leave is not None:
            return [*errands.outputs(go_on=False), *self.aloud.ends_with(errands.sentence, leave)]
        if leave is None and self.language.asked(errands):
            return [*errands.outputs(go_on=False), *self._owing.other_language(worded=self.turn.worded)]
        if leave is not None and leave.kind is Kind.GOODBYE and self.turn.speaks:
            leave = None
        # A farewell in the same answer was said already; a second one would only delay the end.
        go_on = not self.turn.speaks and not (leave is not None and errands.spoke)
        commands = [*errands.outputs(go_on), *(self._owing.reply() if go_on else [])]
        if leave is not None:
            self.phase = Phase.LEAVING
            why = f"the assistant: {str(leave) or 'people'}"
            commands += self._leaving.begins(leave, why, words_due=go_on)
        return commands

    def _timer(self, name: str) -> list[Command]:
        match name:
            case "keys":
                return self._keys_done()
            case "first_audio" | "probe":
                return [c.LoseBrain("mute")]
            case "reply_due" | "ask_again" | "words":
                return self._owing.waited(name) if self.phase is Phase.TALKING else []
            case "filler":
                return self._dead_air.breaks(self.phase, local=self._local)
            case "no_input":
                return self.aloud.silent(local=self._local) if self._listening() else []
            case "message" | "message_pause" | "fetch" | "overhear":
                return self.aloud.waited(name)
            case "leave" if self._leaving.to is not None:
                return self._leaving.goes_on() or self._end(self._leaving.to, self._leaving.why)
            case "last_words":
                self._leaving.looked_at()
                return []
            case "longest" if self._leaving.to is None:
                why = "the call reached its time limit"
                return [*self.replies.gives_way(), *self._leave(PEOPLE, why, "connecting")]
            case _:
                return []

    # The brain's state -----------------------------------------------------------------------------

    def _on_brain(self, event: e.BrainStateEvent) -> list[Command]:
        match event:
            case e.BrainReady():
                self._ready = True
                return self._open()
            case e.BrainAlive():
                return [c.StopTimer("probe"), *self._owing.sign()]
            case e.BrainLost():
                return self._brain_lost(event.reason)
            case e.BrainChanged():
                return self._changed(event)
            case e.SessionExpiring():
                self._expiring = True
            case e.BrainErred():
                return self._erred(event)
            case e.BrainRenewed():
                return self._renewed()
            case e.RenewalFailed():
                # The session of before goes on, and answers in the other one's place.
                return self._renewed() if self._owing.changing else []
            case _:
                assert_never(event)
        return []

    def _changed(self, event: e.BrainChanged) -> list[Command]:
        """Another brain goes on: where the conversation was, with what is still unanswered."""
        self._local, self._ready, self._expiring = event.to == "local", True, False
        self._owing.begins_anew()
        if not self._local:
            # What was said and not understood yet is the cloud's to answer.
            self._owing.lost = self.turn.owed
            # What happened while it was on its way it is told at the next pause.
            self._expiring = not self.language.knows(self.replies.told())
            return [*self.aloud.handed_over(), *self._renewed()]
        self._errands.orphan()
        match self.phase:
            case Phase.OPENING:
                return self._open()
            case Phase.LEAVING:
                return self._closing_words()
            case _:
                keys, self._keys = self._keys, ""
                written = [c.StopTimer("keys"), *self.aloud.keyed(keys)] if keys else []
                takes_over = self.aloud.takes_over(keys, event.reason)
                self.replies.answering.clear()
                return [*self._owing.waits_no_more(), *written, *takes_over]

    def _erred(self, event: e.BrainErred) -> list[Command]:
        if event.action in ("retry", "wait") and self.phase is Phase.TALKING:
            return self._owing.failed(event.wait_ms)
        if event.action != "rebuild" or self._lost:
            return []
        if self.phase is Phase.LEAVING:
            return self._brain_lost(event.action)
        self._expiring = False
        self._errands.orphan()
        return [*self._owing.breaks(), self.language.renewal()]

    def _renewed(self) -> list[Command]:
        if self.phase is Phase.OPENING:
            self._ready = True
            return self._open()
        return self._owing.renewed()

    def _brain_lost(self, reason: str) -> list[Command]:
        if self._lost:
            return []
        self._lost = reason
        if self.phase is Phase.OPENING:
            return self._open()
        self.replies.answering.clear()
        if self._leaving.to is None:
            return self._leave(PEOPLE, f"the brain was lost: {reason}", "cloud_lost")
        return self._closing_words()

    def _closing_words(self) -> list[Command]:
        """The brain cannot say its farewell any more: we do."""
        to = self._leaving.to
        if to is None or self.replies.prompt_sounds:
            return []
        return self._leave(to, self._leaving.why, decided.sentence(to))

    # The end ---------------------------------------------------------------------------------------

    def _leave(self, disposition: Disposition, why: str, prompt: str) -> list[Command]:
        """Say a sentence of our own behind what sounds already, then end the call this way."""
        self.phase = Phase.LEAVING
        self.replies.speaking[PROMPT + prompt] = Reply()
        waits = [c.StopTimer(name) for name in ("first_audio", "reply_due", "probe", "keys")]
        says = c.PlayPrompt(prompt, self.dialogue.language)
        return [*waits, says, *self._leaving.begins(disposition, why)]

    def _may_leave(self) -> bool:
        # Without a brain there is nobody to listen.
        waits = self.aloud.parting or (self._leaving.listens and not self._lost)
        return self.phase is Phase.LEAVING and not waits and self._nothing_sounds()

    def _nothing_sounds(self) -> bool:
        return not (self.replies.speaking or self.replies.answering or self._leaving.words_due)

    def _new_session_due(self) -> bool:
        other = self.language.is_news and not self._local and self.phase is Phase.TALKING
        if other and self._owing.changing:
            return self._owing.knows_words
        return (self._expiring or other) and self._listening() and not self.aloud.busy

    def _end(self, disposition: Disposition, why: str) -> list[Command]:
        self.phase = Phase.OVER
        return [c.EndCall(disposition, why)]
