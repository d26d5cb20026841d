"""Killed at any point of reading and indexing, or on a full disk: the old index serves."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from appliance.store import database, documents, errors, job_leases, jobs, knowledge
from appliance.store.job_leases import Moment, Waits
from appliance.store.jobs import State
from appliance.store.migrations import migrate
from tests.jobs.knowing import Base
from tests.small_disk import filled
from tests.small_disk import small_disk as disk_of

ROOT = Path(__file__).parents[2]
AT_ONCE = Waits(first_s=0.0, longest_s=0.0)
OLD = ["Parking is free behind the house.", "We are open on Mondays."]
SIZE = 40


@pytest.fixture(scope="module")
def owed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box with an index, to which a newer version and another document were given."""
    folder = tmp_path_factory.mktemp("owed")
    box = folder / "box"
    migrate(box / "attendant.db")
    db = database.connect(box / "attendant.db")
    base, guide, faq = Base(box / "attendant.db"), folder / "guide.md", folder / "faq.csv"
    guide.write_text(
        "# Guide\n\n## Parking\n\nParking is free behind the house.\n\n## Hours\n\nWe are open on Mondays.\n"
    )
    base.give(db, guide)
    base.work(db)
    assert base.told() == OLD
    guide.write_text(guide.read_text().replace("free", "three dollars"))
    faq.write_text(
        "question,answer\n" + "".join(f"Is number {n} open?,It opens at {n}.\n" for n in range(SIZE))
    )
    base.give(db, guide)
    base.give(db, faq, "faq")
    db.close()
    return box


def copied(owed: Path, folder: Path) -> Path:
    shutil.copytree(owed, folder / "box")
    return folder / "box"


def killed(box: Path, point: int) -> int:
    """Work in a process that kills itself at a point; how many points there were, if it did not."""
    command = [sys.executable, "-m", "tests.jobs.knowledge_program", str(box), str(point)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=120, check=False)
    assert done.returncode == (-signal.SIGKILL if point else 0)
    return int(done.stdout or b"0")


def state(box: Path) -> dict[str, object]:
    """What is known, and what searches find, without times."""
    base, db = Base(box / "attendant.db"), database.connect(box / "attendant.db")
    told: dict[str, object] = {
        "index": base.told(),
        "made of": base.made_of(),
        "documents": [(each.slug, each.state, each.version, each.upload) for each in documents.entries(db)],
        "passages": [
            (told.chunk.id, told.slug, told.chunk.idx, told.chunk.text, told.chunk.embedding)
            for told in knowledge.told(db)
        ],
        "owed": [job.kind for job in jobs.page(db, jobs.OPEN)],
    }
    db.close()
    return told


def finished(box: Path) -> None:
    """What the next worker does."""
    base, db = Base(box / "attendant.db"), database.connect(box / "attendant.db")
    with database.immediate(db):
        job_leases.recover(db, moment=Moment.now(), waits=AT_ONCE)
    base.work(db)
    db.close()


def outcome(owed: Path, folder: Path, points: int) -> None:
    """Be killed at so many points, spread over the run."""
    whole = copied(owed, folder / "whole")
    steps = killed(whole, 0)
    undisturbed = state(whole)
    assert undisturbed["owed"] == []
    new = undisturbed["index"]
    serving = set()
    for number in range(points):
        box = copied(owed, folder / str(number))
        killed(box, 1 + (number * 2 + 1) * steps // (2 * points))
        found = Base(box / "attendant.db").told()
        assert found in (OLD, new) or (OLD[1] in found and len(found) in (2, SIZE + 2))
        serving.add(len(found))
        assert database.faults(box / "attendant.db") == []
        finished(box)
        assert state(box) == undisturbed
        # Nothing of the killed run is left.
        left = {each.name for each in (box / "knowledge").iterdir()} - {
            "index.db",
            "index.db.lock",
            "uploads",
        }
        assert left == set()
    assert 2 in serving


def test_killed_in_the_midst_of_it_all_is_done_at_last(owed: Path, tmp_path: Path) -> None:
    outcome(owed, tmp_path, 1)


@pytest.mark.drill
def test_killed_at_twenty_points_all_is_done_at_last(owed: Path, tmp_path: Path) -> None:
    outcome(owed, tmp_path, 20)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(tmp_path / "disk", "3m") as folder:
        yield folder


@pytest.mark.parametrize("left", [0, 60_000, 150_000, 250_000])
def test_a_full_disk_keeps_the_old_index_and_room_lets_it_end(
    owed: Path, small_disk: Path, left: int
) -> None:
    box = copied(owed, small_disk)
    base = Base(box / "attendant.db")
    db = database.connect(box / "attendant.db")
    filler = filled(small_disk, left)
    with suppress(errors.DiskFull):
        base.work(db)
    assert OLD[1] in base.told()
    assert jobs.page(db, jobs.OPEN) != []
    filler.unlink()
    with database.immediate(db):
        job_leases.recover(db, moment=Moment.now(), waits=AT_ONCE)
        for job in jobs.page(db, (State.WAITING, State.DEAD)):
            jobs.retry(db, job.id)
    base.work(db)
    assert len(base.told()) == SIZE + 2
    assert base.made_of() == (base.embedder.model_id, SIZE + 2, SIZE + 2)
    assert jobs.page(db, jobs.OPEN) == []
    assert {each.state for each in documents.entries(db)} == {documents.State.READY}
    db.close()
    assert database.faults(box / "attendant.db") == []
