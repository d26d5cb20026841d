"""A link to book by, offered by the box alone: when no calendar answers, and where staff book by a page."""

from pathlib import Path

import pytest

from appliance.core.booking.linking import About, LinkDesk, NotTexted, Texted
from appliance.core.booking.visits import Bookable
from appliance.service.booking.evidence import Evidence
from tests.service.booking.box import Box
from tests.service.booking.clinic import CALLER, Clinic, clinic, fails


class Links:
    """The port for links, with what it was asked; a test says what comes of it."""

    def __init__(self, told: Evidence, sure: bool | None) -> None:
        self.texted: list[str] = []
        self._told = told
        self._sure = sure

    def offer(self) -> str:
        return CALLER

    async def text(
        self, phone: str, language: str, *, asked: bool = False, about: About = About.APPOINTMENT
    ) -> Texted:
        assert about is About.APPOINTMENT
        assert asked
        self.texted.append(await self._told.number(phone))
        if self._sure is None:
            raise NotTexted("It cannot be.", "no_text", "I cannot send a text to that number.")
        return Texted(self._sure, f"{language}: sent" if self._sure else f"{language}: not yet")


def without_calendar(
    office: Clinic, sure: bool | None = True, language: str = "en", caller: str = CALLER
) -> tuple[Box, list[Links]]:
    """A call in which no calendar answers and links are texted."""
    made: list[Links] = []
    office.own.before["busy"] = fails()

    def links(told: Evidence) -> LinkDesk:
        made.append(Links(told, sure))
        return made[0]

    return Box(office, language, caller, links=links), made


@pytest.mark.parametrize(
    ("language", "wish", "offer", "yes"),
    [
        ("en", "Tuesday at two", "I can text you a link to book by yourself", "yes"),
        ("es", "el martes a las dos de la tarde", "Le puedo enviar por mensaje de texto un enlace", "sí"),
    ],
)
async def test_without_a_calendar_a_link_is_offered(
    tmp_path: Path, language: str, wish: str, offer: str, yes: str
) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office, language=language)
        await box.begin()
        await box.says(wish, "book")
        assert box.said[-1].startswith(offer)
        await box.says(yes, "yes")
        assert made[0].texted == [CALLER]
        assert box.heard(f"{language}: sent")
        assert box.kept == []


async def test_a_link_goes_to_a_number_that_is_keyed_in(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office, sure=False)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("3")
        assert box.said[-1] == "Please enter your telephone number and press pound, or say it."
        await box.key(*"4155550103#")
        assert "Is that right?" in box.said[-1]
        await box.key("1")
        assert made[0].texted == ["+14155550103"]
        assert box.heard("en: not yet")


WITHHELD = {
    "en": ("I can text you a link to book by.", "Tuesday at two", "yes"),
    "es": ("Puedo enviarle un enlace para reservar.", "el martes a las dos de la tarde", "sí"),
}


@pytest.mark.parametrize("language", WITHHELD)
@pytest.mark.parametrize("by", ["key", "voice"])
async def test_who_calls_from_a_withheld_number_gives_one(tmp_path: Path, language: str, by: str) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office, language=language, caller="")
        offer, wish, yes = WITHHELD[language]
        await box.begin()
        await box.says(wish, "book")
        assert box.said[-1].startswith(offer)
        assert made[0].texted == []
        await (box.key("1") if by == "key" else box.says(yes, "yes"))
        await box.key(*"4155550103#")
        assert made[0].texted == []
        await box.key("1")
        assert made[0].texted == ["+14155550103"]
        assert box.heard(f"{language}: sent")


async def test_who_calls_from_a_withheld_number_may_rather_leave_a_request(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office, caller="")
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("2")
        assert box.said[-1] == "Please say your name, and which day and time you would like."
        await box.names("Ana Ruiz, Tuesday at two")
        await box.key("1")
        assert box.said[-1] == "Please enter your telephone number and press pound, or say it."
        assert made[0].texted == []


async def test_a_key_that_comes_before_the_offer_sends_no_link(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office)
        await box.begin()
        box.sounds = False
        await box.says("Tuesday at two", "book")
        await box.key("1")
        assert made[0].texted == []
        assert box.said[-1].startswith("I can text you a link")
        box.sounds = True
        await box.key("1", "1")
        assert made[0].texted == [CALLER]


async def test_who_wants_no_link_leaves_a_request(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("2")
        assert box.said[-1] == "Please say your name, and which day and time you would like."
        assert made[0].texted == []


async def test_a_link_that_cannot_be_sent_ends_as_a_request(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office, sure=None)
        await box.begin()
        await box.says("Tuesday at two", "book")
        await box.key("1")
        assert box.said[-2:] == [
            "I cannot send a text to that number.",
            "Please say your name, and which day and time you would like.",
        ]
        assert len(made[0].texted) == 1


async def test_where_nothing_is_booked_here_the_clinics_own_page_is_offered(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        office.office = office.office.model_copy(update={"bookable": Bookable()})
        box, made = without_calendar(office)
        await box.begin()
        await box.says("I need an appointment", "book")
        assert box.said[-1].startswith("I can text you a link")
        await box.key("1")
        assert made[0].texted == [CALLER]
        await box.says("cancel my appointment", "cancel")
        assert not box.said[-1].startswith("I can text you a link")


@pytest.mark.parametrize(
    ("language", "wish", "sound", "yes"),
    [
        ("en", "Tuesday at two", "uh-huh", "yes please"),
        ("en", "Tuesday at two", "okay", "1"),
        ("es", "el martes a las dos de la tarde", "ajá", "sí, por favor"),
    ],
)
async def test_a_sound_that_somebody_listens_has_no_text_sent(
    tmp_path: Path, language: str, wish: str, sound: str, yes: str
) -> None:
    async with clinic(tmp_path) as office:
        box, made = without_calendar(office, language=language)
        await box.begin()
        await box.says(wish, "book")
        offer = box.said[-1]
        await box.says(sound, "yes")
        assert (made[0].texted, box.said[-1]) == ([], offer)
        await (box.key(yes) if yes == "1" else box.says(yes, "yes"))
        assert made[0].texted == [CALLER]
