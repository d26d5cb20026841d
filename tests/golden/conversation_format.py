"""A golden conversation as a text file: `>` happened, `<` was asked for, nothing else.

    A title
    A sentence or two.

    > ReplyHeard reply_id=r7 played_ms=1240
    > SpeechStarted
    < ClearPlayback
    < TruncateReply reply_id=r7 heard_ms=1240

Events and commands are named by their classes; tools are written `name id`, several with commas between.
`phase=LEAVING` on a line of its own says where the conversation stands. Timers are left out unless the file
says `with timers`; `with manual turns` has our own ear take the turns; `with recorded greeting` the
clinic has one; `with menu` it begins with a menu, behind which the cloud is.

May import: the standard library, pydantic, appliance.core, this package's format.
"""

import shlex
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from appliance.core import phrases, wording
from appliance.core.commands import Command, StartTimer, StopTimer
from appliance.core.conversation import Conversation
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.dispositions import Disposition
from appliance.core.errors import WireError
from appliance.core.events import Event, ToolCall
from appliance.core.menu import DepartmentLine
from appliance.core.staff import Office, StaffSettings
from appliance.core.story import Turn
from tests.golden.format import GoldenError, Line

MENU = {"hours": "1", "departments": "2", "voicemail": "3", "assistant": "9", "people": "0"}
OFFICE = Office(
    staff=StaffSettings.model_validate(
        {
            "business_name": "Riverside Family Clinic",
            "menu": [wording.entry("en", choice, key) for choice, key in MENU.items()],
        }
    ),
    departments=(
        DepartmentLine(slug="billing", name="Billing", numbers=("+13125550101",)),
        DepartmentLine(slug="pharmacy", name="Pharmacy", numbers=("+13125550102",)),
    ),
)
CALLER = "+13125550199"
FACTS = Facts.of(OFFICE, CALLER)
EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}


@dataclass(slots=True)
class GoldenConversation:
    """The lines of a golden conversation, and how it is to be begun."""

    title: str = ""
    about: str = ""
    manual_turns: bool = False
    timers: bool = False
    recorded: bool = False
    menu: bool = False
    lines: list[Line] = field(default_factory=list)


def read_conversation(path: Path) -> GoldenConversation:
    """Read a golden conversation. Raises GoldenError with the file's name and the line."""
    try:
        return parse_conversation(path.read_text("utf-8"))
    except GoldenError as exc:
        raise GoldenError(f"{path.name}, {exc}") from exc


def parse_conversation(text: str) -> GoldenConversation:
    """Read a golden conversation's text. Raises GoldenError."""
    golden, head = GoldenConversation(), list[str]()
    for number, raw in enumerate(text.splitlines(), 1):
        line = Line(number, raw.strip())
        if not line.text or line.text.startswith("#"):
            continue
        if line.text == "with timers":
            golden.timers = True
        elif line.text == "with manual turns":
            golden.manual_turns = True
        elif line.text == "with recorded greeting":
            golden.recorded = True
        elif line.text == "with menu":
            golden.menu = True
        elif line.text[:2] in ("> ", "< ") or line.text.startswith("phase="):
            golden.lines.append(line)
        elif golden.lines:
            raise line.wrong("must begin with > or <")
        else:
            head.append(line.text)
    if len(head) < 2 or not golden.lines:
        raise GoldenError("line 1: needs a title, a sentence and lines")
    golden.title, golden.about = head[0], " ".join(head[1:])
    return golden


def played(golden: GoldenConversation) -> list[str]:
    """The conversation as it went, given what happened. Raises GoldenError."""
    facts = Facts.of(OFFICE, CALLER, assistant=golden.menu, recorded=golden.recorded)
    conversation = Conversation(
        manual_turns=golden.manual_turns,
        dialogue=Dialogue(facts),
        watch=phrases.Watcher(phrases.load()),
    )
    went: list[str] = []
    for line in golden.lines:
        if line.text.startswith("phase="):
            went.append(f"phase={conversation.phase.name}")
        elif line.text.startswith(">"):
            went.append(line.text)
            commands = conversation.handle(read_event(line))
            went += [
                written(c) for c in commands if golden.timers or not isinstance(c, StartTimer | StopTimer)
            ]
    return went


def read_event(line: Line) -> Event:
    """The event of a `>` line. Raises GoldenError."""
    name, *pairs = shlex.split(line.text[1:].strip())
    if name not in EVENTS:
        raise line.wrong("no such event")
    try:
        values = {key: _value(key, text) for key, _, text in (pair.partition("=") for pair in pairs)}
        event: Event = _reader(name).validate_python(values)
    except (ValidationError, WireError) as exc:
        raise line.wrong(f"not this event's fields ({str(exc).splitlines()[0]})") from exc
    if unknown := set(values) - {each.name for each in fields(event)}:
        raise line.wrong(f"has no {', '.join(sorted(unknown))}")
    return event


@cache
def _reader(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(EVENTS[name])


def _value(key: str, text: str) -> Any:
    """The text itself, of which pydantic makes numbers; a disposition; or `name id, name id` of tools."""
    if key == "leave":
        return Disposition.parse(text.replace("people", ""))
    if key == "calls":
        named = (call.split() for call in text.split(", "))
        return tuple(ToolCall(call_id, name, "{}") for name, call_id in named)
    return text


def written(command: Command) -> str:
    """A command as a `<` line; fields that have their default are left out."""
    shown = [
        f"{each.name}={_shown(getattr(command, each.name))}"
        for each in fields(command)
        if each.default is MISSING or getattr(command, each.name) != each.default
    ]
    return " ".join(["<", type(command).__name__, *shown])


def _shown(value: Any) -> str:
    match value:
        case Disposition():
            return str(value) or "people"
        case ToolCall():
            return shlex.quote(f"{value.name} {value.tool_call_id}")
        case Turn():
            return f"{value.speaker}: {value.text}{' -- cut short' if value.cut else ''}"
        case tuple():
            each = (": ".join(v) if isinstance(v, tuple) else _shown(v) for v in value)
            return shlex.quote(" / ".join(each))
        case str():
            return shlex.quote(value)
        case _:
            return str(value).lower()


def expected(golden: GoldenConversation) -> Sequence[str]:
    """The lines as the file has them."""
    return [line.text for line in golden.lines]
