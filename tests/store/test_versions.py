"""Versions: a count that the database keeps by itself, for pages that watch."""

from collections.abc import Callable

from appliance.core.dispositions import Outcome
from appliance.core.story import Speaker
from appliance.store import (
    calls,
    database,
    documents,
    jobs,
    knowledge,
    messages,
    office,
    times,
    transcripts,
    versions,
)
from appliance.store.database import Connection
from appliance.store.documents import Given, Source
from appliance.store.jobs import Wanted
from appliance.store.knowledge import Chunk
from tests.store.conftest import AT


def test_every_change_of_a_subject_makes_another_version(db: Connection, call: str) -> None:
    def turn(text: str) -> None:
        transcripts.write(db, transcripts.TurnRow(call, 0, Speaker.CALLER, text, True, False, AT))

    steps: dict[str, list[Callable[[], object]]] = {
        "talk": [lambda: turn("Hel"), lambda: turn("Hello")],
        "calls": [lambda: calls.end(db, call, AT, Outcome.HANDLED, "")],
        "messages": [lambda: messages.add(db, call_sid="CA1", subject="s", body="b", at=AT)],
        "knowledge": [
            lambda: documents.give(db, Given("a", Source.TEXT, content="A"), at=AT),
            lambda: knowledge.set_chunks(db, 1, [Chunk(1, 0, "A")]),
        ],
        "jobs": [lambda: jobs.owe(db, Wanted("tidy", "tidy:1"), now=times.read(AT))],
        "office": [lambda: office.set_value(db, "business_name", "Clinic", at=AT, by="ana")],
    }
    for subject, changes in steps.items():
        for change in changes:
            before = versions.of(db, subject)
            assert versions.of(db, subject) == before
            change()
            assert versions.of(db, subject) != before, subject


def test_what_is_undone_is_no_change(db: Connection, call: str) -> None:
    before = versions.of(db, *versions.SUBJECTS)
    db.execute("BEGIN")
    calls.add_menu_step(db, "CA1", "main:hours")
    db.execute("ROLLBACK")
    assert versions.of(db, *versions.SUBJECTS) == before


def test_another_subject_is_not_touched(db: Connection, call: str) -> None:
    before = versions.of(db, "messages", "callbacks", "office")
    with database.immediate(db):
        calls.add_menu_step(db, "CA1", "main:hours")
    assert versions.of(db, "messages", "callbacks", "office") == before
