"""What happens in a rehearsal, as it is told to whoever rehearses, and its outline.

May import: the standard library, orjson, appliance.core.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from appliance.core import commands as c
from appliance.core import events as e
from appliance.core.citations import Citation
from appliance.core.commands import Command
from appliance.core.conversation import Conversation
from appliance.core.dialogue.moves import LITERAL
from appliance.core.events import ToolAnswered, ToolCall
from appliance.core.rehearsal import Outline, Part
from appliance.core.replies import PASSING
from appliance.core.story import Speaker

Told = dict[str, Any]
"""Something that is told, as JSON can hold it; `told` says what it is."""
YOUR_TURN = "no_input"
"""The wait that begins when all that we had to say was heard."""


class Watched(Conversation):
    """A conversation of which somebody learns what happens in it, and what it wants to be done."""

    def __init__(
        self, told: Callable[[e.Event, Sequence[Command]], None], /, *given: Any, **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self._told = told

    def handle(self, event: e.Event) -> list[Command]:
        """What to do, now that this has happened."""
        commands = super().handle(event)
        self._told(event, commands)
        return commands


class Seen:
    """Gives what is to be told to `tell`, and keeps the outline; `happened` is given each event as it is."""

    def __init__(
        self, tell: Callable[[Told], None], happened: Callable[[e.Event], None] = lambda _: None
    ) -> None:
        self._tell = tell
        self._happened = happened
        self._parts: dict[Part, list[str]] = defaultdict(list)
        self._turns: dict[int, tuple[str, str]] = {}
        self._tools: dict[str, str] = {}

    @property
    def outline(self) -> Outline:
        """What was decided so far, and what was said."""
        parts = {part: tuple(self._parts[part]) for part in Part}
        said = (turn for _, turn in sorted(self._turns.items()))
        return Outline(parts, tuple(turn for turn in said if turn[1] and turn[0] != Speaker.TOOL))

    def watch(self, event: e.Event, commands: Sequence[Command]) -> None:
        """Something happened, and this is what follows."""
        self._happened(event)
        match event:
            case e.DigitPressed():
                self._tell({"told": "key", "key": event.digit})
            case e.ToolAnswered():
                self._answered(event)
            case e.BrainChanged():
                self._tell({"told": "assistant", "who": event.to, "why": event.reason})
            case e.BrainReady():
                self._tell({"told": "assistant", "who": "cloud", "why": ""})
        for command in commands:
            self._command(command)

    def _command(self, command: Command) -> None:
        match command:
            case c.WriteTurn():
                self._turn(command)
            case c.Speak():
                self._sentence(command.sentence, dict(command.fields))
            case c.PlayPrompt():
                self._sentence(command.name, {})
            case c.RunTool():
                self._asked(command.call)
            case c.NoteCitation() | c.NoteWish() | c.NoteLanguage():
                self._noted(command)
            case c.StartTimer(name=name) if name == YOUR_TURN:
                self._tell({"told": "your_turn"})
            case c.StartRecording():
                self._tell({"told": "your_turn", "message": True})
            case c.EndCall():
                self._parts[Part.ENDING] = [str(command.disposition) or "people"]
                self._tell({"told": "ends", "to": str(command.disposition), "why": command.reason})

    def _noted(self, note: c.Note) -> None:
        match note:
            case c.NoteCitation():
                self._cited(note.citation)
            case c.NoteWish():
                self._tell({"told": "noticed", "what": note.what, "topic": note.topic})
            case c.NoteLanguage():
                self._tell({"told": "language", "language": note.language})

    def _turn(self, turn: c.WriteTurn) -> None:
        self._turns[turn.place] = str(turn.speaker), turn.text
        if turn.speaker is not Speaker.TOOL:
            told = {"told": "turn", "place": turn.place, "speaker": str(turn.speaker), "text": turn.text}
            self._tell({**told, "final": turn.final, "cut": turn.cut})

    def _sentence(self, name: str, fields: dict[str, str]) -> None:
        """A sentence of ours, by its name; one that is no more than its words, by these."""
        if name not in PASSING:
            self._parts[Part.SENTENCES].append(fields.get("text", "") if name == LITERAL else name)

    def _asked(self, call: ToolCall) -> None:
        self._tools[call.tool_call_id] = call.name
        self._parts[Part.TOOLS].append(call.name)
        self._tell({"told": "tool", "name": call.name, "asked": _tree(call.arguments)})

    def _answered(self, answer: ToolAnswered) -> None:
        output = _tree(answer.output)
        name = self._tools.get(answer.tool_call_id, "")
        self._tell({"told": "tool_done", "name": name, "ok": bool(output.get("ok")), "answer": output})

    def _cited(self, citation: Citation) -> None:
        sources = citation.asked.sources if citation.answered else ()
        named = [" / ".join(filter(None, (each.title, each.heading))) for each in sources]
        self._parts[Part.SOURCES].append(named[0] if named else "not known")
        told = {"told": "sources", "question": citation.asked.question, "answered": citation.answered}
        self._tell({**told, "sources": named, "confidence": round(citation.asked.confidence, 3)})


def _tree(text: str) -> dict[str, Any]:
    """What a model, or a tool, has written as JSON; anything else is one value."""
    try:
        tree = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        tree = text
    return tree if isinstance(tree, dict) else {"": tree}
