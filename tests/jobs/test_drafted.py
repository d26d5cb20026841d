"""Documents of drafts: found beside what is known, in an index of their own; decided, they are read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.core.errors import EmbedderFailed
from appliance.jobs import drafted as kinds
from appliance.jobs.drafted import DraftClashes
from appliance.store import database, documents, drafts, jobs, knowledge, office, rehearsals, times
from appliance.store.database import Connection
from kb.index import Index
from kb.search import Search
from tests.jobs.knowing import Base, shipped

PARKING = "# Visitor guide\n\nParking is free behind the house."
PRICES = {"title": "Prices", "language": "en", "content": "# Prices\n\nA flu shot costs 30 dollars."}


@pytest.fixture
def base(path: Path) -> Base:
    return Base(path)


def draft(db: Connection, values: Mapping[str, Any], name: str = "Winter") -> int:
    now = datetime.now(UTC)
    with database.immediate(db):
        draft_id = drafts.keep(db, name, values, at=times.written(now), by="Ana")
        kinds.owe(db, now=now)
    return draft_id


def index(base: Base, db: Connection, values: Mapping[str, Any]) -> Path:
    path = kinds.index_of(base.index.parent, values, knowledge.generation(db))
    assert path is not None
    return path


def texts(path: Path) -> list[str]:
    with Index(path) as found:
        return sorted(each.text for each in found.passages(range(1, 10_000)).values())


def test_its_documents_are_found_beside_those_that_are_known(base: Base, db: Connection) -> None:
    base.write(db, PARKING, "guide")
    base.work(db)
    values = {"document:prices": PRICES}
    draft(db, values)
    assert kinds.missing(db, base.index.parent, values)
    base.work(db)
    assert not kinds.missing(db, base.index.parent, values)
    path = index(base, db, values)
    assert texts(path) == ["A flu shot costs 30 dollars.", "Parking is free behind the house."]
    assert base.told() == ["Parking is free behind the house."]
    search = Search(path, shipped())
    best = search.search("how much is a flu shot", "en").hits[0].passage
    search.close()
    assert (best.slug, best.title) == ("prices", "Prices")


def test_one_that_is_other_or_gone_is_not_found_as_it_is(base: Base, db: Connection) -> None:
    base.write(db, PARKING, "guide")
    base.write(db, "# Hours\n\nWe open at eight.", "hours")
    base.work(db)
    other = {"title": "Visitor guide", "language": "en", "content": "Parking costs 2 dollars."}
    values = {"document:guide": other, "document:hours": None}
    draft(db, values)
    base.work(db)
    assert texts(index(base, db, values)) == ["Parking costs 2 dollars."]


def test_an_index_that_no_draft_and_no_run_has_is_deleted(base: Base, db: Connection) -> None:
    values = {"document:prices": PRICES}
    draft_id = draft(db, values)
    base.work(db)
    path, now = index(base, db, values), datetime.now(UTC)
    with database.immediate(db):
        run_id = rehearsals.begin(db, "Winter", values, at=times.written(now), by="Ana")
        drafts.forget(db, draft_id)
        kinds.owe(db, now=now)
    base.work(db)
    assert path.exists()
    with database.immediate(db):
        rehearsals.end(db, run_id, at=times.written(now))
        kinds.owe(db, now=datetime.now(UTC))
    base.work(db)
    assert [*base.index.parent.glob("draft-*")] == []


def test_without_embeddings_it_is_found_by_its_words(base: Base, db: Connection) -> None:
    base.embedder.failure = EmbedderFailed("there is no model")
    values = {"document:prices": PRICES}
    draft(db, values)
    base.work(db)
    search = Search(index(base, db, values), None)
    assert search.search("flu shot", "en").hits[0].passage.slug == "prices"
    search.close()


def test_a_draft_without_documents_needs_no_index(base: Base, db: Connection) -> None:
    assert kinds.index_of(base.index.parent, {"greeting": "Brr"}, 1) is None
    assert not kinds.missing(db, base.index.parent, {"greeting": "Brr"})


def test_decided_it_is_there_and_its_documents_are_read(base: Base, db: Connection) -> None:
    base.write(db, PARKING, "guide")
    base.work(db)
    values = {"greeting": "Brr", "document:prices": PRICES, "document:guide": None}
    draft_id = draft(db, values)
    with database.immediate(db):
        kinds.decide(db, drafts.one(db, draft_id), now=datetime.now(UTC), by="Ana")
    assert office.staff(db).greeting == "Brr"
    assert drafts.every(db) == []
    base.work(db)
    (entry,) = documents.entries(db)
    assert (entry.slug, entry.title, entry.reviewed_on is not None) == ("prices", "Prices", True)
    assert base.told() == ["A flu shot costs 30 dollars."]


def test_what_was_changed_meanwhile_is_not_decided_away(base: Base, db: Connection) -> None:
    draft_id = draft(db, {"greeting": "Brr", "ring_s": 30})
    office.set_value(db, "greeting", "Good day.", at=times.utc_now(), by="Cy")
    with pytest.raises(DraftClashes, match="greeting"), database.immediate(db):
        kinds.decide(db, drafts.one(db, draft_id), now=datetime.now(UTC), by="Ana")
    assert (office.staff(db).greeting, office.staff(db).ring_s) == ("Good day.", 20)
    assert len(drafts.every(db)) == 1
    assert not [each for each in jobs.page(db) if each.kind == "read document"]
