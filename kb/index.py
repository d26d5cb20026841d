"""The index of the knowledge base: a SQLite file that is made whole, swapped in, and then only read.

It holds the passages, their words (FTS5), and their embeddings twice: as bits that sqlite-vec goes through
quickly, and as half floats by which the nearest of them are put in order. It is made of the store's rows, so
it is never backed up, and an older one goes on serving until the new one has its name. May import: the
standard library, numpy, orjson, pysqlite3, sqlite_vec, appliance.core, kb.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson
import sqlite_vec
from numpy.typing import NDArray
from pysqlite3 import dbapi2 as sqlite

from appliance.core.errors import AttendantError
from kb import sealed, words
from kb.crowd import Crowd
from kb.found import Passage

Float32 = NDArray[np.float32]
Numbers = NDArray[np.uint32]

FORMAT = 2
"""Of the file; one of another format is made anew."""
AT_ONCE = 500
"""Rows that are written together."""
SAMPLE = 256
"""Embeddings that are kept aside to tell what is near from what is everywhere."""
SHORTEST_SPELT, LONGEST_SPELT = 4, 24
"""Letters of words that are found although a letter is wrong."""

# The columns that a search reads of many passages stand before the text.
SCHEMA = (
    "CREATE TABLE fact (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    """
    CREATE TABLE passage (
        id INTEGER PRIMARY KEY, doc_id INTEGER NOT NULL, language TEXT NOT NULL,
        question TEXT, head_terms BLOB NOT NULL, text_terms BLOB NOT NULL,
        slug TEXT NOT NULL, title TEXT NOT NULL, heading TEXT NOT NULL, reviewed_on TEXT,
        text TEXT NOT NULL
    ) STRICT
    """,
    "CREATE TABLE vector (id INTEGER PRIMARY KEY, halves BLOB NOT NULL) STRICT",
    "CREATE TABLE crowd (id INTEGER PRIMARY KEY, about REAL NOT NULL) STRICT",
    """
    CREATE VIRTUAL TABLE word USING fts5(
        head, text, content = '', tokenize = 'unicode61 remove_diacritics 2'
    )
    """,
    "INSERT INTO word (word, rank) VALUES ('rank', 'bm25(2.0, 1.0)')",
    "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'word', 'row')",
    "CREATE TABLE term (term TEXT PRIMARY KEY, passages INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE spelling (gap INTEGER NOT NULL, term TEXT NOT NULL) STRICT",
)
BITS = (
    "CREATE VIRTUAL TABLE bit USING vec0(id INTEGER PRIMARY KEY, bits BIT[{}], language TEXT, doc_id INTEGER)"
)


class IndexUnusable(AttendantError):
    """There is no index, or it is damaged or of another version: it has to be made anew."""


@dataclass(frozen=True, slots=True)
class Row:
    """A passage for the index, with its embedding (float32 bytes) by the index's model, or None."""

    passage: Passage
    embedding: bytes | None = None


def build(
    path: Path,
    rows: Iterable[Row],
    model_id: str | None,
    size: int,
    progress: Callable[[int], None] = lambda _: None,
    *,
    made_of: int = 0,
) -> int:
    """Make the index of these rows and put it in the place of the one at `path`; return how many they are.

    `made_of` is the number of the store's last change that is in it.

    `model_id` made the embeddings, of `size` numbers each; None where there are none. The rows are taken one
    after the other, and after some of them `progress` is told how many went in. Until the last step the old
    index stays. One process builds at a time. Raises StoreError (DiskFull and the like) or IndexBusy.
    """
    with sealed.made_beside(path) as beside:
        db = _connected(beside, "mode=rwc")
        try:
            return _written(db, rows, _Writer(db, size), progress, {"model_id": model_id, "made_of": made_of})
        finally:
            db.close()


def _connected(path: Path, options: str) -> Any:
    db = sqlite.connect(
        f"{path.absolute().as_uri()}?{options}", uri=True, isolation_level=None, check_same_thread=False
    )
    with ExitStack() as undo:
        undo.callback(db.close)
        db.enable_load_extension(True)
        sqlite_vec.load(db)
        db.enable_load_extension(False)
        undo.pop_all()
    return db


class _Writer:
    """Fills a new file."""

    def __init__(self, db: Any, size: int) -> None:
        self._db = db
        self._size = size
        self._crowd = Crowd(size)
        self.count = 0
        self.lengths = np.zeros(2)

    def begin(self) -> None:
        """Make the table whose width is that of an embedding."""
        self._db.execute(BITS.format(8 * -(-max(self._size, 8) // 8)))

    def add(self, rows: Sequence[Row]) -> None:
        """Write some rows, in one go."""
        passages = [row.passage for row in rows]
        said = [
            (each, words.terms(each.head, each.language), words.terms(each.text, each.language))
            for each in passages
        ]
        self._db.executemany(
            "INSERT INTO passage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_columns(passage, head, text) for passage, head, text in said],
        )
        self._db.executemany(
            "INSERT INTO word (rowid, head, text) VALUES (?, ?, ?)",
            [(passage.chunk_id, " ".join(head), " ".join(text)) for passage, head, text in said],
        )
        self.lengths += [sum(len(head) for _, head, _ in said), sum(len(text) for _, _, text in said)]
        self.count += len(rows)
        if embedded := [row for row in rows if row.embedding is not None]:
            self._embed(embedded)

    def _embed(self, rows: Sequence[Row]) -> None:
        vectors = np.frombuffer(b"".join(row.embedding or b"" for row in rows), np.float32)
        vectors = vectors.reshape(len(rows), self._size)
        halves = vectors.astype(np.float16)
        bits = _bits(vectors)
        self._db.executemany(
            "INSERT INTO vector VALUES (?, ?)",
            [(row.passage.chunk_id, half.tobytes()) for row, half in zip(rows, halves, strict=True)],
        )
        self._db.executemany(
            "INSERT INTO bit (id, bits, language, doc_id) VALUES (?, vec_bit(?), ?, ?)",
            [
                (row.passage.chunk_id, bit.tobytes(), row.passage.language, row.passage.doc_id)
                for row, bit in zip(rows, bits, strict=True)
            ],
        )
        self._crowd.see([row.passage for row in rows], vectors)

    def _write_crowd(self) -> None:
        found = self._db.execute("SELECT id, halves FROM vector ORDER BY id")
        while some := found.fetchmany(AT_ONCE):
            ids = [number for number, _ in some]
            about = self._crowd.about(ids, _unpacked((halves for _, halves in some), self._size))
            self._db.executemany("INSERT INTO crowd VALUES (?, ?)", zip(ids, about, strict=True))

    def finish(self, told: Mapping[str, object]) -> None:
        """Write what is known when all rows are in, and what is told of them."""
        self._db.execute("INSERT INTO term SELECT term, doc FROM vocabulary")
        self._db.execute("INSERT INTO word (word) VALUES ('optimize')")
        self._write_crowd()
        known = self._db.execute(
            "SELECT term FROM term WHERE length(term) BETWEEN ? AND ?", (SHORTEST_SPELT, LONGEST_SPELT)
        )
        gaps = ((words.number(gap), term) for (term,) in known for gap in words.gaps(term))
        self._db.executemany("INSERT INTO spelling VALUES (?, ?)", gaps)
        self._db.execute("CREATE INDEX spelling_gap ON spelling (gap, term)")
        languages = dict(self._db.execute("SELECT language, count(*) FROM passage GROUP BY language"))
        facts = {
            "format": FORMAT,
            **told,
            "size": self._size,
            "passages": self.count,
            "embedded": self._crowd.seen,
            "languages": orjson.dumps(languages).decode(),
            "head_length": self.lengths[0] / max(1, self.count),
            "text_length": self.lengths[1] / max(1, self.count),
            "sample": self._crowd.sample[:SAMPLE].astype(np.float16).tobytes(),
        }
        self._db.executemany("INSERT INTO fact VALUES (?, ?)", facts.items())


def _columns(passage: Passage, head: list[str], text: list[str]) -> tuple[object, ...]:
    return (
        passage.chunk_id,
        passage.doc_id,
        passage.language,
        passage.question,
        _numbers(head).tobytes(),
        _numbers(text).tobytes(),
        passage.slug,
        passage.title,
        orjson.dumps(passage.heading).decode(),
        passage.reviewed_on,
        passage.text,
    )


def _numbers(terms: list[str]) -> Numbers:
    return np.fromiter(map(words.number, terms), np.uint32, len(terms))


def _bits(vectors: Float32) -> NDArray[np.uint8]:
    return np.packbits(vectors > 0, axis=-1, bitorder="little")


def _unpacked(halves: Iterable[bytes], size: int) -> Float32:
    """Embeddings that were kept as half floats, a row each."""
    made: Float32 = np.frombuffer(b"".join(halves), np.float16).astype(np.float32)
    return made.reshape(-1, max(1, size))


def _written(
    db: Any, rows: Iterable[Row], writer: _Writer, progress: Callable[[int], None], told: Mapping[str, object]
) -> int:
    # A file that a crash leaves behind is thrown away, so nothing of it needs to be safe before the end.
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -64000")
    for statement in SCHEMA:
        db.execute(statement)
    writer.begin()
    db.execute("BEGIN")
    waiting = iter(rows)
    while some := list(islice(waiting, AT_ONCE)):
        writer.add(some)
        progress(writer.count)
    writer.finish(told)
    db.execute("COMMIT")
    return writer.count


@dataclass(frozen=True, slots=True)
class Facts:
    """What an index says of itself. `size`: numbers in an embedding; lengths are of the average passage."""

    model_id: str | None
    size: int
    passages: int
    embedded: int
    languages: Mapping[str, int]
    head_length: float
    text_length: float
    made_of: int
    """The number of the last change of what is known that it holds."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of some passages, one behind the other: their numbers, whose each is, and where it stands."""

    ids: NDArray[np.int64]
    docs: NDArray[np.int64]
    languages: tuple[str, ...]
    asked: NDArray[np.bool_]
    """Whether each is the answer to a question that staff wrote down."""
    sections: NDArray[np.uint32]
    """What stands under the same heading of one document has the same number here."""
    owners: NDArray[np.intp]
    numbers: Numbers
    in_head: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Nearness:
    """Some passages, the cosine of each to some vectors (a row each), and how near others are to it."""

    ids: NDArray[np.int64]
    cosines: NDArray[np.float64]
    crowd: NDArray[np.float64]


class Index:
    """An index that is open to read. One thread at a time; it stays whole when another takes its name."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises IndexUnusable."""
        with _usable(path), ExitStack() as undo:
            sealed.check(path)
            # Nobody ever writes to it: no locks are needed, and no disk that can be written.
            self._db = _connected(path, "mode=ro&immutable=1")
            undo.callback(self._db.close)
            told = dict(self._db.execute("SELECT name, value FROM fact"))
            if told.get("format") != FORMAT:
                raise IndexUnusable(f"The index {path} is of another version: make it anew.")
            self.facts = _facts(told)
            self.sample = _unpacked([told["sample"]], self.facts.size)
            self.middle: Float32 = self.sample.mean(axis=0) if len(self.sample) else self.sample.sum(axis=0)
            undo.pop_all()
        self._path = path

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def passages_with(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many passages each of these terms stands; those in none are left out."""
        return dict(
            self._all(
                "SELECT term, passages FROM term WHERE term IN (SELECT value FROM json_each(?))", _list(terms)
            )
        )

    def spelt_like(self, term: str) -> dict[str, int]:
        """Terms that differ from this one in a letter, or in two that changed places, and their passages."""
        if not SHORTEST_SPELT <= len(term) <= LONGEST_SPELT:
            return {}
        found = self._all(
            """
            SELECT DISTINCT term, passages FROM spelling JOIN term USING (term)
            WHERE gap IN (SELECT value FROM json_each(?))
            """,
            _list(map(words.number, words.gaps(term))),
        )
        return {near: count for near, count in found if words.one_off(term, near)}

    def by_words(self, terms: Iterable[str], limit: int) -> list[int]:
        """The passages with most of these terms (BM25), best first, at most `limit`."""
        asked = " OR ".join(f'"{term.replace(chr(34), chr(34) * 2)}"' for term in terms)
        if not asked:
            return []
        found = self._all("SELECT rowid FROM word WHERE word MATCH ? ORDER BY rank LIMIT ?", asked, limit)
        return [number for (number,) in found]

    def by_meaning(self, vector: Float32, limit: int, language: str | None = None) -> list[int]:
        """The passages nearest to this embedding by its bits, best first, of one language if it is named."""
        only = "" if language is None else " AND language = ?"
        found = self._all(
            f"SELECT id FROM bit WHERE bits MATCH vec_bit(?) AND k = ?{only}",  # noqa: S608
            _bits(vector).tobytes(),
            limit,
            *(() if language is None else (language,)),
        )
        return [number for (number,) in found]

    def nearness(self, ids: Sequence[int], vectors: Float32) -> Nearness:
        """How near these passages are to some vectors, without those that have no embedding."""
        found = self._all(
            """
            SELECT id, about, halves FROM vector JOIN crowd USING (id)
            WHERE id IN (SELECT value FROM json_each(?))
            """,
            _list(ids),
        )
        near = _unpacked((halves for _, _, halves in found), self.facts.size) @ vectors.T
        return Nearness(
            np.array([number for number, _, _ in found], np.int64),
            near.astype(np.float64),
            np.array([about for _, about, _ in found], np.float64),
        )

    def terms_of(self, ids: Sequence[int]) -> Terms:
        """The terms of these passages."""
        found = self._all(
            """
            SELECT id, doc_id, language, head_terms, text_terms, question IS NOT NULL FROM passage
            WHERE id IN (SELECT value FROM json_each(?))
            """,
            _list(ids),
        )
        parts = [part for row in found for part in (row[3], row[4])]
        lengths = [len(part) // np.dtype(np.uint32).itemsize for part in parts]
        places = np.repeat(np.arange(len(parts)), lengths)
        return Terms(
            ids=np.array([row[0] for row in found], np.int64),
            docs=np.array([row[1] for row in found], np.int64),
            languages=tuple(row[2] for row in found),
            asked=np.array([row[5] for row in found], np.bool_),
            sections=np.array([words.number(f"{row[1]} {zlib.crc32(row[3])}") for row in found], np.uint32),
            owners=places // 2,
            numbers=np.frombuffer(b"".join(parts), np.uint32),
            in_head=places % 2 == 0,
        )

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """These passages by their ids."""
        found = self._all(
            """
            SELECT id, doc_id, slug, title, heading, language, text, question, reviewed_on FROM passage
            WHERE id IN (SELECT value FROM json_each(?))
            """,
            _list(ids),
        )
        return {
            number: Passage(number, doc, slug, title, tuple(orjson.loads(heading)), *rest)
            for number, doc, slug, title, heading, *rest in found
        }

    def _all(self, sql: str, *parameters: object) -> list[Any]:
        with _usable(self._path):
            found: list[Any] = self._db.execute(sql, parameters).fetchall()
        return found


def _list(values: Iterable[object]) -> str:
    return orjson.dumps(list(values), option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _facts(told: Mapping[str, Any]) -> Facts:
    return Facts(
        model_id=told["model_id"],
        size=told["size"],
        passages=told["passages"],
        embedded=told["embedded"],
        languages=orjson.loads(told["languages"]),
        head_length=told["head_length"],
        text_length=told["text_length"],
        made_of=told["made_of"],
    )


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    """Say of whatever a file can be that the index is to be made anew."""
    try:
        yield
    except (sqlite.Error, OSError, ValueError, KeyError, TypeError) as exc:
        state = "missing" if isinstance(exc, FileNotFoundError) else "damaged"
        raise IndexUnusable(f"The index {path} is {state}: make it anew. ({exc})") from exc
