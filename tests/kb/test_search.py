"""What a search finds, by which index, and what it does when something is missing."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from appliance.core.errors import AttendantError
from kb import calibrator
from kb.calibrator import Calibrators
from kb.embedding import embedded
from kb.found import Found, Passage
from kb.index import Row, build
from kb.search import Search
from models.embed import Embedder

TOLD = {
    1: ("en", "Parking", "Parking is free in the garage behind the building. Take a ticket at the gate."),
    2: ("en", "Refills", "Refills of prescriptions are done within two working days."),
    3: ("en", "Late arrivals", "Whoever comes more than fifteen minutes late gets another appointment."),
    4: ("en", "Fees", "A missed appointment costs 250 dollars."),
    5: ("en", "Imaging", "An X-ray or an ultrasound needs an order by your doctor."),
    6: ("en", "Vaccines", "The flu vaccine is given from September to March without an appointment."),
    7: ("es", "Horario", "La clínica abre de lunes a viernes de ocho a cinco, y los sábados hasta mediodía."),
    8: ("es", "Intérpretes", "Hay intérpretes de lengua de señas; avise cuando pida la cita."),
}


class Unreachable:
    """An embedder whose service does not answer."""

    model_id, size = Embedder().model_id, 384

    def embed(self, texts: Sequence[str], *, asked: bool = False) -> NDArray[np.float32]:
        """Fail."""
        raise AttendantError(f"{len(texts)} texts were not embedded: the service did not answer.")


class Other:
    """An embedder of another model."""

    model_id, size = "another-model", 8

    def embed(self, texts: Sequence[str], *, asked: bool = False) -> NDArray[np.float32]:
        """Fail: what another model made is held against nothing."""
        raise AssertionError(texts)


def _told() -> list[Passage]:
    return [
        Passage(number, number, title.lower(), title, (), language, text)
        for number, (language, title, text) in TOLD.items()
    ]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture(scope="module")
def path(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("kb") / "index.db"
    _build(made, embedder)
    return made


def _build(path: Path, embedder: Embedder, told: list[Passage] | None = None) -> None:
    passages = told or _told()
    rows = zip(passages, embedded(embedder, passages), strict=True)
    build(path, (Row(each, row.tobytes()) for each, row in rows), embedder.model_id, embedder.size)


@pytest.fixture
def search(path: Path, embedder: Embedder) -> Iterator[Search]:
    made = Search(path, embedder)
    yield made
    made.close()


def first(found: Found) -> int:
    return found.hits[0].passage.chunk_id


@pytest.mark.parametrize(
    ("asked", "language", "answers"),
    [
        ("where can I park", "en", 1),
        ("is there a place for my car", "en", 1),
        ("how long does a refil take", "en", 2),
        ("how long does a perscription take", "en", 2),
        ("what if I am 15 minutes late", "en", 3),
        ("do I pay two hundred and fifty dollars", "en", 4),
        ("when can I get an ultra sound", "en", 5),
        ("hi um I was wondering whether you could tell me about the flu vaccine please", "en", 6),
        ("a qué hora abren los sabados", "es", 7),
        ("tienen interpretes", "es", 8),
        ("vacuna de la gripe", "es", 6),
        ("dónde puedo estacionar", "es", 1),
    ],
)
def test_the_passage_that_answers_comes_first(
    search: Search, asked: str, language: str, answers: int
) -> None:
    found = search.search(asked, language)
    assert first(found) == answers
    assert search.problem is None
    assert not found.by_words_alone


def test_hits_are_ordered_by_how_sure_they_are_and_no_more_than_asked_for(search: Search) -> None:
    found = search.search("parking at the clinic", "en", 3)
    sure = [hit.confidence for hit in found.hits]
    assert len(sure) == 3
    assert sure == sorted(sure, reverse=True)
    assert found.confidence == sure[0]


def test_what_no_passage_answers_is_told_with_little_confidence(search: Search) -> None:
    known = search.search("where can I park at the clinic", "en").confidence
    assert search.search("who painted the ceiling of the chapel", "en").confidence < 0.2 < known


def test_words_that_stand_together_speak_for_a_passage(tmp_path: Path) -> None:
    rest = " ".join(f"thing{number}" for number in range(60))
    apart = f"The surcharge is told first. {rest} Later the deposit."
    beside = f"The surcharge and the deposit are told first. {rest}"
    told = [
        Passage(number, number, f"d{number}", "Guide", (), "en", text)
        for number, text in enumerate((apart, beside, "Parking is free."), start=1)
    ]
    build(tmp_path / "index.db", (Row(each) for each in told), None, 0)
    search = Search(tmp_path / "index.db", None)
    best, next_best = search.search("is there a surcharge or a deposit", "en").hits[:2]
    assert (best.passage.chunk_id, next_best.passage.chunk_id) == (2, 1)
    assert best.confidence > next_best.confidence
    search.close()


def test_the_same_question_finds_the_same(search: Search) -> None:
    assert search.search("late for my appointment", "en") == search.search("late for my appointment", "en")


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                '"',
                "*",
                "NEAR(",
                "OR",
                "AND",
                "NOT",
                "^",
                ":",
                "-",
                "(",
                ")",
                "head:",
                "a",
                "park",
                "\0",
                "{",
                "}",
            ]
        )
    ).map(" ".join)
)
def test_a_question_of_any_characters_is_only_a_question(path: Path, asked: str) -> None:
    search = Search(path, None)
    for language in ("en", "es", "xx", ""):
        assert all(0 <= hit.confidence <= 1 for hit in search.search(asked, language).hits)
    assert "embedding model" in (search.problem or "embedding model")
    search.close()


def test_a_question_without_end_is_cut(search: Search) -> None:
    assert first(search.search("where can I park my car? " + "please " * 100_000, "en")) == 1


@pytest.mark.parametrize("asked", ["", "   ", "?!", "\N{PILE OF POO}"])
def test_nothing_asked_finds_nothing(search: Search, asked: str) -> None:
    assert search.search(asked, "en").hits == ()


def test_without_an_embedder_the_words_find_alone(path: Path) -> None:
    search = Search(path, None)
    found = search.search("where is parking", "en")
    assert first(found) == 1
    assert found.by_words_alone
    assert "words alone" in str(search.problem)


def test_an_index_of_another_model_is_searched_by_words_alone(path: Path) -> None:
    search = Search(path, Other())
    found = search.search("where is parking", "en")
    assert (first(found), found.by_words_alone) == (1, True)
    assert "another-model" in str(search.problem)


def test_a_failing_embedder_leaves_the_words(path: Path) -> None:
    search = Search(path, Unreachable())
    found = search.search("where is parking", "en")
    assert (first(found), found.by_words_alone) == (1, True)
    assert "did not answer" in str(search.problem)


def test_a_missing_index_finds_nothing_and_is_found_when_it_is_made(
    tmp_path: Path, embedder: Embedder
) -> None:
    search = Search(tmp_path / "index.db", embedder)
    assert search.search("where can I park", "en").hits == ()
    assert "no index" in str(search.problem)
    _build(tmp_path / "index.db", embedder)
    assert first(search.search("where can I park", "en")) == 1
    assert search.problem is None


def test_a_newer_index_is_noticed(tmp_path: Path, embedder: Embedder) -> None:
    path = tmp_path / "index.db"
    _build(path, embedder)
    search = Search(path, embedder)
    assert first(search.search("where can I park", "en")) == 1
    _build(path, embedder, [Passage(77, 9, "parking", "Parking", (), "en", "Park at the mill.")])
    assert first(search.search("where can I park", "en")) == 77


def test_a_damaged_index_leaves_the_one_before_it_serving(tmp_path: Path, embedder: Embedder) -> None:
    path = tmp_path / "index.db"
    _build(path, embedder)
    search = Search(path, embedder)
    search.search("where can I park", "en")
    broken = tmp_path / "broken"
    broken.write_bytes(path.read_bytes()[:-100])
    broken.replace(path)
    assert first(search.search("where can I park", "en")) == 1
    assert "damaged" in str(search.problem)
    fresh = Search(path, embedder)
    assert fresh.search("where can I park", "en").hits == ()
    assert "damaged" in str(fresh.problem)


def test_threads_take_turns(path: Path, embedder: Embedder) -> None:
    search = Search(path, embedder)
    expected = {asked: search.search(asked, "en") for asked in ("where can I park", "refills", "flu vaccine")}
    wrong: list[str] = []

    def ask(asked: str) -> None:
        for _ in range(20):
            if search.search(asked, "en") != expected[asked]:
                wrong.append(asked)

    threads = [threading.Thread(target=ask, args=(asked,)) for asked in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_searches_go_on_while_an_index_is_made(tmp_path: Path, embedder: Embedder) -> None:
    path = tmp_path / "index.db"
    _build(path, embedder)
    search, made = Search(path, embedder), threading.Event()

    def make() -> None:
        for _ in range(5):
            _build(path, embedder)
        made.set()

    builder = threading.Thread(target=make)
    builder.start()
    asked = 0
    while not made.is_set() or not asked:
        assert first(search.search("where can I park", "en")) == 1
        assert search.problem is None
        asked += 1
    builder.join()


def test_without_its_weights_nothing_is_known_and_that_is_told(
    path: Path, embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrator, "SHIPPED", tmp_path / "gone.json")
    Calibrators.shipped.cache_clear()
    with closing(Search(path, embedder)) as search:
        assert search.search("where can I park", "en") == Found(())
        assert search.problem is not None
        assert "gone.json" in search.problem
