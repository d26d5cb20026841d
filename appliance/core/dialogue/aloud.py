"""The dialogue in a call: its moves as commands, its waits as timers, what it owes as replies.

Pure. May import: the standard library, appliance.core.
"""

import json
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from appliance.core.commands import (
    Command,
    NoteWish,
    RecallWish,
    RunTool,
    Speak,
    StartRecording,
    StartTimer,
    StopRecording,
    StopTimer,
    TakeUtterance,
)
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.moves import Do, Leave, Move, Record, Say
from appliance.core.errands import Errands
from appliance.core.events import (
    Heard,
    HeardPart,
    LocalEvent,
    MessageRecorded,
    ToolAnswered,
    ToolCall,
    Understood,
)
from appliance.core.phase import Patience
from appliance.core.replies import SAY, Replies, Reply
from appliance.core.turn import CallerTurn


class Finding(Protocol):
    """What was found in a caller's words."""

    @property
    def what(self) -> str:
        """`emergency` or `person`."""

    @property
    def topic(self) -> str:
        """What kind of emergency it is."""

    @property
    def language(self) -> str:
        """The language that it was said in."""


class Watch(Protocol):
    """Looks for danger, and for the wish to speak with a person, in words as they come."""

    def heard(self, utterance_id: str, text: str, *, final: bool) -> Finding | None:
        """What is found for the first time in this utterance."""


@dataclass(slots=True)
class Aloud:
    """Has the dialogue's moves made. `leaving` is how the call is to end once what sounds was heard."""

    dialogue: Dialogue
    replies: Replies
    patience: Patience
    turn: CallerTurn
    watch: Watch | None = None
    changed: bool = False
    leaving: Leave | None = None
    recording: bool = False
    _record_next: bool = False
    _left_out: bool = False
    """Whether the voice that sounds is no wish: it belongs to a message, or a key has said more."""
    _alarmed: str = "-"
    _said: int = 0
    _tools: int = 0
    _running: set[str] = field(default_factory=set)

    def say(self, sentence: str, *fields: tuple[str, str]) -> Command:
        """Speak one sentence in the language of the call."""
        self._said += 1
        reply_id = f"{SAY}{self._said}"
        # It counts as sounding from now on, so that nothing ends before it was heard.
        self.replies.speaking[reply_id] = Reply()
        return Speak(reply_id, sentence, self.dialogue.language, fields)

    def made(self, moves: list[Move]) -> list[Command]:
        """The commands for these moves."""
        commands: list[Command] = []
        for move in moves:
            match move:
                case Say():
                    commands.append(self.say(move.sentence, *move.fields))
                case Do():
                    commands.append(self._run(move))
                case Record():
                    self._record_next = True
                case Leave():
                    self.leaving = move
        return commands

    def _run(self, move: Do) -> Command:
        self._tools += 1
        tool_call_id = f"local-{self._tools}"
        self._running.add(tool_call_id)
        return RunTool(ToolCall(tool_call_id, move.tool, json.dumps(dict(move.arguments))))

    def answered(self, event: ToolAnswered) -> list[Command] | None:
        """A tool is back; None when the dialogue did not ask for it."""
        if event.tool_call_id not in self._running:
            return None
        self._running.discard(event.tool_call_id)
        output = json.loads(event.output)
        said = str(output.get("hours") or output.get("answer") or output.get("say") or "")
        return self.made(self.dialogue.done(ok=bool(output.get("ok")), said=said, leave=event.leave))

    def errand(self, event: ToolAnswered, errands: Errands) -> list[Command]:
        """A tool that the cloud had asked for is back after it was lost: tell the caller what came of it."""
        leave = errands.settle()
        output = json.loads(event.output)
        said = str(output.get("say") or output.get("hours") or "")
        return [
            *self.changeover(),
            *self.made(self.dialogue.done(ok=bool(output.get("ok")), said=said, leave=leave)),
        ]

    # The caller's turns ------------------------------------------------------------------------------

    def greet(self) -> list[Command]:
        """Begin the call."""
        return self.made(self.dialogue.greet())

    def key(self, digit: str) -> list[Command]:
        """A key that is a choice; # ends a message."""
        if self.recording and digit == "#":
            return self.message_over()
        self.recording = self._record_next = False
        self._left_out = self.turn.voice
        return [*self.changeover(), *self.made(self.dialogue.key(digit))]

    def keys(self, digits: str) -> list[Command]:
        """A number was keyed in."""
        return self.made(self.dialogue.keys(digits))

    def again(self) -> list[Command]:
        """A noise cut what we said: say it again."""
        return self.made([*self.dialogue.last])

    def turn_over(self, noise: bool) -> list[Command]:
        """The caller has finished: what was said is recognised; a mere noise only brings back what it cut."""
        turn = self.turn
        turn.speaks = False
        if self._left_out:
            self._left_out = turn.unanswered = False
            return []
        if self.recording:
            return [StartTimer("message_pause", self.patience.message_pause_ms)]
        if noise and not turn.owed:
            return self.again() if turn.broke_in else []
        return [*self.changeover(), *self._take()]

    def _take(self) -> list[Command]:
        """Have what was said last recognised."""
        self.turn.owed = True
        taken = TakeUtterance(self.turn.began_ms, self.turn.ceased_ms)
        return [taken, StartTimer("filler", self.patience.filler_ms)]

    def reported(self, event: LocalEvent) -> list[Command]:
        """The local brain understood something, or has kept a message."""
        match event:
            case Understood() if event.utterance_id == self._alarmed:
                self.turn.owed = False
                return []
            case Understood() if self.turn.speaks:
                # More of the same comes: it is understood as a whole.
                return []
            case Understood():
                self.turn.owed = self.turn.unanswered = False
                act = self.dialogue.resume if event.recalled else self.dialogue.understood
                return [StopTimer("filler"), *self.made(act(event))]
            case MessageRecorded():
                return self.made(self.dialogue.recorded(event.recording, event.text))
            case _:
                assert_never(event)

    def takes_over(self, errands: bool) -> list[Command]:
        """The cloud is lost: go on with what is unanswered, or with the wish that was open."""
        turn = self.turn
        unanswered = turn.unanswered or turn.owed or bool(self.replies.answering)
        self.replies.answering.clear()
        turn.owed, turn.speaks = False, turn.voice
        self.changed = bool(self.replies.story.turns)
        if turn.voice or self.recording:
            return []
        if errands:
            # What they did is told when they are back.
            return self.changeover()
        if not self.changed and not unanswered:
            return self.greet()
        if unanswered and turn.ceased_ms and not turn.worded:
            return [*self.changeover(), *self._take()]
        return [*self.changeover(), RecallWish(self.replies.story.told())]

    def changeover(self) -> list[Command]:
        """Say once that it is another one who goes on."""
        changed, self.changed = self.changed, False
        return [self.say("changeover")] if changed else []

    def silent(self, *, local: bool) -> list[Command]:
        """The caller said nothing for long."""
        return self.made(self.dialogue.silent() if local else self.dialogue.silent_in_cloud())

    # What no brain is left to decide -----------------------------------------------------------------

    def alarmed(self, event: Heard | HeardPart) -> list[Command]:
        """Danger, or the wish for a person, in the caller's words: answered by us, at once."""
        final = isinstance(event, Heard)
        found = self.watch.heard(event.utterance_id, event.text, final=final) if self.watch else None
        if found is None:
            return []
        self.turn.owed = self.turn.unanswered = False
        self.turn.muted, self._alarmed = True, event.utterance_id
        stops = [StopTimer(name) for name in ("first_audio", "reply_due", "probe", "filler", "no_input")]
        noted = NoteWish(found.what, found.topic)
        self.recording = self._record_next = False
        return [
            *stops,
            noted,
            *self.replies.silence(),
            *self.made(self.dialogue.alarmed(found.what, found.language)),
        ]

    # Waits -------------------------------------------------------------------------------------------

    def quiet(self, *, local: bool) -> list[Command]:
        """All that we had to say was heard: now it is the caller's turn, but not for ever."""
        if self._record_next:
            self._record_next, self.recording = False, True
            return [StartRecording(), StartTimer("message", self.patience.message_longest_ms), self._pause()]
        if self._running or self.recording:
            return []
        patience = self.patience
        return [StartTimer("no_input", patience.no_input_ms if local else patience.no_input_cloud_ms)]

    def _pause(self) -> Command:
        # Before the first word a caller may think for longer.
        return StartTimer("message_pause", self.patience.no_input_ms)

    def voice_began(self) -> list[Command]:
        """The caller speaks: no silence is to be complained of, no message over."""
        return [StopTimer("message_pause" if self.recording else "no_input")]

    def message_over(self) -> list[Command]:
        """The caller has finished, keyed #, or spoken for too long."""
        if not self.recording:
            return []
        self.recording, self._left_out = False, self.turn.voice
        return [StopTimer("message"), StopTimer("message_pause"), StopRecording()]

    @property
    def busy(self) -> bool:
        """Whether something is under way that another brain could not go on with."""
        return self.recording or self._record_next or bool(self._running)
