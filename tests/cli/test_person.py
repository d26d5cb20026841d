"""Everything about one number, given out and erased; what is held; and retention, at the command line."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from appliance.core.calendar import Span
from appliance.core.texts import TextKind
from appliance.store import (
    bookings,
    callback_rows,
    callbacks,
    calls,
    database,
    jobs,
    message_corrections,
    messages,
    office,
    texting,
    texts,
    times,
    voicemail,
)
from appliance.store.bookings import Patient, Wanted
from appliance.store.jobs import State
from appliance.store.messages import Message
from tests.cli.conftest import Typed
from tests.jobs.long_ago import DAY, NOW, Past

ANA, BEN = "+14155550111", "+14155550112"


@pytest.fixture
def past(typed: Typed, tmp_path: Path) -> Iterator[Past]:
    """A box with callers, on which commands are typed."""
    made = Past(tmp_path / "data")
    yield made
    made.close()


def test_all_about_a_number_is_given_out_and_nothing_about_others(
    typed: Typed, past: Past, tmp_path: Path
) -> None:
    past.rang(2, ANA)
    past.rang(1, ANA)
    past.rang(1, BEN)
    corrected = next(each.id for each in messages.page(past.db) if each.caller == ANA)
    with database.immediate(past.db):
        message_corrections.add(
            past.db, corrected, by="Ben", at=times.utc_now(), text="about a refill", name="Ana", number=ANA
        )
    target = tmp_path / "ana.zip"
    told = typed("export", "(415) 555-0111", "--to", str(target))
    assert told.exit_code == 0, told.stderr
    assert target.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(target) as packed:
        about = orjson.loads(packed.read("about.json"))
        sounds = [packed.read(name) for name in packed.namelist() if name.startswith("recordings/")]
    assert sounds == [f"sound of {ANA}".encode()] * 4
    assert (about["number"], len(about["calls"]), len(about["messages"])) == (ANA, 2, 4)
    empty = {name for name, part in about.items() if not part}
    assert empty == {
        "own calendar", "links", "wishes about texts", "legal holds", "questions sent to be embedded",
        "numbers outside that were rung", "tries to find appointments",
    }  # fmt: skip
    assert BEN not in orjson.dumps(about).decode()
    assert {each["to"] for left in about["left the building"].values() for each in left} == {
        "Twilio", "OpenAI",
    }  # fmt: skip
    again = typed("export", ANA, "--to", str(target))
    assert (again.exit_code, again.stderr) == (1, f"{target} is there already: choose another name.\n")


def test_an_export_that_cannot_be_written_leaves_nothing(typed: Typed, past: Past, tmp_path: Path) -> None:
    past.rang(1, ANA)
    told = typed("export", ANA, "--to", str(tmp_path / "nowhere" / "ana.zip"))
    assert (told.exit_code, "No such file or directory" in told.stderr) == (1, True)
    assert typed("export", "911", "--to", str(tmp_path / "a.zip")).stderr.endswith("this is none: 911\n")
    assert [*tmp_path.glob("*.zip"), *tmp_path.glob(".*.half")] == []


def test_all_about_a_number_is_erased_from_the_bytes_of_the_file(
    typed: Typed, past: Past, tmp_path: Path
) -> None:
    for days in range(20):
        past.rang(3 + days, f"+1415556{days:04}")
        past.rang(3 + days, ANA, handled=bool(days % 2))
    past.db.execute("PRAGMA optimize = 0x10002")
    copy = past.folder / "attendant.db.m0001_calls.copy"
    copy.write_bytes(ANA.encode())
    asked = typed("erase", ANA)
    assert (asked.exit_code, "calls" in asked.output, len(calls.page(past.db))) == (1, True, 40)
    (tmp_path / "data.before-20261120-080000").mkdir()
    told = typed("erase", ANA, "--yes")
    assert told.exit_code == 0, told.stderr
    assert told.output.splitlines()[-2] == (
        "Deleted: 20 recordings, 10 callbacks, 40 messages, 20 appointments, 20 texts, 20 calls,"
        " 1 copies of the database."
    )
    assert "A whole box lies in" in told.output.splitlines()[-1]
    assert ANA.encode() not in past.raw()
    assert len(calls.page(past.db)) == 20
    assert len([*past.recordings.iterdir()]) == 40
    assert database.faults(past.settings.database) == []


def test_what_is_not_over_is_not_erased_and_is_told(typed: Typed, past: Past) -> None:
    past.rang(2, ANA)
    start = NOW + 3000 * DAY
    span = Span(start, start + DAY)
    with database.immediate(past.db):
        wanted = Wanted("ahead", "CAx", "check-up", "dr-lee", span, span, "UTC")
        bookings.take(past.db, wanted, Patient("Ana", ANA), now=NOW)
        texts.owe(past.db, texts.Owed("t", TextKind.LINK, ANA, "en", NOW, start), now=NOW)
        texting.stop(past.db, ANA, now=NOW)
    told = typed("erase", ANA, "--yes").output
    assert "Appointments to come, which stay: 1." in told
    assert "Texts on their way, which stay: 1." in told
    assert "wants no texts stays" in told
    assert texting.stopped(past.db, ANA)
    assert bookings.get(past.db, "ahead").phone == ANA


def said(past: Past, days: float = 2) -> Message:
    """A voicemail of somebody who withheld their number and said this one."""
    return past.left_word(days, ANA)


def corrected(past: Past, days: float = 2) -> Message:
    """One in which no number was heard, until somebody of staff listened to it."""
    message = past.left_word(days)
    with database.immediate(past.db):
        message_corrections.add(
            past.db, message.id, by="Ben", at=times.utc_now(), text="She wants a refill.", name="", number=ANA
        )
    return message


@pytest.mark.parametrize("left", [said, corrected])
def test_a_voicemail_in_which_the_number_was_said_is_of_that_number(
    typed: Typed, past: Past, tmp_path: Path, left: Callable[[Past], Message]
) -> None:
    message, other = left(past), past.left_word(2, BEN)
    target = tmp_path / "ana.zip"
    assert typed("export", ANA, "--to", str(target)).exit_code == 0
    with zipfile.ZipFile(target) as packed:
        about = orjson.loads(packed.read("about.json"))
        assert packed.namelist() == ["about.json", f"recordings/{message.recording_path}"]
    assert [each["id"] for each in about["messages"]] == [message.id]
    assert len(about["texts of messages"]) == len(about["callbacks"]) == 1
    told = typed("erase", ANA, "--yes")
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.output.splitlines()[-1] == "Deleted: 1 recordings, 1 callbacks, 1 messages."
    assert [each.id for each in messages.page(past.db)] == [other.id]
    assert [path.name for path in past.recordings.iterdir()] == [other.recording_path]
    assert ANA.encode() not in past.raw()


@pytest.mark.parametrize("left", [said, corrected])
def test_a_voicemail_in_which_the_number_was_said_is_held_with_it(
    typed: Typed, past: Past, left: Callable[[Past, float], Message]
) -> None:
    left(past, 4000)
    assert typed("retention", "hold", ANA, "--reason", "a complaint").exit_code == 0
    for entry in callback_rows.of_number(past.db, ANA):
        with database.immediate(past.db):
            callbacks.done(past.db, entry.id, "ana", "called", now=NOW)
    assert typed("retention", "run").output.splitlines() == [
        "Deleted: nothing.", "Held: 1 recordings, 1 voicemail's text, 1 calls.",
    ]  # fmt: skip
    assert "is under legal hold 1 (a complaint)" in typed("erase", ANA, "--yes").stderr
    assert typed("retention", "release", "1").exit_code == 0
    told = typed("erase", ANA, "--yes")
    assert (told.exit_code, "which stays: 1." in told.output) == (0, True)


def test_a_message_that_is_held_for_another_number_is_not_erased_with_this_one(
    typed: Typed, past: Past
) -> None:
    message = said(past)
    with database.immediate(past.db):
        past.db.execute("UPDATE message SET caller = ? WHERE id = ?", (BEN, message.id))
    assert typed("retention", "hold", BEN, "--reason", "a complaint").exit_code == 0
    told = typed("erase", ANA, "--yes")
    assert told.stderr == f"{ANA} is under legal hold 1 (a complaint): release it first.\n"


def test_rows_of_others_that_hold_the_number_are_told_of(typed: Typed, past: Past) -> None:
    past.rang(2, ANA)
    past.rang(2, f"{ANA}2")
    with database.immediate(past.db):
        office.set_value(past.db, "people", [ANA], at=times.utc_now(), by="Ben")
    told = typed("erase", ANA, "--yes")
    assert (told.exit_code, told.stderr) == (
        1, "Rows that are not of this number alone hold it still: 1 of business_config.\n",
    )  # fmt: skip
    assert "1 calls" in told.output
    assert [call.from_number for call in calls.page(past.db)] == [f"{ANA}2"]


@pytest.mark.parametrize("fetched", [False, True])
def test_what_the_carrier_has_still_is_erased_there_and_does_not_come_back(
    typed: Typed, past: Past, fetched: bool
) -> None:
    sid = past.held_there(0.01, ANA)
    if fetched:
        with database.immediate(past.db):
            messages.keep_recording(past.db, sid, f"{sid}.wav")
    told = typed("erase", ANA, "--yes")
    assert (told.exit_code, told.stderr) == (0, "")
    assert messages.untaken(past.db, {sid: "CAthere1"}) == {}
    gone = jobs.of_key(past.db, f"{voicemail.DELETE}:{sid}")
    assert gone is not None
    assert gone.state is State.QUEUED


def test_what_is_held_is_not_erased(typed: Typed, past: Past) -> None:
    past.rang(2, ANA)
    (call,) = calls.page(past.db)
    held = typed("retention", "hold", call.id, "--reason", "a complaint")
    assert held.output.startswith(f"Hold 1: call {call.id}, since ")
    told = typed("erase", ANA, "--yes")
    assert (told.exit_code, told.stderr) == (
        1, f"{ANA} is under legal hold 1 (a complaint): release it first.\n",
    )  # fmt: skip
    assert typed("retention", "release", "1").output == f"Call {call.id} is not held any more.\n"
    assert typed("retention", "release", "1").stderr == "There is no legal hold 1.\n"
    assert typed("erase", ANA, "--yes").exit_code == 0
    assert typed("retention", "hold", "nobody", "--reason", "x").stderr == (
        "'nobody' is neither a telephone number nor a call.\n"
    )


def test_retention_tells_what_would_go_and_deletes_it_when_told(typed: Typed, past: Past) -> None:
    past.rang(4000, ANA)
    past.rang(4000, BEN)
    assert typed("retention", "hold", BEN, "--reason", "a lawsuit").exit_code == 0
    dry = typed("retention", "run", "--dry-run").output
    assert [line.split() for line in dry.splitlines()][1] == ["recordings", "1", "1"]
    assert len(calls.page(past.db)) == 2
    done = typed("retention", "run").output.splitlines()
    assert done[0].startswith("Deleted: 1 recordings, 1 transcripts, ")
    assert done[1].startswith("Held: 1 recordings, 1 transcripts, ")
    assert [call.from_number for call in calls.page(past.db)] == [BEN]
    assert typed("retention", "run").output.splitlines()[0] == "Deleted: nothing."
    shown = typed("retention", "show").output
    assert f"Hold 1: {BEN}, since " in shown
    assert "retention by " in shown
