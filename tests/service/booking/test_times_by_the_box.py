"""How callers come to a time with the box alone, in both languages: the real conversation, tools and desk."""

from pathlib import Path
from typing import Any

import pytest

from appliance.core.dialogue.booking import ROUNDS_MOST
from tests.service.booking.box import Box, booked, box_of
from tests.service.booking.clinic import ONE_DOCTOR, Clinic, clinic

BORN = "19800309"
LATE = {day: [["08:00", "20:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
AT_TWO = {"en": "Tuesday, December 1st at 2 p.m.", "es": "el martes primero de diciembre a las 2 de la tarde"}
TO_MOVE = {"en": "move my appointment", "es": "quiero cambiar mi cita"}


async def moving(office: Clinic, language: str = "en") -> Box:
    """The caller has an appointment, and would like to come at another time."""
    await booked(office, "Monday at nine")
    box = await box_of(office, language)
    await box.says(TO_MOVE[language], "move")
    await box.keys(BORN)
    return box


PIECES = [
    (
        "en",
        ["Tuesday at six", "in the evening"],
        "In the morning or in the evening?",
        "Tuesday, December 1st at 6 p.m.",
    ),
    # Nothing was offered yet, so that it is no key for later times.
    (
        "en",
        ["nine", "on Tuesday"],
        "Which day would you like?",
        "Tuesday, December 1st at 9 a.m.",
    ),
    ("en", ["at two", "on Tuesday"], "Which day would you like?", AT_TWO["en"]),
    ("en", ["next Friday at two", "the fourth"], "Which date do you mean?", "Friday, December 4th at 2 p.m."),
    (
        "en",
        ["Tuesday or Wednesday at two", "Tuesday"],
        "Which one day and time would you like?",
        AT_TWO["en"],
    ),
    (
        "es",
        ["el martes a las seis", "de la tarde"],
        "¿En la mañana o en la tarde?",
        "el martes primero de diciembre a las 6 de la tarde",
    ),
    ("es", ["a las dos", "el martes"], "¿Qué día le gustaría venir?", AT_TWO["es"]),
    (
        "es",
        ["el próximo viernes a las dos", "el cuatro"],
        "¿De qué fecha habla?",
        "el viernes 4 de diciembre a las 2 de la tarde",
    ),
    (
        "es",
        ["el martes o el miércoles a las dos", "el martes"],
        "¿Qué día y a qué hora prefiere?",
        AT_TWO["es"],
    ),
]


@pytest.mark.parametrize(("language", "pieces", "asked", "read"), PIECES)
async def test_the_answer_to_what_was_asked_completes_the_time(
    tmp_path: Path, language: str, pieces: list[str], asked: str, read: str
) -> None:
    async with clinic(tmp_path, hours=LATE) as office:
        box = await box_of(office, language)
        await box.says(
            {"en": "I need an appointment ", "es": "quiero una cita "}[language] + pieces[0], "book"
        )
        assert asked in box.said
        await box.says(pieces[1])
        free = {"en": f"{read} is free.", "es": f"Está libre {read}"}[language]
        assert box.said[-1].startswith(free)


@pytest.mark.parametrize(
    ("language", "pieces", "asked", "read"), [PIECES[0], PIECES[1], PIECES[5], PIECES[6]]
)
async def test_so_it_does_of_one_that_is_moved(
    tmp_path: Path, language: str, pieces: list[str], asked: str, read: str
) -> None:
    async with clinic(tmp_path, hours=LATE) as office:
        box = await moving(office, language)
        await box.says(pieces[0])
        assert asked in box.said
        await box.says(pieces[1])
        assert f"to {read}?" in box.said[-1] or f", {read}. Diga sí" in box.said[-1]


@pytest.mark.parametrize(
    ("language", "day", "time", "other"),
    [
        ("en", "on Tuesday", "at two", "at three instead"),
        ("es", "el martes", "a las dos", "mejor a las tres"),
    ],
)
async def test_a_time_is_of_the_day_that_was_offered(
    tmp_path: Path, language: str, day: str, time: str, other: str
) -> None:
    async with clinic(tmp_path) as office:
        box = await box_of(office, language)
        await box.says({"en": "I need an appointment", "es": "quiero una cita"}[language], "book")
        await box.says(day)
        assert len(box.said) > 4
        await box.says(time)
        assert AT_TWO[language] in box.said[-1]
        await box.says("no", "no")
        await box.says(other)
        assert AT_TWO[language].replace("2 ", "3 ") in box.said[-1]
        await box.key("1")
        assert box.records


@pytest.mark.parametrize(
    ("language", "told", "intent", "read"),
    [
        ("en", ["Tuesday", "six"], "none", "In the morning or in the evening?"),
        ("en", ["Tuesday at two", "or rather Wednesday"], "no", "Wednesday, December 2nd at 2 p.m. is free."),
        ("en", ["Tuesday at two", "no, at three"], "no", "Tuesday, December 1st at 3 p.m. is free."),
        ("en", ["Tuesday", "Friday the fourth"], "hours", "For Friday, December 4th at 8 a.m., press 1."),
        (
            "es",
            ["el próximo viernes", "el cuatro"],
            "none",
            "Para el viernes 4 de diciembre a las 8 de la mañana",
        ),
        (
            "es",
            ["el martes", "por la mañana"],
            "goodbye",
            "Para el martes primero de diciembre a las 8 de la mañana",
        ),
        ("es", ["el martes a las seis", "de la tarde"], "move", "a las 4:30 de la tarde"),
    ],
)
async def test_a_time_is_no_key_and_no_other_wish(
    tmp_path: Path, language: str, told: list[str], intent: str, read: str
) -> None:
    async with clinic(tmp_path) as office:
        box = await box_of(office, language)
        await box.key("4")
        await box.says(told[0])
        before = len(box.said)
        await box.says(told[1], intent)
        assert any(read in each for each in box.said[before:])


async def test_by_key_the_first_free_times_are_those_of_any_day(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = await box_of(office)
        await box.says("an appointment on Tuesday or Wednesday", "book")
        await box.key("1")
        assert box.said[-4] == "For Thursday, November 26th at 11 a.m., press 1."
        await box.says("Tuesday")
        assert box.said[-4] == "For Tuesday, December 1st at 8 a.m., press 1."


async def test_staff_read_all_that_was_said_of_when(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = await moving(office)
        for each in ("at two", "at three or four", "some day", "one day"):
            await box.says(each)
        await box.key("1")
        (note,) = box.kept
        assert 'Wanted instead: "at two, at three or four, some day, one day".' in note.body


TODAY_ONLY: dict[str, Any] = {
    **ONE_DOCTOR,
    "visit": [{"slug": "check-up", "name": "Check-up", "minutes": 60, "ahead_days": 1}],
}
REQUEST = {
    "en": "Please say your name, and which day and time you would like.",
    "es": "Diga su nombre, y qué día y a qué hora le gustaría venir.",
}


def offered(box: Box) -> list[str]:
    """The times that were offered last."""
    return box.said[-4:-1]


async def test_by_keys_alone_later_times_can_be_had(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = await box_of(office)
        await box.key("4", "1")
        pages = [offered(box)]
        for _ in range(3):
            await box.key("9")
            pages.append(offered(box))
        assert [page[0] for page in pages] == [
            "For Thursday, November 26th at 11 a.m., press 1.",
            "For Thursday, November 26th at 2 p.m., press 1.",
            "For Friday, November 27th at 8 a.m., press 1.",
            "For Friday, November 27th at 11 a.m., press 1.",
        ]
        assert box.said[-1] == "For another time, say when. For later times, press 9."
        await box.key("2", "1")
        assert box.records


async def test_by_key_it_is_later_in_the_part_of_the_day_that_was_asked_for(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = await box_of(office)
        await box.says("an appointment Tuesday afternoon", "book")
        assert offered(box)[2] == "For Tuesday, December 1st at 2 p.m., press 3."
        await box.key("9")
        assert offered(box)[0] == "For Tuesday, December 1st at 3 p.m., press 1."
        assert offered(box)[2] == "For Wednesday, December 2nd at noon, press 3."


@pytest.mark.parametrize("language", ["en", "es"])
async def test_whom_no_time_suits_leaves_a_request_by_keys(tmp_path: Path, language: str) -> None:
    async with clinic(tmp_path) as office:
        box = await box_of(office, language)
        await box.key("4", "1", *"9" * ROUNDS_MOST)
        assert not box.records
        await box.key("9")
        assert box.said[-1] == REQUEST[language]
        assert box.records


@pytest.mark.parametrize(
    ("language", "told"), [("en", "I find no later times."), ("es", "No encuentro horas más tarde.")]
)
async def test_where_there_are_no_more_a_request_is_next(tmp_path: Path, language: str, told: str) -> None:
    async with clinic(tmp_path, TODAY_ONLY) as office:
        box = await box_of(office, language)
        await box.key("4", "1", "9", "9", "9")
        assert box.said[-2:] == [told, REQUEST[language]]


async def test_later_times_for_one_that_is_moved(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = await moving(office)
        await box.key("1", "9")
        assert offered(box)[0] == "For Thursday, November 26th at 2 p.m., press 1."
        await box.key(*"9" * ROUNDS_MOST)
        await box.key("1")
        (note,) = box.kept
        assert "Wanted instead: none of the times that were offered." in note.body


async def test_who_says_no_is_led_on_by_key_as_well(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = await box_of(office)
        await box.key("4", "1", "1", "2")
        assert box.said[-1] == "For later times, press 9."
        await box.key("9")
        assert offered(box)[0] == "For Thursday, November 26th at 2 p.m., press 1."


DOCTORS: dict[str, Any] = {
    "provider": [{"slug": "lee", "name": "Dr. Lee"}, {"slug": "ruiz", "name": "Dr. Ruiz"}],
    "visit": ONE_DOCTOR["visit"],
}
FREE = {
    "en": "Tuesday, December 1st at 2 p.m. with {} is free.",
    "es": "Está libre el martes primero de diciembre a las 2 de la tarde con {}.",
}


@pytest.mark.parametrize(
    ("language", "wish", "other"),
    [
        ("en", "an appointment with Dr. Ruiz on Tuesday at two", "rather with Dr. Lee please"),
        ("es", "una cita con el doctor Ruiz el martes a las dos", "mejor con el doctor Lee"),
    ],
)
async def test_who_names_a_doctor_is_offered_times_of_that_one(
    tmp_path: Path, language: str, wish: str, other: str
) -> None:
    async with clinic(tmp_path, DOCTORS) as office:
        box = await box_of(office, language)
        await box.says(wish, "book")
        assert box.said[-1].startswith(FREE[language].format("Dr. Ruiz"))
        # Named again it is another one, at the time that was told.
        await box.says(other, "transfer_department")
        assert box.said[-1].startswith(FREE[language].format("Dr. Lee"))


async def test_the_doctor_is_kept_whatever_time_is_asked_for_then(tmp_path: Path) -> None:
    async with clinic(tmp_path, DOCTORS) as office:
        box = await box_of(office)
        await box.key("4")
        await box.says("with Dr. Ruiz")
        assert "Which day and time would you like?" in box.said[-2:]
        await box.key("1")
        assert all("with Dr. Ruiz" in each for each in offered(box))
        await box.key("9")
        assert all("with Dr. Ruiz" in each for each in offered(box))
        await box.says("Tuesday at two")
        assert box.said[-1].startswith(FREE["en"].format("Dr. Ruiz"))


async def test_of_two_that_are_named_it_is_asked_with_whom(tmp_path: Path) -> None:
    async with clinic(tmp_path, DOCTORS) as office:
        box = await box_of(office)
        await box.says("an appointment Tuesday at two with Dr. Lee or Dr. Ruiz", "book")
        assert "With whom? There is: Dr. Ruiz, Dr. Lee." in box.said
        await box.says("Dr. Ruiz")
        assert box.said[-1].startswith(FREE["en"].format("Dr. Ruiz"))


async def test_one_is_moved_to_another_doctor_who_is_named(tmp_path: Path) -> None:
    async with clinic(tmp_path, DOCTORS) as office:
        box = await moving(office)
        await box.says("Tuesday at two")
        assert "Tuesday, December 1st at 2 p.m. with Dr. Lee?" in box.said[-1]
        await box.says("with Dr. Ruiz")
        assert "Tuesday, December 1st at 2 p.m. with Dr. Ruiz?" in box.said[-1]
        await box.says("yes", "yes")
        assert [row.provider for row in office.rows()] == ["ruiz"]


async def test_whom_a_visit_cannot_be_with_is_asked_about(tmp_path: Path) -> None:
    visits = {
        **DOCTORS,
        "visit": [{**DOCTORS["visit"][0], "providers": ["lee"]}, {"slug": "x-ray", "name": "X-ray"}],
    }
    async with clinic(tmp_path, visits) as office:
        box = await box_of(office)
        await box.says("an appointment with Dr. Ruiz on Tuesday at two", "book")
        await box.key("1")
        assert "With whom? There is: Dr. Lee." in box.said
        await box.says("Dr. Lee then")
        assert "2 p.m. with Dr. Lee is free." in box.said[-1]


@pytest.mark.parametrize(
    ("language", "wish", "day", "time"),
    [
        ("en", "an appointment on Sunday", "Nothing is free on that day.", "That time is not free."),
        ("es", "una cita el domingo", "Ese día no hay nada libre.", "Esa hora no está libre."),
    ],
)
async def test_the_box_says_that_what_was_asked_for_is_not_free(
    tmp_path: Path, language: str, wish: str, day: str, time: str
) -> None:
    async with clinic(tmp_path) as office:
        box = await box_of(office, language)
        await box.says(wish, "book")
        assert box.said[-5] == day
        await box.says(
            {"en": "Tuesday at eleven at night", "es": "el martes a las once de la noche"}[language]
        )
        assert box.said[-5] == time
