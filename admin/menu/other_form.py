"""The form of what callers of another language hear first: the sentences, and the wording of each key.

What is left empty is the language's own, which stands beside it. Keys and where they lead are the clinic's.
May import: the standard library, pydantic, admin, appliance.core.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from admin.forms import NOT_PLAIN, Form, parts
from admin.menu.form import FIELDS
from admin.settings import mistakes
from admin.tongue import Tongue, later
from appliance.core import known_settings, other_languages
from appliance.core.language_words import LanguageWords
from appliance.core.menu import MenuEntry
from appliance.core.staff import Office, StaffSettings
from appliance.languages.tables import table

SETTING = "language_words"
UNSAID = later("Left empty, nothing is said: the clinic says nothing here either.")
EMPTY = later("Left empty, callers hear: {text}")
USUAL = later("Left empty, it is the usual one.")
WORDS_ALONE = later("Words for a key need what is said of it, too.")


@dataclass(slots=True)
class Row:
    """One key of the clinic's, as it is worded here; `usual` is what callers hear where that is empty."""

    entry: MenuEntry
    usual: str
    words: str = ""
    said: str = ""
    error: str = ""


@dataclass(slots=True)
class Typed:
    """What was typed; `gone` are keys that lead elsewhere since their words were written."""

    code: str
    form: Form
    rows: list[Row] = field(default_factory=list)
    gone: tuple[str, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        return self.form.fine and not any(row.error for row in self.rows)

    @property
    def words(self) -> dict[str, Any]:
        """What was written, as JSON, without what is empty."""
        menu = [
            {
                "digit": row.entry.digit, "choice": row.entry.choice.value, "words": parts(row.words),
                "said": row.said,
            }
            for row in self.rows
            if row.said
        ]  # fmt: skip
        written = {name: text for name, text in self.form.values.items() if text}
        return {**written, "menu": menu} if menu else written

    def value(self, staff: StaffSettings) -> dict[str, Any]:
        """The whole setting that this makes: that of the other languages stays."""
        others = {code: each.written() for code, each in staff.language_words.items() if code != self.code}
        return {**others, self.code: self.words} if self.words else others


def filled(office: Office, code: str, tongue: Tongue) -> Typed:
    """The form as things stand."""
    written = other_languages.written_in(office.staff, code)
    typed = _empty(office, code, tongue)
    typed.form.values = {each.name: str(getattr(written, each.name)) for each in FIELDS}
    for row in typed.rows:
        if (own := written.of_key(row.entry)) is not None:
            row.words, row.said = ", ".join(own.words), own.said
    known = {(each.digit, each.choice) for each in office.staff.menu}
    typed.gone = tuple(each.digit for each in written.menu if (each.digit, each.choice) not in known)
    return typed


def read(sent: Mapping[str, str], office: Office, code: str, tongue: Tongue) -> Typed:
    """The form as it was sent, held against what the settings allow."""
    typed = _empty(office, code, tongue)
    typed.form.values = {each.name: " ".join(sent.get(each.name, "").split()) for each in FIELDS}
    for place, row in enumerate(typed.rows):
        row.words, row.said = (
            " ".join(sent.get(f"{name}-{place}", "").split()) for name in ("words", "said")
        )
        if row.words and not row.said:
            row.error = WORDS_ALONE
    for name, text in typed.form.values.items():
        if not text.isprintable():
            typed.form.errors[name] = NOT_PLAIN
    if typed.fine:
        _check(typed, tongue)
    return typed


def _check(typed: Typed, tongue: Tongue) -> None:
    try:
        LanguageWords.model_validate(typed.words)
    except ValidationError as exc:
        worded = [row for row in typed.rows if row.said]
        for mistake in known_settings.mistakes(exc):
            name, _, within = mistake.name.partition(".")
            told = mistakes.sentence(mistake, tongue)
            if name == "menu":
                worded[int(within.partition(".")[0])].error = told
            else:
                typed.form.errors[name] = told


def _empty(office: Office, code: str, tongue: Tongue) -> Typed:
    """The form without anything in it: each field says what is heard where it is left empty."""
    staff, tag = office.staff, str(table(code, "language")["tag"])
    usual = other_languages.usual_in(staff, tag)
    fields = tuple(replace(each, hint=_hint(each.name, usual, staff, tongue)) for each in FIELDS)
    rows = [Row(each, other_languages.key_in(LanguageWords(), each, tag)[0].said) for each in staff.menu]
    return Typed(code, Form(fields), rows)


def _hint(name: str, usual: Mapping[str, str], staff: StaffSettings, tongue: Tongue) -> str:
    if name.endswith("_closed"):
        return tongue(USUAL)
    return tongue(EMPTY, text=usual[name]) if usual[name] else tongue(UNSAID)
