"""What drafts say, in words: each item, and how it is now beside how it would be.

Pure. May import: the standard library, admin, appliance.core, appliance.store.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from admin.menu.form import FIELDS, LEADS
from admin.tongue import Tongue, later
from admin.words import Words
from appliance.core import telephone
from appliance.core.fitting import compared
from appliance.core.hours import WeeklyHours
from appliance.core.menu import Choice
from appliance.store.drafted import DEPARTMENT, DOCUMENT
from appliance.store.drafts import Item

NAMES: Mapping[str, str] = {
    "front_door": later("Who answers"),
    "hours": later("The hours of the week"),
    "menu": later("Keys"),
    "language_words": later("What is said in other languages"),
    **{each.name: each.label for each in FIELDS},
}
DOORS: Mapping[str, str] = {
    "menu": later("The menu"),
    "assistant": later("The assistant, at once"),
}
ALWAYS = later("Always")
CLINICS = later("When the clinic is open")
DEPARTMENT_NAME = later("Department: {name}")
DOCUMENT_NAME = later("Document: {name}")


@dataclass(frozen=True, slots=True)
class Shown:
    """One item: what it is, and its lines, `-` as it is now and `+` as it would be."""

    item: Item
    name: str
    lines: list[str]


def shown(item: Item, tongue: Tongue) -> Shown:
    """An item in words."""
    now, wanted = (list(_lines(item.key, value, tongue)) for value in (item.now, item.wanted))
    return Shown(item, name_of(item, tongue), compared(now, wanted))


def name_of(item: Item, tongue: Tongue) -> str:
    """What an item is called."""
    kind, _, slug = item.key.partition(":")
    known = item.wanted or item.now or {}
    if item.key.startswith(DEPARTMENT):
        return tongue(DEPARTMENT_NAME, name=known.get("name", slug))
    if item.key.startswith(DOCUMENT):
        return tongue(DOCUMENT_NAME, name=known.get("title", slug))
    return tongue(NAMES[kind]) if kind in NAMES else kind


def _lines(key: str, value: Any, tongue: Tongue) -> Iterator[str]:
    """A value of an item, line by line; of what is not there, none."""
    if value is None or value == "":
        return
    if key.startswith(DEPARTMENT):
        yield from _department(value, tongue)
    elif key.startswith(DOCUMENT):
        yield from (line for line in [value["title"], *value["content"].splitlines()] if line.strip())
    elif key == "hours":
        yield WeeklyHours.model_validate(value).said(tongue.code)
    elif key == "front_door":
        yield tongue(DOORS[value])
    elif key == "menu":
        yield from _menu(value, tongue)
    elif key == "language_words":
        for code, words in value.items():
            yield from _language(Words(tongue).language(code), words, tongue)
    else:
        yield str(value)


def _department(value: Mapping[str, Any], tongue: Tongue) -> Iterator[str]:
    yield value["name"]
    yield ", ".join(map(telephone.shown, value["numbers"]))
    if value["aliases"]:
        yield ", ".join(value["aliases"])
    hours = value["hours"]
    if isinstance(hours, Mapping):
        yield WeeklyHours.model_validate(hours).said(tongue.code)
    else:
        yield tongue(ALWAYS if hours else CLINICS)


def _menu(entries: list[Mapping[str, Any]], tongue: Tongue) -> Iterator[str]:
    for each in entries:
        words = f" ({', '.join(each['words'])})" if each["words"] else ""
        yield f"{each['digit']} · {tongue(LEADS[Choice(each['choice'])])}: {each['said']}{words}"


def _language(name: str, words: Mapping[str, Any], tongue: Tongue) -> Iterator[str]:
    for each in FIELDS:
        if words.get(each.name):
            yield f"{name} · {tongue(each.label)}: {words[each.name]}"
    for line in _menu(words.get("menu", []), tongue):
        yield f"{name} · {line}"
