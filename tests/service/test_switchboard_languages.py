"""Who chooses another language is spoken to in it until the end, whichever part of the box speaks."""

from functools import partial

import pytest

from appliance.core.dispositions import VOICEMAIL
from appliance.core.phrases import Finding
from appliance.core.staff import Office, StaffSettings
from appliance.core.steps import Ask, Assist, MenuAnswered, RingEnded, Say, Step, Steps, TakeVoicemail
from appliance.service.known_call import KnownCall
from appliance.store import languages, office
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from scripts.loopback_box import AT
from tests.service.board import OFFER, SID, TAKEN, Box


def spoken(steps: Steps) -> set[str]:
    """The languages that these steps are said in; empty for the clinic's own."""
    return {step.language for step in steps if isinstance(step, Say | Ask | TakeVoicemail)}


async def chosen(box: Box, digits: str = "2", speech: str = "") -> Steps:
    await box.board.offer(OFFER)
    return await box.board.menu(MenuAnswered(SID, "main", digits, speech))


async def test_the_menu_comes_in_the_language_of_the_key_and_so_does_what_follows(
    writer: Writer, reader: Reader
) -> None:
    box = Box(writer, reader)
    steps = await chosen(box)
    first = steps[0]
    assert isinstance(first, Ask)
    assert "oprima 1" in first.prompt
    later: list[Steps] = [
        steps,
        await box.board.menu(MenuAnswered(SID, "main", "7")),
        await box.board.menu(MenuAnswered(SID, "main", "1")),
        await box.board.menu(MenuAnswered(SID, "main", "3")),
        await box.board.rang(RingEnded(SID, "no-answer")),
        await box.board.voicemail(TAKEN),
    ]
    for each in later:
        assert spoken(each) == {"es-US"}


async def test_the_change_is_kept_with_the_call_and_can_be_undone(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    await chosen(box)
    back = await box.board.menu(MenuAnswered(SID, "main", "2"))
    assert spoken(back) == {""}
    await box.board.menu(MenuAnswered(SID, "main", "", "en español"))
    row = await box.row()
    assert row is not None
    assert row.menu_path == ("main:es", "main:en", "main:es")
    kept = await reader.run(lambda db: languages.of_call(db, SID))
    assert [each.language for each in kept] == ["es", "en", "es"]


async def test_a_process_that_takes_the_call_on_goes_on_in_its_language(
    writer: Writer, reader: Reader
) -> None:
    await chosen(Box(writer, reader))
    await Box(writer, reader).row()
    after = Box(writer, reader)
    steps = await after.board.menu(MenuAnswered(SID, "main", "3"))
    assert spoken(steps) == {"es-US"}
    back = await after.board.menu(MenuAnswered(SID, "main", "2"))
    assert spoken(back) == {""}


async def test_danger_told_in_another_language_is_answered_in_it(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    box.board._wish = lambda _: Finding("emergency", "chest", "es")
    message: Step = (await chosen(box, "", "me duele el pecho"))[0]
    assert isinstance(message, TakeVoicemail), "nobody can be rung"
    said = Say("Esto parece una emergencia. Cuelgue y llame ahora al 9 1 1.", "es-US")
    assert message.before[0] == said


async def test_the_assistant_begins_in_the_language_of_the_menu(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    await chosen(box)
    steps = await box.board.menu(MenuAnswered(SID, "main", "9"))
    assert isinstance(steps[0], Assist)
    known = box.board._known[SID]
    assert (known.language, known.office.greeting_said()[:7]) == ("es", "Gracias")
    brief = box.board.brief(SID)
    assert brief is not None
    # Who is at a desk is spoken to in the clinic's own.
    assert (brief.language, brief.office.staff.language) == ("es", "en-US")


@pytest.mark.parametrize(("languages", "language"), [(("en", "es"), "es"), (("en",), "en")])
def test_what_follows_a_media_leg_is_in_the_language_that_it_ended_in(
    languages: tuple[str, ...], language: str
) -> None:
    known = KnownCall("c1", OFFER, Office(staff=StaffSettings(languages=languages)))
    known.goes_on_in("es")
    assert known.language == language
    assert known.office.staff.language[:2] == language
    known.left = VOICEMAIL
    known.goes_on_in("en")
    assert (known.language, known.office) == ("en", known.own or known.office)


async def test_a_clinics_own_language_is_gone_back_to_also_where_it_is_not_listed(
    writer: Writer, reader: Reader
) -> None:
    for key, value in (("language", "es-US"), ("languages", ["en"])):
        await writer.promise(partial(office.set_value, key=key, value=value, at=AT, by="ana"))
    first = Box(writer, reader)
    assert spoken(await chosen(first)) == {"en-US"}
    await first.board.menu(MenuAnswered(SID, "main", "2"))
    await first.row()
    assert spoken(await Box(writer, reader).board.menu(MenuAnswered(SID, "main", "3"))) == {""}


async def test_what_staff_wrote_in_a_language_is_what_the_carriers_menu_says_in_it(
    writer: Writer, reader: Reader
) -> None:
    digit = StaffSettings().menu[0].digit
    words = {
        "voicemail_prompt": "Deje su recado.",
        "menu": [{"digit": digit, "choice": "hours", "words": ["abren"], "said": "Para el horario, el uno."}],
    }
    await writer.promise(
        lambda db: office.set_value(db, "language_words", {"es": words}, at=AT, by="test"), within_s=5
    )
    box = Box(writer, reader)
    first = (await chosen(box))[0]
    assert isinstance(first, Ask)
    assert "Para el horario, el uno." in first.prompt
    assert "oprima 3" in first.prompt
    assert "abren" in first.hints
    steps = await box.board.menu(MenuAnswered(SID, "main", "3"))
    (voicemail,) = [step for step in steps if isinstance(step, TakeVoicemail)]
    assert voicemail.prompt == "Deje su recado."
