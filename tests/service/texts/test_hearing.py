"""Texts that people send: a stop counts at once and for all, the rest is told to staff, one answer a day."""

import aiohttp
import pytest

from appliance.core.texts import TextState
from appliance.store import texting
from tests.peers.carrier.requests import RequestFailed
from tests.service.surgery import CLINIC, Surgery
from tests.service.texts.desk import MOBILE, OTHER, given, notes, owed

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
UNREAD = "The clinic: nobody reads texts here. Please call +15550100001. In an emergency call 911."


async def texts(surgery: Surgery, body: str, sender: str = MOBILE, **extra: str) -> list[str]:
    """Text the clinic; what comes back."""
    return await surgery.carrier.text_us(sender, CLINIC, body, extra)


async def stopped(surgery: Surgery, number: str = MOBILE) -> bool:
    await surgery.writer.promise(lambda db: None)
    return await surgery.reader.run(lambda db: texting.stopped(db, number))


@pytest.mark.parametrize("word", ["STOP", " stop. ", "Unsubscribe", "BAJA", "baja!", "ALTO", "No más"])
async def test_a_word_ends_all_texts_to_a_number(surgery: Surgery, word: str) -> None:
    await texts(surgery, word)
    assert await stopped(surgery)
    assert await given(surgery, await owed(surgery)) is TextState.REFUSED
    assert surgery.carrier.messages == []
    assert await notes(surgery) == []


@pytest.mark.parametrize(("word", "answer"), [("BAJA", "Responda ALTA"), ("parar", "Responda ALTA")])
async def test_a_stop_that_the_carrier_does_not_know_is_confirmed_by_us(
    surgery: Surgery, word: str, answer: str
) -> None:
    (said,) = await texts(surgery, word)
    assert answer in said
    assert await texts(surgery, "STOP") == []


async def test_a_word_begins_them_again(surgery: Surgery) -> None:
    await texts(surgery, "baja")
    (said,) = await texts(surgery, "Alta")
    assert "de nuevo recibirá mensajes" in said
    assert not await stopped(surgery)
    assert await given(surgery, await owed(surgery)) is TextState.SENT
    await texts(surgery, "STOP")
    assert await texts(surgery, "START") == []
    assert not await stopped(surgery)


@pytest.mark.parametrize(
    ("word", "begins"), [("HELP", "The clinic: for help, call"), ("ayuda", "The clinic: para ayuda")]
)
async def test_help_is_answered_with_name_and_number(surgery: Surgery, word: str, begins: str) -> None:
    for _ in range(2):
        (said,) = await texts(surgery, word)
        assert said.startswith(begins)
        assert "+15550100001" in said
    assert await notes(surgery) == []


async def test_other_texts_are_told_to_staff_and_answered_once_a_day(surgery: Surgery) -> None:
    assert await texts(surgery, "Can I come at 3? <b>Ana</b>") == [UNREAD]
    assert await texts(surgery, "Hello?", NumMedia="2") == []
    assert await texts(surgery, "Me too", OTHER) == [UNREAD]
    surgery.hands.put_on(24 * 3600)
    assert await texts(surgery, "Again") == [UNREAD]
    assert await notes(surgery) == [
        ("Text received", "Can I come at 3? <b>Ana</b>", MOBILE),
        ("Text received", "Hello? (with 2 pictures or files, which are not kept)", MOBILE),
        ("Text received", "Me too", OTHER),
        ("Text received", "Again", MOBILE),
    ]


async def test_stop_within_a_sentence_is_a_message(surgery: Surgery) -> None:
    assert await texts(surgery, "Please stop by my house") == [UNREAD]
    assert not await stopped(surgery)


async def test_cancel_is_a_stop_and_perhaps_the_appointment(surgery: Surgery) -> None:
    await texts(surgery, "CANCEL")
    assert await stopped(surgery)
    ((subject, body, number),) = await notes(surgery)
    assert (subject, number) == ("Text received", MOBILE)
    assert "the appointment may be meant" in body


async def test_a_text_that_the_carrier_tells_twice_is_one_entry(surgery: Surgery) -> None:
    sid = "SM" + "a" * 32
    for _ in range(2):
        await texts(surgery, "Hello", MessageSid=sid)
    assert len(await notes(surgery)) == 1


async def test_a_flood_does_not_fill_the_list(surgery: Surgery) -> None:
    for number in range(15):
        await texts(surgery, f"spam {number}")
    assert len(await notes(surgery)) == 10
    await texts(surgery, "STOP")
    assert await stopped(surgery)


async def test_a_carrier_that_answers_by_itself_is_not_answered_as_well(surgery: Surgery) -> None:
    assert await texts(surgery, "AYUDA", OptOutType="HELP") == []


async def test_senders_that_are_no_numbers_are_left_alone(surgery: Surgery) -> None:
    assert await texts(surgery, "You have won", "227263") == []
    assert await texts(surgery, "You have won", "whatsapp:+14155550102") == []
    assert await notes(surgery) == []


async def test_nobody_but_the_carrier_texts(surgery: Surgery) -> None:
    form = {"MessageSid": "SM" + "a" * 32, "From": MOBILE, "Body": "STOP"}
    async with aiohttp.ClientSession() as http:
        for headers in ({}, {"X-Twilio-Signature": "AAAA"}):
            async with http.post(f"{surgery.url}/twilio/sms", data=form, headers=headers) as answer:
                assert answer.status == 403
    assert not await stopped(surgery)
    with pytest.raises(RequestFailed) as refused:
        await texts(surgery, "STOP", MessageSid="nonsense")
    assert refused.value.status == 400
    assert not await stopped(surgery)


async def test_a_long_text_is_kept_as_far_as_texts_go(surgery: Surgery) -> None:
    await texts(surgery, "x" * 9000)
    ((_, body, _),) = await notes(surgery)
    assert body == "x" * 1600
