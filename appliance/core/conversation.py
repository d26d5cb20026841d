"""What is decided in a call: events go in, commands come out. Pure: no clock, no wait, no log.

The same events give the same commands, which is what lets a recorded call be replayed. The conversation
lives here and not in a brain: a brain may be renewed or lost, the story, the phase and what is owed stay.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass, field
from typing import assert_never

from appliance.core.commands import (
    AskForReply,
    CancelReply,
    ClearPlayback,
    Command,
    DeleteReply,
    EndCall,
    Greet,
    IgnoreReply,
    PlayPrompt,
    ProbeBrain,
    RenewBrain,
    StartTimer,
    StopTimer,
    TakeUtterance,
    TellBrain,
    TruncateReply,
    WriteTurn,
)
from appliance.core.dispositions import PEOPLE, Disposition, Kind
from appliance.core.errands import Errands
from appliance.core.events import (
    BrainAlive,
    BrainErred,
    BrainLost,
    BrainReady,
    BrainRenewed,
    BrainStateEvent,
    CallAnswered,
    CallerHungUp,
    DigitPressed,
    Event,
    Heard,
    HeardPart,
    LegEvent,
    LegFailed,
    PlayoutEvent,
    RenewalFailed,
    ReplyBegan,
    ReplyEnded,
    ReplyEvent,
    ReplyGoesOn,
    ReplyHeard,
    ReplyPlayed,
    ReplyQueued,
    ReplyStalled,
    ReplyWorded,
    SessionExpiring,
    SpeechEvent,
    SpeechStarted,
    SpeechStopped,
    TimerFired,
    ToolAnswered,
    ToolsAsked,
    UsageReported,
    UtteranceTaken,
    VoiceBegan,
    VoiceCeased,
    VoiceEvent,
)
from appliance.core.phase import Patience, Phase
from appliance.core.story import Speaker, Story, spoken_part

PROMPT = "prompt:"


@dataclass(slots=True)
class _Reply:
    """A reply that the caller has not heard to its end."""

    heard_ms: int = 0
    total_ms: int = 0


@dataclass(slots=True)
class Conversation:
    """One call's conversation with a brain."""

    patience: Patience = field(default_factory=Patience)
    manual_turns: bool = False
    phase: Phase = Phase.OPENING
    story: Story = field(default_factory=Story)
    speaking: dict[str, _Reply] = field(default_factory=dict)
    _answered: bool = False
    _ready: bool = False
    _lost: str = ""
    _caller_speaks: bool = False
    _turn_taken: bool = True
    _owed: bool = False
    _reply_lost: bool = False
    _probes: int = 0
    _answering: set[str] = field(default_factory=set)
    _cut_ms: dict[str, int] = field(default_factory=dict)
    _errands: Errands = field(default_factory=Errands)
    _broke_in: bool = False
    _leaving: Disposition | None = None
    _closing_words_due: bool = False
    _leave_heard_ms: int = -1
    _why: str = ""
    _keys: str = ""
    _expiring: bool = False

    def handle(self, event: Event) -> list[Command]:
        """What to do, now that this has happened."""
        if self.phase is Phase.OVER:
            return []
        commands = self._family(event)
        if self._leaving is not None and self._nothing_sounds():
            commands += self._end(self._leaving, self._why)
        elif self._expiring and self._pause():
            self._expiring = False
            commands.append(RenewBrain(self.story.told()))
        return commands

    def _family(self, event: Event) -> list[Command]:
        match event:
            case CallAnswered() | DigitPressed() | CallerHungUp() | LegFailed():
                return self._on_leg(event)
            case ReplyQueued() | ReplyHeard() | ReplyPlayed() | ReplyStalled():
                return self._on_playout(event)
            case VoiceBegan() | VoiceCeased():
                return self._on_voice(event)
            case SpeechStarted() | SpeechStopped() | UtteranceTaken() | HeardPart() | Heard():
                return self._on_speech(event)
            case ReplyBegan() | ReplyGoesOn() | ReplyWorded() | ReplyEnded() | ToolsAsked() | UsageReported():
                return self._on_reply(event)
            case ToolAnswered():
                return self._tool_answered(event)
            case TimerFired():
                return self._timer(event.name)
            case _:
                return self._on_brain(event)

    # The caller's side -----------------------------------------------------------------------------

    def _on_leg(self, event: LegEvent) -> list[Command]:
        match event:
            case CallAnswered():
                self._answered = True
                return [StartTimer("longest", self.patience.longest_ms), *self._open()]
            case DigitPressed():
                return self._key(event.digit)
            case CallerHungUp():
                return [*self._unheard(), *self._end(PEOPLE, "the caller hung up")]
            case LegFailed():
                return [*self._unheard(), *self._end(PEOPLE, f"the leg failed: {event.reason}")]
            case _:
                assert_never(event)

    def _unheard(self) -> list[Command]:
        """The turns that nobody will hear the rest of."""
        replies = self.speaking.items()
        return [turn for reply_id, reply in replies for turn in self._cut_turn(reply_id, reply)]

    def _open(self) -> list[Command]:
        """Greet, once both the caller and the brain are there."""
        if not self._answered or self.phase is not Phase.OPENING:
            return []
        if self._lost:
            return self._leave(PEOPLE, f"the brain was lost: {self._lost}", "cloud_lost")
        if not self._ready:
            return []
        self.phase = Phase.TALKING
        return [Greet(), *self._reply_owed()]

    def _reply_owed(self) -> list[Command]:
        self._owed = True
        return [StartTimer("first_audio", self.patience.first_audio_ms)]

    def _key(self, digit: str) -> list[Command]:
        if digit == "0" and self.phase is not Phase.LEAVING:
            return [*self._silence(), *self._leave(PEOPLE, "the caller pressed 0", "connecting")]
        if self.phase is not Phase.TALKING:
            return []
        if digit == "#":
            return [StopTimer("keys"), *self._keys_done()]
        self._keys += digit
        return [StartTimer("keys", self.patience.keys_ms)]

    def _keys_done(self) -> list[Command]:
        keys, self._keys = self._keys, ""
        if not keys or self.phase is not Phase.TALKING:
            return []
        place = self.story.tell(f"keys{len(self.story.turns)}", Speaker.KEYPAD, keys)
        said = f"The caller pressed {' '.join(keys)} on the keypad."
        return [
            *self._silence(),
            WriteTurn(place, Speaker.KEYPAD, keys),
            TellBrain(said),
            *self._reply_owed(),
        ]

    # What was played -------------------------------------------------------------------------------

    def _on_playout(self, event: PlayoutEvent) -> list[Command]:
        match event:
            case ReplyQueued():
                self.speaking[event.reply_id] = _Reply()
                if not event.reply_id.startswith(PROMPT):
                    self.story.open(event.reply_id, Speaker.ATTENDANT)
                    self._owed = False
                return self._sign_of_life()
            case ReplyHeard():
                if event.reply_id in self.speaking:
                    self.speaking[event.reply_id].heard_ms = event.played_ms
            case ReplyPlayed():
                self.speaking.pop(event.reply_id, None)
            case ReplyStalled():
                return self._brain_lost("stalled")
            case _:
                assert_never(event)
        return []

    def _sign_of_life(self) -> list[Command]:
        return [StopTimer("first_audio"), StopTimer("reply_due"), StopTimer("probe")]

    def _silence(self) -> list[Command]:
        """Stop everything that sounds, and tell the brain how much of it was heard. The one barge-in."""
        if not self.speaking and not self._answering:
            return []
        commands: list[Command] = [ClearPlayback(), CancelReply()]
        for reply_id, reply in self.speaking.items():
            if not reply_id.startswith(PROMPT):
                commands += self._cut_short(reply_id, reply)
        self.speaking.clear()
        self._answering.clear()
        return commands

    def _cut_short(self, reply_id: str, reply: _Reply) -> list[Command]:
        heard = TruncateReply(reply_id, reply.heard_ms) if reply.heard_ms > 0 else DeleteReply(reply_id)
        return [heard, *self._cut_turn(reply_id, reply)]

    def _cut_turn(self, reply_id: str, reply: _Reply) -> list[Command]:
        """Keep of a turn what was heard: now, or when its words come."""
        self._cut_ms[reply_id] = reply.heard_ms
        text = self.story.text_of(reply_id)
        return self._worded(ReplyWorded(reply_id, text, reply.total_ms)) if text else []

    # The caller's voice ----------------------------------------------------------------------------

    def _on_voice(self, event: VoiceEvent) -> list[Command]:
        match event:
            case VoiceBegan():
                self._turn_taken, self._probes = False, 0
                return self._speech_started() if self.manual_turns else []
            case VoiceCeased():
                if self.phase is not Phase.TALKING:
                    return []
                noise = event.spoke_ms < self.patience.least_voice_ms
                if self.manual_turns:
                    return self._turn_over(noise)
                # The brain is rightly silent while the caller talks: only now is a sign of it due.
                return [] if noise else self._sign_due()
            case _:
                assert_never(event)

    def _turn_over(self, noise: bool) -> list[Command]:
        """End the caller's turn by our own ear; a mere noise takes none, but what it cut is owed again."""
        self._caller_speaks = False
        if not noise:
            return [TakeUtterance(), *self._reply_owed()]
        return [AskForReply(), *self._reply_owed()] if self._broke_in else []

    def _sign_due(self) -> list[Command]:
        """The caller has spoken: a sign of the brain is due, and when it lives but is deaf, an answer."""
        if self._turn_taken:
            return []
        if self._probes >= self.patience.probes:
            self._turn_taken = True
            return [AskForReply(), *self._reply_owed()]
        self._owed = True
        return [StartTimer("reply_due", self.patience.reply_due_ms)]

    def _on_speech(self, event: SpeechEvent) -> list[Command]:
        match event:
            case SpeechStarted():
                return self._speech_started()
            case SpeechStopped():
                self._caller_speaks, self._turn_taken = False, True
                return [StopTimer("reply_due"), StopTimer("probe"), *self._reply_owed()]
            case UtteranceTaken():
                self.story.open(event.utterance_id, Speaker.CALLER)
            case HeardPart():
                place = self.story.tell(event.utterance_id, Speaker.CALLER, event.text)
                return [WriteTurn(place, Speaker.CALLER, event.text, final=False)]
            case Heard():
                place = self.story.tell(event.utterance_id, Speaker.CALLER, event.text)
                return [WriteTurn(place, Speaker.CALLER, event.text)]
            case _:
                assert_never(event)
        return []

    def _speech_started(self) -> list[Command]:
        self._caller_speaks = True
        if self._leaving is not None:
            if self._lost or any(reply_id.startswith(PROMPT) for reply_id in self.speaking):
                return []
            if self._leaving.kind is not Kind.GOODBYE:
                return [*self._unheard(), *self._end(self._leaving, self._why)]
            # The caller has more to say: no hanging up in the middle of it.
            self.phase, self._leaving, self._closing_words_due = Phase.TALKING, None, False
        if self.phase is not Phase.TALKING:
            return []
        cut = self._silence()
        self._broke_in = bool(cut)
        return [StopTimer("first_audio"), StopTimer("reply_due"), StopTimer("leave"), *cut]

    # The brain's answers ---------------------------------------------------------------------------

    def _on_reply(self, event: ReplyEvent) -> list[Command]:
        match event:
            case ReplyBegan():
                return self._reply_began(event.response_id)
            case ReplyGoesOn():
                return self._reply_owed() if self._owed else []
            case ReplyWorded():
                return self._worded(event)
            case ReplyEnded():
                return self._reply_ended(event)
            case ToolsAsked():
                return self._tools_asked(event)
            case UsageReported():
                return []
            case _:
                assert_never(event)

    def _reply_began(self, response_id: str) -> list[Command]:
        self._turn_taken = True
        signs: list[Command] = [StopTimer("reply_due"), StopTimer("probe")]
        unwanted = self._leaving is not None and not self._closing_words_due
        if unwanted or (self._caller_speaks and self.phase is Phase.TALKING):
            # Nobody is to be talked over, neither the caller nor our own last sentence.
            return [*signs, CancelReply(), IgnoreReply(response_id)]
        self._answering.add(response_id)
        return [*signs, *(self._reply_owed() if self._owed else [])]

    def _worded(self, event: ReplyWorded) -> list[Command]:
        heard_ms = self._cut_ms.pop(event.reply_id, None)
        cut = heard_ms is not None
        text = event.text
        if event.reply_id in self.speaking:
            self.speaking[event.reply_id].total_ms = event.total_ms
        if heard_ms is not None:
            text = spoken_part(text, heard_ms, event.total_ms) if heard_ms else ""
        place = self.story.tell(event.reply_id, Speaker.ATTENDANT, text, cut=cut)
        return [WriteTurn(place, Speaker.ATTENDANT, text, cut=cut)]

    def _reply_ended(self, event: ReplyEnded) -> list[Command]:
        self._answering.discard(event.response_id)
        # A failed answer is still owed: its error says whether it is asked for again.
        if event.status == "failed":
            return []
        self._closing_words_due = False
        if event.status != "completed":
            return []
        self._owed = False
        return [StopTimer("first_audio")]

    def _tools_asked(self, event: ToolsAsked) -> list[Command]:
        if self.phase is not Phase.TALKING:
            return []
        return [StopTimer("first_audio"), *self._errands.asked(event)]

    # Tools and timers ------------------------------------------------------------------------------

    def _tool_answered(self, event: ToolAnswered) -> list[Command]:
        all_back = self._errands.answered(event, self.story)
        return self._tools_done() if all_back and self.phase is Phase.TALKING else []

    def _tools_done(self) -> list[Command]:
        errands = self._errands
        leave, errands.leave = errands.leave, None
        if leave is not None and leave.kind is Kind.GOODBYE and self._caller_speaks:
            leave = None
        # A farewell in the same answer was said already; a second one would only delay the end.
        go_on = not self._caller_speaks and not (leave is not None and errands.spoke)
        commands = [*errands.outputs(go_on), *(self._reply_owed() if go_on else [])]
        if leave is not None:
            self._why = f"the assistant: {str(leave) or 'people'}"
            self.phase, self._leaving, self._closing_words_due = Phase.LEAVING, leave, go_on
            commands.append(StartTimer("leave", self.patience.leave_ms))
        return commands

    def _timer(self, name: str) -> list[Command]:
        match name:
            case "keys":
                return self._keys_done()
            case "reply_due":
                self._probes += 1
                return [ProbeBrain(), StartTimer("probe", self.patience.probe_ms)]
            case "first_audio" | "probe":
                return self._brain_lost("mute")
            case "leave":
                return self._still_leaving()
            case "longest" if self._leaving is None:
                why = "the call reached its time limit"
                return [*self._silence(), *self._leave(PEOPLE, why, "connecting")]
            case _:
                return []

    # The brain's state -----------------------------------------------------------------------------

    def _on_brain(self, event: BrainStateEvent) -> list[Command]:
        match event:
            case BrainReady():
                self._ready = True
                return self._open()
            case BrainAlive():
                return [StopTimer("probe"), *self._sign_due()]
            case BrainLost():
                return self._brain_lost(event.reason)
            case SessionExpiring():
                self._expiring = True
            case BrainErred():
                return self._erred(event.action)
            case BrainRenewed():
                return self._renewed()
            case RenewalFailed():
                return []
            case _:
                assert_never(event)
        return []

    def _erred(self, action: str) -> list[Command]:
        if action == "retry" and self.phase is Phase.TALKING:
            return [AskForReply(), *self._reply_owed()]
        if action != "rebuild" or self._lost:
            return []
        if self.phase is Phase.LEAVING:
            return self._brain_lost(action)
        # An answer that was still coming is lost with its session; one that is all here plays on.
        self._reply_lost = bool(self._answering) or self._owed or self._caller_speaks
        self._caller_speaks = False
        self._errands.orphan()
        cut = self._silence() if self._answering else []
        return [*cut, *self._sign_of_life(), RenewBrain(self.story.told())]

    def _renewed(self) -> list[Command]:
        if self.phase is Phase.OPENING:
            self._ready = True
            return self._open()
        owed, self._reply_lost = self._reply_lost, False
        return [AskForReply(), *self._reply_owed()] if owed else []

    def _brain_lost(self, reason: str) -> list[Command]:
        if self._lost:
            return []
        self._lost = reason
        if self.phase is Phase.OPENING:
            return self._open()
        self._answering.clear()
        if self._leaving is None:
            return self._leave(PEOPLE, f"the brain was lost: {reason}", "cloud_lost")
        if any(reply_id.startswith(PROMPT) for reply_id in self.speaking):
            return []
        said = "goodbye" if self._leaving.kind is Kind.GOODBYE else "connecting"
        return self._leave(self._leaving, self._why, said)

    # The end ---------------------------------------------------------------------------------------

    def _leave(self, disposition: Disposition, why: str, prompt: str) -> list[Command]:
        """Say a sentence of our own behind what sounds already, then end the call this way."""
        self.phase, self._leaving, self._why = Phase.LEAVING, disposition, why
        self._closing_words_due = False
        self.speaking[PROMPT + prompt] = _Reply()
        waits = (StopTimer("first_audio"), StopTimer("reply_due"), StopTimer("probe"), StopTimer("keys"))
        return [*waits, PlayPrompt(prompt), StartTimer("leave", self.patience.leave_ms)]

    def _still_leaving(self) -> list[Command]:
        """The closing words take long: go on while they are being heard, end when nothing moves."""
        heard_ms = sum(reply.heard_ms for reply in self.speaking.values())
        if self._leaving is None:
            return []
        if self.speaking and heard_ms != self._leave_heard_ms:
            self._leave_heard_ms = heard_ms
            return [StartTimer("leave", self.patience.leave_ms)]
        return self._end(self._leaving, self._why)

    def _nothing_sounds(self) -> bool:
        return not (self.speaking or self._answering or self._closing_words_due)

    def _pause(self) -> bool:
        busy = self._caller_speaks or self._owed or self._errands or not self._nothing_sounds()
        return self.phase is Phase.TALKING and not busy

    def _end(self, disposition: Disposition, why: str) -> list[Command]:
        self.phase = Phase.OVER
        return [EndCall(disposition, why)]
