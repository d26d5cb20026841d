"""Links in a call: only to a number that the caller agreed to and that may get one, and sent is sent."""

import pytest

from appliance.core.booking.linking import ASK, NO_TEXT, NotTexted
from appliance.store import texting
from tests.peers.carrier import RestFault
from tests.service.surgery import Surgery
from tests.service.texts.desk import MOBILE, OTHER, Caller, link

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
SENT = {"en": "I have sent you the link by text.", "es": "Le he enviado el enlace por mensaje de texto."}


async def why(caller: Caller, phone: str = "", language: str = "en") -> tuple[str, str]:
    """Why nothing was sent, and what the caller is asked."""
    with pytest.raises(NotTexted) as refused:
        await caller.links.text(phone, language)
    assert refused.value.asked
    return refused.value.why, refused.value.asked


@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_link_is_texted_to_the_number_that_was_agreed_to(surgery: Surgery, language: str) -> None:
    caller = Caller(surgery)
    assert caller.offered() == MOBILE
    caller.says("yes, that is right" if language == "en" else "sí, ese")
    texted = await caller.links.text("", language)
    assert (texted.sure, texted.said) == (True, SENT[language])
    assert await caller.links.text("", language) == texted
    (message,) = surgery.carrier.messages
    opened = await link(surgery, message.body)
    assert opened is not None
    assert opened.language == language
    assert ("Reply STOP" if language == "en" else "Responda BAJA") in message.body


async def test_a_model_cannot_text_without_a_yes(surgery: Surgery) -> None:
    caller = Caller(surgery)
    caller.says("I would like an appointment, yes")
    assert await why(caller) == (ASK, "Shall I text the link to the number that you call from?")
    assert await why(caller) == (ASK, "Shall I text the link to the number that you call from?")
    caller.says("yes, before I was asked")
    assert (await why(caller))[0] == ASK
    caller.hears("Shall I text the link to the number that you call from?")
    caller.says("no thanks")
    assert (await why(caller))[0] == ASK
    caller.hears("Shall I text the link to the number that you call from?")
    caller.says("oh well, yes please")
    assert (await caller.links.text("", "en")).sure
    assert len(surgery.carrier.messages) == 1


async def test_another_number_has_to_be_said_or_keyed(surgery: Surgery) -> None:
    caller = Caller(surgery, caller="")
    assert caller.links.offer() == ""
    assert (await why(caller))[0] == ASK
    assert (await why(caller, OTHER))[0] == ASK
    caller.keys("4155550103")
    assert (await caller.links.text("415 555 0103", "en")).sure
    assert [each.to for each in surgery.carrier.messages] == [OTHER]


async def test_a_number_that_was_said_for_something_else_gets_no_text(surgery: Surgery) -> None:
    caller = Caller(surgery)
    caller.says("please call me back at 415 555 0103")
    assert await why(caller, OTHER) == (ASK, "To which mobile number shall I text the link?")
    caller.hears("To which mobile number shall I text the link?")
    caller.says("uh-huh")
    assert (await why(caller, OTHER))[0] == ASK
    caller.says("to 415 555 0103")
    assert (await caller.links.text(OTHER, "en")).sure
    assert [each.to for each in surgery.carrier.messages] == [OTHER]


@pytest.mark.parametrize(("sound", "yes"), [("uh-huh", "yes, please"), ("okay", "1"), ("ajá", "sí, claro")])
async def test_a_sound_that_somebody_listens_is_no_consent(surgery: Surgery, sound: str, yes: str) -> None:
    caller = Caller(surgery)
    caller.offered()
    caller.says(sound)
    assert await why(caller) == (ASK, "Shall I text the link to the number that you call from?")
    caller.hears("Shall I text the link to the number that you call from?")
    (caller.keys if yes == "1" else caller.says)(yes)
    assert (await caller.links.text("", "en")).sure
    assert len(surgery.carrier.messages) == 1


@pytest.mark.parametrize(
    "number",
    [
        "+19005550123",  # a premium number
        "+18005550123",  # toll-free: no texts
        "+881612345678",  # a satellite phone
        "+18765550123",  # Jamaica, which begins as home does
        "+447700900123",  # another country
        "+15550100002",  # nobody's
    ],
)
async def test_no_text_goes_to_a_number_that_may_cost_dearly(surgery: Surgery, number: str) -> None:
    caller = Caller(surgery, caller=number)
    assert caller.links.offer() == ""
    caller.says("yes")
    assert await why(caller) == (NO_TEXT, "I cannot send a text to that number.")
    other = Caller(surgery)
    other.keys(number.lstrip("+"))
    assert (await why(other, number))[0] in (NO_TEXT, ASK)
    assert surgery.carrier.rest_requests == []


async def test_another_country_is_texted_where_staff_have_said_so(surgery: Surgery) -> None:
    caller = Caller(surgery, caller="+525512345678", text_countries=["MX"])
    caller.offered()
    caller.says("sí")
    assert (await caller.links.text("", "es")).sure


async def test_who_wants_no_texts_gets_none(surgery: Surgery) -> None:
    now = surgery.hands.now()
    await surgery.writer.promise(lambda db: texting.stop(db, MOBILE, now=now))
    caller = Caller(surgery)
    caller.offered()
    caller.says("yes")
    assert (await why(caller))[0] == NO_TEXT
    assert surgery.carrier.rest_requests == []


async def test_a_number_gets_three_in_a_day_and_all_numbers_what_staff_allow(surgery: Surgery) -> None:
    for number in range(5):
        caller = Caller(surgery, call_sid=f"CA{number}")
        caller.offered()
        caller.says("yes")
        if number < 3:
            await caller.links.text("", "en")
        else:
            assert (await why(caller))[1] == "I cannot send another text to that number today."
    stranger = Caller(surgery, OTHER, texts_a_day=3)
    stranger.offered()
    stranger.says("yes")
    assert (await why(stranger))[0] == NO_TEXT
    assert len(surgery.carrier.messages) == 3


@pytest.mark.parametrize(
    "fault",
    [
        RestFault("Messages", "POST", 20500),
        RestFault("Messages", "POST", 20429),
        RestFault("Messages", "POST", drop=True),
        RestFault("Messages", "POST", drop=True, after=True),
    ],
)
async def test_nothing_is_called_sent_that_the_carrier_did_not_confirm(
    surgery: Surgery, fault: RestFault
) -> None:
    surgery.carrier.rest_faults.append(fault)
    caller = Caller(surgery)
    caller.offered()
    caller.says("yes")
    texted = await caller.links.text("", "en")
    assert not texted.sure
    assert "not on its way yet" in texted.said


async def test_what_the_carrier_refuses_is_said(surgery: Surgery) -> None:
    surgery.carrier.no_mobiles.add(MOBILE)
    caller = Caller(surgery)
    caller.offered()
    caller.says("yes")
    assert await why(caller) == (NO_TEXT, "The text could not be sent.")


async def test_the_clinics_own_page_needs_no_token(surgery: Surgery) -> None:
    caller = Caller(surgery, booking_url="https://book.example.org/riverside")
    caller.offered()
    caller.says("yes")
    await caller.links.text("", "en")
    (message,) = surgery.carrier.messages
    assert "here: https://book.example.org/riverside Reply STOP" in message.body
