"""What a search gives: passages with their documents, and how sure it is. Plain values.

May import: the standard library.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that answers by itself.

    `heading` is the way to it, outermost first; `question` is set where staff wrote question and answer.
    """

    chunk_id: int
    doc_id: int
    slug: str
    title: str
    heading: tuple[str, ...]
    language: str
    text: str
    question: str | None = None
    reviewed_on: str | None = None
    """The day on which somebody last said that the document is right (YYYY-MM-DD)."""

    @property
    def head(self) -> str:
        """What stands above the text: the question where there is one, else the title and the headings."""
        if self.question:
            return self.question
        above = dict.fromkeys(part for part in (self.title, *self.heading) if part)
        return " - ".join(above)

    @property
    def to_embed(self) -> str:
        """What an embedder is given for the whole of this passage (see `kb.embedding`)."""
        return f"{self.head}. {self.text}" if self.head else self.text


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage, and the share of such hits (0..1) that answer the question."""

    passage: Passage
    confidence: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first. `by_words_alone`: without embeddings, and so less surely."""

    hits: tuple[Hit, ...]
    by_words_alone: bool = False

    @property
    def confidence(self) -> float:
        """How sure it is that the first hit answers, 0 where nothing was found."""
        return self.hits[0].confidence if self.hits else 0.0
