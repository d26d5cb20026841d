"""Answers that staff write: questions with their answers, in one document of each language.

Pure. May import: the standard library, kb.documents.
"""

from collections.abc import Iterable

from kb.documents import markdown
from kb.documents.blocks import Block, Pair
from kb.documents.clean import clean

SLUG = "answers"


def slug_of(language: str) -> str:
    """The document that holds the answers of a language."""
    return f"{SLUG}-{language}"


def with_answer(content: str, question: str, answer: str) -> str:
    """The document's Markdown with one more answer, or another one to the same question."""
    asked = _asking(question)
    before: Iterable[Block] = markdown.read(content).blocks if content.strip() else ()
    kept = [block for block in before if not (isinstance(block, Pair) and _like(block.question, asked))]
    return markdown.written([*kept, Pair(question=asked, answer=clean(answer))])


def _asking(question: str) -> str:
    """A question as it stands in a document; what callers say has no question mark."""
    asked = clean(question).strip()
    return asked if asked.endswith("?") else f"{asked.rstrip('.!')}?"


def _like(one: str, other: str) -> bool:
    return one.casefold().strip("¿? ") == other.casefold().strip("¿? ")
