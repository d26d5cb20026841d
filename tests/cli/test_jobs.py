"""What is owed, at the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path

from appliance.store import database, job_leases, jobs
from appliance.store.jobs import State, Wanted
from tests.cli.conftest import Typed

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
MOMENT = job_leases.Moment(NOW, "b", 1_000)


def fill(file: Path) -> tuple[int, int]:
    """One that is owed, and one that was given up."""
    db = database.connect(file)
    owed = jobs.owe(db, Wanted("text", "confirm:1", {"booking": "AB12C"}), now=NOW)
    dead = jobs.owe(db, Wanted("mail", "mail:1", {"to": "front desk"}), now=NOW)
    found = job_leases.claim(db, ["mail"], worker="w", moment=MOMENT, lease_s=9)
    assert found is not None
    job_leases.failed(db, found[1], "the mailbox is full\x1b[2J", moment=MOMENT, took_ms=1500, again_s=None)
    db.close()
    return owed, dead


def fill_one(file: Path) -> int:
    db = database.connect(file)
    try:
        return jobs.owe(db, Wanted("text", "confirm:2"), now=NOW)
    finally:
        db.close()


def state(file: Path, job_id: int) -> State:
    db = database.connect_readonly(file)
    try:
        return jobs.get(db, job_id).state
    finally:
        db.close()


def test_a_box_without_jobs_says_so(typed: Typed, morning: Path) -> None:
    assert typed("jobs", "list").output == "Nothing was owed yet.\n"
    assert typed("jobs", "counts").output == "Nothing was owed yet.\n"
    assert typed("jobs", "list", "--json").output == "[]\n"


def test_the_list_names_what_is_owed_and_why_it_was_given_up(typed: Typed, morning: Path) -> None:
    owed, dead = fill(morning)
    done = typed("jobs", "list")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0].split() == ["Job", "Kind", "State", "Owed", "Due", "Tries", "Took", "Error"]
    assert lines[1].split()[:3] == [str(dead), "mail", "dead"]
    assert "1 of 10" in lines[1]
    assert "1.5 s" in lines[1]
    assert "the mailbox is full" in lines[1]
    assert "\x1b" not in done.output
    assert "Tue 2026-11-24 09:00:00" in lines[2]  # the office's time
    assert typed("jobs", "list", "--state", "queued").output.splitlines()[1].split()[0] == str(owed)
    assert typed("jobs", "list", "--kind", "none").output == "There is no such job.\n"
    found = json.loads(typed("jobs", "list", "--state", "dead", "--json").output)
    assert [(job["id"], job["state"], job["attempts"]) for job in found] == [(dead, "dead", 1)]


def test_one_job_is_shown_whole(typed: Typed, morning: Path) -> None:
    owed, dead = fill(morning)
    shown = typed("jobs", "show", str(owed)).output
    assert 'Payload     {"booking":"AB12C"}' in shown
    assert "Key         confirm:1" in shown
    assert json.loads(typed("jobs", "show", str(dead), "--json").output)["took_ms"] == 1500
    missing = typed("jobs", "show", "99")
    assert (missing.exit_code, missing.stderr) == (1, "There is no job 99.\n")


def test_what_was_given_up_is_retried_or_dropped(typed: Typed, morning: Path) -> None:
    owed, dead = fill(morning)
    done = typed("jobs", "retry", str(dead))
    assert done.output == f"Job {dead} (mail) is begun again at once.\n"
    assert state(morning, dead) is State.QUEUED
    assert typed("jobs", "drop", str(owed), str(dead)).exit_code == 0
    assert {state(morning, owed), state(morning, dead)} == {State.DROPPED}
    again = json.loads(typed("jobs", "drop", str(fill_one(morning)), "--json").output)
    assert [job["state"] for job in again] == ["dropped"]
    refused = typed("jobs", "retry", str(dead))
    assert (refused.exit_code, refused.stderr) == (1, f"Job {dead} is dropped: it cannot be retried.\n")


def test_all_or_none_are_changed(typed: Typed, morning: Path) -> None:
    _, dead = fill(morning)
    assert typed("jobs", "drop", str(dead), "99").exit_code == 1
    assert state(morning, dead) is State.DEAD
    assert typed("jobs", "retry").exit_code == 2


def test_all_that_were_given_up_are_retried_together(typed: Typed, morning: Path) -> None:
    _, dead = fill(morning)
    assert typed("jobs", "retry", "--all-dead").output == f"Job {dead} (mail) is begun again at once.\n"
    assert typed("jobs", "retry", "--all-dead").output == "There is no such job.\n"


def test_counts_say_how_many_and_what_to_do_next(typed: Typed, morning: Path) -> None:
    fill(morning)
    lines = typed("jobs", "counts").output.splitlines()
    assert lines[0].split() == ["Kind", "Queued", "Waiting", "Running", "Done", "Dead", "Dropped"]
    assert lines[1].split() == ["mail", "0", "0", "0", "0", "1", "0"]
    assert "Due now: 1, since" in "\n".join(lines)
    assert lines[-1] == "1 were given up: `attendant jobs list --state dead`, then retry or drop them."
    tree = json.loads(typed("jobs", "counts", "--json").output)
    assert tree["by_state"] == {"queued": 1, "dead": 1}
