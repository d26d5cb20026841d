"""Makes anew what embeddings of a network mean: `python -m scripts.train_meaning FOLDER`, with its weights.

It learns from the sentences of which the classifier of wishes learns, of every language, by the embedding
alone: an opinion of its own beside that of the words. The same data give the same weights on one machine.
May import: the standard library, click, numpy, scripts, models, appliance.core.
"""

from pathlib import Path

import click
import numpy as np

from appliance.core.linear import Float32
from appliance.core.ports import Embedder
from models.embed import Embedder as Network
from models.local.classifier import INTENTS
from models.local.meaning import LEARNT, Head
from scripts.said_by_callers import SEED
from scripts.softmax import Learner, batches
from scripts.train_intents import Told, examples

SENTENCES = 13_000
"""Enough: what more of them teach is how they are worded."""
EPOCHS, BATCH, RATE = 15, 128, 0.03
AT_ONCE = 256


def embedded(embedder: Embedder, told: Told) -> Float32:
    """A row for each sentence, embedded as an utterance is."""
    texts = [text for text, _ in told]
    rows = [embedder.embed(texts[at : at + AT_ONCE], asked=True) for at in range(0, len(texts), AT_ONCE)]
    return np.concatenate(rows)


def learnt(told: Told, rows: Float32) -> Head:
    """What these sentences teach of the numbers of an embedding."""
    middle = rows.mean(axis=0)
    apart = rows - middle
    # Embeddings of some networks all point the same way: what is left without it counts as much as of others.
    scale = np.float32(np.sqrt((apart**2).sum(axis=1).mean()))
    apart /= scale
    chance = np.random.default_rng(SEED)
    learner = Learner((rows.shape[1], len(INTENTS)), (len(INTENTS),))
    wanted = np.eye(len(INTENTS), dtype=np.float32)[[INTENTS.index(intent) for _, intent in told]]
    total = EPOCHS * (len(told) // BATCH)
    for batch in batches(len(told), BATCH, EPOCHS, chance):
        learner.learn((apart[batch],), wanted[batch], RATE * (1 - learner.steps / total) + 1e-4)
    weights, bias = learner.values
    return Head(middle, weights / scale, bias)


def keep(head: Head, path: Path) -> None:
    """Write it."""
    path.parent.mkdir(exist_ok=True)
    small = {name: getattr(head, name).astype(np.float16) for name in ("middle", "weights", "bias")}
    np.savez_compressed(path, allow_pickle=False, **small)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def main(folder: Path) -> None:
    """Learn and keep what embeddings by the weights in FOLDER mean."""
    told, path = examples()[:SENTENCES], LEARNT / f"{folder.name}.npz"
    keep(learnt(told, embedded(Network(folder, threads=2), told)), path)
    click.echo(f"{len(told)} sentences: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
