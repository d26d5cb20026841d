"""The tools of appointments over real calendars' SDKs: well, down, slow and lying, in both languages.

The model may write what it likes: what stands in a calendar was offered, agreed to and is what was said.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from appliance.core.booking.identity import Identity
from appliance.core.dispositions import PEOPLE, Disposition
from appliance.core.events import ToolCall
from appliance.store.bookings import State
from appliance.tools.tool import Desk, Note
from appliance.tools.toolbox import Clinic as Toolbox
from tests.service.booking.clinic import CALLER, SEVERAL, TUESDAY_AT_TWO, Caller, Clinic, clinic, fails
from tests.service.booking.services import Service, others

ASKED = {"en": "Book me Tuesday 2pm for 30 minutes", "es": "el martes a las dos de la tarde, 30 minutos"}
SAID = {
    "en": "Tuesday, December 1st at 2 p.m. is free.",
    "es": "El martes primero de diciembre a las 2 de la tarde está libre.",
}
BOOKED = {"en": "You are booked: ", "es": "Su cita está hecha: "}
REQUEST = {"en": "not confirmed yet", "es": "no está confirmada"}


def starts(service: Service, office: Clinic) -> list[datetime]:
    """When what stands in the calendar begins."""
    return [each.start for each in service.stands(office)]


class Model:
    """What asks for tools, as a model does: by JSON."""

    def __init__(self, office: Clinic, caller: Caller) -> None:
        async def keep(note: Note) -> None:
            raise AssertionError("the desk writes its own notes")

        desk = Desk("CA1", CALLER, office.office, keep, caller.desk)
        self._tools = Toolbox(desk, lambda name, meta: None)
        self._asked = 0
        self.left: Disposition | None = None
        """How the call is to end by what was asked last."""

    async def uses(self, name: str, /, **arguments: object) -> dict[str, Any]:
        self._asked += 1
        call = ToolCall(f"c{self._asked}", name, orjson.dumps(arguments).decode())
        answer = await self._tools.run("call", call)
        self.left = answer.leave
        output: dict[str, Any] = orjson.loads(answer.output)
        return output


async def offered(model: Model, caller: Caller, language: str) -> str:
    caller.says(ASKED[language])
    output = await model.uses("find_slots", when=ASKED[language], minutes=30, language=language)
    assert output["say"] == SAID[language]
    caller.hears(output["say"])
    caller.says("yes, for Ana Ruiz")
    caller.confirms()
    return str(output["offers"][0]["offer_id"])


@pytest.mark.parametrize("language", ["en", "es"])
async def test_tuesday_at_two_stands_in_the_calendar(tmp_path: Path, service: Service, language: str) -> None:
    async with clinic(tmp_path, service.bookable, others=others(service)) as office:
        caller = office.caller()
        model = Model(office, caller)
        offer_id = await offered(model, caller, language)
        assert starts(service, office) == []
        told = {"offer_id": offer_id, "name": "Ana Ruiz", "language": language}
        output = await model.uses("book_appointment", **told)
        assert output["confirmed"] is True
        assert output["say"].startswith(BOOKED[language])
        again = await model.uses("book_appointment", **told)
        assert again == output
        assert starts(service, office) == [TUESDAY_AT_TWO]
        found = await model.uses("find_appointment", name="Ana Ruiz", language=language)
        appointment_id = found["appointments"][0]["appointment_id"]
        caller.hears(found["appointments"][0]["said"])
        caller.says({"en": "yes, cancel it", "es": "sí, cancélela"}[language])
        gone = await model.uses("cancel_appointment", appointment_id=appointment_id, language=language)
        assert gone["confirmed"] is True
        assert starts(service, office) == []


@pytest.mark.parametrize(
    ("language", "how"), [("en", "down"), ("es", "slow"), ("en", "lies"), ("es", "lies")]
)
async def test_what_the_calendar_does_not_have_is_a_request(
    tmp_path: Path, service: Service, language: str, how: str
) -> None:
    async with clinic(tmp_path, service.bookable, others=others(service)) as office:
        caller = office.caller()
        model = Model(office, caller)
        offer_id = await offered(model, caller, language)
        service.wrong(how)
        if service.name == "own":
            office.own.before["keep"] = fails()
        output = await model.uses("book_appointment", offer_id=offer_id, name="Ana Ruiz", language=language)
        assert (output["ok"], output["confirmed"]) == (True, False)
        assert REQUEST[language] in output["say"]
        assert starts(service, office) == []
        assert [subject for subject, _ in office.notes()] == ["Appointment wanted"]
        service.wrong("well")
        office.own.before.clear()
        # The breaker's rest is over, too.
        office.later(minutes=3)
        await office.settle()
        assert starts(service, office) == [TUESDAY_AT_TWO]
        assert office.rows()[0].state is State.BOOKED


async def test_a_model_that_invents_books_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        model = Model(office, caller)
        caller.says("I would like an appointment")
        inventions: list[tuple[str, dict[str, object]]] = [
            ("book_appointment", {"offer_id": "o1", "name": "Ana Ruiz"}),
            ("book_appointment", {"offer_id": "2026-12-01T14:00", "name": "Ana Ruiz"}),
            ("book_appointment", {"offer_id": "o1", "name": "Ana Ruiz", "start": "2026-12-01T14:00"}),
            ("find_slots", {"when": "2026-11-20T14:00"}),
            ("find_slots", {"when": "the day after never"}),
            ("cancel_appointment", {"appointment_id": "a1"}),
            ("move_appointment", {"appointment_id": "a1", "offer_id": "o1"}),
            ("find_appointment", {"name": "Ana Ruiz", "born": "9 March 1980"}),
            ("request_appointment", {"name": "Ana Ruiz", "phone": "+15559998877"}),
        ]
        for name, arguments in inventions:
            output = await model.uses(name, **arguments)
            assert output["ok"] is False, (name, arguments, output)
            assert output["error"]
        assert (office.rows(), office.events(), office.notes()) == ([], [], [])


async def test_a_time_that_the_model_made_up_gives_way_to_the_one_that_the_caller_named(
    tmp_path: Path,
) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        model = Model(office, caller)
        caller.says("Tuesday at two please")
        for made_up in ("Wednesday at three", "2026-12-02T15:00", "Wednesday"):
            wrong = await model.uses("find_slots", when=made_up)
            assert wrong["say"] == "Tuesday, December 1st at 2 p.m. is free."
        told = {"offer_id": wrong["offers"][0]["offer_id"], "name": "Ana Ruiz"}
        refused = await model.uses("book_appointment", **told)
        assert refused["why"] == "not_agreed"
        assert office.events() == []


async def test_a_provider_whom_nobody_named_is_left_out(tmp_path: Path) -> None:
    async with clinic(tmp_path, {**SEVERAL, "visit": SEVERAL["visit"][:1]}) as office:
        first, other = office.caller("CA0"), office.caller("CA1", "+15550100044")
        first.says("I'd like to see Dr. Ruiz, Tuesday at two")
        theirs = await Model(office, first).uses("find_slots", when="Tuesday at two", provider="Dr. Ruiz")
        assert theirs["say"] == "Tuesday, December 1st at 2 p.m. with Dr. Ruiz is free."
        model = Model(office, other)
        other.says("I'd like to see somebody, Tuesday at two")
        found = await model.uses("find_slots", when="Tuesday at two", provider="Dr. Ruiz")
        assert found["say"] == "Tuesday, December 1st at 2 p.m. with Dr. Lee is free."
        assert "not heard to name Dr. Ruiz" in found["next"]
        other.hears("Shall it be with Dr. Ruiz?")
        other.says("yes please")
        found = await model.uses("find_slots", when="Tuesday at two", provider="Dr. Ruiz")
        assert found["say"].startswith("That time is not free.")
        assert "not heard" not in found["next"]


@pytest.mark.parametrize(
    ("language", "wish", "when", "read", "whole", "yes", "booked"),
    [
        (
            "en",
            "I need a check-up Tuesday at two",
            "Tuesday at two",
            "Tuesday at two with Dr. Lee is free. Shall I book it?",
            "Physical: Tuesday, December 1st at 2 p.m. with Dr. Lee is free.",
            "yes please",
            "You are booked: Physical, Tuesday, December 1st at 2 p.m. with Dr. Lee.",
        ),
        (
            "es",
            "una revisión el martes a las dos de la tarde",
            "el martes a las dos de la tarde",
            "El martes a las 2 de la tarde con Dr. Lee está libre. ¿Hago la cita?",
            "Physical: El martes primero de diciembre a las 2 de la tarde con Dr. Lee está libre.",
            "sí, por favor",
            "Su cita está hecha: Physical, el martes primero de diciembre a las 2 de la tarde con Dr. Lee.",
        ),
    ],
)
async def test_a_yes_is_to_the_visit_and_the_provider_that_were_read_out(
    tmp_path: Path, language: str, wish: str, when: str, read: str, whole: str, yes: str, booked: str
) -> None:
    async with clinic(tmp_path, SEVERAL) as office:
        caller = office.caller()
        model = Model(office, caller)
        caller.says(wish)
        found = await model.uses(
            "find_slots", when=when, visit="Physical", provider="Dr. Ruiz", language=language
        )
        assert found["say"] == whole
        told = {"offer_id": found["offers"][0]["offer_id"], "name": "Ana Ruiz", "language": language}
        for half in (
            read,
            read.replace("Lee", "Ruiz"),
            read.replace("con Dr. Lee ", "").replace("with Dr. Lee ", ""),
        ):
            caller.hears(half)
            caller.says(f"{yes}, Ana Ruiz")
            caller.confirms()
            refused = await model.uses("book_appointment", **told)
            assert refused["why"] == "not_agreed"
            assert "Physical, " in refused["error"] or "request_appointment" in refused["error"]
        assert office.rows() == []
        caller.hears(found["say"])
        caller.says(yes)
        assert (await model.uses("book_appointment", **told))["say"] == booked


async def test_a_visit_that_the_caller_named_may_be_left_out(tmp_path: Path) -> None:
    async with clinic(tmp_path, SEVERAL) as office:
        caller = office.caller()
        model = Model(office, caller)
        caller.says("I need a checkup Tuesday at two")
        found = await model.uses("find_slots", when="Tuesday at two", visit="Check-up")
        caller.hears("Tuesday at two with Dr. Lee is free. Shall I book it?")
        caller.says("yes, for Ana Ruiz")
        caller.confirms()
        told = {"offer_id": found["offers"][0]["offer_id"], "name": "Ana Ruiz"}
        assert (await model.uses("book_appointment", **told))["say"].startswith("You are booked: Check-up, ")


async def test_a_yes_to_one_of_two_at_the_same_time_books_no_other(tmp_path: Path) -> None:
    async with clinic(tmp_path, SEVERAL) as office:
        caller = office.caller()
        model = Model(office, caller)
        ids = []
        for wish, visit, provider in (
            ("a check-up with Dr. Lee, Tuesday at two", "Check-up", "Dr. Lee"),
            ("no, a physical with Dr. Ruiz, Tuesday at two", "Physical", "Dr. Ruiz"),
        ):
            caller.says(wish)
            found = await model.uses("find_slots", when="Tuesday at two", visit=visit, provider=provider)
            caller.hears(found["say"])
            ids.append(found["offers"][0]["offer_id"])
        caller.says("how long is that?")
        caller.hears("An hour. Shall I book Tuesday at two?")
        caller.says("yes, for Ana Ruiz")
        caller.confirms()
        refused = await model.uses("book_appointment", offer_id=ids[0], name="Ana Ruiz")
        assert refused["why"] == "not_agreed"
        assert "Check-up, Tuesday, December 1st at 2 p.m. with Dr. Lee" in refused["error"]
        assert (await model.uses("book_appointment", offer_id=ids[1], name="Ana Ruiz"))["confirmed"]
        assert [(row.visit, row.provider) for row in office.rows()] == [("physical", "ruiz")]


async def test_where_nothing_is_booked_the_tools_say_so(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:

        async def keep(note: Note) -> None:
            raise AssertionError("nothing is kept")

        tools = Toolbox(Desk("CA1", CALLER, office.office, keep), lambda name, meta: None)
        for name, arguments in (
            ("find_slots", {}),
            ("book_appointment", {"offer_id": "o1", "name": "Ana"}),
            ("find_appointment", {}),
            ("cancel_appointment", {"appointment_id": "a1"}),
            ("move_appointment", {"appointment_id": "a1", "offer_id": "o1"}),
            ("request_appointment", {"name": "Ana"}),
        ):
            answer = await tools.run("call", ToolCall(name, name, orjson.dumps(arguments).decode()))
            assert orjson.loads(answer.output)["why"] == "staff"


async def test_a_model_that_goes_on_guessing_has_the_caller_led_to_a_person(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        model = Model(office, caller)
        for name in ("Eva Ruiz", "Ida Ruiz", "Uma Ruiz"):
            caller.tells(Identity(name=name))
            told = await model.uses("find_appointment", name=name, language="es")
            assert (told["why"], model.left) == ("not_known", None)
        caller.tells(Identity(name="Ana Ruiz"))
        told = await model.uses("find_appointment", name="Ana Ruiz", language="es")
        assert (told["why"], model.left) == ("tries", PEOPLE)
        assert told["say"].startswith("Por su seguridad")
