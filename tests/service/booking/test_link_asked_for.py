"""A link to book by, asked for of the box alone while it finds times by itself."""

from pathlib import Path

import pytest

from appliance.core.booking.linking import LinkDesk
from appliance.service.booking.evidence import Evidence
from tests.service.booking.box import Box
from tests.service.booking.clinic import CALLER, Clinic, clinic
from tests.service.booking.test_link_by_the_box import Links

WHEN = {"en": "Which day would you like?", "es": "¿Qué día le gustaría venir?"}
OFFER = {"en": "I can text you a link to book", "es": "Le puedo enviar por mensaje de texto un enlace"}
YES = {"en": "yes", "es": "sí"}


def with_links(office: Clinic, language: str) -> tuple[Box, list[Links]]:
    """A call in which calendars answer and links are texted."""
    made: list[Links] = []

    def links(told: Evidence) -> LinkDesk:
        made.append(Links(told, True))
        return made[0]

    return Box(office, language, CALLER, links=links), made


@pytest.mark.parametrize(
    ("language", "words", "taken_for"),
    [
        ("en", "can you text me a link to book an appointment", "book"),
        ("en", "can you send me a link", "question"),
        ("en", "I'd rather book online", "question"),
        ("en", "send me a text so I can book myself", "leave_message"),
        ("es", "mándeme un enlace para hacer la cita", "book"),
        ("es", "prefiero hacer la cita por internet", "question"),
        ("es", "envíeme un mensaje con el enlace", "leave_message"),
        ("es", "quiero reservar yo misma", "book"),
    ],
)
async def test_who_asks_for_a_link_is_offered_one(
    tmp_path: Path, language: str, words: str, taken_for: str
) -> None:
    async with clinic(tmp_path) as office:
        box, made = with_links(office, language)
        await box.begin()
        await box.says(words, taken_for)
        assert box.said[-1].startswith(OFFER[language])
        await box.says(YES[language], "yes")
        assert made[0].texted == [CALLER]
        assert box.heard(f"{language}: sent")


@pytest.mark.parametrize(
    ("language", "wish", "words"),
    [
        ("en", "I need an appointment", "can you send me a link instead"),
        ("es", "quiero una cita", "mejor mándeme un enlace"),
    ],
)
async def test_a_link_may_be_asked_for_in_place_of_a_day(
    tmp_path: Path, language: str, wish: str, words: str
) -> None:
    async with clinic(tmp_path) as office:
        box, made = with_links(office, language)
        await box.begin()
        await box.says(wish, "book")
        assert box.heard(WHEN[language])
        await box.says(words, "question")
        assert box.said[-1].startswith(OFFER[language])
        await box.key("1")
        assert made[0].texted == [CALLER]


@pytest.mark.parametrize(
    ("language", "words", "taken_for"),
    [
        ("en", "I couldn't book online, I need an appointment", "book"),
        ("en", "Tuesday at two", "book"),
        ("en", "can you send me the link to the portal", "book"),
        ("es", "no tengo internet, quiero una cita", "book"),
    ],
)
async def test_other_words_are_not_taken_for_it(
    tmp_path: Path, language: str, words: str, taken_for: str
) -> None:
    async with clinic(tmp_path) as office:
        box, made = with_links(office, language)
        await box.begin()
        await box.says(words, taken_for)
        assert not box.said[-1].startswith(OFFER[language])
        assert not made or made[0].texted == []


async def test_where_no_links_are_texted_the_words_are_a_wish_for_an_appointment(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box = Box(office, "en", CALLER)
        await box.begin()
        await box.says("can you text me a link to book an appointment", "book")
        assert box.heard(WHEN["en"])
