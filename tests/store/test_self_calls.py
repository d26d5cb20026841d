"""Calls of the box to itself, as they are kept: how many failed in a row, and what is dropped."""

from appliance.core.self_call import Check, Finding, State, overall
from appliance.store import messages, self_calls
from appliance.store.database import Connection
from tests.store.conftest import AT

WELL = [Finding(Check.GATE, State.OK), Finding(Check.KEYS, State.OK, "after 0.2 s")]
DEGRADED = [*WELL, Finding(Check.SYNTHESIS, State.DEGRADED, "espeak-ng")]
FAILED = [*DEGRADED, Finding(Check.RECOGNITION, State.FAILED, "nobody listens there")]


def test_the_worst_check_says_how_it_went() -> None:
    assert overall([]) is State.UNCHECKED
    assert overall(WELL) is State.OK
    assert overall([*reversed(DEGRADED)]) is State.DEGRADED
    assert overall([*reversed(FAILED)]) is State.FAILED


def test_failures_in_a_row_are_counted_and_two_are_an_alarm(db: Connection) -> None:
    rows = [self_calls.add(db, AT, 900, found) for found in (FAILED, FAILED, DEGRADED, FAILED, WELL)]
    assert [row.failed_in_row for row in rows] == [1, 2, 0, 1, 0]
    assert [row.alarm for row in rows] == [False, True, False, False, False]
    assert self_calls.recent(db) == [*reversed(rows)]
    assert self_calls.last(db) == rows[-1]
    assert rows[0].findings == (*FAILED,)


def test_rows_of_long_ago_are_dropped(db: Connection) -> None:
    self_calls.add(db, "2026-08-01T00:00:00.000Z", 1, WELL)
    kept = self_calls.add(db, AT, 1, WELL)
    assert self_calls.recent(db) == [kept]


def test_a_rehearsed_voicemail_was_in_the_books_and_is_not(db: Connection) -> None:
    real = messages.add_voicemail(db, call_sid="CA1", recording_sid="RE1", seconds=3, at=AT)
    kept = messages.rehearse_voicemail(db, call_sid="self-1-2", name="self-1-2-0-.wav", seconds=2, at=AT)
    assert kept is not None
    assert (kept.recording_path, kept.seconds) == ("self-1-2-0-.wav", 2)
    assert [message.id for message in messages.page(db)] == [real]
