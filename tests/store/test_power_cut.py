"""The power goes at any moment: what was promised is there, and the database is sound."""

import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from appliance.core.dispositions import Disposition, Kind, Outcome
from appliance.core.events import CallAnswered, Event, ReplyQueued, SpeechStopped, UsageReported
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker
from appliance.store import calls, database, events, group, messages, transcripts, usage
from appliance.store.backlog import Job
from appliance.store.database import Connection
from appliance.store.migrations import CHANGES, migrate
from tests.store.conftest import AT
from tests.store.power_cut import Recording, images, record

TALK: list[Event] = [CallAnswered(), ReplyQueued("r1"), SpeechStopped(), ReplyQueued("r2")]
USED = UsageReported("realtime", 1, 2, 3, 4, 5, 6, 0.25)


def a_call(number: int) -> Iterator[tuple[str, Job]]:
    """The groups in which the writer commits a call, each with what it promises."""
    call_id, sid = f"c{number}", f"CA{number}"
    offer = CallOffered(sid, "+14155550100", "+14155550199", "twilio")

    def turn(place: int, final: bool) -> Job:
        row = transcripts.TurnRow(call_id, place, Speaker.CALLER, "I would like " * 20, final, False, AT)
        return lambda db: transcripts.write(db, row)

    def begin(db: Connection) -> None:
        calls.begin(db, call_id, offer, AT, "p1")

    def talk(db: Connection) -> None:
        for at_ms, event in enumerate(TALK):
            events.add(db, call_id, at_ms, event)
        usage.add(db, call_id, 9, USED)

    def leave(db: Connection) -> None:
        calls.leave(db, call_id, Disposition(Kind.TRANSFER, f"d{number}"))

    def end(db: Connection) -> None:
        messages.add_voicemail(db, call_sid=sid, recording_sid=f"RE{number}", seconds=9, at=AT)
        calls.end(db, call_id, AT, Outcome.TRANSFERRED, "asked")

    groups: dict[str, list[Job]] = {
        "begun": [begin, turn(0, False)],
        "talked": [talk, turn(0, True), turn(1, True)],
        "left": [turn(2, False), leave],
        "ended": [end],
    }
    for name, jobs in groups.items():
        yield f"{call_id} {name}", partial(group.perform, jobs=jobs)


def some_calls(count: int) -> Iterator[tuple[str, Job]]:
    for number in range(count):
        yield from a_call(number)


def found(path: Path) -> set[str]:
    """What of the calls is there, in the words in which it was promised."""
    db = database.connect(path)
    there = set()
    for call in calls.page(db, limit=100_000):
        there.add(f"{call.id} begun")
        if len(events.of_call(db, call.id)) == 4 and call.cost_usd == USED.cost_usd:
            there.add(f"{call.id} talked")
        if call.disposition == Disposition(Kind.TRANSFER, f"d{call.id[1:]}"):
            there.add(f"{call.id} left")
        if call.outcome is Outcome.TRANSFERRED and messages.of_call(db, call.id):
            there.add(f"{call.id} ended")
    db.close()
    return there


def cut_power(recording: Recording, folder: Path, count: int) -> tuple[int, int]:
    """How many images are unsound, and how many lost something that was promised."""
    chance = random.Random(11)
    cuts = sorted(chance.randrange(len(recording.steps) + 1) for _ in range(count))
    folder.mkdir()
    unsound = short = 0
    for cut in images(recording, cuts, chance, folder):
        path = folder / recording.file
        unsound += bool(database.faults(path))
        short += bool(recording.promised_by(cut) - found(path))
    return unsound, short


def test_a_power_cut_loses_nothing_that_was_promised(path: Path, tmp_path: Path) -> None:
    recording = record(path, some_calls(40))
    assert len(recording.promised) == 160
    assert cut_power(recording, tmp_path / "images", 300) == (0, 0)


@pytest.mark.drill
def test_five_thousand_power_cuts_lose_nothing_that_was_promised(path: Path, tmp_path: Path) -> None:
    recording = record(path, some_calls(150))
    assert cut_power(recording, tmp_path / "images", 5000) == (0, 0)


def test_the_model_notices_a_weaker_setting(path: Path, tmp_path: Path) -> None:
    recording = record(path, some_calls(20), "PRAGMA synchronous = NORMAL")
    unsound, short = cut_power(recording, tmp_path / "images", 60)
    assert unsound == 0
    assert short > 10


def test_a_power_cut_while_migrating_leaves_the_old_schema_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "attendant.db"
    migrate(path, CHANGES[:1])
    db = database.connect(path)
    calls.begin(db, "c1", CallOffered("CA1", "", "", "twilio"), AT)
    db.close()

    def change(db: Connection) -> None:
        with database.immediate(db):
            for each in CHANGES[1:]:
                each.apply(cast(Any, db))

    recording = record(path, iter([("migrated", change)]))
    folder, seen = tmp_path / "images", set()
    folder.mkdir()
    for cut in images(recording, range(len(recording.steps) + 1), random.Random(3), folder):
        image = folder / path.name
        assert database.faults(image) == []
        db = database.connect(image)
        assert [row["id"] for row in db.execute("SELECT id FROM call_log")] == ["c1"]
        tables = db.execute("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table'").fetchone()[0]
        db.close()
        seen.add(tables)
        assert tables == max(seen) or not recording.promised_by(cut)
    assert len(seen) == 2
