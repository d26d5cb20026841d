"""Cases from which the calibration of the search learns: questions with the evidence for each passage.

Besides each set as it is, some of its articles are left out by chance, so that the same questions have an
answer and have none, in indexes of several sizes. May import: the standard library, numpy, kb, models.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb import trial
from kb.evidence import Evidence
from kb.exam import index_of, passages_of
from kb.index import Index
from kb.question import Question
from kb.search import gathered
from kb.trial import Query, Trial
from models.embed import Embedder

SETS = Path(__file__).parents[1] / "tests" / "data" / "kb"
ROUNDS = 4
KEPT = 0.72
"""The share of articles that a round keeps."""
BEYOND = "oos_en.jsonl"
TOGETHER = 45
"""About so many questions of XQuAD are about one article."""


class Remembering:
    """An embedder that embeds each text once."""

    def __init__(self) -> None:
        self._embedder = Embedder()
        self._known: dict[str, NDArray[np.float32]] = {}
        self.model_id, self.size = self._embedder.model_id, self._embedder.size

    def embed(self, texts: Sequence[str], *, asked: bool = False) -> NDArray[np.float32]:
        """One row a text. The shipped network takes questions as it takes passages."""
        if unknown := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(unknown, self._embedder.embed(unknown, asked=asked), strict=True))
        return np.array([self._known[text] for text in texts], np.float32)


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the evidence for each candidate, and which of these answer it.

    `group`: the article or thread that it is about. `whole`: nothing was left out of the set. `beyond`:
    out of the scope of any set.
    """

    name: str
    group: str
    language: str
    whole: bool
    beyond: bool
    answerable: bool
    evidence: Evidence
    right: NDArray[np.bool_]


def article(name: str, identity: str) -> str:
    """What a document or a question is about, by its id: the same in both languages."""
    about, _, _ = identity.partition("p" if name.startswith("x") else "q")
    return f"{name.partition('_')[0]} {about}"


def cases(embedder: Remembering) -> Iterator[Case]:
    """Those of all sets, of each asked in the other language too."""
    beyond = trial.read_queries(SETS / BEYOND)
    for name in (
        "xquad_en",
        "xquad_es",
        "stackfaq_en",
        "clinic_en",
        "clinic_es",
        "practice_en",
        "practice_es",
    ):
        given = trial.read(SETS / name)
        yield from _asked(given, given.asked_in, embedder)
        lost = replace(given, queries=beyond, answers={})
        yield from _of(lost, given, "en", embedder, whole=True, beyond=True)
        other = SETS / name.replace("_en", "_xx").replace("_es", "_en").replace("_xx", "_es")
        if other.is_dir():
            foreign = given.asked(trial.read(other))
            yield from _of(foreign, given, foreign.asked_in, embedder, whole=True)


def _asked(given: Trial, language: str, embedder: Remembering) -> Iterator[Case]:
    yield from _of(given, given, language, embedder, whole=True)
    chance = np.random.default_rng(5)
    about = sorted({article(given.name, each.id) for each in given.documents})
    for _ in range(ROUNDS):
        kept = set(chance.permutation(about)[: int(KEPT * len(about))])
        documents = tuple(each for each in given.documents if article(given.name, each.id) in kept)
        known = {each.id for each in documents}
        answers = {query: docs & known for query, docs in given.answers.items() if docs & known}
        fewer = replace(given, documents=documents, answers=answers)
        yield from _of(fewer, given, language, embedder, whole=False)


def _of(
    asked: Trial, given: Trial, language: str, embedder: Remembering, *, whole: bool, beyond: bool = False
) -> Iterator[Case]:
    """The cases of one index."""
    with tempfile.TemporaryDirectory() as folder:
        path, passages = Path(folder) / "index.db", list(passages_of(asked, given.language))
        index_of(passages, embedder, path)
        slugs = {passage.chunk_id: passage.slug for passage in passages}
        with Index(path) as index:
            for query in asked.queries:
                question = Question.of(query.text, language)
                evidence = gathered(index, question, embedder.embed([question.core], asked=True)[0])
                answers = asked.answers.get(query.id, frozenset())
                right = np.array([slugs[int(each)] in answers for each in evidence.ids], np.bool_)
                group = _about(given, query)
                yield Case(asked.name, group, language, whole, beyond, bool(answers), evidence, right)


def _about(given: Trial, query: Query) -> str:
    """The article or thread of a question, also where it was left out of the set."""
    if docs := given.answers.get(query.id):
        return article(given.name, min(docs))
    # A question of XQuAD tells nothing by its id, but those of an article stand together.
    place = _places(given.name).get(query.id)
    if place is not None and given.name.startswith("x"):
        return f"xquad {place // TOGETHER}"
    return query.id if place is None else article(given.name, query.id)


@cache
def _places(name: str) -> dict[str, int]:
    return {query.id: place for place, query in enumerate(trial.read(SETS / name).queries)}
