"""How opening hours are said, in both languages."""

from datetime import UTC, date, datetime, time

import pytest

from appliance.core.holidays import Holidays
from appliance.core.opening import Opening
from appliance.core.opening_said import Told
from appliance.languages.folders import codes
from appliance.languages.tables import table

OPENING = Opening(
    "America/New_York",
    closed_on=(date(2026, 11, 30),),
    special={date(2026, 11, 28): ((time(9), time(12)),)},
    holidays=Holidays(kept=("Thanksgiving Day", "Columbus Day")),
)
WEEK = {
    "en": "We are open Monday to Friday from 8 a.m. to 5 p.m.",
    "es": "Abrimos de lunes a viernes de las 8 de la mañana a las 5 de la tarde.",
}


def told(day: str, language: str) -> Told:
    return Told(OPENING, date.fromisoformat(day), language)


@pytest.mark.parametrize(
    ("today", "language", "before", "behind"),
    [
        ("2026-11-02", "en", "", ""),
        ("2026-11-25", "en", "", " Tomorrow we are closed for Thanksgiving. On Saturday, November 28th we are"
         " open from 9 a.m. to 12 p.m. On Monday, November 30th we are closed."),
        ("2026-11-26", "es", "Hoy estamos cerrados por el Día de Acción de Gracias. ", " El sábado 28 de"
         " noviembre abrimos de las 9 de la mañana a las 12 de la tarde. El lunes 30 de noviembre estamos"
         " cerrados."),
        ("2026-11-27", "es", "", " Mañana abrimos de las 9 de la mañana a las 12 de la tarde. El lunes 30 de"
         " noviembre estamos cerrados."),
        ("2026-10-12", "es-US", "Hoy estamos cerrados por el Día de la Raza. ", ""),
        ("2026-10-12", "fr", "Today we are closed for Columbus Day. ", ""),
    ],
)  # fmt: skip
def test_the_week_is_said_with_what_is_different_soon(
    today: str, language: str, before: str, behind: str
) -> None:
    assert told(today, language).week() == f"{before}{WEEK.get(language[:2], WEEK['en'])}{behind}"


@pytest.mark.parametrize(
    ("at", "english", "spanish"),
    [
        ("2026-11-24T15:00", "We are open now, until 5 p.m.",
         "Ahora estamos abiertos, hasta las 5 de la tarde."),
        ("2026-11-24T12:00", "We are closed now, and open again today at 8 a.m.",
         "Ahora estamos cerrados, y abrimos de nuevo hoy a las 8 de la mañana."),
        ("2026-11-24T23:00", "We are closed now, and open again tomorrow at 8 a.m.",
         "Ahora estamos cerrados, y abrimos de nuevo mañana a las 8 de la mañana."),
        ("2026-11-25T23:00", "We are closed now, and open again on Friday at 8 a.m.",
         "Ahora estamos cerrados, y abrimos de nuevo el viernes a las 8 de la mañana."),
    ],
)  # fmt: skip
def test_now_is_said(at: str, english: str, spanish: str) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    for language, said in (("en", english), ("es", spanish)):
        each = Told(OPENING, OPENING.local(now).date(), language)
        assert each.now(is_open=OPENING.open_at(now), changes=OPENING.changes(now)) == said


def test_what_is_far_off_is_said_by_its_date_and_what_never_comes_is_not_promised() -> None:
    opens = datetime(2026, 12, 14, 8, tzinfo=UTC)
    assert told("2026-11-25", "en").when(opens) == "on Monday, December 14th"
    assert told("2026-11-25", "es").when(opens) == "el lunes 14 de diciembre"
    assert told("2026-11-25", "en").now(is_open=False, changes=None) == "We are closed at the moment."
    assert told("2026-11-25", "en").now(is_open=True, changes=None) == ""


def test_a_holiday_without_a_spanish_name_is_said_without_it() -> None:
    opening = Opening("UTC", holidays=Holidays(region="TX", kept=("San Jacinto Day",)))
    day = opening.day(date(2026, 4, 21))
    assert Told(opening, day.date, "es").day(day) == "Hoy estamos cerrados por ser día festivo."
    assert Told(opening, day.date, "en").day(day) == "Today we are closed for San Jacinto Day."


def test_the_languages_have_the_same_sentences() -> None:
    said = [table(language, "opening")["said"].keys() for language in codes()]
    assert all(keys == said[0] for keys in said)
