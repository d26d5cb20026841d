"""Calls: begun, filed, swept, listed, and one with everything."""

from dataclasses import replace
from typing import Any

import pytest

from appliance.core.dispositions import GOODBYE, PEOPLE, Disposition, Outcome, transfer
from appliance.core.events import CallAnswered, ReplyBegan, ReplyEnded, UsageReported
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker
from appliance.store import (
    calls,
    citations,
    database,
    errors,
    events,
    intents,
    languages,
    messages,
    times,
    timings,
    transcripts,
    usage,
)
from appliance.store.database import Connection
from tests.store.conftest import AT, OFFER

USED = UsageReported("realtime", 1, 2, 3, 4, 5, 6, 0.25)


def begin(db: Connection, number: int, at: str = AT, process: str = "p1") -> str:
    calls.begin(db, f"c{number}", CallOffered(f"CA{number}", "", "", "twilio"), at, process)
    return f"c{number}"


def must(db: Connection, call_id: str) -> calls.Call:
    call = calls.one(db, call_id)
    assert call is not None
    return call


def test_a_call_that_has_begun_is_open(db: Connection, call: str) -> None:
    assert must(db, call) == calls.Call(
        id="c1", call_sid="CA1", carrier="twilio", from_number="+14155550100", to_number="+14155550199",
        started_at=AT, ended_at=None, duration_s=None, outcome=None, reason="", disposition=None,
        menu_path=(), cost_usd=0, cost_complete=True, process="p1",
    )  # fmt: skip
    assert calls.by_sid(db, "CA1") == must(db, call)
    assert calls.live(db) == [must(db, call)]
    assert calls.by_sid(db, "none") is None


def test_an_offer_that_was_lost_is_filled_in_once(db: Connection) -> None:
    lost, known = CallOffered("CA7", "", "", ""), CallOffered("CA7", "+15550100002", "+15550100001", "twilio")
    calls.begin(db, "c7", lost, "2026-11-24T10:00:00.000Z")
    calls.begin(db, "c7", known, AT)
    kept = calls.one(db, "c7")
    assert kept is not None
    assert (kept.carrier, kept.from_number, kept.to_number) == ("twilio", "+15550100002", "+15550100001")
    assert kept.started_at == AT
    calls.begin(db, "c7", CallOffered("CA7", "+1999", "+1998", "twilio"), "2026-11-24T10:00:00.000Z")
    assert calls.one(db, "c7") == kept


def test_the_numbers_at_which_calls_were_taken(db: Connection) -> None:
    for number, (called, carrier) in enumerate([("+1", "twilio"), ("+1", "twilio"), ("", ""), ("+2", "pbx")]):
        calls.begin(db, f"c{number}", CallOffered(f"CA{number}", "", called, carrier), AT)
    assert calls.numbers(db, "twilio") == {"+1"}


def test_a_call_that_begins_twice_is_one_call(db: Connection, call: str) -> None:
    calls.begin(db, call, OFFER, "2026-11-24T10:00:00.000Z")
    assert [each.started_at for each in calls.page(db)] == [AT]


def test_a_filed_call_has_its_duration_and_the_last_word_counts(db: Connection, call: str) -> None:
    calls.end(db, call, "2026-11-24T09:01:30.250Z", Outcome.INTERRUPTED, "lost")
    calls.end(db, call, "2026-11-24T09:02:00.500Z", Outcome.HANDLED, "goodbye")
    filed = must(db, call)
    assert (filed.duration_s, filed.outcome, filed.reason) == (120.5, Outcome.HANDLED, "goodbye")
    assert calls.live(db) == []


def test_a_clock_that_was_set_back_gives_no_negative_duration(db: Connection, call: str) -> None:
    calls.end(db, call, "2026-11-24T08:00:00.000Z", Outcome.HANDLED, "")
    assert must(db, call).duration_s == 0


@pytest.mark.parametrize("disposition", [PEOPLE, GOODBYE, transfer("billing")])
def test_a_disposition_is_kept_even_the_empty_one(
    db: Connection, call: str, disposition: Disposition
) -> None:
    assert calls.disposition_of(db, "CA1") is None
    calls.leave(db, call, disposition)
    assert calls.disposition_of(db, "CA1") == disposition
    assert must(db, call).disposition == disposition


def test_the_way_through_the_menus_is_kept(db: Connection, call: str) -> None:
    calls.add_menu_step(db, "CA1", "main:2")
    calls.add_menu_step(db, "CA1", "departments: 1")
    assert must(db, call).menu_path == ("main:2", "departments:1")


def test_a_call_that_is_not_there_cannot_be_changed(db: Connection) -> None:
    changes: list[Any] = [
        lambda: calls.leave(db, "none", GOODBYE),
        lambda: calls.end(db, "none", AT, Outcome.HANDLED, ""),
        lambda: calls.add_menu_step(db, "none", "main:1"),
    ]
    for change in changes:
        with pytest.raises(errors.NoSuchRow):
            change()
    assert calls.disposition_of(db, "none") is None
    assert calls.whole(db, "none") is None


def test_the_sweep_files_what_dead_processes_left_open(db: Connection) -> None:
    dead, silent, ended, ours = (begin(db, n, process="p2" if n == 3 else "p1") for n in range(4))
    events.add(db, dead, 1500, CallAnswered())
    calls.end(db, ended, AT, Outcome.HANDLED, "")
    assert sorted(calls.sweep(db, "p2")) == [dead, silent]
    swept = must(db, dead)
    assert (swept.outcome, swept.reason) == (Outcome.INTERRUPTED, calls.SWEPT)
    assert (swept.ended_at, swept.duration_s) == ("2026-11-24T09:00:01.500Z", 1.5)
    assert (must(db, silent).ended_at, must(db, silent).duration_s) == (AT, 0)
    assert timings.of_call(db, dead) == [timings.Timing(timings.ANSWERED, 1500, 1500)]
    assert [call.id for call in calls.live(db)] == [ours]
    assert must(db, ended).outcome is Outcome.HANDLED
    assert calls.sweep(db, "p2") == []


def test_pages_go_from_the_newest_to_the_oldest_without_gaps(db: Connection) -> None:
    for number in range(25):
        begin(db, number, f"2026-11-24T09:00:0{number // 5}.000Z")
        calls.end(db, f"c{number}", AT, Outcome.HANDLED if number % 2 else Outcome.HOURS, "")
    seen, page = [], calls.page(db, limit=4)
    while page:
        seen += page
        page = calls.page(db, before=page[-1], limit=4)
    assert len(seen) == len({call.id for call in seen}) == 25
    assert [call.started_at for call in seen] == sorted((call.started_at for call in seen), reverse=True)
    assert len(calls.page(db, outcome=Outcome.HANDLED)) == 12
    assert calls.outcomes(db, AT) == {Outcome.HANDLED: 12, Outcome.HOURS: 13}


def test_a_page_is_found_by_its_index(db: Connection) -> None:
    plan = db.execute("EXPLAIN QUERY PLAN SELECT * FROM call_log ORDER BY started_at DESC, id DESC LIMIT 9")
    assert [row["detail"] for row in plan] == ["SCAN call_log USING INDEX call_log_newest"]


def test_cost_is_summed_and_known_to_be_incomplete(db: Connection, call: str) -> None:
    for number, price in enumerate([0.25, None, 0.5]):
        used = UsageReported("realtime", 1, 2, 3, 4, 5, 6, price)
        usage.add(db, call, number, used)
        assert must(db, call).cost_complete is (number == 0)
    assert must(db, call).cost_usd == 0.75
    assert [row.cost_usd for row in usage.of_call(db, call)] == [0.25, None, 0.5]
    assert usage.cost_since(db, AT) == 0.75
    assert usage.cost_since(db, "2026-11-25T00:00:00.000Z") == 0


def test_a_usage_that_was_never_told_leaves_the_cost_incomplete(db: Connection, call: str) -> None:
    usage.add(db, call, 0, USED)
    usage.missed(db, call)
    assert must(db, call).cost_complete is False
    usage.add(db, call, 0, USED)
    assert must(db, call).cost_complete is False


@pytest.mark.parametrize(("ended", "complete"), [("r1", True), ("r2", False), (None, False)])
def test_the_cost_of_a_swept_call_is_known_when_each_answer_had_ended(
    db: Connection, call: str, ended: str | None, complete: bool
) -> None:
    events.add(db, call, 10, ReplyBegan("r1"))
    if ended:
        events.add(db, call, 20, ReplyEnded(ended, "completed"))
    assert calls.sweep(db, "p2") == [call]
    assert must(db, call).cost_complete is complete


def test_a_turn_is_replaced_in_its_place_and_keeps_its_time(db: Connection, call: str) -> None:
    first = transcripts.TurnRow(call, 0, Speaker.CALLER, "I wou", final=False, cut=False, at=AT)
    later = transcripts.TurnRow(call, 0, Speaker.CALLER, "I would", True, False, "2026-11-24T09:00:09.000Z")
    other = transcripts.TurnRow(call, 1, Speaker.ATTENDANT, "Of", True, True, AT)
    for turn in (other, first, later):
        transcripts.write(db, turn)
    turns = transcripts.of_call(db, call)
    assert turns == [transcripts.TurnRow(call, 0, Speaker.CALLER, "I would", True, False, AT), other]


def test_one_call_comes_with_everything_and_goes_with_it(db: Connection, call: str) -> None:
    turn = transcripts.TurnRow(call, 0, Speaker.CALLER, "Hello", True, False, AT)
    wish = intents.IntentRow(call, "hours", {"day": "monday", "sure": 0.9}, AT)
    spoken = languages.LanguageRow("CA1", "es", AT)
    cited = citations.CitationRow(call, "CA1", "Where?", "en-US", ({"slug": "way", "score": 0.8},), AT)
    transcripts.write(db, turn)
    events.add(db, call, 900, CallAnswered())
    usage.add(db, call, 950, USED)
    intents.add(db, wish)
    languages.add(db, call, "es", AT)
    cited = replace(cited, id=citations.add(db, cited))
    messages.add(db, call_sid="CA1", subject="Call back", body="Please", at=AT)
    calls.end(db, call, AT, Outcome.HANDLED, "")
    with database.snapshot(db):
        whole = calls.whole(db, call)
    assert whole is not None
    assert whole.call == must(db, call)
    assert (whole.turns, whole.intents, whole.languages, whole.citations) == (
        [turn],
        [wish],
        [spoken],
        [cited],
    )
    assert whole.timings == [timings.Timing(timings.ANSWERED, 900, 900)]
    assert [row.event() for row in whole.events] == [CallAnswered()]
    assert [row.model for row in whole.usage] == ["realtime"]
    assert [message.body for message in whole.messages] == ["Please"]
    assert intents.counted(db, AT) == {"hours": 1}
    db.execute("DELETE FROM call_log")
    for table in ("transcript", "call_event", "usage", "intent_log", "language_log", "citations_log"):
        assert db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] == 0  # noqa: S608
    assert [message.call_id for message in messages.page(db)] == [None]


@pytest.mark.parametrize("text", ["2026-11-24T09:00:00Z", "2026-11-24T04:00:00-05:00", "2026-11-24 09:00"])
def test_times_are_written_in_one_form(text: str) -> None:
    assert times.normal(text) == AT


def test_now_is_in_that_form() -> None:
    now = times.utc_now()
    assert times.normal(now) == now


def test_the_carriers_own_count_of_the_length_is_kept(db: Connection, call: str) -> None:
    calls.end(db, call, "2026-11-24T09:01:30.000Z", Outcome.HANDLED, "", seconds=77)
    assert must(db, call).duration_s == 77
    calls.went(db, call, Outcome.VOICEMAIL)
    filed = must(db, call)
    assert (filed.outcome, filed.duration_s) == (Outcome.VOICEMAIL, 77)


def test_a_call_never_ends_before_it_began(db: Connection, call: str) -> None:
    calls.end(db, call, "2026-11-24T08:00:00.000Z", Outcome.HANDLED, "")
    assert must(db, call).ended_at == AT


def test_an_open_call_cannot_have_gone_otherwise(db: Connection, call: str) -> None:
    with pytest.raises(errors.NoSuchRow):
        calls.went(db, call, Outcome.VOICEMAIL)


def test_the_carrier_is_asked_about_calls_that_are_open_long_swept_or_marked(db: Connection) -> None:
    later = "2026-11-24T09:05:00.000Z"
    opened, young, swept, marked = (
        begin(db, 1), begin(db, 2, later), begin(db, 3, process="p0"), begin(db, 4),
    )  # fmt: skip
    for each in (opened, young):
        db.execute("UPDATE call_log SET process = 'p2' WHERE id = ?", (each,))
    calls.end(db, marked, AT, Outcome.ABANDONED, "", ask_at="2026-11-24T09:02:00.000Z")
    assert calls.sweep(db, "p2") == [swept]
    messages.add_voicemail(db, call_sid="CA3", recording_sid="RE1", seconds=3, at=AT)

    def due(at: str) -> list[tuple[str, bool]]:
        return [(each.call.id, each.voicemail) for each in calls.unsettled(db, at, AT, "twilio")]

    assert due("2026-11-24T09:01:00.000Z") == [(opened, False), (swept, True)]
    assert due(later) == [(opened, False), (swept, True), (marked, False)]
    calls.ask_later(db, swept, "2026-11-24T10:00:00.000Z", asked=1)
    calls.ask_no_more(db, marked)
    calls.ask_no_more(db, opened)
    assert due(later) == []
    assert (must(db, swept).asked, must(db, marked).asked) == (1, 0)
    assert (must(db, opened).outcome, must(db, opened).reason) == (Outcome.ABANDONED, calls.UNKNOWN)
