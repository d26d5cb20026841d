"""`get_business_hours`: what is asked is resolved here, and what is not clear is asked, never guessed."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.events import ToolCall
from appliance.tools.tool import Desk
from appliance.tools.toolbox import Clinic
from tests.core.office import office

MONDAY = datetime(2026, 11, 23, 15, 15, tzinfo=UTC)
"""A quarter past ten in New York, in the week of Thanksgiving."""
STAFF = {
    "holidays": {"kept": ["Thanksgiving Day", "Christmas Day", "Labor Day"]},
    "special_hours": {"2026-11-28": [["09:00", "12:00"]]},
}
WEEK = "We are open Monday to Friday from 8 a.m. to 5 p.m."


async def keep(*_: Any) -> None:
    raise AssertionError("no message is kept")


async def asked(day: str = "", language: str = "en", now: datetime = MONDAY, **staff: Any) -> dict[str, Any]:
    """What is answered."""
    desk = Desk("CA1", "", office(**{**STAFF, **staff}), keep, clock=lambda: now)
    arguments = orjson.dumps({"day": day, "language": language}).decode()
    call = ToolCall("c1", "get_business_hours", arguments)
    answer = await Clinic(desk, lambda *_: None).run("call", call)
    output: dict[str, Any] = orjson.loads(answer.output)
    assert output["ok"]
    return output


async def test_the_week_is_told_with_what_is_different_and_with_now() -> None:
    assert await asked() == {
        "ok": True,
        "open_now": True,
        "hours": f"{WEEK} On Thursday, November 26th we are closed for Thanksgiving."
        " On Saturday, November 28th we are open from 9 a.m. to 12 p.m. We are open now, until 5 p.m.",
    }


@pytest.mark.parametrize(
    ("day", "language", "said", "dates"),
    [
        ("are you open today", "en", "Today we are open from 8 a.m. to 5 p.m. We are open now, until 5 p.m.",
         ["2026-11-23"]),
        ("tomorrow", "en", "Tomorrow we are open from 8 a.m. to 5 p.m.", ["2026-11-24"]),
        ("Thursday", "en", "On Thursday, November 26th we are closed for Thanksgiving.", ["2026-11-26"]),
        ("on thanksgiving", "en", "On Thursday, November 26th we are closed for Thanksgiving.",
         ["2026-11-26"]),
        ("2026-12-25", "en", "On Friday, December 25th we are closed for Christmas.", ["2026-12-25"]),
        ("Sunday", "en", "On Sunday, November 29th we are closed.", ["2026-11-29"]),
        ("this Saturday or on Sunday", "en", "On Saturday, November 28th we are open from 9 a.m. to 12 p.m."
         " On Sunday, November 29th we are closed.", ["2026-11-28", "2026-11-29"]),
        ("¿abren mañana?", "es", "Mañana abrimos de las 8 de la mañana a las 5 de la tarde.", ["2026-11-24"]),
        ("el jueves", "es", "El jueves 26 de noviembre estamos cerrados por el Día de Acción de Gracias.",
         ["2026-11-26"]),
        ("¿están abiertos en Navidad?", "es", "El viernes 25 de diciembre estamos cerrados por Navidad.",
         ["2026-12-25"]),
        ("¿abren el Día del Trabajo?", "es", "El lunes 6 de septiembre de 2027 estamos cerrados"
         " por el Día del Trabajo.", ["2027-09-06"]),
        ("are you open on the Fourth of July", "en", "On Sunday, July 4th, 2027 we are closed.",
         ["2027-07-04"]),
    ],
)  # fmt: skip
async def test_a_day_is_answered(day: str, language: str, said: str, dates: list[str]) -> None:
    answer = await asked(day, language)
    assert (answer["hours"], answer["dates"]) == (said, dates)


@pytest.mark.parametrize(
    ("day", "said", "is_open"),
    [
        ("tomorrow at six in the evening", "At 6 p.m. we are closed.", False),
        ("tomorrow at two", "At 2 p.m. we are open.", True),
        ("Saturday at ten", "At 10 a.m. we are open.", True),
        ("Thanksgiving at ten", "At 10 a.m. we are closed.", False),
    ],
)
async def test_a_time_of_a_day_is_answered(day: str, said: str, *, is_open: bool) -> None:
    answer = await asked(day)
    assert answer["hours"].endswith(said)
    assert answer["open_then"] is is_open


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("next Friday", "It may be one of two days"),
        ("Monday", "It may be one of two days"),
        ("yesterday", "That day is over"),
        ("February 31st", "There is no such day"),
        ("the weekend", "More than one day may be meant"),
        ("the feast of Saint Glorp", "No day was understood in these words; if one is meant"),
    ],
)
async def test_a_day_that_is_not_clear_is_asked(day: str, why: str) -> None:
    answer = await asked(day)
    assert answer["unclear"] == f"{why}: ask for the date. These are the usual hours."
    assert answer["hours"].startswith(WEEK)
    assert "dates" not in answer


async def test_a_time_that_is_not_clear_is_left_out() -> None:
    answer = await asked("tomorrow at six")
    assert answer["hours"] == "Tomorrow we are open from 8 a.m. to 5 p.m."
    assert "open_then" not in answer


async def test_a_clinic_that_is_closed_for_today_says_so() -> None:
    answer = await asked(closed_on=["2026-11-23"])
    assert answer["hours"].startswith(f"Today we are closed. {WEEK} ")
    assert answer["hours"].endswith("We are closed now, and open again tomorrow at 8 a.m.")
    assert answer["open_now"] is False


@given(st.text(max_size=60), st.sampled_from(["en", "es"]))
async def test_whatever_is_asked_is_answered(day: str, language: str) -> None:
    assert (await asked(day, language))["hours"]


@pytest.mark.parametrize("arguments", ['{"date": "2026-01-01"}', '{"open": true}', '{"day": 5}'])
async def test_a_model_that_reckons_by_itself_is_told_how_to_ask(arguments: str) -> None:
    desk = Desk("CA1", "", office(**STAFF), keep, clock=lambda: MONDAY)
    call = ToolCall("c1", "get_business_hours", arguments)
    answer = orjson.loads((await Clinic(desk, lambda *_: None).run("call", call)).output)
    assert answer["ok"] is False
    assert answer["error"]
