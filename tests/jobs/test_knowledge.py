"""Documents as jobs: read, embedded as far as they changed, put into the index, and read again by night."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.core.errors import EmbedderFailed
from appliance.jobs import knowledge as kinds
from appliance.store import database, documents, jobs, knowledge
from appliance.store.database import Connection
from appliance.store.documents import State
from appliance.store.jobs import State as JobState
from appliance.store.jobs import Wanted
from tests.jobs.knowing import Base
from tests.kb import writing
from tests.kb.writing import Pdf
from tests.peers.website import Answer, Website

GUIDE = """# Visitor guide

## Parking

Parking is free behind the house.

## Prices

| Service | Price |
|---|---|
| X-ray | $40 |

Q: Do you take walk-ins?
A: Yes, before noon.
"""
TOLD = ["Parking is free behind the house.", "Service: X-ray; Price: $40", "Yes, before noon."]


@pytest.fixture
def base(path: Path) -> Base:
    return Base(path)


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    file = tmp_path / "guide.md"
    file.write_text(GUIDE)
    return file


@pytest.fixture
def site() -> Iterator[Website]:
    with Website() as made:
        yield made


def state(db: Connection, slug: str = "guide") -> tuple[State, str]:
    entry = documents.entry(db, slug)
    return entry.state, entry.problem


def test_a_file_is_read_embedded_and_found(db: Connection, base: Base, guide: Path) -> None:
    entry = base.give(db, guide)
    assert [(job.kind, job.state) for job in base.work(db)] == [
        (kinds.READ, JobState.DONE),
        (kinds.INDEX, JobState.DONE),
    ]
    assert base.told() == TOLD
    assert base.made_of() == (base.embedder.model_id, 3, 3)
    assert base.embedder.texts == [
        "Visitor guide - Parking. Parking is free behind the house.",
        "Visitor guide - Prices. Service: X-ray; Price: $40",
        "Do you take walk-ins?. Yes, before noon.",
        # Of an answer the question is embedded, too.
        "Do you take walk-ins?",
    ]
    now = documents.entry(db, "guide")
    assert (now.state, now.title, now.language, now.version) == (State.READY, "Visitor guide", "en", 1)
    assert documents.content(db, entry.id).startswith("# Visitor guide\n\n## Parking")
    # What was read is not wanted any more.
    assert documents.uploads(db) == set()


def test_only_what_changed_is_embedded_again(db: Connection, base: Base, guide: Path) -> None:
    base.give(db, guide)
    base.work(db)
    base.embedder.texts.clear()
    guide.write_text(
        GUIDE.replace("free", "three dollars").replace("## Prices", "New patients come early.\n\n## Prices")
    )
    base.give(db, guide)
    base.work(db)
    assert base.embedder.texts == [
        "Visitor guide - Parking. Parking is three dollars behind the house.\nNew patients come early."
    ]
    assert sorted(base.told()) == sorted(
        ["Parking is three dollars behind the house.\nNew patients come early.", *TOLD[1:]]
    )
    assert documents.entry(db, "guide").version == 2


def test_the_same_file_again_makes_nothing_anew(db: Connection, base: Base, guide: Path) -> None:
    base.give(db, guide)
    base.work(db)
    before, made = base.index.stat().st_ino, len(base.embedder.texts)
    base.give(db, guide)
    assert [job.kind for job in base.work(db)] == [kinds.READ]
    assert (base.index.stat().st_ino, len(base.embedder.texts)) == (before, made)
    assert documents.entry(db, "guide").version == 1


def test_what_staff_say_counts_more_than_what_stands_in_it(db: Connection, base: Base, guide: Path) -> None:
    guide.write_text("---\ntitle: Old\nlanguage: en\nreviewed: 2020-01-01\n---\n" + GUIDE)
    base.give(db, guide, title="Visits", language="es", reviewed_on="2026-05-01")
    base.work(db)
    now = documents.entry(db, "guide")
    assert (now.title, now.language, now.reviewed_on) == ("Visits", "es", "2026-05-01")
    base.give(db, guide)
    base.work(db)
    now = documents.entry(db, "guide")
    assert (now.title, now.language, now.reviewed_on) == ("Old", "en", "2020-01-01")


def test_a_file_that_cannot_be_read_says_why_and_leaves_what_was(
    db: Connection, base: Base, guide: Path, tmp_path: Path
) -> None:
    pdf = tmp_path / "guide.pdf"
    pdf.write_bytes(writing.locked(Pdf().page("Hello.").bytes(), "secret"))
    base.give(db, pdf)
    (job,) = base.work(db)
    assert job.state == JobState.DONE
    assert state(db) == (State.FAILED, "The PDF has a password: save it without one.")
    base.give(db, guide)
    base.work(db)
    base.give(db, pdf)
    base.work(db)
    found, told = state(db)
    assert found is State.FAILED
    assert told.endswith("What was read of it before is still told.")
    assert base.told() == TOLD


def test_a_file_that_was_given_anew_or_removed_meanwhile_is_not_read(
    db: Connection, base: Base, guide: Path
) -> None:
    first = base.give(db, guide)
    guide.write_text("# Guide\n\nWe moved to Oak Street.")
    base.give(db, guide)
    assert not base.uploads.path(first.upload).samefile(guide)
    base.work(db)
    assert base.told() == ["We moved to Oak Street."]
    base.give(db, guide)
    with database.immediate(db):
        knowledge.remove(db, "guide")
        jobs.owe(db, kinds.to_index(db), now=datetime.now(UTC))
    base.work(db)
    assert base.told() == []
    assert documents.entries(db) == []


def test_cutting_anew_leaves_it_told_that_a_file_cannot_be_read(
    db: Connection, base: Base, guide: Path, tmp_path: Path
) -> None:
    base.give(db, guide)
    base.work(db)
    empty = tmp_path / "guide.txt"
    empty.write_text(" ")
    entry = base.give(db, empty)
    base.work(db)
    before = state(db)
    assert before[0] is State.FAILED
    entry = documents.entry(db, "guide")
    with database.immediate(db):
        jobs.owe(db, kinds.to_read(entry, datetime.now(UTC), stored=True), now=datetime.now(UTC))
    base.work(db)
    assert state(db) == before
    assert base.told() == TOLD


def test_a_lost_file_is_told(db: Connection, base: Base, guide: Path) -> None:
    entry = base.give(db, guide)
    base.uploads.path(entry.upload).unlink()
    base.work(db)
    assert state(db) == (State.FAILED, "The file that was given is lost: give it again.")


def test_what_staff_write_here_is_read(db: Connection, base: Base) -> None:
    base.write(db, "Q: ¿Hay estacionamiento?\nA: Sí, es gratis para los pacientes y está atrás.\n")
    base.work(db)
    assert base.told() == ["Sí, es gratis para los pacientes y está atrás."]
    assert documents.entry(db, "answers").language == "es"
    base.write(db, " ")
    base.work(db)
    assert state(db, "answers")[1].startswith("There is no text in the document.")


def test_a_page_is_looked_at_by_night_and_read_when_it_changed(
    db: Connection, base: Base, site: Website
) -> None:
    site.page("/hours", "<h1>Hours</h1><p>We are open from 8 to 5 on Mondays.</p>")
    base.page(db, f"{site.url}/hours")
    base.work(db)
    assert base.told() == ["We are open from 8 to 5 on Mondays."]
    night(db, base)
    assert site.asked[-1][1]["if-none-match"]
    assert documents.entry(db, "page").version == 1
    site.page("/hours", "<h1>Hours</h1><p>We are open from 9 to 5 on Mondays.</p>")
    night(db, base)
    assert base.told() == ["We are open from 9 to 5 on Mondays."]
    assert documents.entry(db, "page").version == 2
    # A server that keeps no marks sends the same again: that changes nothing either.
    site.page("/hours", "<h1>Hours</h1><p>We are open from 9 to 5 on Mondays.</p>", ETag="")
    made = len(base.embedder.texts)
    night(db, base)
    assert (documents.entry(db, "page").version, len(base.embedder.texts)) == (2, made)


def test_a_page_that_is_gone_is_told_and_what_was_read_stays(
    db: Connection, base: Base, site: Website
) -> None:
    site.page("/hours", "<h1>Hours</h1><p>We are open from 8 to 5 on Mondays.</p>")
    base.page(db, f"{site.url}/hours")
    base.work(db)
    del site.answers["/hours"]
    night(db, base)
    told = "There is no such page any more (status 404). What was read of it before is still told."
    assert state(db, "page") == (State.FAILED, told)
    assert base.told() == ["We are open from 8 to 5 on Mondays."]


def test_a_website_in_trouble_is_asked_again_later(db: Connection, base: Base, site: Website) -> None:
    site.answers["/hours"] = Answer(status=503, headers={"Retry-After": "300"})
    base.page(db, f"{site.url}/hours")
    (job,) = base.work(db)
    assert (job.state, job.error) == (JobState.WAITING, "The website is in trouble (status 503).")
    assert state(db, "page") == (State.QUEUED, "")


def night(db: Connection, base: Base) -> None:
    """What the timetable owes, done."""
    with database.immediate(db):
        jobs.owe(db, Wanted(kinds.PAGES, f"night {len(jobs.page(db, limit=1000))}"), now=datetime.now(UTC))
    assert {job.state for job in base.work(db)} == {JobState.DONE}


def test_the_index_is_made_again_where_it_is_lost_or_damaged(db: Connection, base: Base, guide: Path) -> None:
    base.give(db, guide)
    base.work(db)
    made = len(base.embedder.texts)
    for damage in (base.index.unlink, lambda: base.index.write_bytes(b"x" * 5000)):
        damage()
        night(db, base)
        assert base.told() == TOLD
    assert len(base.embedder.texts) == made


def test_another_model_embeds_all_anew(db: Connection, base: Base, guide: Path) -> None:
    base.give(db, guide)
    base.work(db)
    base.embedder.model_id = "another"
    base.embedder.texts.clear()
    night(db, base)
    assert len(base.embedder.texts) == 4
    assert base.made_of() == ("another", 3, 3)


@pytest.mark.parametrize("again", [True, False])
def test_without_embeddings_passages_are_found_by_their_words(
    db: Connection, base: Base, guide: Path, again: bool
) -> None:
    base.embedder.failure = EmbedderFailed("The service has no room.", again=again, after_s=60)
    base.give(db, guide)
    (_, job) = base.work(db)
    assert (job.state, job.error) == (
        JobState.WAITING if again else JobState.DEAD,
        "The service has no room.",
    )
    assert base.told() == TOLD
    assert base.made_of() == (base.embedder.model_id, 3, 0)
    base.embedder.failure = None
    with database.immediate(db):
        jobs.retry(db, job.id)
    base.work(db)
    assert base.made_of() == (base.embedder.model_id, 3, 3)


def test_many_passages_are_embedded_in_portions_that_stay(db: Connection, base: Base, tmp_path: Path) -> None:
    file = tmp_path / "faq.csv"
    file.write_text("question,answer\n" + "".join(f"Is it number {n}?,It is {n}.\n" for n in range(100)))
    base.give(db, file, "faq")
    base.work(db, kinds.READ)
    whole = base.embedder.embed

    def once(texts: list[str], *, asked: bool = False) -> object:
        if len(base.embedder.texts) >= 2 * kinds.PORTION:
            raise EmbedderFailed("Enough.", again=True)
        return whole(texts, asked=asked)

    base.embedder.embed = once  # type: ignore[assignment, method-assign]
    base.work(db, kinds.INDEX)
    assert knowledge.count(db, base.embedder.model_id) == (100, kinds.PORTION)
    base.embedder.embed = whole  # type: ignore[method-assign]
    night(db, base)
    assert len(base.embedder.texts) == 200
