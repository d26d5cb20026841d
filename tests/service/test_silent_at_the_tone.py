"""Callers for whom phones rang in vain, and who say nothing at the tone: nobody reached, nothing left."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from appliance.core.callbacks import Cause
from appliance.core.dispositions import Outcome
from appliance.core.steps import CallEnded, CallOffered, LookedUp, RingEnded, VoicemailTaken
from appliance.store import callback_rows, messages, office, voicemail
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.service.board import NOON, SID, TAKEN, Box
from tests.service.surgery import DESK, open_surgery

AT = "2026-01-01T00:00:00.000Z"
WITHHELD = CallOffered(SID, "", "+15550100001", "twilio")
OVER = CallEnded(SID, "completed", 20)
NO_ANSWER, CANCELED = RingEnded(SID, "no-answer"), RingEnded(SID, "canceled")


def heard_in_vain(db: Connection) -> None:
    """The worker comes to the message, and nobody speaks in it."""
    (message,) = messages.page(db)
    voicemail.written(db, message, MessageText(message.id, TextState.NO_SPEECH), "kept.flac", now=NOON)


def causes(db: Connection) -> list[tuple[Cause, bool]]:
    """What is on the list, and whether it counts."""
    entries = callback_rows.open_page(db)
    return [(why.cause, not why.void_why) for entry in entries for why in entry.causes]


async def by_twilio(box: Box) -> None:
    await box.board.offer(WITHHELD)
    await box.board.rang(NO_ANSWER)
    await box.board.voicemail(TAKEN)
    await box.board.ended(OVER)
    await box.board.recorded(TAKEN)


async def by_twilio_while_the_box_is_dead(box: Box) -> None:
    await box.board.recorded(TAKEN)
    await box.board.settle(LookedUp(OVER, (CANCELED, NO_ANSWER), WITHHELD, NOON), voicemail=True)


async def by_the_pbx(box: Box) -> None:
    await box.board.offer(WITHHELD)
    await box.board.rang_aside(RingEnded(SID, "no-answer", department="front-desk"))
    await box.board.ended(OVER)
    await box.board.recorded_here(VoicemailTaken(SID, "a0-1.7-0.wav", 2))


@pytest.mark.parametrize("call", [by_twilio, by_twilio_while_the_box_is_dead, by_the_pbx])
async def test_a_caller_whom_nobody_answered_stays_on_the_list(
    writer: Writer, reader: Reader, call: Callable[[Box], Awaitable[None]]
) -> None:
    box = Box(writer, reader)
    await call(box)
    assert await box.filed() is Outcome.VOICEMAIL
    await writer.promise(heard_in_vain)
    assert await box.filed() is Outcome.UNANSWERED
    listed = await reader.run(causes)
    assert (Cause.TRANSFER, True) in listed
    assert (Cause.VOICEMAIL, True) not in listed


async def test_word_of_the_recording_that_comes_late_changes_nothing(writer: Writer, reader: Reader) -> None:
    await by_twilio(Box(writer, reader))
    await writer.promise(heard_in_vain)
    box = Box(writer, reader)
    await box.board.recorded(TAKEN)
    assert await box.filed() is Outcome.UNANSWERED
    assert [cause for cause, counts in await reader.run(causes) if counts] == [Cause.TRANSFER]


@pytest.mark.parametrize("rings", [(), (CANCELED,), (NO_ANSWER, RingEnded(SID, "answered", 9))])
async def test_who_waited_for_no_phone_or_was_answered_has_hung_up(
    writer: Writer, reader: Reader, rings: tuple[RingEnded, ...]
) -> None:
    box = Box(writer, reader)
    await box.board.offer(WITHHELD)
    for ring in rings:
        await box.board.rang(ring)
    await box.board.voicemail(TAKEN)
    await box.board.ended(OVER)
    await box.filed()
    await writer.promise(heard_in_vain)
    assert await box.filed() is Outcome.ABANDONED
    assert await reader.run(causes) == []


async def test_nobody_is_called_back_to_whose_recording_somebody_has_seen(
    writer: Writer, reader: Reader
) -> None:
    box = Box(writer, reader)
    await by_twilio(box)
    await box.filed()
    await writer.promise(lambda db: messages.mark_handled(db, 1, AT, "Ana"))
    await writer.promise(heard_in_vain)
    assert await box.filed() is Outcome.UNANSWERED
    assert await reader.run(causes) == []


async def test_a_call_that_ends_after_its_message_was_heard_is_filed_as_that(
    writer: Writer, reader: Reader
) -> None:
    box = Box(writer, reader)
    await box.board.offer(WITHHELD)
    await box.board.rang(NO_ANSWER)
    await box.board.voicemail(TAKEN)
    await box.filed()
    await writer.promise(heard_in_vain)
    await box.board.ended(OVER)
    assert await box.filed() is Outcome.UNANSWERED
    assert [cause for cause, counts in await reader.run(causes) if counts] == [Cause.TRANSFER]


async def test_end_to_end_a_front_desk_that_rings_out_is_called_back(
    writer: Writer, reader: Reader, tmp_path: Path
) -> None:
    await writer.promise(lambda db: office.set_value(db, "people", [DESK], at=AT, by="test"))
    async with open_surgery(writer, reader, tmp_path / "recordings") as surgery:
        phone = await surgery.ring("press 0\nwait 8\nleave message say_en_name.wav\nwait 2\nhang up\n")
        await phone.done()
        assert (await surgery.kept(phone.sid)).outcome is Outcome.VOICEMAIL
        await writer.promise(heard_in_vain)
        kept = await surgery.kept(phone.sid)
    assert kept.outcome is Outcome.UNANSWERED
    assert [cause for cause, counts in await reader.run(causes) if counts] == [Cause.TRANSFER]
