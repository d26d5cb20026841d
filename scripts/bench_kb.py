"""Measures the search of the knowledge base: `python -m scripts.bench_kb` (some minutes; --help has options).

Passages are made up of the words of the sets in tests/data/kb, as often as they stand there, and have
embeddings in random directions: neither changes what a search costs. Questions are those of the sets,
embedded by the real network within the time that is measured. May import: the standard library, numpy, click,
kb, models.
"""

import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from kb import trial
from kb.found import Passage
from kb.index import Row, build
from kb.search import Search
from models.embed import Embedder

SETS = Path(__file__).parents[1] / "tests" / "data" / "kb"
ENGLISH = ("xquad_en", "stackfaq_en", "clinic_en")
WORDS_A_PASSAGE = 120
"""Some 160 tokens."""
RARE = 0.02
"""The share of words that stand in few passages: names, numbers."""
EMBEDDED_AT_ONCE = 16


def made_up(count: int, size: int) -> Iterator[Row]:
    """So many passages, a fifth of them each others' documents."""
    chance = np.random.default_rng(1)
    words = np.array(
        " ".join(
            f"{each.title} {each.text}" for name in ENGLISH for each in trial.read(SETS / name).documents
        ).split()
    )
    for number in range(1, count + 1):
        drawn = words[chance.integers(len(words), size=WORDS_A_PASSAGE)].astype(object)
        rare = chance.random(WORDS_A_PASSAGE) < RARE
        drawn[rare] = [f"w{each}" for each in chance.integers(count * 2, size=int(rare.sum()))]
        vector = chance.normal(size=size).astype(np.float32)
        vector /= np.linalg.norm(vector)
        head, text = " ".join(drawn[:4]), " ".join(drawn[4:])
        passage = Passage(number, number // 5, f"d{number // 5}", head, (), "en", text)
        yield Row(passage, vector.tobytes())


def questions() -> list[str]:
    """What is asked, in an order by chance."""
    asked = [query.text for name in ENGLISH for query in trial.read(SETS / name).queries]
    np.random.default_rng(2).shuffle(asked)
    return asked


def searched(path: Path, embedder: Embedder, asked: list[str]) -> NDArray[np.float64]:
    """How long each question took, and how long it computed: two rows, in ms."""
    search = Search(path, embedder)
    for question in asked[:20]:
        search.search(question, "en")
    took = []
    for question in asked[20:]:
        begun, computed = time.perf_counter(), time.thread_time()
        search.search(question, "en")
        took.append((time.perf_counter() - begun, time.thread_time() - computed))
    search.close()
    return np.array(took).T * 1000


def embedded_a_second(embedder: Embedder, threads: int, count: int) -> tuple[float, float]:
    """How many passages so many threads embed in a second, and in a second of computing by each."""
    texts = [row.passage.to_embed for row in made_up(count, 8)]
    parts = [texts[start : start + EMBEDDED_AT_ONCE] for start in range(0, count, EMBEDDED_AT_ONCE)]
    begun, computed = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(embedder.embed, parts))
    return count / (time.perf_counter() - begun), count * threads / (time.process_time() - computed)


@click.command()
@click.option("--passages", default="10000,100000", show_default=True, help="Sizes of the index.")
@click.option("--asked", default=1000, show_default=True, help="Questions.")
@click.option(
    "--embedded", default=480, show_default=True, help="Passages that are embedded; 0 leaves that out."
)
def main(passages: str, asked: int, embedded: int) -> None:
    """Print how long a search, making the index, and embedding take."""
    embedder = Embedder()
    if embedded:
        for threads in (1, 2):
            speed, undisturbed = embedded_a_second(embedder, threads, embedded)
            click.echo(
                f"{threads} threads embed {speed:.0f} passages of 160 tokens a second,"
                f" {undisturbed:.0f} when nothing else computes"
            )
    for count in map(int, passages.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "index.db"
            begun = time.perf_counter()
            build(path, made_up(count, embedder.size), embedder.model_id, embedder.size)
            made = time.perf_counter() - begun
            took = searched(path, embedder, questions()[: asked + 20])
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            (middle, own_middle), (late, own_late) = np.percentile(took, [50, 99], axis=1)
            click.echo(
                f"{count} passages: made in {made:.1f} s, {path.stat().st_size / 1e6:.0f} MB;"
                f" {took.shape[1]} searches: p50 {middle:.1f} ms, p99 {late:.1f} ms,"
                f" computing {own_middle:.1f} and {own_late:.1f} ms; memory {peak} MB"
            )


if __name__ == "__main__":
    main()
