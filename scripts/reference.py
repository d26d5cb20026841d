"""Renders docs/reference.md, settings.md, tools.md, what-breaks.md and the tables of models.md from the code.

`python -m scripts.reference` writes them; a test fails when the files differ from what this renders.
May import: the standard library, appliance, models.weights, scripts.what_breaks.
"""

import ast
import inspect
import typing
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from appliance.core import commands, events
from appliance.core.callbacks import DueMinutes
from appliance.core.escalation import OnCall, Shift, Step
from appliance.core.holidays import Holidays
from appliance.core.keeping import KeepDays
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings
from appliance.core.wording import Wording, sentences
from appliance.languages.folders import codes
from appliance.tools.tool import Tool
from appliance.tools.toolbox import TOOLS
from models.weights import table
from models.weights.table import Weights
from scripts import what_breaks

DOCS = Path(__file__).parent.parent / "docs"


def reference() -> str:
    """The page of events and commands."""
    head = (
        "# Events and commands\n\n"
        "Made by `scripts/reference.py` from the code. A call is events in, commands out: what has happened\n"
        "is given to the conversation, and what it asks for is done. Recorded, the events are the call log.\n"
    )
    parts = [head, *_classes("Events", events), *_classes("Commands", commands)]
    return "\n".join(parts)


def _classes(title: str, module: ModuleType) -> Iterator[str]:
    yield f"\n## {title}\n\n| name | fields | meaning |\n| --- | --- | --- |"
    for name in _in_order(module):
        made = getattr(module, name)
        told = ", ".join(f"`{field.name}`" for field in fields(made)) or "–"
        yield f"| `{name}` | {told} | {_cell(inspect.getdoc(made) or '')} |"


def _in_order(module: ModuleType) -> list[str]:
    """The classes of a module as they stand in it."""
    tree = ast.parse(inspect.getsource(module))
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef)]


def settings() -> str:
    """The page of settings."""
    head = (
        "# Settings\n\n"
        "Made by `scripts/reference.py` from the code. What the IT person sets stands in a TOML file, read\n"
        "once when a process starts; secrets are files of their own. What staff decide is edited with\n"
        "`attendant staff` and counts from the next call on. No key is in both. The admin's page *Settings*\n"
        "changes both; what it changes of the first lies beside the file (docs/admin.md).\n\n"
        "## The settings file\n"
    )
    parts = [head]
    for name, field in Settings.model_fields.items():
        parts += _section(name, typing.cast(type[BaseModel], field.annotation))
    parts.append("\n## What staff decide\n")
    parts += _rows(StaffSettings)
    parts += ["", *_longer()]
    return "\n".join(parts) + "\n"


def _section(name: str, section: type[BaseModel]) -> Iterator[str]:
    """A section of the file, and those within it."""
    yield f"\n### [{name}]\n\n{inspect.getdoc(section)}\n"
    yield from _rows(section)
    for key, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _section(f"{name}.{key}", field.annotation)


def _longer() -> Iterator[str]:
    """The defaults of staff's settings that are more than a word or two, as JSON takes them."""
    yield "A value that is more than text is written as JSON, and `attendant staff list` prints it so. With"
    yield "`language` es-US the greeting, the notice, the menu and the voicemail prompt are Spanish.\n"
    hours = StaffSettings().hours.model_dump(mode="json")
    told = "; ".join(f"{day} `{orjson.dumps(spans).decode()}`" for day, spans in hours.items())
    yield f"### The default hours\n\nA day has spans from-to; one without is closed: {told}."
    yield "\n### `holidays`\n\nNone is kept until some are named.\n"
    yield from _rows(Holidays)
    for name, model, told in _MODELS:
        yield f"\n### `{name}`\n\n{told}\n"
        yield from _rows(model)
    yield "\n### The default menu\n\nEach key leads to one thing, 0 to a person; there is at least one.\n"
    yield "| `digit` | `choice` | `words` | `said` |\n| --- | --- | --- | --- |"
    for language in codes():
        for entry in StaffSettings.model_validate({"language": language}).menu:
            yield f"| `{entry.digit}` | `{entry.choice}` | {', '.join(entry.words)} | {_cell(entry.said)} |"
    yield "\n### `wording`\n"
    yield 'An object with the sentences that are to be others, such as `{"busy": "Please hold."}`.\n'
    yield "| key | English | Spanish | said |\n| --- | --- | --- | --- |"
    english, spanish = (sentences(language) for language in codes())
    for name, field in Wording.model_fields.items():
        yield f"| `{name}` | {english[name]} | {spanish[name]} | {_cell(field.description or '')} |"


_MODELS: tuple[tuple[str, type[BaseModel], str], ...] = (
    ("callback_minutes", DueMinutes, " ".join((inspect.getdoc(DueMinutes) or "").split())),
    ("keep_days", KeepDays, " ".join((inspect.getdoc(KeepDays) or "").split())),
    ("escalation", Step, "A list of steps: docs/callbacks.md has an example."),
    ("on_call_rota", Shift, inspect.getdoc(Shift) or ""),
    ("people of a shift", OnCall, inspect.getdoc(OnCall) or ""),
)


def _rows(model: type[BaseModel]) -> Iterator[str]:
    yield "| key | default | meaning |\n| --- | --- | --- |"
    for name, field in model.model_fields.items():
        yield f"| `{name}` | {_default(field)} | {_cell(field.description or '')} |"


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or (isinstance(value, tuple) and value and not isinstance(value[0], str)):
        return "below"
    shown = orjson.dumps(value, default=str).decode()
    return "–" if value is None else f"`{_cell(shown)}`"


def _cell(text: str) -> str:
    """Text for one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def tools() -> str:
    """The page of tools."""
    return "\n".join(
        [
            "# Tools\n",
            "Made by `scripts/reference.py` from the code. What can be done during a call: the cloud",
            "assistant, the local one and the keypad use the same tools. What a model writes is checked,",
            "each use is noted in the call (`intent_log`) with its outcome and how long it took, and a",
            "tool that promises something returns when that is on disk. *By the rule* names the settings",
            "of staff that say whom it may tell, or serve (docs/bookings.md); the others tell of nobody.\n",
            "| tool | what it does | asked for by | at most | tried again | by the rule |",
            "| --- | --- | --- | --- | --- | --- |",
            *(_tool_row(tool) for tool in TOOLS),
            *(line for tool in TOOLS for line in _tool(tool)),
        ]
    )


def _tool_row(tool: Tool) -> str:
    asked = "the cloud assistant and the box" if tool.offered else "the box alone"
    again = "once" if tool.again else "never"
    rules = ", ".join(f"`{deed}`" for deed in tool.rules) or "–"
    return (
        f"| `{tool.name}` | {_cell(tool.description)} | {asked} | {tool.within_s:g} s | {again} | {rules} |"
    )


def _tool(tool: Tool) -> Iterator[str]:
    """Its arguments, as the assistant is told of them."""
    yield f"\n## {tool.name}\n\n{_cell(tool.description)}\n"
    parameters = tool.schema()["parameters"]
    needed = parameters.get("required", [])
    if not parameters["properties"]:
        yield "It takes no arguments."
        return
    yield "| argument | needed | what it is |\n| --- | --- | --- |"
    for name, field in parameters["properties"].items():
        of = f" One of {', '.join(f'`{each}`' for each in field['enum'])}." if "enum" in field else ""
        yield f"| `{name}` | {'yes' if name in needed else 'no'} | {_cell(field['description'])}{of} |"


def weights() -> str:
    """The page of weights: its own words, and between the marks what the table of weights says."""
    known = table.load()
    page = (DOCS / "models.md").read_text("utf-8")
    default = [f"| `{each.name}` | {each.what} | {_mb(each)} |" for each in known.default]
    total = sum(each.size or 0 for each in known.default) / 1_000_000
    page = _between(
        page,
        "default",
        ["| name | what it is | size |", "| --- | --- | --- |", *default, f"| | together | {total:.0f} MB |"],
    )
    rows = [
        f"| `{each.name}` | {each.what} | {_mb(each)} | {_licence(each)} | {_checked(each)} |"
        for each in known.weights
    ]
    heads = ["| name | what it is | size | licence | held against |", "| --- | --- | --- | --- | --- |"]
    return _between(page, "table", heads + rows)


def _between(page: str, mark: str, lines: list[str]) -> str:
    opened = f"<!-- {mark}: made by scripts/reference.py -->\n"
    before, _, rest = page.partition(opened)
    _, end, after = rest.partition("<!-- end -->")
    return "".join([before, opened, *(f"{line}\n" for line in lines), end, after])


def _mb(each: Weights) -> str:
    return "not stated" if each.size is None else f"{each.size / 1_000_000:.0f} MB"


def _licence(each: Weights) -> str:
    note = f" ({each.licence_note})" if each.licence_note else ""
    return f"[{each.licence}]({each.licence_at}){note}"


def _checked(each: Weights) -> str:
    return "our table" if each.pinned else "the hub, then the pin"


def pages() -> dict[Path, str]:
    """Each page by its file."""
    return {
        DOCS / "reference.md": reference() + "\n",
        DOCS / "settings.md": settings(),
        DOCS / "tools.md": tools() + "\n",
        DOCS / "models.md": weights(),
        DOCS / "what-breaks.md": what_breaks.page(),
    }


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
