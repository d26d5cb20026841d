"""Finds what the knowledge base says to a question, and says how sure it is.

The words and the embedding each name passages; all of these are weighed by both, so that neither pulls the
other down. May import: the standard library, numpy, appliance.core, kb.
"""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from appliance.core.errors import AttendantError
from appliance.core.ports import Embedder
from kb.calibrator import CalibrationUnreadable, Calibrators
from kb.evidence import Evidence, Meanings, weigh
from kb.found import Found, Hit
from kb.index import Index, IndexUnusable
from kb.question import Question, Wanted

log = logging.getLogger(__name__)

Float32 = NDArray[np.float32]
Signature = tuple[int, int, int]

EACH = 25
"""Passages that the words name, and as many that the embedding names in each language of the index."""
NEAR = 64
"""Passages nearest by bits of which these are taken: all of a small office's."""
MOST_SEEN = 500
"""The words that name passages stand in no more than so many: common ones are looked at in those only."""


class Search:
    """One index, opened when it is first asked for and again when a newer one has taken its place.

    Calls may come from any thread, and are taken one after the other. A damaged or missing index finds
    nothing and is told of by `problem`; an index that another model made is searched by words alone.
    """

    def __init__(
        self, index: Path, embedder: Embedder | None, calibrators: Calibrators | None = None
    ) -> None:
        self._path = index
        self._embedder = embedder
        self._weights_problem: str | None = None
        self._calibrators = calibrators or self._shipped()
        self._turn = threading.Lock()
        self._index: Index | None = None
        self._seen: Signature | None = None
        self._file_problem: str | None = None
        self._model_problem: str | None = None

    @property
    def problem(self) -> str | None:
        """What kept the last search from finding all it could, in a sentence; None when it is well."""
        return self._weights_problem or self._file_problem or self._model_problem

    def _shipped(self) -> Calibrators:
        """Without them nothing is known, which is better than a telephone that is not answered."""
        try:
            return Calibrators.shipped()
        except CalibrationUnreadable as exc:
            self._weights_problem = str(exc)
            log.warning("%s", exc)
            return Calibrators({})

    def search(self, query: str, language: str, limit: int = 5) -> Found:
        """What answers this question of a caller who speaks `language` (`en`), best first. Never raises."""
        question = Question.of(query, language.partition("-")[0])
        with self._turn:
            index = self._current()
            if index is None or not self._calibrators.known or not question.words:
                return Found((), by_words_alone=self._embedder is None)
            vector = self._vector(index, question)
            try:
                return self._found(index, question, vector, limit)
            except IndexUnusable as exc:
                return self._without(exc, index, question, limit)

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._let_go()

    def _let_go(self) -> None:
        if self._index:
            self._index.close()
        self._index = self._seen = None

    def _current(self) -> Index | None:
        """The index that has the name now; the last good one while that is none."""
        try:
            told = self._path.stat()
        except OSError as exc:
            self._file_problem = (
                f"There is no index at {self._path}: make it by `attendant kb reindex`. ({exc.strerror})"
            )
            self._let_go()
            return None
        seen = (told.st_ino, told.st_mtime_ns, told.st_size)
        if seen != self._seen:
            self._open(seen)
        return self._index

    def _open(self, seen: Signature) -> None:
        self._seen = seen
        try:
            opened = Index(self._path)
        except IndexUnusable as exc:
            self._file_problem = str(exc)
            log.warning("%s", exc)
            return
        if self._index:
            self._index.close()
        self._index, self._file_problem = opened, None

    def _without(self, exc: IndexUnusable, index: Index, question: Question, limit: int) -> Found:
        """What the words alone find in an index of which a part is damaged; nothing where that is theirs."""
        self._file_problem = str(exc)
        log.warning("%s", exc)
        try:
            return self._found(index, question, None, limit)
        except IndexUnusable:
            return Found((), by_words_alone=True)

    def _vector(self, index: Index, question: Question) -> Float32 | None:
        """The question's embedding; None where it cannot be held against those of the index."""
        made_by, self._model_problem = index.facts.model_id, None
        if self._embedder is None:
            self._model_problem = (
                "There is no embedding model: the knowledge base is searched by words alone."
            )
        elif made_by != self._embedder.model_id or index.facts.size != self._embedder.size:
            self._model_problem = (
                f"The index was made with {made_by or 'no embedding model'}, and {self._embedder.model_id} is"
                " in use: it is searched by words alone until `attendant kb reindex`."
            )
        else:
            try:
                vector: Float32 = self._embedder.embed([question.core], asked=True)[0]
            except AttendantError as exc:
                self._model_problem = str(exc)
            else:
                return vector
        return None

    def _found(self, index: Index, question: Question, vector: Float32 | None, limit: int) -> Found:
        evidence = gathered(index, question, vector)
        model = None if vector is None else index.facts.model_id
        sure = self._calibrators.confidence(evidence, model, question.language)
        best = np.lexsort((evidence.ids, -sure))[:limit]
        passages = index.passages([int(evidence.ids[place]) for place in best])
        hits = [Hit(passages[int(evidence.ids[place])], float(sure[place])) for place in best]
        return Found(tuple(hits), by_words_alone=vector is None)


def gathered(index: Index, question: Question, vector: Float32 | None) -> Evidence:
    """All that may answer, and what speaks for each. Raises IndexUnusable."""
    facts = index.facts
    wanted = question.wanted(index, facts.passages, facts.languages)
    candidates = index.by_words(_rare(wanted), EACH)
    meanings = Meanings()
    if vector is not None:
        meanings = _meanings(index, candidates, vector)
        candidates = list(dict.fromkeys([*candidates, *map(int, meanings.ids)]))
    return weigh(
        index.terms_of(candidates), wanted, meanings, question.language, facts.text_length, facts.passages
    )


def _rare(wanted: Sequence[Wanted]) -> list[str]:
    """The terms of the rarest words, of one at least."""
    terms: list[str] = []
    seen = 0
    for word in sorted(wanted, key=lambda each: each.seen):
        seen += word.seen
        if terms and seen > MOST_SEEN:
            break
        terms += word.terms
    return terms


def _meanings(index: Index, named: Sequence[int], vector: Float32) -> Meanings:
    """The meanings of those that the words named, and of those that are nearest."""
    languages = index.facts.languages
    # So that a language in which the model is weak is not crowded out by one in which it is not.
    close = [
        index.by_meaning(vector, NEAR, language)
        for language in (languages if len(languages) > 1 else (None,))
    ]
    told = index.nearness(
        list({*named, *(each for of_one in close for each in of_one)}), np.stack([vector, index.middle])
    )
    if not len(told.ids):
        return Meanings()
    order = told.ids[np.lexsort((told.ids, -told.cosines[:, 0]))]
    kept = set(named)
    for of_one in close:
        kept.update(order[np.isin(order, of_one)][:EACH].tolist())
    chosen = np.isin(told.ids, list(kept))
    return Meanings(
        told.ids[chosen],
        near=told.cosines[chosen, 0],
        central=told.cosines[chosen, 1],
        crowd=told.crowd[chosen],
        middle=float(np.linalg.norm(index.middle)),
        question_central=float(vector @ index.middle),
        elsewhere=(index.sample @ vector).astype(np.float64),
    )
