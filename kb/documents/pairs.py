"""Questions and answers that are marked as such: `Q: ...` and `A: ...`, in English and in Spanish.

May import: the standard library, kb.documents.blocks.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kb.documents.blocks import Block, Heading, Item, Pair, Paragraph, Row

_MARK = re.compile(
    r"""
    \s{0,3}(?:[*_]{2})?
    (?:(?P<asks>Q|P|FAQ|Question|Pregunta)|(?P<answers>A|R|Answer|Respuesta))
    (?:\s?\#?\d{1,4})?
    (?:\s?\((?P<language>[a-z]{2})\))?
    (?:[*_]{2})?\s?[:.](?:[*_]{2})?(?:\s+|$)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """The sign before a question or an answer; `rest` is what stands behind it."""

    asks: bool
    language: str | None
    rest: str


@dataclass(frozen=True, slots=True)
class Break:
    """Here an answer ends, whatever follows."""


Marked = Block | Mark | Break


def mark(line: str) -> Mark | None:
    """The mark at the beginning of a line, if there is one."""
    found = _MARK.match(line)
    # "A. Smith" and "P. O. Box" are no marks: a full stop follows the whole word only.
    if found is None or (found[0].rstrip(" *_").endswith(".") and len(found[0].strip(" *_.")) == 1):
        return None
    return Mark(found["asks"] is not None, found["language"], line[found.end() :])


@dataclass(slots=True)
class _Open:
    """A question whose answer is being read."""

    question: str
    language: str | None
    answer: list[str] = field(default_factory=list)
    answered: bool = False

    def closed(self) -> list[Block]:
        """The pair; without an answer it is a paragraph like any other."""
        answer = " ".join(filter(None, self.answer))
        if self.question and answer:
            return [Pair(question=self.question, answer=answer, language=self.language)]
        return [Paragraph(text=each) for each in (self.question, answer) if each]


def paired(marked: Iterable[Marked]) -> list[Block]:
    """The blocks, with a pair for each question that is marked and for all that follows its answer's mark."""
    blocks: list[Block] = []
    pending: _Open | None = None
    for each in marked:
        if pending is not None and _belongs(each, pending):
            continue
        blocks += [] if pending is None else pending.closed()
        pending = None
        match each:
            case Mark(asks=True):
                pending = _Open(each.rest, each.language)
            case Mark():
                blocks += [Paragraph(text=each.rest)] if each.rest else []
            case Break():
                continue
            case _:
                blocks.append(each)
    return blocks + ([] if pending is None else pending.closed())


def _belongs(each: Marked, pending: _Open) -> bool:
    """Take it into the open pair, if it is part of that."""
    match each:
        case Mark(asks=False) if not pending.answered:
            pending.answered = True
            pending.answer.append(each.rest)
        case Paragraph() | Item() if pending.answered:
            pending.answer.append(_ended(each.text) if isinstance(each, Item) else each.text)
        case Heading() | Row() | Mark() | Break() | Pair() | Paragraph() | Item():
            return False
    return True


def _ended(text: str) -> str:
    """An item as a sentence: in an answer it stands among others."""
    return text if text.endswith((".", "!", "?", ";", ":", ",")) else f"{text};"
