"""The call log of a call: what a call tells it is what the pages will read."""

from pathlib import Path

import pytest

from appliance.core.dispositions import GOODBYE, Outcome
from appliance.core.errors import StoreRefused
from appliance.core.events import CallAnswered, Event, HeardPart, ReplyQueued, SpeechStopped, UsageReported
from appliance.core.ports import CallLog
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker
from appliance.store import calls, messages, timings
from appliance.store.call_log import StoredCallLog
from appliance.store.database import connect
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.store.conftest import AT, OFFER
from tests.store.gate import held

STREAM: list[tuple[int, Event]] = [
    (300, CallAnswered()),
    (900, ReplyQueued("r1")),
    (2000, HeardPart("u1", "I wo")),
    (3000, SpeechStopped()),
    (3800, ReplyQueued("r2")),
    (5000, UsageReported("realtime", 1, 2, 3, 4, 5, 6, 0.25)),
]


async def test_a_whole_call_is_written_down(writer: Writer, reader: Reader) -> None:
    log: CallLog = StoredCallLog(writer, "p1", now=lambda: AT)
    await log.opened("c1", OFFER, "2026-11-24T04:00:00-05:00")
    for at_ms, event in STREAM:
        log.happened("c1", at_ms, event)
    log.turn("c1", 0, Speaker.CALLER, "I wo", final=False, cut=False)
    log.turn("c1", 0, Speaker.CALLER, "I would like", final=True, cut=False)
    await log.leave("c1", GOODBYE)
    left = await reader.run(lambda db: calls.disposition_of(db, "CA1"))
    assert left == GOODBYE
    log.closed("c1", "2026-11-24T09:01:00Z", Outcome.HANDLED, "goodbye")
    await writer.promise(lambda db: None)
    whole = await reader.run(lambda db: calls.whole(db, "c1"))
    assert whole is not None
    assert [(row.at_ms, row.event()) for row in whole.events] == STREAM
    assert [(turn.text, turn.final, turn.at) for turn in whole.turns] == [("I would like", True, AT)]
    assert [(each.name, each.ms) for each in whole.timings] == [
        (timings.ANSWERED, 300),
        (timings.GREETING, 600),
        (timings.RESPONSE, 800),
    ]
    assert (whole.call.started_at, whole.call.process) == (AT, "p1")
    assert (whole.call.duration_s, whole.call.outcome) == (60, Outcome.HANDLED)
    assert (whole.call.cost_usd, len(whole.usage)) == (0.25, 1)


async def test_a_call_that_gets_its_offer_later_names_the_caller_of_its_messages(
    writer: Writer, reader: Reader
) -> None:
    log: CallLog = StoredCallLog(writer, "p1")
    await log.opened("c1", CallOffered(OFFER.call_sid, "", "", ""), AT)
    await writer.promise(
        lambda db: messages.add_voicemail(db, call_sid=OFFER.call_sid, recording_sid="RE1", seconds=2, at=AT)
    )
    await log.opened("c1", OFFER, AT)
    kept = await reader.run(lambda db: calls.whole(db, "c1"))
    assert kept is not None
    assert kept.call.from_number == OFFER.caller
    assert [message.caller for message in kept.messages] == [OFFER.caller]


async def test_the_disposition_of_an_unknown_call_is_refused(writer: Writer) -> None:
    with pytest.raises(StoreRefused, match="no such call"):
        await StoredCallLog(writer, "p1").leave("none", GOODBYE)


async def test_a_disposition_that_comes_late_to_the_disk_is_kept_after_all(
    writer: Writer, reader: Reader, path: Path
) -> None:
    log = StoredCallLog(writer, "p1")
    await log.opened("c1", OFFER, AT)
    lock = connect(path)
    lock.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreRefused):
        await log.leave("c1", GOODBYE)
    lock.execute("ROLLBACK")
    lock.close()
    await writer.promise(lambda db: None)
    assert await reader.run(lambda db: calls.disposition_of(db, "CA1")) == GOODBYE


async def test_what_is_only_a_part_is_dropped_first(path: Path, reader: Reader) -> None:
    writer = Writer(path, bound=5)
    log = StoredCallLog(writer, "p1", now=lambda: AT)
    gate = await held(writer)
    await log.opened("c1", OFFER, AT)
    log.happened("c1", 100, HeardPart("u1", "I"))
    log.turn("c1", 0, Speaker.CALLER, "I", final=False, cut=False)
    for at_ms in range(3):
        log.happened("c1", at_ms, CallAnswered())
    gate.opened.set()
    assert await writer.close() == 0
    assert (writer.counts.dropped_partial, writer.counts.dropped, writer.counts.written) == (2, 0, 5)
    whole = await reader.run(lambda db: calls.whole(db, "c1"))
    assert whole is not None
    assert (len(whole.events), whole.turns) == (3, [])
