"""The dialogue in a call: its moves as commands, its waits as timers, what it owes as replies.

Pure. May import: the standard library, appliance.core.
"""

import json
from dataclasses import dataclass, field
from typing import assert_never

from appliance.core.commands import (
    Attend,
    Command,
    Greet,
    NoteWish,
    RecallWish,
    RenewBrain,
    RunTool,
    Speak,
    StartRecording,
    StartTimer,
    StopRecording,
    StopTimer,
    TakeSoFar,
    TakeUtterance,
    TellBrain,
    WriteTurn,
)
from appliance.core.dialogue.appointments import CHECKS
from appliance.core.dialogue.asking import HEARD_FIRST, pause_ms
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.inherited import all_inherited
from appliance.core.dialogue.moves import LITERAL, Do, Fetch, Leave, Move, Record, Say
from appliance.core.dialogue.telling import ASKED_FOR_A_MESSAGE, OFFERED_TO_SILENCE, unreached
from appliance.core.dialogue.watching import Finding, Watch
from appliance.core.dispositions import Disposition
from appliance.core.errands import Errands
from appliance.core.events import (
    COST_CAP,
    Heard,
    HeardPart,
    LocalEvent,
    MessageRecorded,
    Overheard,
    ToolAnswered,
    ToolCall,
    Understood,
)
from appliance.core.overhearing import TIMER as OVERHEAR
from appliance.core.overhearing import Overhearing
from appliance.core.phase import Patience
from appliance.core.replies import SAY, Replies
from appliance.core.story import Speaker, Turn
from appliance.core.turn import CallerTurn

NOTHING_SAID = Turn("", Speaker.ATTENDANT)
FETCH = "fetch"
"""The wait for the cloud assistant that was fetched."""
ASKS_YES = CHECKS | HEARD_FIRST


@dataclass(slots=True)
class Aloud:
    """Has the dialogue's moves made. `leaving` is how the call is to end once what sounds was heard."""

    dialogue: Dialogue
    replies: Replies
    patience: Patience
    turn: CallerTurn
    errands: Errands
    watch: Watch | None = None
    changed: bool = False
    leaving: Leave | None = None
    recording: bool = False
    keeping: bool = False
    """Whether a message is being stored and recognised."""
    parting: bool = False
    """Whether the caller is gone, and what they said last is still being kept."""
    _record_next: bool = False
    _left_out: bool = False
    """Whether the voice that sounds is no wish: it belongs to a message, or a key has said more."""
    _alarmed: str = "-"
    _said: int = 0
    _tools: int = 0
    _attends_ms: int = 0
    _running: set[str] = field(default_factory=set)
    _recalling: bool = False
    """Whether the wish that is open is still looked for."""
    _lost: bool = True
    """Whether the cloud went because it failed."""
    _begun_with_cloud: bool = False
    """Whether what is understood next was said to the cloud, or begun: it goes with what was said before."""
    _early: Understood | None = None
    """What was understood while a voice sounded: had that no words, it is all."""
    _fetched: Understood | None = None
    """What the cloud assistant is fetched for."""
    overhearing: Overhearing = field(init=False)

    def __post_init__(self) -> None:
        self.overhearing = Overhearing(self.turn, self.patience)

    def say(self, sentence: str, *fields: tuple[str, str], language: str = "") -> Command:
        """Speak one sentence in the language of the call, or in this one."""
        self._said += 1
        reply_id, language = f"{SAY}{self._said}", language or self.dialogue.language
        self.replies.says(reply_id, sentence, language)
        return Speak(reply_id, sentence, language, fields)

    def made(self, moves: list[Move]) -> list[Command]:
        """The commands for these moves."""
        commands: list[Command] = []
        for move in moves:
            match move:
                case Say():
                    if not self.replies.warns_so(move.sentence, self.dialogue.language):
                        commands.append(self.say(move.sentence, *move.fields, language=move.language))
                case Do():
                    commands += self._run(move)
                case Record():
                    self._record_next = True
                case Leave():
                    self.leaving = move
                case Fetch():
                    commands += self._fetch(move)
        return commands

    def _fetch(self, move: Fetch) -> list[Command]:
        """Have the cloud assistant come; what the caller wants is its to answer."""
        self._fetched, self.turn.owed = move.wish, True
        wait = StartTimer(FETCH, self.patience.fetch_ms)
        return [RenewBrain(self.replies.told(), self.dialogue.language), wait]

    def waited(self, timer: str) -> list[Command]:
        """A wait of ours is over: for the message's end, for the assistant, or for the cloud's words."""
        if timer == OVERHEAR:
            return self.overhearing.due(self.dialogue.language)
        return self._not_fetched() if timer == FETCH else self.message_over()

    def _not_fetched(self, why: str = "") -> list[Command]:
        """The assistant has not come in time, or may not: we go on ourselves, with what the caller wanted."""
        wish, self._fetched = self._fetched, None
        if wish is None:
            return []
        self.turn.owed = False
        self.dialogue.without_assistant()
        moves = self.dialogue.understood(wish) if wish.utterance_id else self.dialogue.again()
        return [StopTimer(FETCH), self.say("goes_on" if why == COST_CAP else "changeover"), *self.made(moves)]

    def _run(self, move: Do) -> list[Command]:
        self._tools += 1
        tool_call_id = f"local-{self._tools}"
        self._running.add(tool_call_id)
        call = ToolCall(tool_call_id, move.tool, json.dumps(dict(move.arguments)), ours=True)
        return [RunTool(call)]

    def answered(self, event: ToolAnswered, *, talking: bool) -> list[Command] | None:
        """A tool is back; None when the dialogue did not ask for it. Who is leaving is told no more of it."""
        if event.tool_call_id not in self._running:
            return None
        self._running.discard(event.tool_call_id)
        if self.parting or not talking:
            self.parting = False
            return []
        output = json.loads(event.output)
        said = str(output.get("hours") or output.get("answer") or output.get("say") or "")
        return self.made(self.dialogue.done(output, said, event.leave))

    def errand(self) -> list[Command]:
        """The tools that the cloud had asked for are back, and it is gone: tell what came of all of them."""
        back = self.errands.settle()
        for each in back:
            self.dialogue.goes_on_in(each.answer.language)
        told = [each for each in back if not each.answer.language]
        if not told:
            return [*self.changeover(), *self._recall()]
        return [*self.changeover(), *self.made(all_inherited(self.dialogue, told))]

    def ends_with(self, sentence: str, disposition: Disposition) -> list[Command]:
        """Say this ourselves, whatever a brain would word, and end the call this way."""
        return self.made([Say(sentence), Leave(disposition, f"we said {sentence}")])

    # The caller's turns ------------------------------------------------------------------------------

    def greet(self, *, local: bool) -> list[Command]:
        """Begin the call, or go on with one that comes back from a department."""
        facts = self.dialogue.facts
        if local or facts.danger:
            return self.made(self.dialogue.greet())
        if self.greets:
            return [self.say(LITERAL, ("text", facts.greeting)), self.say("how_can_i_help")]
        if not facts.unreached:
            return [Greet()]
        return [TellBrain(unreached(facts.unreached, facts.unreached_why))]

    @property
    def greets(self) -> bool:
        """Whether we begin for the cloud as well: with the clinic's own recording, or as there is danger."""
        facts = self.dialogue.facts
        return facts.danger or (facts.recorded and not facts.unreached)

    def key(self, digit: str) -> list[Command]:
        """A key that is a choice; any but * ends a message that is being spoken."""
        if self.recording and digit != "*":
            return self.message_over()
        if self.keeping and digit != "*":
            # What becomes of the message is told in a moment.
            return []
        self.recording = self._record_next = self._recalling = self._begun_with_cloud = False
        self._left_out, self._early = self.turn.voice, None
        dialogue = self.dialogue
        early = self.replies.missed and dialogue.booking.agrees(dialogue.step, digit)
        return [*self.changeover(), *self.made(dialogue.again() if early else dialogue.key(digit))]

    def keyed(self, keys: str) -> list[Command]:
        """Write down what was keyed: who presses keys is not silent."""
        self.dialogue.silences = 0
        story = self.replies.story
        place = story.tell(f"keys{len(story.turns)}", Speaker.KEYPAD, keys)
        return [WriteTurn(place, Speaker.KEYPAD, keys)]

    def keys(self, digits: str) -> list[Command]:
        """A number was keyed in."""
        return self.made(self.dialogue.keys(digits))

    def again(self) -> list[Command]:
        """A noise cut what we said: say it again."""
        return self.made(self.dialogue.again())

    def turn_over(self, noise: bool) -> list[Command]:
        """The caller has finished: what was said is recognised; a mere noise only brings back what it cut."""
        turn = self.turn
        turn.speaks = False
        early, self._early = self._early, None
        if self._left_out:
            self._left_out = turn.unanswered = False
            return []
        if self.taking or self.keeping:
            turn.unanswered = False
            words = TakeSoFar(turn.began_ms, turn.ceased_ms, whole=True)
            pause = StartTimer("message_pause", self.patience.message_pause_ms)
            return [words, pause] if self.recording else [words]
        if noise and (early or turn.owed):
            # Nothing was added to what is being understood.
            return self.reported(early) if early else []
        if noise and not (self.changed and self._begun_with_cloud and not self.working):
            # Where the cloud has just gone, what it left unanswered is looked for all the same.
            return self._broken_in()
        # A wish that was open stands, unless there are words in what was said over it.
        self._early = early if early and early.recalled else None
        if turn.told_before(turn.ceased_ms):
            # The cloud had it before it went: heard again it would be another wish, or the message itself.
            return [*self.changeover(), *self._recall()]
        return [*self.changeover(), *self._take()]

    def _broken_in(self) -> list[Command]:
        """A sound without words is over: what it cut is said again, unless the caller waits for something."""
        return self.again() if self.turn.broke_in and not (self.turn.at_work or self.working) else []

    def _take(self) -> list[Command]:
        """Have what was said last recognised."""
        self.turn.owed = True
        return [TakeUtterance(self.turn.began_ms, self.turn.ceased_ms)]

    def reported(self, event: LocalEvent) -> list[Command]:
        """The local brain understood something, or has kept a message."""
        if self.parting:
            return self._parted(event)
        recalling, self._recalling = self._recalling, False
        if isinstance(event, Understood):
            event, self._early = self._early if self._early and event.wordless else event, None
        match event:
            case Understood() if event.utterance_id == self._alarmed:
                self.turn.owed = False
                return []
            case Understood() if event.wordless and recalling:
                # It was heard in place of the story.
                return self._recall()
            case Understood() if self.turn.speaks:
                # If more of the same comes, it is understood as a whole.
                self._early = event
                return []
            case Understood() if (
                event.wordless and self.turn.waits and (self.working or not self._begun_with_cloud)
            ):
                # Who coughs while they wait, or sobs over the sentence for danger, has asked nothing.
                self.turn.owed = self.turn.unanswered = False
                return self._broken_in()
            case Understood() if self._begun_with_cloud and event.intent != "unheard":
                return self._recall()
            case Understood():
                self.turn.owed = self.turn.unanswered = self._begun_with_cloud = False
                act = self.dialogue.resume if event.recalled else self.dialogue.understood
                early = event.intent == "yes" and self.replies.missed and self.dialogue.step in ASKS_YES
                return self.again() if early else self.made(act(event))
            case MessageRecorded():
                self.keeping = self._record_next = False
                return self.made(self.dialogue.recorded(event.recording, event.text, kept=event.kept))
            case _:
                assert_never(event)

    def takes_over(self, keys: str = "", why: str = "") -> list[Command]:
        """The cloud is gone: go on with what is unanswered, or with the wish that was open.

        `why` tells whether it failed. `keys` were pressed a moment ago, and the cloud was not told of them
        yet. Those that it was told of last, and a tool whose result it took, are ours to answer as well.
        """
        self.overhearing.forget()
        if self._fetched is not None:
            return self._not_fetched(why)
        turn = self.turn
        unanswered = turn.unanswered or turn.owed or bool(self.replies.answering)
        turn.owed, turn.speaks = False, turn.voice
        self.changed, self._lost = bool(self.replies.story.turns), why != COST_CAP
        self._begun_with_cloud = self.changed and (turn.voice or unanswered)
        story = self.replies.told()
        last = story[-1] if story else NOTHING_SAID
        keys = keys or (self.dialogue.facts.untold(last) if unanswered else "")
        if len(keys) == 1:
            # A single one is a choice; what more of them were meant for, the cloud alone knew.
            return self.key(keys)
        if turn.voice or self.recording:
            return []
        if self.errands:
            # What they did is told when they are back.
            return self.changeover()
        if not (self.changed or turn.ceased_ms or turn.stopped_ms):
            # Nobody has said a word: also where the cloud owed the greeting.
            return self.greet(local=True)
        if unanswered and turn.ceased_ms and not turn.worded:
            return [*self.changeover(), *self._take()]
        if self.errands.back and last.speaker is Speaker.TOOL:
            return self.errand()
        return [*self.changeover(), *self._recall()]

    def _recall(self) -> list[Command]:
        """Find the wish that is open."""
        self._recalling, self._begun_with_cloud = True, False
        return [RecallWish(self.replies.told())]

    def handed_over(self) -> list[Command]:
        """The cloud goes on; a message that was asked for while it was on its way is spoken to it."""
        asked, self._fetched = self.taking, None
        self.recording = self._record_next = False
        self.dialogue.handed_over()
        stops = [StopTimer(name) for name in ("message", "message_pause", FETCH)]
        if not asked:
            return [*stops]
        self.turn.owed = True
        due = StartTimer("first_audio", self.patience.first_audio_ms)
        return [*stops, TellBrain(ASKED_FOR_A_MESSAGE), due]

    def changeover(self) -> list[Command]:
        """Say once that it is another one who goes on."""
        changed, self.changed = self.changed, False
        return [self.say("changeover" if self._lost else "goes_on")] if changed else []

    def silent(self, *, local: bool) -> list[Command]:
        """The caller said nothing for long."""
        if local:
            return self.made(self.dialogue.silent())
        moves = self.dialogue.silent_in_cloud()
        # The cloud is to understand the answer.
        told = [TellBrain(OFFERED_TO_SILENCE)] if Say("offer_message") in moves else []
        return [*told, *self.made(moves)]

    # What no brain is left to decide -----------------------------------------------------------------

    def alarmed(self, event: Heard | HeardPart, *, person: bool = True) -> list[Command]:
        """Danger, or the wish for a `person`, in the caller's words: answered by us, at once."""
        final, overhearing = isinstance(event, Heard), self.overhearing
        if final:
            self.dialogue.hears(event.text)
        late = overhearing.words(event, self.dialogue.language)
        if self.watch is None:
            return late
        found = self.watch.heard(event.utterance_id, event.text, final=final, dictated=self.recording)
        # Perhaps it is the assistant behind the menu that is wished for.
        person = person and not self.dialogue.facts.names_assistant(event.text)
        if found is None or (found.what == "person" and not person):
            return late
        if overhearing.answered and found.what == "emergency":
            # We have overheard it, and answered it then.
            self.turn.muted = True
            return []
        overhearing.forget()
        return self._answered(found, event.utterance_id)

    def overheard(self, event: Overheard) -> list[Command]:
        """Danger in what the cloud has no words for; everything else in it is the cloud's to answer."""
        utterance_id = f"heard-{event.began_ms}"
        if self.watch is None or not self.overhearing.awaits(event.began_ms):
            return []
        found = self.watch.heard(utterance_id, event.text, final=True)
        if found is None or found.what != "emergency":
            return []
        self.overhearing.answers()
        story = self.replies.story
        place = story.tell(story.unworded or utterance_id, Speaker.CALLER, event.text)
        written = WriteTurn(place, Speaker.CALLER, event.text)
        return [written, *self._answered(found, utterance_id)]

    def _answered(self, found: Finding, utterance_id: str) -> list[Command]:
        """What is said and done for what was found, in place of any other answer."""
        self.turn.owed = self.turn.unanswered = False
        self.turn.muted, self._alarmed, self._early = True, utterance_id, None
        stops = [StopTimer(name) for name in ("first_audio", "reply_due", "probe", "no_input")]
        self.recording = self._record_next = self._begun_with_cloud = False
        answered = [*stops, NoteWish(found.what, found.topic), *self.replies.gives_way()]
        return answered + self.made(self.dialogue.alarmed(found.what, found.language))

    # Waits -------------------------------------------------------------------------------------------

    def quiet(self, *, local: bool) -> list[Command]:
        """All that we had to say was heard: now it is the caller's turn, but not for ever."""
        if self._record_next:
            # Before the first word a caller may think for longer.
            return [*self._begin_message(), StartTimer("message_pause", self.patience.no_input_ms)]
        if self.recording:
            return []
        return [StartTimer("no_input", self.patience.no_input(local=local))]

    def attention(self, *, local: bool) -> list[Command]:
        """How closely to listen: it depends on what the caller was asked, and on who answers."""
        wanted_ms = pause_ms(self.dialogue.step) if local else 0
        if wanted_ms == self._attends_ms:
            return []
        self._attends_ms = wanted_ms
        return [Attend(wanted_ms)]

    def paused(self, at_ms: int) -> list[Command]:
        """The caller pauses: danger is looked for in what was said so far, and much of the work is done."""
        return [] if self.turn.told_before(at_ms) else [TakeSoFar(self.turn.began_ms, at_ms)]

    def _begin_message(self, since_ms: int = -1) -> list[Command]:
        self._record_next, self.recording = False, True
        return [StartRecording(since_ms), StartTimer("message", self.patience.message_longest_ms)]

    def voice_began(self, at_ms: int) -> list[Command]:
        """The caller speaks: no silence is to be complained of, no message over; or the message begins."""
        self.turn.at_work = self.working
        self.turn.waits = self.working or bool(self.replies.warnings)
        if self._record_next and self.replies.warnings:
            # A message is asked for behind the sentence for danger.
            return []
        if self._record_next:
            # Before we have asked to the end: it is known by then what is asked.
            return [*self.replies.silence(), *self._begin_message(at_ms)]
        self.overhearing.begins(at_ms)
        return [StopTimer("message_pause" if self.recording else "no_input")]

    @property
    def taking(self) -> bool:
        """Whether what the caller says is a message."""
        return self.recording or self._record_next

    def message_over(self) -> list[Command]:
        """The caller has finished, pressed a key, or spoken for too long."""
        if not self.recording:
            return []
        self.recording, self._left_out, self.keeping = False, self.turn.voice, True
        stops = [StopTimer("message"), StopTimer("message_pause")]
        return [*stops, StopRecording()]

    # The caller is gone, or is sent on ----------------------------------------------------------------

    def broken_off(self) -> list[Command]:
        """The call goes on elsewhere: no message begins any more, and one that is being spoken is kept."""
        self._record_next = False
        return self.part() if self.recording or self.keeping else []

    def part(self) -> list[Command]:
        """The caller hung up: a message that is being spoken, or is not confirmed yet, is kept."""
        if not (self.recording or self.keeping):
            return self._kept(self.dialogue.left_over())
        stop = [StopRecording()] if self.recording else []
        self.recording, self.keeping, self.parting = False, True, True
        return [*stop, StartTimer("leave", self.patience.leave_ms)]

    def _parted(self, event: LocalEvent) -> list[Command]:
        """What the caller said last is on disk, and is written down."""
        if not isinstance(event, MessageRecorded) or not self.keeping:
            return []
        self.keeping = False
        return self._kept(self.dialogue.spoken_last(event.recording, event.text))

    def _kept(self, moves: list[Move]) -> list[Command]:
        """Have it written down; with nothing to write the call is over."""
        commands = self.made(moves)
        self.parting = bool(commands)
        return [*commands, StartTimer("leave", self.patience.leave_ms)] if commands else []

    @property
    def working(self) -> bool:
        """Whether the caller waits for something that is being done."""
        return self.keeping or self._recalling or bool(self._running or self.errands)

    @property
    def busy(self) -> bool:
        """Whether something is under way that another brain could not go on with."""
        return self.taking or self._recalling or self.dialogue.collecting
