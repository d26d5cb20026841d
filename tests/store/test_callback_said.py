"""Whom to call back, and who that is: as callers said it last, or staff put it right."""

import pytest

from appliance.core.booking.calling_from import NumberFrom
from appliance.core.steps import CallOffered
from appliance.store import (
    callback_causes,
    callback_rows,
    calls,
    message_corrections,
    messages,
    times,
    voicemail,
)
from appliance.store.callback_rows import Entry
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState
from appliance.store.messages import Told
from tests.store.conftest import AT

RANG, SAID, OTHER = "+14155550188", "+14155550123", "+14155550124"
NOW = times.read(AT)


def rings(db: Connection, name: str, caller: str = RANG) -> None:
    calls.begin(db, name, CallOffered(f"CA{name}", caller, "+14155550199", "twilio"), AT, "p1")


def leaves(db: Connection, name: str, number: str = "", who: str = "", caller: str = RANG) -> int:
    """A voicemail of a call of its own, in which this is said; the message's id."""
    rings(db, name, caller)
    message_id = messages.add_voicemail(db, call_sid=f"CA{name}", recording_sid=name, seconds=9, at=AT)
    message = messages.one(db, message_id)
    assert message is not None
    text = MessageText(
        message_id, TextState.WRITTEN, text="…", name=who, number=number or caller, number_said=bool(number)
    )
    voicemail.written(db, message, text, f"{name}.flac", now=NOW)
    return message_id


def correct(db: Connection, message_id: int, *, name: str = "", number: str = "") -> None:
    message_corrections.add(db, message_id, by="Ben", at=AT, text="…", name=name, number=number)


def listed(db: Connection) -> Entry:
    (entry,) = callback_rows.open_page(db)
    return entry


def whom(db: Connection) -> tuple[str, str, str]:
    entry = listed(db)
    return entry.number, entry.said, entry.to_dial


def test_the_latest_number_that_was_said_is_called_and_callers_stay_merged_by_who_rang(
    db: Connection,
) -> None:
    leaves(db, "1")
    assert whom(db) == (RANG, "", RANG)
    leaves(db, "2", SAID)
    assert whom(db) == (RANG, SAID, SAID)
    leaves(db, "3", OTHER)
    leaves(db, "4")
    assert whom(db) == (RANG, OTHER, OTHER)
    assert len(listed(db).causes) == 4
    assert callback_rows.open_of(db, SAID) is None


def test_a_number_that_nobody_rang_from_is_the_callers_own(db: Connection) -> None:
    leaves(db, "1", SAID, caller="")
    assert whom(db) == (SAID, "", SAID)


def test_what_staff_wrote_goes_before_what_was_heard(db: Connection) -> None:
    message_id = leaves(db, "1", SAID)
    correct(db, message_id, number=RANG)
    assert whom(db) == (RANG, "", RANG)
    correct(db, message_id, number=OTHER)
    assert whom(db) == (RANG, OTHER, OTHER)
    correct(db, message_id)
    assert whom(db) == (RANG, SAID, SAID)


@pytest.mark.parametrize(("how", "said"), [(NumberFrom.CALLER_ID, SAID), (NumberFrom.CONFIRMED, "")])
def test_a_number_that_was_only_seen_is_none_that_was_said(
    db: Connection, how: NumberFrom, said: str
) -> None:
    leaves(db, "1", SAID)
    rings(db, "2")
    told = Told(number=RANG, number_from=how)
    messages.add(db, call_sid="CA2", subject="s", body="b", at=AT, caller=told)
    assert whom(db) == (RANG, said, said or RANG)


def test_what_counts_no_more_says_nothing(db: Connection) -> None:
    leaves(db, "1")
    once = messages.once_of(leaves(db, "2", SAID))
    callback_causes.void(db, once, "it was taken back", now=NOW)
    assert whom(db) == (RANG, "", RANG)


def test_a_name_is_as_staff_put_it_right_also_where_they_know_none(db: Connection) -> None:
    first, second = leaves(db, "1", who="Anna Luis"), leaves(db, "2")
    assert listed(db).name == "Anna Luis"
    correct(db, second)
    assert listed(db).name == "Anna Luis"
    correct(db, first)
    assert listed(db).name == ""
    correct(db, second, name="Ana Ruiz")
    assert listed(db).name == "Ana Ruiz"
