"""Rehearsals that are kept, and their runs: what each was expected to decide, and what it decided then.

Functions that write are to run in a transaction of their own.
May import: the standard library, orjson, appliance.core, appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from appliance.core.errors import SettingsError
from appliance.core.rehearsal import STEPS_MOST, Outline, Part, Step, differences, step, written
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

NAME_MOST = 80
KEPT_MOST = 100
RUNS_KEPT = 50


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One that is kept: what the caller does in it, what was decided then, and what of that is compared."""

    id: int
    name: str
    caller: str
    steps: tuple[Step, ...]
    expected: Outline
    compared: frozenset[Part]
    kept_at: str = ""
    kept_by: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """All of them played, against what was decided by then, or a draft of this name."""

    id: int
    draft_name: str
    draft: Mapping[str, Any]
    asked_at: str
    asked_by: str
    ended_at: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """How one came out: what was seen, or why nothing was.

    `before` is what was seen at the same time without the draft, where it was played with one: what depends
    on the hour is the same in both.
    """

    rehearsal: Rehearsal
    before: Outline | None
    seen: Outline | None
    problem: str

    @property
    def expected(self) -> Outline:
        """What it is compared with."""
        return self.before or self.rehearsal.expected

    @property
    def differs(self) -> dict[Part, list[str]]:
        """The parts that are not as expected, with both versions."""
        if self.seen is None:
            return {}
        return differences(self.expected, self.seen, self.rehearsal.compared)


def every(db: Connection) -> list[Rehearsal]:
    """All that are kept, by name."""
    return [_rehearsal(row) for row in db.execute(f"{_SELECT} ORDER BY name")]


def one(db: Connection, rehearsal_id: int) -> Rehearsal:
    """One of them. Raises NoSuchRow."""
    row = db.execute(f"{_SELECT} WHERE id = ?", (rehearsal_id,)).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no rehearsal {rehearsal_id}.")
    return _rehearsal(row)


def keep(db: Connection, kept: Rehearsal, *, at: str, by: str) -> int:
    """Keep one under its name, in place of what stood there; its id. Raises SettingsError."""
    mistakes = []
    if not 1 <= len(kept.name) <= NAME_MOST:
        mistakes.append(f"A rehearsal has a name of 1 to {NAME_MOST} letters.")
    if not 1 <= len(kept.steps) <= STEPS_MOST:
        mistakes.append(f"A rehearsal that is kept has 1 to {STEPS_MOST} steps of the caller.")
    names = {each.name for each in every(db)}
    if kept.name not in names and len(names) >= KEPT_MOST:
        mistakes.append(f"{KEPT_MOST} rehearsals can be kept: forget one first.")
    if mistakes:
        raise SettingsError(mistakes)
    row = db.execute(
        """
        INSERT INTO rehearsal (name, caller, steps, expected, compared, kept_at, kept_by)
        VALUES (:name, :caller, :steps, :expected, :compared, :at, :by)
        ON CONFLICT (name) DO UPDATE
        SET caller = excluded.caller, steps = excluded.steps, expected = excluded.expected,
            compared = excluded.compared, kept_at = excluded.kept_at, kept_by = excluded.kept_by
        RETURNING id
        """,
        {
            "name": kept.name,
            "caller": kept.caller,
            "steps": orjson.dumps([written(each) for each in kept.steps]).decode(),
            "expected": orjson.dumps(kept.expected.tree).decode(),
            "compared": orjson.dumps(sorted(kept.compared)).decode(),
            "at": at,
            "by": by,
        },
    ).fetchone()
    return int(row[0])


def expect(db: Connection, rehearsal_id: int, outline: Outline) -> None:
    """From now on this is what it should decide. Raises NoSuchRow."""
    row = db.execute(
        "UPDATE rehearsal SET expected = ? WHERE id = ? RETURNING id",
        (orjson.dumps(outline.tree).decode(), rehearsal_id),
    ).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no rehearsal {rehearsal_id}.")


def forget(db: Connection, rehearsal_id: int) -> None:
    """Forget one. Raises NoSuchRow."""
    if db.execute("DELETE FROM rehearsal WHERE id = ? RETURNING id", (rehearsal_id,)).fetchone() is None:
        raise NoSuchRow(f"There is no rehearsal {rehearsal_id}.")


def begin(
    db: Connection, draft_name: str, draft: Mapping[str, object], *, at: str, by: str, mark: str = ""
) -> int:
    """Begin a run of all; its id. The oldest runs are forgotten.

    `mark` stands for what it is played with (`drafts.mark`).
    """
    row = db.execute(
        """
        INSERT INTO rehearsal_run (draft_name, draft, mark, asked_at, asked_by)
        VALUES (:name, :draft, :mark, :at, :by) RETURNING id
        """,
        {
            "name": draft_name,
            "draft": orjson.dumps(dict(draft)).decode(),
            "mark": mark,
            "at": at,
            "by": by,
        },
    ).fetchone()
    db.execute("DELETE FROM rehearsal_run WHERE id <= ?", (row[0] - RUNS_KEPT,))
    return int(row[0])


def add(
    db: Connection,
    run_id: int,
    rehearsal_id: int,
    seen: Outline | None,
    problem: str = "",
    before: Outline | None = None,
) -> None:
    """Note how one came out; one that was forgotten meanwhile has no result."""
    db.execute(
        """
        INSERT INTO rehearsal_result (run_id, rehearsal_id, before, seen, problem)
        SELECT :run, id, :before, :seen, :problem FROM rehearsal WHERE id = :rehearsal
        ON CONFLICT (run_id, rehearsal_id) DO UPDATE
        SET before = excluded.before, seen = excluded.seen, problem = excluded.problem
        """,
        {
            "run": run_id,
            "rehearsal": rehearsal_id,
            "before": _written(before),
            "seen": _written(seen),
            "problem": problem if seen is None else "",
        },
    )


def end(db: Connection, run_id: int, *, at: str) -> None:
    """All were played."""
    db.execute("UPDATE rehearsal_run SET ended_at = ? WHERE id = ? AND ended_at IS NULL", (at, run_id))


def run(db: Connection, run_id: int) -> Run:
    """A run. Raises NoSuchRow."""
    row = db.execute(f"{_RUN} WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no run {run_id}.")
    return _run(row)


def runs(db: Connection, limit: int = 10) -> list[Run]:
    """The last runs, the newest first."""
    return [_run(row) for row in db.execute(f"{_RUN} ORDER BY id DESC LIMIT ?", (limit,))]


def marked(db: Connection, mark: str) -> Run | None:
    """The last run that was played with this."""
    row = db.execute(f"{_RUN} WHERE mark = ? ORDER BY id DESC LIMIT 1", (mark,)).fetchone()
    return None if row is None else _run(row)


def unended(db: Connection) -> list[Run]:
    """The runs that are not over."""
    return [_run(row) for row in db.execute(f"{_RUN} WHERE ended_at IS NULL")]


def results(db: Connection, run_id: int) -> list[Result]:
    """How each came out so far, by name."""
    rows = db.execute(
        """
        SELECT rehearsal.*, rehearsal_result.before, rehearsal_result.seen, rehearsal_result.problem
        FROM rehearsal_result JOIN rehearsal ON rehearsal.id = rehearsal_id
        WHERE run_id = ? ORDER BY name
        """,
        (run_id,),
    )
    return [
        Result(
            _rehearsal(row),
            _outline(row["before"]),
            _outline(row["seen"]),
            row["problem"],
        )
        for row in rows
    ]


def _written(outline: Outline | None) -> str | None:
    return None if outline is None else orjson.dumps(outline.tree).decode()


def _outline(stored: str | None) -> Outline | None:
    return None if stored is None else Outline.read(orjson.loads(stored))


_SELECT = "SELECT id, name, caller, steps, expected, compared, kept_at, kept_by FROM rehearsal"
_RUN = "SELECT id, draft_name, draft, asked_at, asked_by, ended_at FROM rehearsal_run"


def _rehearsal(row: Any) -> Rehearsal:
    steps = tuple(done for each in orjson.loads(row["steps"]) if (done := step(each)) is not None)
    compared = frozenset(Part(each) for each in orjson.loads(row["compared"]) if each in list(Part))
    expected = Outline.read(orjson.loads(row["expected"]))
    return Rehearsal(
        row["id"], row["name"], row["caller"], steps, expected, compared, row["kept_at"], row["kept_by"]
    )


def _run(row: Any) -> Run:
    return Run(
        row["id"],
        row["draft_name"],
        orjson.loads(row["draft"]),
        row["asked_at"],
        row["asked_by"],
        row["ended_at"],
    )
