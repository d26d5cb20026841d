"""From what was read of a document to what the store keeps of it, and from there to the index.

May import: the standard library, appliance.core, appliance.store, kb.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.core.ports import Embedder
from appliance.store import knowledge
from appliance.store.database import Connection
from appliance.store.documents import Entry, Reading
from appliance.store.knowledge import Chunk, Told
from kb import index, passages
from kb.documents import markdown
from kb.documents.blocks import DocumentRefused, Heading, Read
from kb.embedding import embedded
from kb.found import Passage
from kb.index import Index, IndexUnusable, Row
from kb.passages import Count

PASSAGES_MOST = 20_000
"""Of one document."""
TITLE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Had:
    """A document as it came: what was read, and by which marks its source knows this state of it."""

    read: Read
    sha256: str = ""
    etag: str = ""
    last_modified: str = ""


def kept(
    entry: Entry, had: Had, count: Count, languages: Sequence[str], usual: str
) -> tuple[Reading, list[Chunk]]:
    """What the store keeps of a document. `usual` is the language of one that does not tell its own.

    Raises DocumentRefused for one that has too many passages.
    """
    read = had.read
    title = (entry.given_title or read.title or _heading(read) or _name(entry))[:TITLE_LENGTH]
    language = (
        entry.given_language
        or read.language
        or passages.language_of(read.blocks, languages)
        or (read.perhaps if read.perhaps in languages else None)
        or usual
    )
    pieces = passages.cut(read.blocks, title, language, count, languages=languages)
    if len(pieces) > PASSAGES_MOST:
        raise DocumentRefused(
            f"The document has {len(pieces):,} passages; {PASSAGES_MOST:,} are the most. Divide it, or leave"
            " out what no caller asks."
        )
    chunks = [
        Chunk(
            entry.id,
            place,
            piece.text,
            heading=piece.heading,
            kind=piece.kind,
            question=piece.question,
            language=piece.language,
            hash=_hash(Passage(0, 0, "", title, piece.heading, "", piece.text, piece.question)),
        )
        for place, piece in enumerate(pieces)
    ]
    reviewed = entry.given_reviewed or read.reviewed_on
    content = markdown.written(read.blocks)
    return (
        Reading(title, language, content, reviewed, had.sha256, had.etag, had.last_modified),
        chunks,
    )


def _hash(passage: Passage) -> str:
    return hashlib.sha256(passage.to_embed.encode("utf-8")).hexdigest()


def _heading(read: Read) -> str | None:
    """The first heading, if none is above it."""
    tops = [block.text for block in read.blocks if isinstance(block, Heading) and block.level == 1]
    return tops[0] if len(tops) == 1 else None


def _name(entry: Entry) -> str:
    """What a document is called that does not say so."""
    stem = Path(entry.file_name).stem if entry.file_name else entry.slug
    return re.sub(r"[\s_-]+", " ", stem).strip().capitalize() or entry.slug


def embeddings(embedder: Embedder, chunks: Sequence[tuple[Chunk, str]]) -> list[tuple[Chunk, bytes]]:
    """Passages, each with its document's title, and with their embeddings as the store keeps them."""
    rows = embedded(embedder, [told(chunk, title=title) for chunk, title in chunks])
    return [(chunk, row.tobytes()) for (chunk, _), row in zip(chunks, rows, strict=True)]


def told(chunk: Chunk, *, title: str, slug: str = "", reviewed_on: str | None = None) -> Passage:
    """A passage of the store as searches give it."""
    return Passage(
        chunk.id or 0,
        chunk.doc_id,
        slug,
        title,
        chunk.heading,
        chunk.language,
        chunk.text,
        chunk.question,
        reviewed_on,
    )


def is_current(db: Connection, path: Path, model: str | None) -> bool:
    """Whether the index holds what the store has, within one transaction of that."""
    try:
        with Index(path) as found:
            facts = found.facts
    except IndexUnusable:
        return False
    embedded = knowledge.count(db, model)[1] if model else 0
    return (facts.made_of, facts.model_id, facts.embedded) == (knowledge.generation(db), model, embedded)


def build(
    db: Connection,
    path: Path,
    model: str | None,
    size: int,
    progress: Callable[[int], None] = lambda _: None,
    *,
    without: Collection[str] = (),
    more: Iterable[Row] = (),
) -> int:
    """Make the index of what the store has, within one transaction of it. Raises StoreError, IndexBusy.

    `without` are the slugs of documents that are left out, `more` are passages that are in no store.
    """

    def rows() -> Iterator[Row]:
        for each in knowledge.told(db):
            if each.slug not in without:
                yield Row(
                    _passage(each), each.chunk.embedding if model and each.chunk.model == model else None
                )
        yield from more

    return index.build(path, rows(), model, size, progress, made_of=knowledge.generation(db))


def _passage(each: Told) -> Passage:
    return told(each.chunk, title=each.title, slug=each.slug, reviewed_on=each.reviewed_on)
