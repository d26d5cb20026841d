"""0 at Twilio: whatever a caller hears between media legs can be left by it, or it is known why not.

The documents are made by every way through the front door, and what writes them is read out of the code: a
way, a sentence or a writer that is new fails until it is covered here.
"""

import ast
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import appliance
import twilio_bridge
from appliance.core import front_door
from appliance.core.menu import Choice
from appliance.core.staff import Office
from appliance.core.steps import MenuAnswered, Steps
from appliance.core.wording import Wording as Sentences
from appliance.core.wording import sentences
from tests.core.office import office
from tests.core.test_front_door import WAYS
from twilio_bridge.twiml import Addresses, Wording, document

ADDRESSES = Addresses("https://box.example.com", goodbye="https://handler.twilio.com/twiml/EH01")
STATIC = {
    "assistant": "what stands behind the media leg is there for when we are gone",
    "people": "the answer when all else fails",
    "kept_by_carrier": "Twilio's own, for when the box is dead",
    "fallback": "Twilio's own, for when the box is dead",
}
"""Ways that need no answer of ours, to a key neither."""
NOT_LEFT = {
    ("connecting", "Dial"): "phones ring next, whatever is pressed",
    ("busy", "Dial"): "phones ring next, whatever is pressed",
    ("emergency", "Dial"): "the on-call line rings next, or the front desk",
    ("no_message", "Hangup"): "the last words, to who left no message",
    ("message_kept", "Hangup"): "the last words",
    ("message_lost", "Hangup"): "the last words",
}
"""What is said outside of a Gather, by its sentence and by what comes behind it."""
WRITERS = {
    "twiml._write": "the steps, which are looked at here",
    "twiml._ask_for_message": "the steps, which are looked at here",
    "twiml._gather": "the steps, which are looked at here",
    "greeting._say": "staff record a greeting",
    "on_call.question": "somebody on call is asked",
    "on_call._pressed": "somebody on call is told",
}
"""What has Twilio say or play something."""
STEPPERS = {
    "core/front_door.py": "the ways, which are looked at here",
    "service/greeting_calls.py": "staff record a greeting",
}
"""What makes such steps."""
OFFICES: list[dict[str, Any]] = [
    {},
    {"people": []},
    {"languages": ["en"]},
    {"emergency_line": "+15550100019", "voicemail_recordings": {"en": f"en-{'0' * 64}"}},
    {"greeting_recording": f"en-{'1' * 64}"},
]


SPANISH = {said: name for name, said in sentences("es-US").items()}


def clinic(staffed: dict[str, Any]) -> Office:
    """An office whose sentences say which they are."""
    return office(wording={name: f"<{name}>" for name in Sentences.model_fields}, **staffed)


def written(steps: Steps) -> ET.Element:
    return ET.fromstring(document(steps, ADDRESSES, Wording()))  # noqa: S314 -- our own


def outside(root: ET.Element) -> Iterator[tuple[str, str]]:
    """What is said or played outside of a Gather, and what comes behind it that is no more of it."""
    for place, verb in enumerate(root):
        if verb.tag in ("Say", "Play"):
            behind = next((each.tag for each in root[place:] if each.tag not in ("Say", "Play")), "")
            said = (verb.text or "").strip("<>")
            yield SPANISH.get(said, said), behind


@pytest.mark.parametrize("staffed", OFFICES)
@pytest.mark.parametrize("way", WAYS.keys() - STATIC.keys())
def test_what_a_caller_hears_is_in_a_gather_or_known(way: str, staffed: dict[str, Any]) -> None:
    assert {*outside(written(WAYS[way](clinic(staffed))))} <= NOT_LEFT.keys()


def test_everything_known_is_there() -> None:
    there = {
        place
        for way in WAYS.keys() - STATIC.keys()
        for staffed in OFFICES
        for place in outside(written(WAYS[way](clinic(staffed))))
    }
    unsure = written(front_door.unconfirmed(clinic({})))
    assert there | {*outside(unsure)} == NOT_LEFT.keys()
    assert STATIC.keys() <= WAYS.keys()


@pytest.mark.parametrize("way", WAYS)
def test_0_is_a_person_in_every_gather_and_ends_every_recording(way: str) -> None:
    root = written(WAYS[way](clinic({})))
    for gather in root.iter("Gather"):
        assert "dtmf" in gather.attrib["input"].split()
        assert (gather.attrib["numDigits"], gather.get("finishOnKey", "#")) == ("1", "#")
        asked = urlsplit(gather.attrib["action"])
        (menu,) = parse_qs(asked.query)["at"]
        assert asked.path == "/twilio/menu"
        assert front_door.menu_choice(clinic({}), MenuAnswered("CA1", menu, "0")) is Choice.PEOPLE
    assert all("0" in record.attrib["finishOnKey"] for record in root.iter("Record"))


def test_every_way_of_the_front_door_is_looked_at() -> None:
    ways = {
        name
        for name, each in vars(front_door).items()
        if not name.startswith("_") and getattr(each, "__annotations__", {}).get("return") == Steps
    }
    looked_at = {name for way in WAYS.values() for name in (way.__name__, *way.__code__.co_names)}
    assert ways - looked_at == {"unconfirmed"}


def functions(path: Path) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node


def called(within: ast.AST) -> set[str]:
    """The names of what is called, methods with a point before them."""
    calls = [node.func for node in ast.walk(within) if isinstance(node, ast.Call)]
    return {each.id for each in calls if isinstance(each, ast.Name)} | {
        f".{each.attr}" for each in calls if isinstance(each, ast.Attribute)
    }


def test_nothing_else_has_twilio_say_something() -> None:
    (folder,) = twilio_bridge.__path__
    found = {
        f"{path.stem}.{name}"
        for path in Path(folder).glob("*.py")
        for name, within in functions(path)
        if called(within) & {".say", ".play"}
    }
    assert found == WRITERS.keys()


def test_nothing_else_makes_steps_that_are_said() -> None:
    (folder,) = appliance.__path__
    found = {
        str(path.relative_to(folder))
        for path in Path(folder).rglob("*.py")
        if "appliance.core.steps" in (text := path.read_text("utf-8"))
        and called(ast.parse(text)) & {"Say", "Ask", "TakeVoicemail"}
    }
    assert found == STEPPERS.keys()
