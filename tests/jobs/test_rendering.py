"""The clinic's sentences are rendered by the worker, whatever changed them, by the best voice there is."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.core.examined import Health
from appliance.core.settings import Settings, checked
from appliance.jobs import work
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import registry
from appliance.jobs.schedules import RENDER as NAME
from appliance.jobs.turns import Turns
from appliance.service import rendering
from appliance.service.doctor import box
from appliance.service.jobs.rendering import Noticing, rendering_of
from appliance.store import database, job_leases, jobs, office
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.jobs import Job, State
from tests.cli.test_prompts import speech
from tests.peers.synthesiser import SynthesiserPeer

NOW = datetime.now(UTC)

__all__ = ["speech"]


def settings_of(path: Path, uri: str = "") -> Settings:
    tree = {"box": {"data_dir": str(path.parent)}, "speech": {"uri": uri}}
    return checked(tree, "the test")


@pytest.fixture
def settings(path: Path) -> Settings:
    return settings_of(path)


def decided(db: Connection, key: str, value: object) -> None:
    with database.immediate(db):
        office.set_value(db, key, value, at="2026-11-24T09:00:00.000Z", by="the test")


def noticed(noticing: Noticing, db: Connection) -> bool:
    return noticing.look(db, office.load(db), datetime.now(UTC))


def done(db: Connection, settings: Settings) -> Job:
    """The job that is owed, after one try."""
    with database.immediate(db):
        found = job_leases.claim(db, [NAME], worker="w", moment=Moment.now(), lease_s=60)
    assert found is not None
    kind = rendering_of(settings)
    errand = Errand(*found, db, Turns(), kind.deadline_s)
    work.do(registry([kind]), errand, Moment.now, lambda _: True)
    return jobs.get(db, errand.job.id)


def test_a_worker_that_stops_does_not_wait_for_it(db: Connection, settings: Settings) -> None:
    assert noticed(Noticing(settings), db)
    with database.immediate(db):
        found = job_leases.claim(db, [NAME], worker="w", moment=Moment.now(), lease_s=60)
    assert found is not None
    kind = rendering_of(settings)
    errand = Errand(*found, db, Turns(), kind.deadline_s)
    errand.stop()
    work.do(registry([kind]), errand, Moment.now, lambda _: True)
    job = jobs.get(db, errand.job.id)
    assert (job.state, job.attempts) == (State.QUEUED, 0)
    assert not list(rendering.cache(settings).folder.glob("*.sound"))


def lacking(settings: Settings, db: Connection) -> int:
    wanted = rendering.texts(office.load(db))
    return rendering.lacking(rendering.cache(settings), rendering.voices_of(settings), wanted)[0]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sound of a new box's sentences is kept for those who need it; empty until it was rendered."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def rendered(db: Connection, settings: Settings, kept: Path) -> Noticing:
    """A box whose sentences are all there."""
    noticing, folder = Noticing(settings), rendering.cache(settings).folder
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    assert noticed(noticing, db)
    assert done(db, settings).state is State.DONE
    shutil.copytree(folder, kept, dirs_exist_ok=True)
    return noticing


def test_a_new_box_is_rendered_once(db: Connection, settings: Settings, rendered: Noticing) -> None:
    assert lacking(settings, db) == 0
    assert not noticed(rendered, db)
    assert box.sentences(settings, office.load(db)).health is Health.WELL


def test_a_box_that_is_not_to_render_says_so(db: Connection, path: Path) -> None:
    tree = {"box": {"data_dir": str(path.parent)}, "speech": {"rendered_ahead": False}}
    found = box.sentences(checked(tree, "the test"), office.load(db))
    assert found.health is Health.WELL
    assert "0 of" in found.told
    assert "rendered_ahead" in found.told


def test_what_staff_edit_is_rendered_whoever_edits_it(
    db: Connection, settings: Settings, rendered: Noticing
) -> None:
    before = len(list(rendering.cache(settings).folder.glob("*.sound")))
    decided(db, "ring_s", 30)
    assert not noticed(rendered, db)
    decided(db, "greeting", "Good morning, Riverside. We are at a new address.")
    assert lacking(settings, db) > 0
    told = box.sentences(settings, office.load(db))
    assert told.health is Health.NOTE
    assert "attendant prompts render" in told.told
    assert noticed(rendered, db)
    assert done(db, settings).state is State.DONE
    assert lacking(settings, db) == 0
    # What is said no more is gone.
    assert abs(len(list(rendering.cache(settings).folder.glob("*.sound"))) - before) < 20
    decided(db, "greeting", "Good morning, Riverside.")
    assert noticed(rendered, db)
    decided(db, "greeting", "Good morning, Riverside. We are at a new address.")
    assert noticed(rendered, db)
    assert len(jobs.page(db, (State.QUEUED,), limit=10)) == 2


@pytest.mark.drill
@pytest.mark.usefixtures("rendered")
def test_a_voice_that_is_away_is_asked_again(db: Connection, path: Path, speech: SynthesiserPeer) -> None:
    """The sentences are there by the voice of last resort, as on a box whose speech program was added."""
    away = settings_of(path, f"unix://{path.parent / 'nobody'}")
    assert noticed(Noticing(away), db)
    waits = done(db, away)
    assert waits.state is State.WAITING
    assert "A better voice was away" in waits.error
    assert lacking(away, db) == 0
    there = settings_of(path, speech.address)
    assert noticed(Noticing(there), db)
    assert done(db, there).state is State.DONE
    assert {asked.data["priority"] for asked in speech.asked} == {"background"}


def test_without_any_voice_it_is_told(
    db: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert noticed(Noticing(settings), db)
    waits = done(db, settings)
    assert waits.state is State.WAITING
    assert "Install espeak-ng" in waits.error
