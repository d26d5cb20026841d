"""Asks a search the questions of a set, over a scratch index of its documents, and keeps what came of it.

May import: the standard library, appliance.core, kb.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.core.ports import Embedder
from kb.documents.blocks import Pair, Paragraph
from kb.embedding import embedded
from kb.found import Found, Passage
from kb.index import Row, build
from kb.passages import cut
from kb.score import Judged, Score, scored
from kb.search import Search
from kb.trial import Query, Trial

LOOKED_AT = 40
"""Passages of which the ten best documents are taken."""
AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Exam:
    """How a set went. Shares are of 1; None where there was nothing to ask."""

    name: str
    language: str
    documents: int
    score: Score
    wrongly_answered: float | None
    """Of the questions without an answer, those answered at the threshold."""
    answered: float | None
    """Of the questions with an answer, those answered at the threshold, rightly or not."""
    out_of_scope_answered: float | None


def passages_of(trial: Trial, language: str) -> Iterator[Passage]:
    """The passages of the set's documents, cut as those of the office are.

    Where most titles ask, the documents are answers to them.
    """
    asking = sum(document.title.rstrip().endswith("?") for document in trial.documents)
    number = 0
    for place, document in enumerate(trial.documents, start=1):
        title = document.title or document.id
        pair = 2 * asking > len(trial.documents) and document.title
        block = Pair(question=title, answer=document.text) if pair else Paragraph(text=document.text)
        for piece in cut([block], title, language):
            number += 1
            yield Passage(
                number, place, document.id, title, piece.heading, language, piece.text, piece.question
            )


def index_of(passages: Sequence[Passage], embedder: Embedder | None, path: Path) -> None:
    """Make an index of these passages."""
    size = embedder.size if embedder else 0
    build(path, _rows(passages, embedder), embedder.model_id if embedder else None, size)


def _rows(passages: Sequence[Passage], embedder: Embedder | None) -> Iterator[Row]:
    for start in range(0, len(passages), AT_ONCE):
        some = passages[start : start + AT_ONCE]
        if embedder is None:
            yield from map(Row, some)
        else:
            made = embedded(embedder, some)
            yield from (Row(each, row.tobytes()) for each, row in zip(some, made, strict=True))


def examined(
    trial: Trial,
    search: Search,
    asked_in: str,
    threshold: float,
    beyond: Sequence[Query] = (),
    beyond_in: str = "en",
) -> Exam:
    """Ask the questions of a set, and those `beyond` it that nothing answers."""
    judged = [
        _judged(trial, query, search.search(query.text, asked_in, LOOKED_AT)) for query in trial.queries
    ]
    strays = [search.search(query.text, beyond_in, 1).confidence for query in beyond]
    return Exam(
        name=trial.name,
        language=trial.language,
        documents=len(trial.documents),
        score=scored(judged),
        wrongly_answered=_share([each.confidence >= threshold for each in judged if not each.answerable]),
        answered=_share([each.confidence >= threshold for each in judged if each.answerable]),
        out_of_scope_answered=_share([sure >= threshold for sure in strays]),
    )


def _judged(trial: Trial, query: Query, found: Found) -> Judged:
    right = trial.answers.get(query.id, frozenset())
    ranked = list(dict.fromkeys(hit.passage.slug for hit in found.hits))
    place = next((place for place, slug in enumerate(ranked, start=1) if slug in right), 0)
    return Judged(bool(right), place, found.confidence)


def _share(told: Sequence[bool]) -> float | None:
    return sum(told) / len(told) if told else None
