"""The documents as a part of the bridge: searched beside the loop, within a deadline, over a real index."""

import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.core.dispositions import Outcome
from appliance.core.errors import EmbedderFailed
from appliance.core.steps import CallOffered
from appliance.service import answers as part
from appliance.service.answers import Answers, CallAnswers
from appliance.service.embedding import embedder_or_none
from appliance.service.known_call import KnownCall
from appliance.store import calls, database, left_building, unanswered
from appliance.store.times import utc_now
from appliance.store.writer import Writer
from kb.search import Search
from models.embed import Embedder
from tests.clinic_documents import indexed
from tests.core.office import office
from tests.migrated import migrated


@pytest_asyncio.fixture
async def documents(tmp_path: Path) -> AsyncIterator[Answers]:
    """Those of the test clinic, and a database for what they do not know."""
    path = tmp_path / "attendant.db"
    migrated(path)
    writer = Writer(path)
    thinking = ThreadPoolExecutor(1)
    search = Search(indexed().knowledge_index, embedder := Embedder())
    yield Answers(search, embedder, thinking, writer)
    thinking.shutdown()
    search.close()
    await writer.close()


def groups(tmp_path: Path) -> list[unanswered.Group]:
    db = database.connect_readonly(tmp_path / "attendant.db")
    try:
        return unanswered.groups(db)
    finally:
        db.close()


@pytest.mark.parametrize(
    ("question", "language", "slug"),
    [
        ("do you take walk in patients", "en", "visitor-guide"),
        ("how much is a flu shot", "en", "billing"),
        ("cuánto cuesta la vacuna de la gripe", "es", "pagos"),
    ],
)
async def test_a_question_finds_its_document(
    documents: Answers, question: str, language: str, slug: str
) -> None:
    found = await CallAnswers(documents, "c1").search(question, language)
    assert found.hits[0].passage.slug == slug


async def test_a_question_that_leaves_the_box_is_told_of_its_call(documents: Answers, tmp_path: Path) -> None:
    db = database.connect(tmp_path / "attendant.db")
    calls.begin(db, "c1", CallOffered("CA1", "", "", "asterisk"), utc_now(), "p1")
    desk, own = CallAnswers(documents, "c1"), CallAnswers(documents, "c1", kept=False)
    await desk.search("do you take walk in patients", "en")
    await documents.writer.promise(lambda db: None)
    assert left_building.of_call(db, "c1")[1:] == []
    documents.sent_to = "text-embedding-3-small-512"
    await own.search("do you take walk in patients", "en")
    await desk.search("do you take walk in patients", "en")
    desk.missed("do you repair bicycles", "en", 0.1)
    await documents.writer.promise(lambda db: None)
    left = left_building.of_call(db, "c1")[-1]
    db.close()
    assert (left.what, left.certain) == (
        "questions to the documents (2) to text-embedding-3-small-512, to be embedded", True,
    )  # fmt: skip


async def test_a_caller_does_not_wait_for_a_search_that_hangs(documents: Answers) -> None:
    go_on = threading.Event()
    documents.thinking.submit(go_on.wait)
    documents.within_s = 0.05
    try:
        found = await CallAnswers(documents, "c1").search("do you take walk in patients", "en")
    finally:
        go_on.set()
    assert found.hits == ()


async def test_without_an_index_nothing_is_known_and_health_says_why(
    documents: Answers, tmp_path: Path
) -> None:
    documents.search = Search(tmp_path / "none.db", documents.embedder)
    assert (await CallAnswers(documents, "c1").search("do you take walk in patients", "en")).hits == ()
    told = documents.part()
    assert told.well
    assert "There is no index" in str(told.more["problem"])


async def test_what_is_not_known_is_kept_by_its_meaning(documents: Answers, tmp_path: Path) -> None:
    desk = CallAnswers(documents, "c1")
    for question in ("do you repair bicycles", "can you fix my bicycle", "is there a swimming pool"):
        desk.missed(question, "en", 0.1)
    documents.thinking.submit(lambda: None).result()
    await documents.writer.promise(lambda _: None)
    assert [(group.question, group.times) for group in groups(tmp_path)] == [
        ("do you repair bicycles", 2),
        ("is there a swimming pool", 1),
    ]


async def test_of_a_call_of_the_box_to_itself_nothing_is_kept(documents: Answers, tmp_path: Path) -> None:
    known = KnownCall("c1", CallOffered("CA1", "", "", "asterisk"), office())
    known.aside = part  # type: ignore[assignment]
    documents.desk(known).missed("do you repair bicycles", "en", 0.1)
    documents.thinking.submit(lambda: None).result()
    await documents.writer.promise(lambda _: None)
    assert groups(tmp_path) == []


async def test_a_question_goes_with_its_call(documents: Answers, tmp_path: Path) -> None:
    offer = CallOffered("CA1", "", "", "twilio")
    await documents.writer.promise(lambda db: calls.begin(db, "c1", offer, utc_now()))
    await documents.writer.promise(lambda db: calls.end(db, "c1", utc_now(), Outcome.HANDLED, ""))
    CallAnswers(documents, "c1").missed("do you repair bicycles", "en", 0.1)
    documents.thinking.submit(lambda: None).result()
    await documents.writer.promise(lambda db: db.execute("DELETE FROM call_log"))
    assert groups(tmp_path) == []


async def test_what_is_asked_while_the_bridge_stops_is_let_go(documents: Answers) -> None:
    documents.thinking.shutdown()
    CallAnswers(documents, "c1").missed("do you repair bicycles", "en", 0.1)


def test_without_a_model_words_alone_decide() -> None:
    def broken() -> Embedder:
        raise EmbedderFailed("It is broken.")

    assert embedder_or_none(broken) is None
