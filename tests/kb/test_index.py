"""The index: made whole, swapped in, read meanwhile, and refused when it is not sound."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.store.errors import StoreError
from kb.index import AT_ONCE, Index, IndexUnusable, Row, build
from kb.words import terms
from tests.kb.passages import MODEL, SIZE, passage, rows, vectors

TEXTS = [
    "Parking is free behind the house.",
    "Abrimos los sábados.",
    "Refills take two days.",
    "Parking costs nothing.",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kb" / "index.db"


def test_passages_come_back_as_they_were_given(path: Path) -> None:
    given_ = [row.passage for row in rows(TEXTS)]
    assert build(path, rows(TEXTS), MODEL, SIZE) == len(TEXTS)
    with Index(path) as index:
        assert index.passages([4, 1, 3, 2, 99]) == {each.chunk_id: each for each in given_}
        assert (index.facts.model_id, index.facts.size, index.facts.passages) == (MODEL, SIZE, 4)
        assert index.facts.languages == {"en": 4}


def test_words_are_found_without_accents_and_endings(path: Path) -> None:
    build(path, rows(TEXTS), MODEL, SIZE)
    with Index(path) as index:
        assert set(index.by_words(["park"], 10)) == {1, 4}
        assert index.by_words(terms("sabados", "en"), 10) == [2]
        assert index.by_words(["park"], 1) in ([1], [4])
        assert index.passages_with(terms("parking refills unheard", "en")) == {"park": 2, "refil": 1}


def test_a_misspelt_word_is_found(path: Path) -> None:
    build(path, rows(TEXTS), MODEL, SIZE)
    with Index(path) as index:
        assert index.spelt_like("rfeil") == {"refil": 1}
        assert index.spelt_like("refip") == {"refil": 1}
        assert index.spelt_like("xyzzy") == {}
        assert index.spelt_like("of") == {}


def test_what_a_question_is_near_to_is_found_among_thousands(path: Path) -> None:
    made, noise = vectors(5000), vectors(40, seed=7)
    build(path, (Row(passage(n + 1, "x"), v.tobytes()) for n, v in enumerate(made)), MODEL, SIZE)
    with Index(path) as index:
        for number, off in enumerate(noise, start=1):
            asked = made[number - 1] + 0.8 * off
            asked /= np.linalg.norm(asked)
            best = int((made @ asked).argmax()) + 1
            assert best in index.by_meaning(asked, 20)
            told = index.nearness([best], asked[None])
            assert told.ids.tolist() == [best]
            assert told.cosines[0, 0] == pytest.approx(float(max(made @ asked)), abs=1e-3)


def test_one_language_can_be_asked_for(path: Path) -> None:
    made = [
        Row(passage(n + 1, "x", language="es" if n % 3 else "en"), v.tobytes())
        for n, v in enumerate(vectors(1200))
    ]
    build(path, made, MODEL, SIZE)
    with Index(path) as index:
        found = index.by_meaning(vectors(1, seed=3)[0], 20, "en")
        assert len(found) == 20
        assert {index.passages([each])[each].language for each in found} == {"en"}


def test_passages_without_an_embedding_are_found_by_words(path: Path) -> None:
    build(path, [Row(passage(1, "Parking")), *list(rows(TEXTS))[1:]], MODEL, SIZE)
    with Index(path) as index:
        assert 1 in index.by_words(["park"], 5)
        assert 1 not in index.by_meaning(vectors(1)[0], 5)
        assert index.facts.embedded == 3


def test_an_empty_index_is_an_index(path: Path) -> None:
    assert build(path, [], None, 0) == 0
    with Index(path) as index:
        assert index.by_words(["park"], 5) == []
        assert index.terms_of([1]).ids.size == 0


def test_a_reader_keeps_the_index_that_it_opened(path: Path) -> None:
    build(path, rows(TEXTS), MODEL, SIZE)
    with Index(path) as old:
        build(path, rows(["Dogs may come in."]), MODEL, SIZE)
        assert len(old.by_words(["park"], 5)) == 2
        with Index(path) as new:
            assert new.by_words(["park"], 5) == []
            assert new.by_words(["dog"], 5) == [1]


def test_a_run_that_breaks_off_leaves_the_old_index_and_nothing_else(path: Path) -> None:
    def breaking() -> Iterator[Row]:
        yield from rows(TEXTS * AT_ONCE)
        raise StoreError("The store is gone.")

    build(path, rows(TEXTS), MODEL, SIZE)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="gone"):
        build(path, breaking(), MODEL, SIZE)
    assert path.read_bytes() == before
    assert {each.name for each in path.parent.iterdir()} == {"index.db", "index.db.lock"}


def _never_ends(path: Path, begun: object) -> None:
    def endless() -> Iterator[Row]:
        for number in count(1):
            if number == AT_ONCE + 2:
                begun.set()  # type: ignore[attr-defined]
            yield Row(passage(number, "Endless"))

    build(path, endless(), None, 0)


def test_a_run_that_is_killed_stands_in_nobodys_way(path: Path) -> None:
    build(path, rows(TEXTS), MODEL, SIZE)
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    killed = context.Process(target=_never_ends, args=(path, begun))
    killed.start()
    try:
        assert begun.wait(60)
    finally:
        os.kill(killed.pid or 0, signal.SIGKILL)
        killed.join()
    with Index(path) as index:
        assert len(index.by_words(["park"], 5)) == 2
    assert build(path, rows(["Dogs may come in."]), MODEL, SIZE) == 1
    assert not path.with_name("index.db.building").exists()


def test_two_that_build_wait_for_each_other(path: Path) -> None:
    building, go_on = threading.Event(), threading.Event()

    def slow() -> Iterator[Row]:
        building.set()
        assert go_on.wait(60)
        yield from rows(["First"])

    first = threading.Thread(target=build, args=(path, slow(), MODEL, SIZE))
    first.start()
    assert building.wait(60)
    second = threading.Thread(target=build, args=(path, rows(["Second"]), MODEL, SIZE))
    second.start()
    go_on.set()
    first.join()
    second.join()
    with Index(path) as index:
        assert index.by_words(["second"], 5) == [1]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="index"):
        build(Path("/dev/full/index.db"), rows(TEXTS), MODEL, SIZE)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"\0" * 200, b"no database at all" * 100])
def test_what_is_no_index_is_refused(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(IndexUnusable, match="damaged: make it anew"):
        Index(path)


def test_a_missing_index_is_told(path: Path) -> None:
    with pytest.raises(IndexUnusable, match="missing: make it anew"):
        Index(path)


@settings(max_examples=60)
@given(place=st.floats(0, 1), length=st.integers(1, 5000), cut=st.booleans())
def test_a_damaged_index_is_refused(
    place: float, length: int, cut: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "index.db"
    build(path, rows(TEXTS * 20), MODEL, SIZE)
    whole = bytearray(path.read_bytes())
    start = int(place * (len(whole) - 1))
    if cut:
        del whole[start:]
    else:
        whole[start : start + length] = bytes(255 - each for each in whole[start : start + length])
    path.write_bytes(whole)
    with pytest.raises(IndexUnusable):
        Index(path)
