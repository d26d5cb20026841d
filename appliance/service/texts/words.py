"""The words of texts: short, in the caller's language, and without what an appointment is for. Pure.

May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from appliance.core import telephone
from appliance.core.menu import plain
from appliance.core.phones import outside
from appliance.core.staff import Office
from appliance.core.when import said as start_said
from appliance.languages.folders import LanguageProblem
from appliance.languages.prompts import codes
from appliance.languages.tables import table

OTHERWISE = "en"
CLINIC_MOST = 40
"""So many letters of the clinic's name are in a text: more of them cost another one."""


def table_of(language: str) -> dict[str, Any]:
    """The words of a language for texts and their page; those of English for one that has none."""
    try:
        return table(language, "texts")
    except LanguageProblem:
        return table(OTHERWISE, "texts")


def written(name: str, language: str, **words: str) -> str:
    """A text by its name, with these words in its places."""
    text: str = table_of(language)["texts"][name]
    return text.format(**words).replace("..", ".")


def said(name: str, language: str) -> str:
    """What is said in a call about a text."""
    text: str = table_of(language)["said"][name]
    return text


def clinic(office: Office) -> str:
    """The clinic's name, as far as it goes into a text."""
    name = office.staff.business_name[:CLINIC_MOST].strip()
    return name[:1].upper() + name[1:]


def phone(office: Office, sender: str) -> str:
    """The number at which people answer, as it is written; that of the texts when the clinic names none."""
    people = outside(office.staff.people)
    number = office.staff.caller_id or sender or next(iter(people), "")
    return telephone.shown(number, telephone.region((sender, office.staff.caller_id or "", *people)))


def time_of(start: datetime, now: datetime, language: str) -> str:
    """A start as it is written; both in the office's zone."""
    return start_said(start, now, language)


def keyword(body: str) -> str:
    """What a text asks for that is one of the known words alone: `stop`, `start`, `help`, or nothing."""
    told = plain(body)
    return next((name for name in ("stop", "start", "help") if told in _listed(name)), "")


def language_of(body: str, otherwise: str) -> str:
    """The language of a known word, or that otherwise."""
    told = plain(body)
    matching = [code for code in codes() if any(told in _words(code, name) for name in _NAMES)]
    return otherwise if otherwise in matching or len(matching) != 1 else matching[0]


_NAMES: Sequence[str] = ("stop", "start", "help")


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset().union(*(_words(code, name) for code in codes()))


@cache
def _words(code: str, name: str) -> frozenset[str]:
    return frozenset(table_of(code)["keywords"][name])
