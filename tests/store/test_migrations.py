"""Migrations: from nothing, from an older schema, failing half-way, and beside another process."""

import multiprocessing
import re
import sqlite3 as distributions_sqlite  # noqa: TID251 -- what IT looks into the file with
import types
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlite_utils

from appliance.core import other_languages
from appliance.core.staff import Office
from appliance.core.steps import CallOffered
from appliance.core.texts import TextKind
from appliance.store import booking_links, calls, database, errors, migrations, office, texts, times
from appliance.store.database import Connection
from appliance.store.migrations import CHANGES, Change, copies, migrate, name_of, pending
from tests.store.conftest import AT, OFFER


class Later(types.ModuleType):
    """A change of a later version: two statements, or one and a mistake."""

    def __init__(self, name: str, *statements: str) -> None:
        super().__init__(f"later.{name}")
        self.statements = statements

    def apply(self, db: sqlite_utils.Database) -> None:
        for statement in self.statements:
            db.execute(statement)


GOOD = Later(
    "m9001_notes", "ALTER TABLE call_log ADD COLUMN note TEXT", "CREATE TABLE note (id INTEGER) STRICT"
)
BAD = Later("m9002_bad", "CREATE TABLE half (id INTEGER) STRICT", "CREATE TABLE half (id INTEGER) STRICT")


def schema(path: Path) -> list[str]:
    db = database.connect_readonly(path)
    found = [
        row[0] for row in db.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
    ]
    db.close()
    return found


def tables(path: Path) -> set[str]:
    db = database.connect_readonly(path)
    found = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    db.close()
    return found


def test_an_empty_database_gets_every_table_of_the_plan(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert migrate(path) == tuple(map(name_of, CHANGES))
    assert tables(path) >= {
        "call_log", "call_event", "transcript", "call_timing", "usage", "message", "business_config",
        "department", "intent_log", "language_log", "citations_log", "knowledge_doc", "knowledge_chunk",
    }  # fmt: skip
    assert pending(path) == ()
    assert copies(path) == []


def test_migrating_again_changes_nothing(path: Path) -> None:
    before = schema(path)
    assert migrate(path) == ()
    assert schema(path) == before
    assert copies(path) == []


@pytest.mark.parametrize("known", range(1, len(CHANGES)))
def test_an_older_database_is_brought_up_and_keeps_its_rows(tmp_path: Path, known: int) -> None:
    path, fresh = tmp_path / "a.db", tmp_path / "fresh.db"
    migrate(fresh)
    migrate(path, CHANGES[:known])
    db = database.connect(path)
    calls.begin(db, "c1", OFFER, AT)
    db.close()
    assert pending(path) == tuple(map(name_of, CHANGES[known:]))
    assert migrate(path) == tuple(map(name_of, CHANGES[known:]))
    assert schema(path) == schema(fresh)
    db = database.connect(path)
    assert [call.id for call in calls.page(db)] == ["c1"]
    db.close()


def test_absolute_paths_of_recordings_are_mended(tmp_path: Path) -> None:
    path, sid = tmp_path / "a.db", "RE" + "1" * 32
    migrate(path, CHANGES[:6])
    db = database.connect(path)
    for number, (kind, recording, name) in enumerate(
        [
            ("voicemail", sid, f"/srv/recordings/data/recordings/{sid}.wav"),
            ("voicemail", "RE2", "RE2.wav"),
            ("message", None, "c1-1.wav"),
            ("message", None, None),
        ]
    ):
        db.execute(
            """
            INSERT INTO message (id, call_sid, kind, subject, body, recording_sid, recording_path, created_at)
            VALUES (?, 'CA1', ?, '', '', ?, ?, ?)
            """,
            (number, kind, recording, name, AT),
        )
    db.close()
    migrate(path)
    db = database.connect(path)
    paths = [row[0] for row in db.execute("SELECT recording_path FROM message ORDER BY id")]
    db.close()
    assert paths == [f"{sid}.wav", "RE2.wav", "c1-1.wav", None]


def test_what_was_there_is_kept_in_a_copy(tmp_path: Path, path: Path, db: Connection, call: str) -> None:
    migrate(path, [*CHANGES, GOOD])
    (copy,) = copies(path)
    assert copy.name == f"attendant.db.{name_of(CHANGES[-1])}.copy"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert database.faults(copy) == []
    old = database.connect(copy)
    assert [each.id for each in calls.page(old)] == [call]
    assert "note" not in tables(copy)
    old.close()


def test_half_a_copy_of_a_killed_process_is_removed(path: Path) -> None:
    dead, alive = (path.with_name(f"attendant.db.m0001_calls.{pid}.half") for pid in (99999999, 1))
    for half in (dead, alive):
        half.touch()
    migrate(path, [*CHANGES, GOOD])
    assert (dead.exists(), alive.exists()) == (False, True)


def test_the_latest_two_copies_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    for known in range(1, len(CHANGES) + 1):
        migrate(path, CHANGES[:known])
    names = [copy.name for copy in copies(path)]
    assert names == [f"a.db.{name_of(change)}.copy" for change in CHANGES[-3:-1]]


def test_a_failing_change_leaves_everything_as_it_was(path: Path, db: Connection, call: str) -> None:
    before = schema(path)
    with pytest.raises(errors.MigrationFailed, match="m9002_bad"):
        migrate(path, [*CHANGES, GOOD, BAD])
    assert schema(path) == before
    assert pending(path, [*CHANGES, GOOD, BAD]) == ("m9001_notes", "m9002_bad")
    assert [each.id for each in calls.page(db)] == [call]
    assert migrate(path, [*CHANGES, GOOD]) == ("m9001_notes",)


def test_a_newer_schema_serves_this_version_too(path: Path) -> None:
    migrate(path, [*CHANGES, GOOD])
    assert migrate(path) == ()
    db = database.connect(path)
    calls.begin(db, "c1", CallOffered("CA1", "", "", "twilio"), AT)
    assert calls.one(db, "c1") is not None
    db.close()


def test_the_distributions_own_sqlite_reads_the_file(path: Path, db: Connection, call: str) -> None:
    """An older library refuses a file as a whole if one view of it is more than it can parse."""
    theirs = distributions_sqlite.connect(f"file:{path}?mode=ro", uri=True)
    assert theirs.execute("SELECT id FROM call_log").fetchall() == [(call,)]
    theirs.close()


def test_a_damaged_file_is_not_migrated(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"x" * 9000)
    with pytest.raises(errors.DatabaseDamaged):
        migrate(path)
    assert path.read_bytes() == b"x" * 9000


def test_no_copy_no_change(path: Path) -> None:
    before = schema(path)
    path.with_name(f"attendant.db.{name_of(CHANGES[-1])}.copy").mkdir()
    with pytest.raises(errors.MigrationFailed, match="copy"):
        migrate(path, [*CHANGES, GOOD])
    assert schema(path) == before


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(path, CHANGES[:1])
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        results = pool.map(migrate, [path] * 4)
    assert sorted(results, key=len)[-1] == tuple(map(name_of, CHANGES[1:]))
    assert sum(map(len, results)) == len(CHANGES) - 1
    assert database.faults(path) == []


def test_the_document_names_every_table_and_the_columns_of_the_plan(path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "data-model.md").read_text("utf-8")
    db = database.connect_readonly(path)
    # Those of the search are the engine's own.
    inner = {f"call_search_{part}" for part in ("data", "idx", "content", "docsize", "config")}
    ours = {"call_event", "call_timing", "usage"} | inner
    for table in tables(path) - {"_sqlite_migrations"}:
        assert f"`{table}`" in text
        columns = [row["name"] for row in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        assert [name for name in columns if f"`{name}`" not in text and table not in ours] == []
    db.close()


NEVER_USED = {21, 22, 23, 26, 29, 34, 40, 41, 42, 44, 46, 52}
"""Numbers that no change has, and none is to take: boxes are past them. A new gap is named, or closed."""


def test_changes_are_numbered_in_order_and_every_gap_is_named() -> None:
    changes: tuple[Change, ...] = CHANGES
    names = [name_of(change) for change in changes]
    assert all(re.fullmatch("m[0-9]{4}_[a-z_]+", name) for name in names)
    numbers = [int(name[1:5]) for name in names]
    assert numbers == [number for number in range(1, numbers[-1] + 1) if number not in NEVER_USED]


def test_every_change_that_lies_there_is_made() -> None:
    folder = Path(migrations.__file__).parent
    assert [name_of(change) for change in CHANGES] == sorted(path.stem for path in folder.glob("m*.py"))


@pytest.mark.parametrize(("language", "said"), [(None, "press 2."), ("es-US", "oprima 2.")])
def test_a_box_that_was_there_keeps_the_menu_that_its_callers_know(
    tmp_path: Path, language: str | None, said: str
) -> None:
    path = tmp_path / "a.db"
    before = [change for change in CHANGES if name_of(change) < "m0018_menu"]
    migrate(path, before)
    db = database.connect(path)
    with database.immediate(db):
        if language is None:
            calls.begin(db, "c1", OFFER, AT)
        else:
            office.set_value(db, "language", language, at=AT, by="ana")
    migrate(path)
    staff = office.load(db).staff
    (departments,) = (entry for entry in staff.menu if entry.choice == "departments")
    assert (departments.digit, departments.said.endswith(said)) == ("2", True)
    assert [key for _, key in other_languages.keys(Office(staff=staff))] == ["8"]
    office.unset(db, "menu")
    assert [key for _, key in other_languages.keys(office.load(db))] == ["2"]
    db.close()


def test_a_new_box_leaves_the_key_2_to_another_language(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(path)
    db = database.connect_readonly(path)
    assert office.rows(db) == []
    assert other_languages.keys(office.load(db)) == (("es", "2"),)
    db.close()


def test_texts_keep_their_links_and_what_other_changes_gave_them(tmp_path: Path) -> None:
    """The table of texts is made anew without losing a row, a column or an index."""
    path = tmp_path / "a.db"
    before = [change for change in CHANGES if name_of(change) < "m0025"]
    migrate(path, before)
    db = database.connect(path)
    db.execute("ALTER TABLE text ADD COLUMN since_then TEXT NOT NULL DEFAULT 'kept'")
    indexes = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    now = datetime(2026, 11, 26, 14, tzinfo=UTC)
    at = times.written(now)
    db.execute(
        """
        INSERT INTO text (id, key, once, kind, number, language, due_at, until_at, owed_at, changed_at)
        VALUES (7, '0123456789abcdef0123456789abcdef', 'a', 'link', '+14155550102', 'en', ?, ?, ?, ?)
        """,
        (at, at, at, at),
    )
    token = booking_links.make(db, 7, number="+14155550102", language="en", expires=now)
    migrate(path)
    text = texts.get(db, 7)
    assert (text.once, text.kind, text.number, text.due_at) == ("a", TextKind.LINK, "+14155550102", now)
    assert booking_links.opened_by(db, token) is not None
    assert [row[0] for row in db.execute("SELECT since_then FROM text")] == ["kept"]
    assert indexes <= {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    owed = texts.Owed("b", TextKind.CUT_OFF, "+14155550102", "en", now, now)
    assert texts.owe(db, owed, now=now).kind is TextKind.CUT_OFF
    db.execute("DELETE FROM text WHERE once = 'a'")
    assert booking_links.opened_by(db, token) is None
    db.close()
    assert database.faults(path) == []
