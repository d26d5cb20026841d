"""Calls are found by words, numbers, days, outcomes and languages; what is deleted is not, and is gone."""

from pathlib import Path
from typing import Any

import pytest

from appliance.core.dispositions import Outcome
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker
from appliance.store import (
    call_search,
    calls,
    database,
    languages,
    message_texts,
    messages,
    migrations,
    times,
    transcripts,
)
from appliance.store.call_search import Excerpt, Wanted
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState
from appliance.store.migrations import CHANGES, migrate
from tests.store.conftest import AT

NUMBER = "+12125550188"


def begin(db: Connection, name: str, at: str = AT, number: str = NUMBER) -> str:
    calls.begin(db, name, CallOffered(f"CA{name}", number, "+12125550100", "twilio"), at, "p1")
    return name


def say(db: Connection, call_id: str, text: str, place: int = 0) -> None:
    turn = transcripts.TurnRow(call_id, place, Speaker.CALLER, text, True, False, AT)
    transcripts.write(db, turn)


def filed(db: Connection, name: str, text: str = "", at: str = AT, number: str = NUMBER) -> str:
    begin(db, name, at, number)
    if text:
        say(db, name, text)
    calls.end(db, name, times.moved(at, 60), Outcome.HANDLED, "")
    return name


def found(db: Connection, **wanted: object) -> list[str]:
    return [each.call.id for each in call_search.find(db, Wanted(**wanted))]  # type: ignore[arg-type]


def test_a_call_is_found_by_what_was_said_once_it_is_over(db: Connection) -> None:
    begin(db, "c1")
    say(db, "c1", "My son has an earache.")
    assert found(db, text="earache") == []
    calls.end(db, "c1", AT, Outcome.HANDLED, "")
    assert found(db, text="earache") == found(db, text="EARACHE son") == ["c1"]
    assert found(db, text="earache daughter") == []


def test_longer_words_are_found_by_their_beginning_and_accents_do_not_matter(db: Connection) -> None:
    filed(db, "c1", "Necesito una cita para mañana, appointment")
    assert found(db, text="appoint") == found(db, text="manana") == found(db, text="CITA") == ["c1"]
    assert found(db, text="ci") == []


def test_where_the_words_stand_is_shown(db: Connection) -> None:
    filed(db, "c1", "My son has an earache.\nSince Monday")
    (one,) = call_search.find(db, Wanted(text="earache"))
    assert one.excerpt == (
        Excerpt("My son has an ", False),
        Excerpt("earache", True),
        Excerpt(". Since Monday", False),
    )
    assert call_search.find(db, Wanted(number="0188"))[0].excerpt == ()


@pytest.mark.parametrize(
    "typed", ["+12125550188", "1 212 555 0188", "(212) 555-0188", "555-0188", "0188", "188", "2125", "550"]
)
def test_a_number_is_found_by_any_part_of_it(db: Connection, typed: str) -> None:
    filed(db, "c1")
    filed(db, "other", number="+16465509999" if typed != "550" else "+16464449999")
    filed(db, "withheld", number="")
    assert found(db, number=typed) == ["c1"]


def test_too_little_of_a_number_finds_nothing(db: Connection) -> None:
    filed(db, "c1")
    assert found(db, number="18") == found(db, number="none") == found(db, number="9999") == []


def test_a_call_that_goes_on_is_found_by_its_number(db: Connection) -> None:
    begin(db, "c1")
    assert found(db, number="0188") == ["c1"]


def test_outcome_and_language_narrow(db: Connection) -> None:
    filed(db, "c1", "hola")
    filed(db, "c2", "hola")
    begin(db, "c3")
    languages.add(db, "c3", "es", AT)
    languages.add(db, "c3", "en", AT)
    calls.end(db, "c3", AT, Outcome.VOICEMAIL, "")
    assert found(db, language="es") == found(db, outcome=Outcome.VOICEMAIL) == ["c3"]
    assert found(db, text="hola", outcome=Outcome.VOICEMAIL) == []
    calls.went(db, "c2", Outcome.VOICEMAIL)
    assert found(db, text="hola", outcome=Outcome.VOICEMAIL) == ["c2"]
    assert found(db, outcome=Outcome.HANDLED, number="188") == ["c1"]


def test_days_narrow_also_by_themselves(db: Connection) -> None:
    for day in (20, 21, 22):
        filed(db, f"c{day}", "hello", f"2026-11-{day}T09:00:00.000Z")
    since, until = "2026-11-21T00:00:00.000Z", "2026-11-22T00:00:00.000Z"
    assert found(db, since=since) == found(db, since=since, text="hello") == ["c22", "c21"]
    assert found(db, since=since, until=until) == found(db, since=since, until=until, text="hello") == ["c21"]
    assert found(db, until=since) == ["c20"]


def test_pages_follow_each_other_by_time_whenever_the_rows_came(db: Connection) -> None:
    for number, minute in enumerate((3, 1, 2, 1, 0)):
        filed(db, f"c{number}", "hello", f"2026-11-24T09:0{minute}:00.000Z")
    whole = [each.call for each in call_search.find(db, Wanted(text="hello"))]
    assert [call.started_at[15] for call in whole] == ["3", "2", "1", "1", "0"]
    for wanted in (Wanted(text="hello"), Wanted(since=AT)):
        seen: list[str] = []
        before = None
        while page := call_search.find(db, wanted, before=before, limit=2):
            seen += [each.call.id for each in page]
            before = page[-1].call
        assert seen == [call.id for call in whole]


def test_what_was_left_is_found_too(db: Connection) -> None:
    filed(db, "c1")
    one = messages.add(db, call_sid="CAc1", subject="Refill", body="of her lisinopril", at=AT)
    assert found(db, text="lisinopril refill") == ["c1"]
    two = messages.add_voicemail(db, call_sid="CAc1", recording_sid="RE1", seconds=4, at=AT)
    for words in ("It hurts", "It burns"):
        message_texts.put(db, MessageText(two, TextState.WRITTEN, text=words), AT)
    assert found(db, text="burns") == ["c1"]
    assert found(db, text="hurts") == []
    db.execute("DELETE FROM message WHERE id = ?", (one,))
    assert found(db, text="lisinopril") == []


def test_what_comes_late_is_found_as_well(db: Connection) -> None:
    filed(db, "c1", "hello")
    say(db, "c1", "goodbye", 1)
    say(db, "c1", "greetings", 0)
    assert found(db, text="goodbye greetings") == ["c1"]
    assert found(db, text="hello") == []


@pytest.mark.parametrize(
    "typed", ['"', "*", '" OR "a', "said : x", "NEAR(a b)", "-a", "a AND NOT", "(", "';--", "\x00", "é\x02"]
)
def test_whatever_is_typed_is_looked_for_and_nothing_else(db: Connection, typed: str) -> None:
    filed(db, "c1", "harmless")
    assert found(db, text=typed) == []


def test_what_is_deleted_is_found_no_more_and_is_gone_from_the_file(path: Path, db: Connection) -> None:
    filed(db, "c1", "xylophonist arrangements")
    filed(db, "c2", "something else")
    assert found(db, text="xylophonist") == ["c1"]
    db.execute("DELETE FROM call_log WHERE id = 'c1'")
    assert found(db, text="xylophonist") == []
    assert found(db, number="0188") == ["c2"]
    assert db.execute("SELECT count(*) FROM call_place").fetchone()[0] == 1
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    held = path.read_bytes()
    assert b"something else" in held
    assert b"xylophon" not in held


def test_turns_that_go_leave_what_was_left_in_the_call(db: Connection) -> None:
    filed(db, "c1", "xylophonist")
    say(db, "c1", "and arrangements", 1)
    messages.add(db, call_sid="CAc1", subject="Refill", body="of her lisinopril", at=AT)
    filed(db, "c2", "xylophonist")
    db.execute("DELETE FROM transcript WHERE call_id = 'c1'")
    assert found(db, text="xylophonist") == ["c2"]
    assert found(db, text="arrangements") == []
    assert found(db, text="lisinopril") == ["c1"]


def steps_to_forget(db: Connection, name: str, turns: int) -> int:
    """How many hundreds of the engine's steps it takes to delete the turns of a long call."""
    with database.immediate(db):
        begin(db, name)
        for place in range(turns):
            say(db, name, f"word{place}", place)
        calls.end(db, name, AT, Outcome.HANDLED, "")
    steps = [0]

    def counts() -> None:
        steps[0] += 1

    engine: Any = db
    engine.set_progress_handler(counts, 100)
    db.execute("DELETE FROM transcript WHERE call_id = ?", (name,))
    engine.set_progress_handler(None, 0)
    assert found(db, text="word7") == []
    return steps[0]


def test_a_call_of_many_turns_is_read_anew_once_when_they_go(db: Connection) -> None:
    assert steps_to_forget(db, "c1", 800) < 6 * steps_to_forget(db, "c2", 200)


def test_what_stayed_in_the_search_before_it_was_looked_after_goes(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    known = [migrations.name_of(change) for change in CHANGES].index("m0054_gone_for_good")
    migrate(path, CHANGES[:known])
    db = database.connect(path)
    filed(db, "c1", "xylophonist")
    filed(db, "c2", "marimba")
    messages.add(db, call_sid="CAc1", subject="Refill", body="of her lisinopril", at=AT)
    db.execute("DELETE FROM transcript WHERE call_id = 'c1'")
    assert found(db, text="xylophonist") == ["c1"]
    db.close()
    migrate(path)
    db = database.connect(path)
    assert found(db, text="xylophonist") == []
    assert found(db, text="lisinopril") == found(db, text="refill", number="0188") == ["c1"]
    assert found(db, text="marimba") == ["c2"]
    db.close()


def test_calls_of_before_the_index_are_found(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    known = [migrations.name_of(change) for change in CHANGES].index("m0033_call_search")
    migrate(path, CHANGES[:known])
    db = database.connect(path)
    for name in ("c1", "c2"):
        filed(db, name, "hello")
    begin(db, "live")
    db.close()
    migrate(path)
    db = database.connect(path)
    assert sorted(found(db, text="hello")) == ["c1", "c2"]
    calls.end(db, "live", AT, Outcome.BUSY, "")
    assert found(db, outcome=Outcome.BUSY) == ["live"]
    assert len(found(db, number="188")) == 3
    db.close()
