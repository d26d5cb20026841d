"""How alike a text is to what callers in danger, callers who want a person, and all others say. Pure.

Small networks, as one, over words, pieces of words, what words mean and sound like, and what the phrases saw
and did not mean: linear weights, and a hidden layer beside them. scripts/train_phrases.py learns them.
May import: the standard library, numpy, appliance.core, appliance.languages.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from appliance.core import traits
from appliance.core.hidden import Hidden
from appliance.core.linear import Linear, Places, Traits, chances, weighed
from appliance.core.phrases import meanings, sounds

SHIPPED = Path(__file__).parent / "likeness.npz"
LABELS = ("emergency", "person", "not")
LANGUAGES = ("en", "es")
"""Those whose callers' sentences it was learnt from; what others say, the phrases alone find."""
SIGN_SHARE = 0.3
"""How much a sign of the phrases counts, beside the words."""
SOUND_SHARE = 0.5
"""How much the sounds of the words count together."""


@dataclass(frozen=True, slots=True)
class Like:
    """How likely each label is, and in which language the text is."""

    emergency: float
    person: float
    language: str


class Likeness:
    """Made once for all calls."""

    def __init__(self, linear: Linear, hidden: Hidden) -> None:
        self._linear = linear
        self._hidden = hidden

    def like(self, words: tuple[str, ...], signs: Iterable[str]) -> Like:
        """How alike a text of these plain words is, in which the phrases saw these signs."""
        traits = taken(self._linear.places, words, signs)
        scores = self._linear.scores(traits)
        emergency, person, _ = chances(scores[: len(LABELS)] + self._hidden.scores(traits))
        language = LANGUAGES[int(np.argmax(scores[len(LABELS) :]))]
        return Like(float(emergency), float(person), language)


@cache
def shipped() -> Likeness:
    """By the weights that come with the product. Raises WeightsUnreadable."""
    return Likeness(Linear.load(SHIPPED), Hidden.load(SHIPPED))


def taken(places: Places, words: tuple[str, ...], signs: Iterable[str]) -> Traits:
    """The known traits of a text and of what the phrases saw in it."""
    written, sounding = groups(words)
    said = weighed(places, written)
    heard = weighed(places, [sounding])
    seen = places.rows({*map(sign, signs)})
    rows = np.concatenate((said.rows, heard.rows, seen))
    signed = np.full(len(seen), SIGN_SHARE, np.float32)
    return Traits(rows, np.concatenate((said.shares, SOUND_SHARE * heard.shares, signed)))


def groups(words: tuple[str, ...]) -> tuple[list[set[int]], set[int]]:
    """A text's traits: its words in their order, pieces of them, their meanings; apart, their sounds."""
    near = (
        words[: traits.LONGEST_WORDS] + words[max(traits.LONGEST_WORDS, len(words) - traits.LONGEST_WORDS) :]
    )
    written = [traits.word_traits(near, near), traits.piece_traits(near), meanings.traits(near, LANGUAGES)]
    return written, sounds.traits(near)


def sign(text: str) -> int:
    """The number of a sign of the phrases."""
    return zlib.crc32(f"!{text}".encode())
