"""The search among calls: its fields, and what of them the store is asked.

May import: the standard library, admin, appliance.core, appliance.languages, appliance.store.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from admin import forms
from admin.forms import Field, Form
from admin.tongue import later
from admin.words import OUTCOMES, Words
from appliance.core.dispositions import Outcome
from appliance.core.staff import Office
from appliance.languages.folders import codes
from appliance.store import call_search, times
from appliance.store.call_search import Wanted

ANY = ("", later("Any"))
TEXT = Field("text", later("What was said"), most=200, needed=False)
NUMBER = Field("number", later("Number, or a part of it"), most=40, needed=False)
SINCE = Field("since", later("From day"), kind="date", most=10, needed=False)
UNTIL = Field("until", later("To day"), kind="date", most=10, needed=False)
OUTCOME = Field(
    "outcome",
    later("What became of it"),
    kind="choice",
    needed=False,
    choices=(ANY, *((str(outcome), said) for outcome, said in OUTCOMES.items())),
)
NOT_A_DAY = later("Write the day as year-month-day, such as 2026-11-24.")
BACKWARDS = later("This day is before the first one.")
TOO_SHORT = later("Give three digits or more.")
NO_WORDS = later("Give a word, with letters or digits.")
MORE = ("since", "until", "outcome", "language")
"""Fields that are folded away until they are used."""


def fields(words: Words) -> tuple[Field, ...]:
    """The fields for a reader."""
    spoken = ((code, words.language(code)) for code in sorted(codes()))
    language = Field("language", later("Language"), kind="choice", needed=False, choices=(ANY, *spoken))
    return (TEXT, NUMBER, SINCE, UNTIL, OUTCOME, language)


def read(sent: Mapping[str, str], office: Office, words: Words) -> tuple[Form, Wanted]:
    """The form as it was sent, and what is wanted by it where nothing in it is wrong."""
    form = forms.read(fields(words), sent)
    since, until = _day(form, "since"), _day(form, "until")
    if since and until and until < since:
        form.errors["until"] = BACKWARDS
    wanted = Wanted(
        text=form["text"],
        number=form["number"],
        outcome=Outcome(form["outcome"]) if form["outcome"] and "outcome" not in form.errors else None,
        language=form["language"],
        since=_begins(since, office) if since else "",
        until=_begins(until + timedelta(days=1), office) if until and until < date.max else "",
    )
    if wanted.number and len(wanted.digits) < call_search.DIGITS_LEAST:
        form.errors.setdefault("number", TOO_SHORT)
    if wanted.text and not any(letter.isalnum() for letter in wanted.text):
        form.errors.setdefault("text", NO_WORDS)
    return form, wanted


def _day(form: Form, name: str) -> date | None:
    if not form[name] or name in form.errors:
        return None
    try:
        # Long ago enough to have a beginning in every zone.
        return max(date.fromisoformat(form[name]), date(1970, 1, 2))
    except ValueError:
        form.errors[name] = NOT_A_DAY
        return None


def _begins(day: date, office: Office) -> str:
    return times.written(datetime.combine(day, time(), ZoneInfo(office.staff.time_zone)))
