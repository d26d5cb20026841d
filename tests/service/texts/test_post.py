"""Texts that are owed: each is given to the carrier once, and called sent when the carrier has said so."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.core.texts import TextState
from appliance.store import texting
from tests.peers.carrier import RestFault
from tests.peers.carrier.requests import RequestFailed
from tests.service.surgery import CLINIC, PUBLIC, Surgery
from tests.service.texts.desk import MOBILE, given, link, notes, owed, reaches, rounds, stands, token

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")


async def test_a_text_is_sent_and_delivered(surgery: Surgery) -> None:
    text = await owed(surgery)
    assert await given(surgery, text) is TextState.SENT
    found = await reaches(surgery, text, TextState.DELIVERED)
    (message,) = surgery.carrier.messages
    assert (message.sid, message.to, message.from_) == (found.sid, MOBILE, CLINIC)
    assert message.body.startswith("Riverside Clinic: book your appointment here, by ")
    assert message.body.endswith(" Reply STOP for no more texts.")
    assert message.status_callback == f"{PUBLIC}/twilio/text?of={found.key}"
    opened = await link(surgery, message.body)
    assert opened is not None
    assert (opened.number, opened.language) == (MOBILE, "en")
    assert await notes(surgery) == []


async def test_the_token_is_nowhere_in_the_store(surgery: Surgery, path: Path) -> None:
    await given(surgery, await owed(surgery))
    key = token(surgery.carrier.messages[0].body)

    kept = b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    assert MOBILE.encode() in kept
    assert key.encode() not in kept


async def test_what_is_owed_twice_is_one_text(surgery: Surgery) -> None:
    first, second = await owed(surgery), await owed(surgery)
    assert first.id == second.id
    states = await asyncio.gather(*(given(surgery, text) for text in (first, second, first, second)))
    assert len(surgery.carrier.messages) == 1
    assert TextState.SENT in states
    assert await rounds(surgery) == 0
    assert len(surgery.carrier.messages) == 1


@pytest.mark.parametrize(
    "fault",
    [RestFault("Messages", "POST", drop=True, after=True), RestFault("Messages", "POST", 20500, after=True)],
)
async def test_what_the_carrier_took_without_saying_so_is_never_sent_again(
    surgery: Surgery, fault: RestFault
) -> None:
    surgery.carrier.rest_faults.append(fault)
    surgery.carrier.message_outcome = ("queued", None)
    surgery.carrier.network.addresses.add(PUBLIC, "http://127.0.0.1:9")
    text = await owed(surgery)
    assert await given(surgery, text) is TextState.ASKED
    # Too early: the books may not show it yet.
    assert await rounds(surgery) == 0
    surgery.hands.put_on(61)
    assert await rounds(surgery) == 1
    found = await stands(surgery, text)
    assert (found.state, found.sid) == (TextState.SENT, surgery.carrier.messages[0].sid)
    surgery.hands.put_on(600)
    assert await rounds(surgery) == 0
    assert len(surgery.carrier.messages) == 1


@pytest.mark.parametrize(
    "fault", [RestFault("Messages", "POST", drop=True), RestFault("Messages", "POST", 20500)]
)
async def test_what_the_carrier_has_not_got_is_sent_by_and_by(surgery: Surgery, fault: RestFault) -> None:
    surgery.carrier.rest_faults.append(fault)
    text = await owed(surgery)
    assert await given(surgery, text) is TextState.ASKED
    surgery.hands.put_on(61)
    await rounds(surgery)
    await rounds(surgery)
    await reaches(surgery, text, TextState.DELIVERED)
    (message,) = surgery.carrier.messages
    assert await link(surgery, message.body)


async def test_a_slow_carrier_is_not_waited_for_and_not_asked_again(surgery: Surgery) -> None:
    surgery.carrier.rest_faults.append(RestFault("Messages", "POST", delay_s=30.0))
    text = await owed(surgery)
    assert await given(surgery, text) is TextState.ASKED
    assert await given(surgery, text) is TextState.ASKED
    assert len(surgery.carrier.messages) == 0


async def test_a_busy_carrier_is_asked_again_later(surgery: Surgery) -> None:
    surgery.carrier.rest_faults.append(RestFault("Messages", "POST", 20429))
    text = await owed(surgery)
    assert await given(surgery, text) is TextState.OWED
    assert await rounds(surgery) == 0
    surgery.hands.put_on(21)
    assert await rounds(surgery) == 1
    assert (await stands(surgery, text)).sid == surgery.carrier.messages[0].sid


async def test_a_number_that_told_the_carrier_to_stop_is_left_alone_from_then_on(surgery: Surgery) -> None:
    surgery.carrier.opted_out.add(MOBILE)
    assert await given(surgery, await owed(surgery)) is TextState.REFUSED
    assert await surgery.reader.run(lambda db: texting.stopped(db, MOBILE))
    asked = surgery.asked("Messages")
    assert await given(surgery, await owed(surgery, once="link 2")) is TextState.REFUSED
    assert surgery.asked("Messages") == asked
    assert await notes(surgery) == []


async def test_a_number_that_is_no_mobile_is_told_to_staff(surgery: Surgery) -> None:
    surgery.carrier.no_mobiles.add(MOBILE)
    text = await owed(surgery)
    assert await given(surgery, text) is TextState.FAILED
    ((subject, body, number),) = await notes(surgery)
    assert (subject, number) == ("Text not delivered", MOBILE)
    assert "code 21614" in body
    assert await rounds(surgery) == 0


async def test_a_text_that_is_filtered_on_its_way_is_told_to_staff_once(surgery: Surgery) -> None:
    surgery.carrier.message_outcome = ("undelivered", 30007)
    text = await owed(surgery)
    await given(surgery, text)
    assert (await reaches(surgery, text, TextState.FAILED)).problem == "code 30007"
    (message,) = surgery.carrier.messages
    for status in ("undelivered", "delivered", "sent", "nonsense"):
        assert (await surgery.carrier.report(message, MessageStatus=status)).status == 204
    assert (await stands(surgery, text)).state is TextState.FAILED
    assert [subject for subject, _, _ in await notes(surgery)] == ["Text not delivered"]


async def test_reports_come_late_twice_and_in_another_order(surgery: Surgery) -> None:
    text = await owed(surgery)
    await given(surgery, text)
    await reaches(surgery, text, TextState.DELIVERED)
    (message,) = surgery.carrier.messages
    for status in ("queued", "sent", "delivered", "failed"):
        await surgery.carrier.report(message, MessageStatus=status)
    assert (await stands(surgery, text)).state is TextState.DELIVERED


async def test_nobody_else_reports(surgery: Surgery) -> None:
    text = await owed(surgery)
    await given(surgery, text)
    await reaches(surgery, text, TextState.DELIVERED)
    (message,) = surgery.carrier.messages
    # Of a text that is none of ours nothing is made, and the carrier is not to ask again.
    message.status_callback = f"{PUBLIC}/twilio/text?of={'0' * 32}"
    assert (await surgery.carrier.report(message)).status == 204
    for address in ("text", "text?of=1", f"text?of={text.key}&of={text.key[::-1]}%00"):
        message.status_callback = f"{PUBLIC}/twilio/{address}"
        with pytest.raises(RequestFailed) as refused:
            await surgery.carrier.report(message, MessageSid="nonsense")
        assert refused.value.status == 400
    surgery.carrier.network.account = type(surgery.carrier.account)(surgery.carrier.account.sid, "wrong")
    message.status_callback = f"{PUBLIC}/twilio/text?of={text.key}"
    with pytest.raises(RequestFailed) as refused:
        await surgery.carrier.report(message)
    assert refused.value.status == 403


async def test_a_link_that_nobody_needs_any_more_is_not_sent(surgery: Surgery) -> None:
    surgery.carrier.rest_faults.append(RestFault("Messages", "POST", 20429, times=9))
    text = await owed(surgery)
    await given(surgery, text)
    surgery.hands.put_on(timedelta(minutes=31))
    await rounds(surgery)
    found = await stands(surgery, text)
    assert (found.state, found.problem) == (TextState.FAILED, "there was no time for it any more")
    assert [subject for subject, _, _ in await notes(surgery)] == ["Text not delivered"]
    assert surgery.carrier.messages == []
