"""Renders docs/reference.md, docs/settings.md and the tables of docs/models.md from the code.

`python -m scripts.reference` writes them; a test fails when the files differ from what this renders.
May import: the standard library, appliance, models.weights.
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
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings
from models.weights import table
from models.weights.table import Weights

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
        "once when a process starts; secrets are files of their own. What staff decide is edited on the\n"
        "admin page and counts from the next call on. No key is in both.\n\n## The settings file\n"
    )
    parts = [head]
    for name, field in Settings.model_fields.items():
        section = typing.cast(type[BaseModel], field.annotation)
        parts.append(f"\n### [{name}]\n\n{inspect.getdoc(section)}\n")
        parts += _rows(section)
    parts.append("\n## What staff decide\n")
    parts += _rows(StaffSettings)
    return "\n".join(parts) + "\n"


def _rows(model: type[BaseModel]) -> Iterator[str]:
    yield "| key | default | meaning |\n| --- | --- | --- |"
    for name, field in model.model_fields.items():
        yield f"| `{name}` | {_default(field)} | {_cell(field.description or '')} |"


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or (isinstance(value, tuple) and value):
        return "see the admin page"
    shown = orjson.dumps(value, default=str).decode()
    return "–" if value is None else f"`{_cell(shown)}`"


def _cell(text: str) -> str:
    """Text for one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


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
        DOCS / "models.md": weights(),
    }


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
