"""What the documents say of settings, events and commands is what the code says."""

import inspect
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

from appliance.core import commands, events
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings
from appliance.tools.toolbox import TOOLS
from scripts import reference


def sections() -> dict[str, type[BaseModel]]:
    found = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {
        name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, BaseModel)
    }


def models() -> list[type[BaseModel]]:
    return [*sections().values(), StaffSettings]


def test_every_setting_has_a_sentence() -> None:
    assert sections().keys() == Settings.model_fields.keys()
    for model in models():
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
            assert field.description.endswith("."), f"{model.__name__}.{name}"


def test_no_key_is_in_both() -> None:
    boot = {name for model in sections().values() for name in model.model_fields} | set(sections())
    assert boot & set(StaffSettings.model_fields) == set()


@pytest.mark.parametrize(
    ("path", "text"), reference.pages().items(), ids=lambda part: getattr(part, "name", "")
)
def test_a_page_is_what_the_code_says(path: Path, text: str) -> None:
    assert path.read_text("utf-8") == text, "run python -m scripts.reference"


@pytest.mark.parametrize("module", [events, commands])
def test_every_event_and_command_is_in_the_reference(module: ModuleType) -> None:
    page = (reference.DOCS / "reference.md").read_text("utf-8")
    classes = inspect.getmembers(module, inspect.isclass)
    named = [name for name, kind in classes if kind.__module__ == module.__name__]
    assert named
    for name in named:
        assert f"| `{name}` |" in page


def test_every_setting_is_in_its_page() -> None:
    page = (reference.DOCS / "settings.md").read_text("utf-8")
    for model in models():
        for name in model.model_fields:
            assert f"| `{name}` |" in page
    for name in sections():
        assert f"### [{name}]" in page


def test_every_tool_is_in_its_page_with_its_arguments() -> None:
    page = (reference.DOCS / "tools.md").read_text("utf-8")
    for tool in TOOLS:
        _, found, told = page.partition(f"\n## {tool.name}\n")
        assert found
        part = told.partition("\n## ")[0]
        assert all(f"| `{name}` |" in part for name in tool.arguments.model_fields)
