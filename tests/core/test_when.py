"""What callers say about a time: the house's rules one by one, the labelled sets, and anything at all."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from appliance.cli.eval_datetime import judged, read
from appliance.core.when import Doubt, mentions, resolve, said
from appliance.languages.tables import table

SETS = Path(__file__).parents[1] / "data" / "when"
NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 3, 2, 10, 15, tzinfo=NEW_YORK)
RIGHT_LEAST = 0.95
LARGE = ("one", "two", "three", "four", "five", "six")
SMALL = (
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
)
LINES_LEAST = {"six": 90, **dict.fromkeys(SMALL, 45)}
RIGHT_LEAST_IN = {"ten": 0.92}
SMALL_WORDS = """
at on the next last in of to past half quarter no not or and from a week days weeks 3 30
2:30 31st 4/15 p.m. am las el la de para y media cuarto menos que viene o dentro en
"""


def meant(text: str, language: str = "en", now: datetime = MONDAY) -> str:
    """What is understood, short: a start, or the doubt."""
    found = resolve(text, now, language)
    return f"{found.start:%m-%d %H:%M}" if found.start else str(found.doubt)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *((f"tomorrow at {hour}", f"03-03 {hour + 12}:00") for hour in range(1, 6)),
        *((f"tomorrow at {hour}", "which_half") for hour in (6, 7)),
        *((f"tomorrow at {hour}", f"03-03 {hour:02}:00") for hour in (8, 9, 10, 11, 12)),
        ("tomorrow at six thirty", "which_half"),
        ("tomorrow at a quarter to eight", "which_half"),
        ("tomorrow at a quarter to one", "03-03 12:45"),
        ("tomorrow at six in the evening", "03-03 18:00"),
        ("tomorrow at 7 am", "03-03 07:00"),
        ("tomorrow at 14:30", "03-03 14:30"),
        ("tomorrow afternoon at ten in the morning", "which_half"),
        ("tomorrow at twelve midnight", "which_half"),
        ("tomorrow at two seventy five", "no_time"),
        ("tomorrow", "no_time"),
        ("at three", "no_day"),
        ("today at nine", "past"),
        ("yesterday at three", "past"),
        ("next Friday at two", "which_day"),
        ("Friday at two", "03-06 14:00"),
        ("Monday at two", "which_day"),
        ("next Monday at two", "03-09 14:00"),
        ("Tuesday of next week at two", "03-10 14:00"),
        ("a week from Thursday at two", "03-12 14:00"),
        ("Friday the 13th at two", "03-13 14:00"),
        ("Friday the 12th at two", "no_such_time"),
        ("February 31st at two", "no_such_time"),
        ("January 5th at two", "past"),
        ("March 8th at 2:30 am", "no_such_time"),
        ("November 1st at 1:30 am", "which_half"),
        ("Tuesday or Wednesday at two", "several"),
        ("Tuesday around two", "vague"),
        ("Tuesday between two and four", "vague"),
        ("Tuesday no wait Wednesday at ten", "03-04 10:00"),
        ("I can't do Tuesday at two", "several"),
        ("Tuesday at two doesn't work for me", "no_day"),
        ("cancel my appointment on Tuesday at two", "several"),
        ("move my Tuesday three o'clock to Wednesday at eleven", "03-04 11:00"),
        ("Book me Tuesday 2pm for 30 minutes", "03-03 14:00"),
        ("we'd like Friday at one", "03-06 13:00"),
        ("my birthday is 4/12/1980 and I want Thursday at eleven", "03-05 11:00"),
        ("mañana at one thirty", "03-03 13:30"),
        ("in two hours", "03-02 12:15"),
        ("the last Friday of March at nine", "03-27 09:00"),
        ("the Monday before St. Patrick's Day at nine", "03-16 09:00"),
        ("the Friday after St. Patrick's Day at nine", "03-20 09:00"),
        ("the Tuesday after St. Patrick's Day at nine", "03-24 09:00"),
        ("this Monday at two", "which_day"),
        ("Friday week at two", "03-13 14:00"),
        ("same day next week at two", "03-09 14:00"),
        ("a couple of days from now at two", "vague"),
        ("any Friday at two", "which_day"),
        ("it's a Friday, March 6th, at two", "03-06 14:00"),
        ("next Friday not this one at two", "03-13 14:00"),
        ("Thursday no not Thursday Friday at two", "03-06 14:00"),
        ("Friday at two if not Saturday at two", "several"),
        ("Friday at two but Thursday at two is fine too", "several"),
        ("Friday like two two thirty", "vague"),
        ("Friday at two but I have to leave by three", "03-06 14:00"),
        ("I get off work at three so Friday at four", "03-06 16:00"),
        ("I called yesterday at nine can I come Friday at two", "03-06 14:00"),
        ("cancel Thursday and book me for Friday at two", "03-06 14:00"),
        ("my flight leaves Friday at two", "vague"),
        ("Friday at two glorps", "vague"),
        ("Friday at two, glorps", "03-06 14:00"),
        ("Friday at two with Dr. Glorp", "03-06 14:00"),
        ("Friday at two Pacific", "vague"),
        ("Friday at two Eastern time", "03-06 14:00"),
        ("thirsday at ten", "03-05 10:00"),
        ("I can't do Thursday, Friday at two", "03-06 14:00"),
        ("Good Friday at two", "04-03 14:00"),
        ("the Tuesday after Easter at two", "04-07 14:00"),
    ],
)
def test_english_is_understood_as_the_house_rules(text: str, found: str) -> None:
    assert meant(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mañana a las tres", "03-03 15:00"),
        ("mañana a las seis", "which_half"),
        ("mañana por la mañana a las nueve", "03-03 09:00"),
        ("esta mañana a las nueve", "past"),
        ("el próximo viernes a las dos", "which_day"),
        ("el viernes a las dos y media", "03-06 14:30"),
        ("un cuarto para las cuatro el martes", "03-03 15:45"),
        ("el martes a las cuatro menos cuarto", "03-03 15:45"),
        ("de hoy en ocho a las nueve", "03-09 09:00"),
        ("en ocho días a las nueve", "which_day"),
        ("el jueves doce a la una", "03-12 13:00"),
        ("el lunes diez treinta", "which_day"),
        ("el martes diez treinta", "03-03 10:30"),
        ("el 3/4 a las diez", "which_day"),
        ("el 15/4 a las diez", "04-15 10:00"),
        ("el martes a las diez y setenta y cinco", "vague"),
        ("el lunes no el martes a las cuatro", "03-03 16:00"),
        ("el martes a las dos no puedo", "no_day"),
        ("el thursday a las diez", "03-05 10:00"),
        ("al mediodía el martes", "03-03 12:00"),
        ("el martes a las doce de la noche", "which_half"),
        ("viernes 6, quince horas", "03-06 15:00"),
        ("el lunes antes de San Valentín a las nueve", "past"),
        ("el lunes antes de Navidad a las nueve", "12-21 09:00"),
        ("este lunes a las dos", "which_day"),
        ("el otro viernes a las dos", "which_day"),
        ("cualquier viernes a las dos", "which_day"),
        ("el viernes que viene no este a las dos", "03-13 14:00"),
        ("el viernes a las dos y si no el sábado a las dos", "several"),
        ("el viernes a las dos pero tengo que salir a las tres", "03-06 14:00"),
        ("llamé ayer a las nueve quiero el viernes a las dos", "03-06 14:00"),
        ("me dieron el viernes a las dos y no puedo", "no_day"),
        ("el quince del tres a las dos", "03-15 14:00"),
        ("el viernes a las dos a más tardar", "vague"),
        ("por ahí de las dos el viernes", "vague"),
    ],
)
def test_spanish_is_understood_as_the_house_rules(text: str, found: str) -> None:
    assert meant(text, "es") == found


@pytest.mark.parametrize("name", [*LARGE, *SMALL])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_labelled_sets_are_understood_and_nothing_is_guessed(name: str, language: str) -> None:
    found = judged(list(read(SETS / f"{name}.{language}.jsonl")), language)
    assert len(found) >= LINES_LEAST.get(name, 150)
    assert [each.line.text for each in found if each.guessed] == []
    assert sum(each.right for each in found) / len(found) >= RIGHT_LEAST_IN.get(name, RIGHT_LEAST)


def test_an_answer_to_when_on_a_day_needs_no_day() -> None:
    assert resolve("at three", MONDAY, "en", day=date(2026, 3, 5)).start == datetime(
        2026, 3, 5, 15, tzinfo=NEW_YORK
    )
    assert resolve("Friday at three", MONDAY, "en", day=date(2026, 3, 5)).start == datetime(
        2026, 3, 6, 15, tzinfo=NEW_YORK
    )


def _vocabulary(language: str) -> list[str]:
    given = table(language, "when")
    words = ", ".join(
        words for name in ("words", "numbers", "tens", "ordinals") for words in given[name].values()
    )
    return [*words.split(", "), *given["silent"].split(), *SMALL_WORDS.split()]


@given(st.data())
def test_whatever_is_said_a_start_is_ahead_and_on_the_clock(data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(["en", "es"]))
    words = data.draw(st.lists(st.sampled_from(_vocabulary(language)), max_size=9))
    zone = ZoneInfo(data.draw(st.sampled_from(["America/New_York", "America/Phoenix", "Australia/Adelaide"])))
    now = data.draw(st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(zone)))
    found = resolve(" ".join(words), now, language)
    assert (found.start is None) != (found.doubt is None)
    if found.start:
        assert found.start > now
        assert found.start.tzinfo is zone


@given(st.text(max_size=80), st.sampled_from(["en", "es", "en-US"]))
def test_any_text_is_taken(text: str, language: str) -> None:
    found = resolve(text, MONDAY, language)
    assert found.start is None or found.start > MONDAY


def test_a_doubt_has_a_name_for_each_way_of_being_unclear() -> None:
    assert {meant(text) for text in ("at three", "tomorrow", "Tuesday or Wednesday at two")} <= set(Doubt)


@pytest.mark.parametrize(
    ("start", "english", "spanish"),
    [
        ("2026-03-03 09:00", "Tuesday, March 3rd at 9 a.m.", "el martes 3 de marzo a las 9 de la mañana"),
        (
            "2026-04-01 13:30",
            "Wednesday, April 1st at 1:30 p.m.",
            "el miércoles primero de abril a la 1:30 de la tarde",
        ),
        ("2026-03-11 12:00", "Wednesday, March 11th at noon", "el miércoles 11 de marzo al mediodía"),
    ],
)
def test_a_start_is_read_back_with_its_weekday(start: str, english: str, spanish: str) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=NEW_YORK)
    assert (said(at, MONDAY, "en"), said(at, MONDAY, "es")) == (english, spanish)


@given(st.data())
def test_what_is_read_back_is_understood_as_the_same_start(data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(["en", "es"]))
    now = data.draw(st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(NEW_YORK)))
    day = now.date() + timedelta(data.draw(st.integers(1, 365)))
    clock = time(data.draw(st.integers(6, 21)), data.draw(st.sampled_from([0, 5, 15, 30, 45, 59])))
    start = datetime.combine(day, clock, NEW_YORK)
    assume(start.utcoffset() == start.replace(fold=1).utcoffset())
    assert resolve(said(start, now, language), now, language).start == start


COUNTS = {
    "en": ("in {n} days at 2 p.m.", "{n} weeks from tomorrow at noon", "in {n} hours", "in {n} minutes"),
    "es": ("en {n} días a las dos de la tarde", "dentro de {n} semanas a las tres", "en {n} horas"),
}


@given(st.data(), st.integers(10**8, 10**60))
def test_a_count_that_is_in_no_calendar_is_asked_about(data: st.DataObject, number: int) -> None:
    language = data.draw(st.sampled_from([*COUNTS]))
    text = data.draw(st.sampled_from(COUNTS[language])).format(n=number)
    assert resolve(text, MONDAY, language).doubt is Doubt.NO_SUCH_TIME
    assert all(each.day is None for each in mentions(text, MONDAY))


def test_a_count_of_thousands_of_digits_is_no_count() -> None:
    assert resolve(f"in {'9' * 5000} days at 2 p.m.", MONDAY).start is None
