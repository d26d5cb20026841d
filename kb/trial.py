"""Sets of questions with their answers, for measuring a search, each a folder; tells what is wrong with one.

It holds `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and `qrels.tsv` (question,
document, score; a question without a line there has no answer in the corpus). May import: the standard
library, pydantic, appliance.core, kb.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.core.errors import AttendantError
from appliance.core.tongue import spoken

CORPUS, QUERIES, ANSWERS = "corpus.jsonl", "queries.jsonl", "qrels.tsv"
Line = TypeVar("Line", "Document", "Query")


class TrialWrong(AttendantError):
    """A set cannot be used. Names the file, and the line where there is one."""


class Document(BaseModel):
    """A line of the corpus."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    id: str = Field(alias="_id", min_length=1)
    title: str = ""
    text: str = Field(min_length=1)


class Query(BaseModel):
    """A line of the questions."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    id: str = Field(alias="_id", min_length=1)
    text: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Trial:
    """Documents, questions, and for each question the documents that answer it; no entry: none does."""

    name: str
    documents: tuple[Document, ...]
    queries: tuple[Query, ...]
    answers: Mapping[str, frozenset[str]]

    @property
    def language(self) -> str:
        """The language of its documents, `en` where that is not plain."""
        return language_of(self.documents)

    @property
    def asked_in(self) -> str:
        """The language of its questions."""
        return language_of(self.queries)

    def asked(self, other: "Trial") -> "Trial":
        """The questions of another set, which has the same ids, on these documents."""
        known = {each.id for each in self.documents}
        strange = {doc for docs in other.answers.values() for doc in docs} - known
        if strange:
            raise TrialWrong(
                f"{other.name} and {self.name} do not belong together: {self.name} has no document"
                f" {min(strange)!r}, which answers a question of {other.name}."
            )
        return replace(
            self, name=f"{other.name} on {self.name}", queries=other.queries, answers=other.answers
        )


def language_of(texts: Sequence[Document | Query]) -> str:
    """The language that most of these are plainly in; `en` where none is."""
    told = [language for each in texts if (language := spoken(each.text))]
    return max(sorted(set(told)), key=told.count, default="en")


def is_trial(folder: Path) -> bool:
    """Whether a folder looks like a set."""
    return any((folder / name).exists() for name in (CORPUS, QUERIES, ANSWERS))


def read(folder: Path) -> Trial:
    """The set in this folder. Raises TrialWrong."""
    documents = _unique(folder / CORPUS, lines(folder / CORPUS, Document))
    queries = _unique(folder / QUERIES, lines(folder / QUERIES, Query))
    return Trial(folder.resolve().name, documents, queries, _answers(folder, documents, queries))


def read_queries(path: Path) -> tuple[Query, ...]:
    """The questions in this file. Raises TrialWrong."""
    return _unique(path, lines(path, Query))


def lines(path: Path, kind: type[Line]) -> list[Line]:
    """The lines of a file, each of this kind; empty ones are left out. Raises TrialWrong."""
    found = []
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if line.strip():
            try:
                found.append(kind.model_validate_json(line))
            except ValidationError as exc:
                first = exc.errors(include_url=False)[0]
                where = ".".join(map(str, first["loc"])) or "the line"
                raise TrialWrong(f"Line {number} of {path}: {where}: {first['msg']}.") from exc
    if not found:
        raise TrialWrong(f"{path} is empty.")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as exc:
        raise TrialWrong(f"{path.parent} has no {path.name}.") from exc
    except UnicodeDecodeError as exc:
        raise TrialWrong(f"{path} is not text in UTF-8.") from exc
    except OSError as exc:
        raise TrialWrong(f"{path} cannot be read: {exc.strerror}.") from exc


def _unique(path: Path, found: list[Line]) -> tuple[Line, ...]:
    seen: set[str] = set()
    for each in found:
        if each.id in seen:
            raise TrialWrong(f"{path} has the id {each.id!r} twice.")
        seen.add(each.id)
    return tuple(found)


def _answers(
    folder: Path, documents: tuple[Document, ...], queries: tuple[Query, ...]
) -> dict[str, frozenset[str]]:
    """Which documents answer which question: the first line is the heads of the columns."""
    known, asked = {each.id for each in documents}, {each.id for each in queries}
    found: dict[str, set[str]] = {}
    path = folder / ANSWERS
    for number, line in enumerate(_text(path).splitlines()[1:], start=2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != 3 or not cells[2].strip().isdigit():
            raise TrialWrong(
                f"Line {number} of {path} is not a question, a document and a score, with tabs between."
            )
        for cell, ids, what in ((cells[0], asked, QUERIES), (cells[1], known, CORPUS)):
            if cell not in ids:
                raise TrialWrong(f"Line {number} of {path} names {cell!r}, which {what} does not have.")
        if int(cells[2]):
            found.setdefault(cells[0], set()).add(cells[1])
    return {query: frozenset(docs) for query, docs in found.items()}
