"""Counts by the office's days: each thing once, under the day of its call, also when calls are gone."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from appliance.core.citations import Asked, Citation, Source
from appliance.core.dispositions import PEOPLE, VOICEMAIL, Disposition, Outcome, transfer
from appliance.core.events import (
    CallAnswered,
    Event,
    ReplyQueued,
    SpeechStarted,
    SpeechStopped,
    UsageReported,
)
from appliance.core.steps import CallOffered
from appliance.store import (
    calls,
    citations,
    database,
    events,
    intents,
    languages,
    migrations,
    office,
    office_clock,
    tallies,
    times,
    unanswered,
    usage,
)
from appliance.store.database import Connection
from appliance.store.migrations import CHANGES, migrate
from appliance.store.tallies import What

EVENING = "2026-11-25T02:30:00.000Z"
"""Half past nine in New York, on the day before."""
DAY = date(2026, 11, 24)
SOURCE = Source("guide", 7, "Visitor guide", "Parking", "en", 0.91, "Visitor guide, parking")


def begun(db: Connection, name: str, at: str = EVENING) -> str:
    calls.begin(db, name, CallOffered(f"CA{name}", "+14155550100", "+14155550199", "twilio"), at)
    return name


def ended(
    db: Connection, name: str, outcome: Outcome, at: str = EVENING, left: Disposition | None = None
) -> None:
    begun(db, name, at)
    if left is not None:
        calls.leave(db, name, left)
    calls.end(db, name, times.moved(at, 60), outcome, "")


def on(db: Connection, what: What, day: date = DAY) -> Mapping[str, int]:
    return {each.name: each.count for each in tallies.by_day(db, what, day, day)}


def test_a_call_counts_once_on_the_offices_day_and_hour(db: Connection) -> None:
    ended(db, "c1", Outcome.HANDLED)
    ended(db, "c2", Outcome.VOICEMAIL)
    begun(db, "live")
    assert on(db, What.OUTCOME) == {"handled": 1, "voicemail": 1}
    assert on(db, What.HOUR) == {"21": 2}
    assert tallies.by_weekday(db, DAY, DAY) == {(1, 21): 2}
    assert tallies.first_day(db) == DAY


def test_a_call_that_is_filed_again_counts_as_it_was_filed_last(db: Connection) -> None:
    ended(db, "c1", Outcome.UNANSWERED, left=transfer("billing"))
    calls.went(db, "c1", Outcome.TRANSFERRED)
    calls.end(db, "c1", times.moved(EVENING, 70), Outcome.TRANSFERRED, "")
    assert on(db, What.OUTCOME) == {"transferred": 1}
    assert on(db, What.LED) == {"transfer:billing transferred": 1}


def test_only_people_are_led_to(db: Connection) -> None:
    ended(db, "c1", Outcome.VOICEMAIL, left=VOICEMAIL)
    ended(db, "c2", Outcome.TRANSFERRED, left=PEOPLE)
    assert on(db, What.LED) == {" transferred": 1}


def test_who_hung_up_was_led_on_to_nobody_until_a_telephone_has_rung(db: Connection) -> None:
    for number, outcome in enumerate(Outcome):
        ended(db, f"c{number}", outcome, left=PEOPLE)
    rang = {" transferred": 1, " unanswered": 1, " voicemail": 1}
    assert on(db, What.LED) == rang
    handled = f"c{[*Outcome].index(Outcome.HANDLED)}"
    calls.went(db, handled, Outcome.UNANSWERED)
    assert on(db, What.LED) == rang | {" unanswered": 2}
    calls.went(db, handled, Outcome.HANDLED)
    assert on(db, What.LED) == rang


def test_the_zone_that_is_decided_counts_from_then_on(db: Connection) -> None:
    ended(db, "c1", Outcome.HANDLED)
    office.set_value(db, "time_zone", "Asia/Kathmandu", at=EVENING, by="ana")
    ended(db, "c2", Outcome.HANDLED)
    assert on(db, What.HOUR, date(2026, 11, 25)) == {"08": 1}
    office.unset(db, "time_zone")
    ended(db, "c3", Outcome.HANDLED)
    assert on(db, What.HOUR) == {"21": 2}


@pytest.mark.parametrize(
    ("at", "hour"),
    [
        ("2026-03-08T06:59:00.000Z", "01"),
        ("2026-03-08T07:00:00.000Z", "03"),
        ("2026-11-01T05:59:00.000Z", "01"),
        ("2026-11-01T06:00:00.000Z", "01"),
        ("2026-11-01T07:00:00.000Z", "02"),
        ("1999-07-01T12:00:00.000Z", "07"),
    ],
)
def test_the_clock_is_changed_when_the_offices_is(db: Connection, at: str, hour: str) -> None:
    begun(db, "c1", at)
    (found,) = db.execute("SELECT substr(office_hour, 12) FROM call_log").fetchone()
    assert found == hour


def test_a_clock_that_is_kept_again_is_the_same(db: Connection) -> None:
    (before,) = db.execute("SELECT total_changes()").fetchone()
    office_clock.keep(db, "America/New_York")
    assert tuple(db.execute("SELECT total_changes()").fetchone()) == (before,)
    office_clock.keep(db, "America/Bogota")
    assert [tuple(row) for row in db.execute("SELECT minutes FROM office_clock")] == [(-300,)]


def test_the_cost_is_added_up_when_the_call_is_over(db: Connection) -> None:
    begun(db, "c1")
    usage.add(db, "c1", 900, UsageReported("m", 1, 0, 1, 0, 1, 1, 0.25))
    assert on(db, What.COST) == {}
    calls.end(db, "c1", EVENING, Outcome.HANDLED, "")
    usage.add(db, "c1", 900, UsageReported("m", 1, 0, 1, 0, 1, 1, 0.5))
    (known,) = tallies.by_day(db, What.COST, DAY, DAY)
    assert (known.name, known.count, known.usd) == ("known", 1, 0.75)
    usage.missed(db, "c1")
    (part,) = tallies.by_day(db, What.COST, DAY, DAY)
    assert (part.name, part.count, part.usd) == ("part", 1, 0.75)


def test_what_was_wanted_counts_once_by_words_by_key_and_by_what_was_done(db: Connection) -> None:
    begun(db, "c1")
    intents.add(db, intents.IntentRow("c1", "emergency", {}, EVENING))
    intents.add(db, intents.IntentRow("c1", "emergency", {}, EVENING))
    calls.add_menu_step(db, "CAc1", "main:hours")
    asked(db, "c1", 1, "get_business_hours", "book_appointment", "unknown_tool")
    asked(db, "c1", 2, "find_slots")
    begun(db, "c2")
    calls.add_menu_step(db, "CAc2", "main:departments")
    calls.add_menu_step(db, "CAc2", "departments:hours")
    assert on(db, What.WISH) == {"book": 1, "emergency": 1, "hours": 1, "transfer_department": 1}


def asked(db: Connection, call_id: str, seq: int, *tools: str) -> None:
    named = ", ".join(f'{{"tool_call_id": "t", "name": "{name}", "arguments": "{{}}"}}' for name in tools)
    db.execute(
        "INSERT INTO call_event VALUES (?, ?, 0, 'ToolsAsked', ?)", (call_id, seq, f'{{"calls": [{named}]}}')
    )


def test_a_language_counts_once_for_each_call(db: Connection) -> None:
    for call_id in ("c1", "c2"):
        begun(db, call_id)
        for language in ("en", "es", "en"):
            languages.add(db, call_id, language, EVENING)
    assert on(db, What.LANGUAGE) == {"en": 2, "es": 2}


def cite(db: Connection, answered: bool, verified: bool, *sources: Source) -> None:
    told = Asked("Where can I park?", "en", 0.9, sources, "Here." if answered else "")
    citations.cite(db, "c1", Citation(told, answered, verified, "", 7), EVENING)


def test_questions_count_by_what_became_of_them_and_by_their_document(db: Connection) -> None:
    begun(db, "c1")
    cite(db, True, True, SOURCE)
    cite(db, True, False, SOURCE)
    cite(db, False, False)
    assert on(db, What.QUESTION) == {"sure": 1, "unsure": 1, "unknown": 1}
    assert on(db, What.DOCUMENT) == {"guide": 1}
    citations.rate(db, 1, -1)
    citations.rate(db, 1, -1)
    assert on(db, What.QUESTION)["bad"] == 1
    citations.rate(db, 1, 1)
    assert "bad" not in on(db, What.QUESTION)


def test_what_was_asked_in_vain_counts_on_its_day(db: Connection) -> None:
    begun(db, "c1")
    db.execute("INSERT INTO unanswered_group (id, language, question) VALUES (1, 'en', 'q')")
    kept = "INSERT INTO unanswered_question (group_id, call_id, question, why, at) VALUES (1, ?, 'q', ?, ?)"
    db.execute(kept, ("c1", unanswered.Why.NOT_KNOWN, "2026-11-26T12:00:00.000Z"))
    db.execute(kept, (None, unanswered.Why.BAD_ANSWER, EVENING))
    assert on(db, What.UNANSWERED) == {"bad answer": 1, "not known": 1}


def speak(db: Connection, ms: int) -> None:
    stream: list[tuple[int, Event]] = [
        (0, CallAnswered()),
        (10, SpeechStarted()),
        (20, SpeechStopped()),
        (20 + ms, ReplyQueued("r")),
    ]
    for at_ms, event in stream:
        events.add(db, "c1", at_ms, event)


def test_answers_count_by_how_long_they_took_and_once(db: Connection) -> None:
    begun(db, "c1")
    speak(db, 700)
    calls.end(db, "c1", EVENING, Outcome.HANDLED, "")
    assert on(db, What.ANSWER) == {"00800": 1}
    speak(db, 90_000)
    calls.end(db, "c1", EVENING, Outcome.HANDLED, "")
    assert on(db, What.ANSWER) == {"00800": 1, "99999": 1}


def test_counts_stay_when_their_calls_are_deleted(db: Connection) -> None:
    test_answers_count_by_how_long_they_took_and_once(db)
    calls.add_menu_step(db, "CAc1", "main:hours")
    cite(db, True, True, SOURCE)
    before = {what: on(db, what) for what in What}
    db.execute("DELETE FROM call_log")
    assert {what: on(db, what) for what in What} == before
    assert before[What.WISH] == {"hours": 1}


def before(path: Path, change: str) -> Connection:
    """A database that does not know this change yet."""
    known = [migrations.name_of(each) for each in CHANGES].index(change)
    migrate(path, CHANGES[:known])
    return database.connect(path)


def test_what_was_counted_of_hang_ups_is_taken_back(tmp_path: Path) -> None:
    """Also of calls that are deleted."""
    path = tmp_path / "old.db"
    db = before(path, "m0055_led_to_people")
    for number, outcome in enumerate(
        (Outcome.HANDLED, Outcome.HANDLED, Outcome.ABANDONED, Outcome.VOICEMAIL)
    ):
        ended(db, f"c{number}", outcome, left=PEOPLE)
    ended(db, "billing", Outcome.HANDLED, left=transfer("billing"))
    db.execute("DELETE FROM call_log WHERE id = 'c0'")
    assert on(db, What.LED) == {
        " handled": 2,
        " abandoned": 1,
        " voicemail": 1,
        "transfer:billing handled": 1,
    }
    db.close()
    migrate(path)
    db = database.connect(path)
    assert on(db, What.LED) == {" voicemail": 1, "transfer:billing handled": 1}
    assert on(db, What.OUTCOME) == {"handled": 3, "abandoned": 1, "voicemail": 1}
    calls.went(db, "c1", Outcome.UNANSWERED)
    assert on(db, What.LED) == {" unanswered": 1, " voicemail": 1, "transfer:billing handled": 1}
    db.close()


def test_calls_of_before_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    db = before(path, "m0037_corrections_and_days")
    begun(db, "live")
    calls.begin(db, "c1", CallOffered("CAc1", "", "", "twilio"), EVENING)
    calls.add_menu_step(db, "CAc1", "main:people")
    intents.add(db, intents.IntentRow("c1", "person", {}, EVENING))
    asked(db, "c1", 1, "take_message")
    languages.add(db, "c1", "es", EVENING)
    cite(db, True, True, SOURCE)
    citations.rate(db, 1, -1)
    db.execute("INSERT INTO call_timing VALUES ('c1', 1, 'response', 0, 600)")
    db.execute(
        "UPDATE call_log SET ended_at = ?, duration_s = 3, outcome = 'handled', disposition = ''", (EVENING,)
    )
    db.execute("UPDATE call_log SET ended_at = NULL, duration_s = NULL, outcome = NULL WHERE id = 'live'")
    db.close()
    migrate(path)
    db = database.connect(path)
    assert {what: on(db, what) for what in What} == {
        What.OUTCOME: {"handled": 1}, What.HOUR: {"21": 1}, What.LED: {},
        What.COST: {"known": 1},
        What.WISH: {"leave_message": 1, "person": 1}, What.LANGUAGE: {"es": 1},
        What.QUESTION: {"bad": 1, "sure": 1}, What.DOCUMENT: {"guide": 1}, What.UNANSWERED: {},
        What.ANSWER: {"00630": 1},
    }  # fmt: skip
    db.close()
