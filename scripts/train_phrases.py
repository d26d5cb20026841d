"""Makes the weights of likeness anew from written sentences, quickly: `python -m scripts.train_phrases`.

With `--without SET ...` it learns from all sets but each of these in turn, keeps nothing, and prints how the
set that was left out is understood: the figure for sentences that nobody has seen.
May import: the standard library, numpy, orjson, scripts, models, appliance.core, appliance.languages.
"""

import argparse
import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from appliance.core import phrases
from appliance.core.hidden import Hidden
from appliance.core.linear import Float32, Linear, Places, Traits, packed
from appliance.core.phrases.book import PhraseBook
from appliance.core.phrases.likeness import LABELS, LANGUAGES, SHIPPED, Likeness, groups, sign, taken
from appliance.core.phrases.words import runs_of
from appliance.core.wishes import Intent
from appliance.languages.tables import table
from scripts import frames, layered
from scripts.said_by_callers import Sentences

DATA = Path(__file__).parent.parent / "tests" / "data"
SETS = DATA / "phrases"
WISHES = {Intent.EMERGENCY, Intent.PERSON, Intent.TRANSFER_DEPARTMENT, Intent.LEAVE_MESSAGE}
HARMLESS = frozenset(Intent) - WISHES
"""Wishes whose sentences are neither danger nor the wish for a person, whoever wrote them."""
LEAST_SEEN = 3
"""A trait that fewer sentences have is left out."""
NETS, UNITS, EPOCHS = 3, 24, 7
"""So many networks, each from other chances, speak as one: what one has from chance, the others have not.

The first learns from what was written alone, the others from the frames, too.
"""
EVERYDAY = 400
"""Sentences of each harmless wish in each language."""
MIXED = 700
"""Lines of mixed words in each language."""
SEED = 5


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that was written, its label, and the set that it belongs to."""

    text: str
    label: str
    language: str
    source: str

    @property
    def known(self) -> bool:
        """Whether the phrases were written against it: what they see in it proves nothing."""
        return self.source == "known"


def told() -> list[Told]:
    """All sentences to learn from.

    Those of the phrases, the sets in `learnt`, as name_language.jsonl, what the frames say, the harmless
    wishes of the sets of intents, and those of the examples that these are learnt from.
    """
    files = [(path, "known") for path in sorted(SETS.glob("*.jsonl"))]
    files += [(path, path.stem[:-3]) for path in sorted((SETS / "learnt").glob("*.jsonl"))]
    found: list[Told] = []
    for path, source in files:
        language = path.stem[:2] if source == "known" else path.stem[-2:]
        rows = map(orjson.loads, path.read_bytes().splitlines())
        found += [Told(row["text"], row["label"], language, source) for row in rows]
    found += _framed()
    found += _harmless()
    found += _everyday()
    return found + list(_mixed(found))


def _framed() -> Iterator[Told]:
    """What the frames say, but for what stands in a set that nothing may be learnt from."""
    unseen = _unseen()
    for path in sorted((SETS / "frames").glob("*.txt")):
        for label, text in frames.sentences(path):
            if _words(text) not in unseen:
                yield Told(text, label, path.stem, "frames")


def _unseen() -> set[tuple[str, ...]]:
    rows = [row for path in (SETS / "unseen").glob("*.jsonl") for row in path.read_bytes().splitlines()]
    return {_words(orjson.loads(row)["text"]) for row in rows}


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for run, _ in runs_of(text) for word in run)


def _harmless() -> Iterator[Told]:
    for path in sorted((DATA / "intents").glob("*.jsonl")):
        if path.stem.endswith(("_fifth", "_sixth", "_seventh", "_eighth", "_ninth")):
            continue  # nothing is adjusted to these
        language = "es" if path.stem.startswith("es") else "en"
        for row in map(orjson.loads, path.read_bytes().splitlines()):
            if row["intent"] in HARMLESS:
                yield Told(row["text"], "not", language, "intents")


def _everyday() -> Iterator[Told]:
    """What callers say of hours, appointments and the like, and the short answers of any call."""
    unseen = _unseen()
    for language in LANGUAGES:
        drawing = Sentences.of(language)
        for intent in sorted(HARMLESS):
            for text in drawing.spoken(intent, EVERYDAY):
                if _words(text) not in unseen:
                    yield Told(text, "not", language, "everyday")


def _mixed(told: list[Told]) -> Iterator[Told]:
    """A few words of harmless lines, mixed: where nothing speaks for danger, there is none."""
    chance = random.Random(SEED)
    for language in LANGUAGES:
        harmless = [each.text for each in told if each.language == language and each.label == "not"]
        words = sorted({word for text in harmless for word in text.split()})
        for _ in range(MIXED):
            yield Told(" ".join(chance.sample(words, chance.randint(1, 4))), "not", language, "mixed")


@dataclass(slots=True)
class Lesson:
    """Sentences as the model takes them."""

    told: list[Told]
    words: list[tuple[str, ...]]
    signs: list[set[str]]

    @classmethod
    def of(cls, sentences: list[Told], book: PhraseBook) -> "Lesson":
        """Read by the phrases, which takes a while."""
        words = [book.words(each.text) for each in sentences]
        seen = [set() if each.known else book.signs(each.text) for each in sentences]
        return cls(sentences, words, seen)

    def but(self, source: str) -> "Lesson":
        """All sentences but those of one set."""
        kept = [place for place, each in enumerate(self.told) if each.source != source]
        return Lesson(
            [self.told[place] for place in kept],
            [self.words[place] for place in kept],
            [self.signs[place] for place in kept],
        )

    def places(self) -> Places:
        """A row for each trait and each sign that is seen often enough."""
        seen: Counter[int] = Counter()
        for words, signs in zip(self.words, self.signs, strict=True):
            written, sounding = groups(words)
            for group in (*written, sounding):
                seen.update(group)
            seen.update(map(sign, signs))
        return Places.of(number for number, count in seen.items() if count >= LEAST_SEEN)


def learnt(lesson: Lesson) -> tuple[Linear, Hidden]:
    """Networks of labels as one and, as further columns of its linear weights, one of languages."""
    places = lesson.places()
    traits = [taken(places, *each) for each in zip(lesson.words, lesson.signs, strict=True)]
    labels = np.array([LABELS.index(each.label) for each in lesson.told])
    languages = np.array([LANGUAGES.index(each.language) for each in lesson.told])
    shape = len(places), len(LABELS), UNITS
    written = [place for place, each in enumerate(lesson.told) if each.source != "frames"]
    everything = [*range(len(traits))]
    sets = [written, *[everything] * (NETS - 1)]
    wishes = [
        _net([traits[place] for place in each], labels[each], shape, SEED + net)
        for net, each in enumerate(sets)
    ]
    tongues = layered.learnt(traits, languages, (len(places), len(LANGUAGES), 0), 1, SEED)
    linear = _mean([each.linear.value for each in wishes]), tongues.linear.value
    bias = _mean([each.bias.value for each in wishes]), tongues.bias.value
    return Linear(places, np.concatenate(linear, axis=1), np.concatenate(bias)), _beside(wishes)


def _net(
    told: list[Traits], labels: NDArray[np.int64], shape: tuple[int, int, int], seed: int
) -> layered.Layered:
    """One network. What none of its sentences has moves no unit, as what it began with would by chance."""
    made = layered.learnt(told, labels, shape, EPOCHS, seed)
    strange = np.ones(shape[0], bool)
    strange[np.concatenate([each.rows for each in told])] = False
    made.inner.value[strange] = 0
    return made


def _mean(those: list[Float32]) -> Float32:
    found: Float32 = np.mean(those, axis=0)
    return found


def _beside(nets: list[layered.Layered]) -> Hidden:
    """The hidden layers of several networks as one, which says what they say in the mean."""
    inner = np.concatenate([each.inner.value for each in nets], axis=1)
    bias = np.concatenate([each.inner_bias.value for each in nets])
    outer = np.concatenate([each.outer.value for each in nets]) / len(nets)
    return Hidden.of(inner, bias, outer.astype(np.float32))


def digest() -> str:
    """Of all sentences and of what words mean: weights that were learnt from others are out of date."""
    made = hashlib.sha256()
    for language in LANGUAGES:
        made.update(orjson.dumps(table(language, "meanings")))
    for each in told():
        made.update(f"{each.source}\0{each.language}\0{each.label}\0{each.text}\n".encode())
    return made.hexdigest()


def measured(made: tuple[Linear, Hidden], held: list[Told], book: PhraseBook) -> str:
    """Recall and false alarms of sentences that were not learnt from, for each language."""
    tried = book.by(Likeness(*made))
    lines = []
    for language in LANGUAGES:
        found = [(each.label, tried.find(each.text)) for each in held if each.language == language]
        right = [what is not None and what.what == label for label, what in found if label != "not"]
        alarms = [what is not None for label, what in found if label == "not"]
        lines.append(f"{language} {len(found)}: recall {_share(right)}, false alarms {_share(alarms)}")
    return "; ".join(lines)


def _share(those: list[bool]) -> str:
    return f"{100 * sum(those) / max(1, len(those)):.1f} %"


def main() -> None:
    """Learn and keep the weights, or measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without", nargs="*", metavar="SET", default=[])
    asked = parser.parse_args()
    book = phrases.load(by_likeness=False)
    sentences = told()
    lesson = Lesson.of(sentences, book)
    for source in asked.without:
        held = [each for each in sentences if each.source == source]
        print(source, measured(learnt(lesson.but(source)), held, book), flush=True)
    if not asked.without:
        linear, hidden = learnt(lesson)
        kept: dict[str, Any] = {
            **packed(linear.places, linear.weights, linear.bias),
            **hidden.packed(),
            "learnt_from": np.array(digest()),
        }
        np.savez_compressed(SHIPPED, **kept)
        print(f"{len(sentences)} sentences, {len(linear.places)} traits: {SHIPPED.stat().st_size} bytes")


if __name__ == "__main__":
    main()
