"""What speaks for each passage that may answer a question, in numbers that compare between indexes. Pure.

May import: the standard library, numpy, kb.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from kb.index import Terms
from kb.question import Wanted, rarity
from kb.words import number

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

SATURATES, BY_LENGTH = 1.2, 0.75
"""BM25's k1 and b, as everybody has them."""
HEAD_COUNTS = 2.0
"""A word of a title, a heading or a question counts as so many of the text."""
BLOCK = 12
"""Words of a text that stand together: about a line."""
NEXT = 5
"""So many others tell how far ahead a passage is."""
TINY = 1e-9
OF_WORDS = ("matched", "covered", "shared", "amount", "together")
FEATURES = (*OF_WORDS, "near", "apart", "ahead", "alone", "spread")


class Kind(IntEnum):
    """What sort of passage it is: each is as sure as its sort is with such evidence."""

    TEXT = 0
    PAIR = 1
    """The answer to a question that staff wrote down."""
    FOREIGN = 2
    """In another language than the question."""


@dataclass(frozen=True, slots=True)
class Meanings:
    """Cosines of some passages: to the question, and to the middle of the index; and the two to each other.

    `elsewhere`: cosines of the question to passages by chance.
    """

    ids: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    near: Float = field(default_factory=lambda: np.zeros(0))
    central: Float = field(default_factory=lambda: np.zeros(0))
    crowd: Float = field(default_factory=lambda: np.zeros(0))
    """How near to each others are."""
    middle: float = 0.0
    """The length of the middle."""
    question_central: float = 0.0
    elsewhere: Float = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The candidates, what kind each is, and its features: a row each, in the order of FEATURES.

    `matched`: BM25 as a share of what all that was asked for could give; `covered`: the share of that which
    stands in the passage at all; `shared`: BM25 of all candidates of its section together; `amount`: how much
    of rare words it has, whatever share that is; `together`: the share of what was asked for that stands in
    some lines of its text; `near`: the cosine; `apart`: the cosine as seen from the middle of the index;
    `ahead`: how much nearer it is than the next ones; `alone`: how far its neighbours are; `spread`: how far
    the cosine is from what is near by chance, in tenths of its deviation.
    """

    ids: NDArray[np.int64]
    kinds: NDArray[np.int64]
    features: Float


def weigh(
    terms: Terms,
    wanted: Sequence[Wanted],
    meanings: Meanings,
    language: str,
    text_length: float,
    passages: int,
) -> Evidence:
    """The evidence for the passages whose terms these are, of so many; the average text has so many terms."""
    foreign = np.array([each != language for each in terms.languages], np.bool_)
    kinds = np.where(foreign, Kind.FOREIGN, np.where(terms.asked, Kind.PAIR, Kind.TEXT)).astype(np.int64)
    columns = [*_of_words(terms, wanted, text_length, rarity(0, passages)), *_of_meaning(terms.ids, meanings)]
    return Evidence(terms.ids, kinds, np.stack(columns, axis=1))


def _of_words(terms: Terms, wanted: Sequence[Wanted], text_length: float, rarest: float) -> list[Float]:
    found = _found(terms, wanted)
    heads, texts = _counts(found, len(terms.ids))
    rare = np.array([each.rarity for each in wanted])
    shares = rare / max(float(rare.sum()), TINY)
    lengths = np.bincount(terms.owners[~terms.in_head], minlength=len(terms.ids))
    stretched = 1 - BY_LENGTH + BY_LENGTH * lengths / max(text_length, 1.0)
    weight = HEAD_COUNTS * heads + texts / stretched[:, None]
    stands = np.minimum(1.0, np.maximum(heads, texts))
    section = _of_section(terms, heads, texts, lengths / max(text_length, 1.0))
    amount = stands @ rare / (stands @ rare + rarest)
    return [
        _saturated(weight) @ shares,
        stands @ shares,
        _saturated(section) @ shares,
        amount,
        _together(found, shares, len(terms.ids)),
    ]


def _of_section(terms: Terms, heads: Float, texts: Float, lengths: Float) -> Float:
    """The weights of the words in all candidates of the same section, for each candidate."""
    sections, own = np.unique(terms.sections, return_inverse=True)
    above, below = np.zeros((2, len(sections), heads.shape[1]))
    np.maximum.at(above, own, heads)
    np.add.at(below, own, texts)
    length = np.bincount(own, lengths, len(sections))
    made: Float = HEAD_COUNTS * above + below / (1 - BY_LENGTH + BY_LENGTH * length)[:, None]
    return made[own]


def _saturated(weight: Float) -> Float:
    made: Float = weight / (weight + SATURATES)
    return made


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the words that are wanted stand: whose each is, its place there, and what it counts for each."""

    owners: NDArray[np.intp]
    in_head: NDArray[np.bool_]
    places: NDArray[np.intp]
    counts: Float


def _found(terms: Terms, wanted: Sequence[Wanted]) -> _Found:
    meant = [
        (number(term), column, share)
        for column, word in enumerate(wanted)
        for term, share in word.terms.items()
    ]
    asked = np.unique(np.array([each for each, _, _ in meant], np.uint32))
    counted = np.zeros((len(asked), len(wanted)))
    for each, column, share in meant:
        counted[asked.searchsorted(each), column] += share
    # Few of all the terms are wanted ones: only these are looked at closely.
    found = np.flatnonzero(np.isin(terms.numbers, asked))
    owners = terms.owners[found]
    begins = terms.owners.searchsorted(np.arange(len(terms.ids)))
    return _Found(
        owners,
        terms.in_head[found],
        found - begins[owners],
        counted[asked.searchsorted(terms.numbers[found])],
    )


def _counts(found: _Found, many: int) -> tuple[Float, Float]:
    """How often each wanted word stands in each head and in each text, of so many passages."""
    made = np.zeros((2, many, found.counts.shape[1]))
    np.add.at(made, (np.where(found.in_head, 0, 1), found.owners), found.counts)
    heads, texts = made
    return heads, texts


def _together(found: _Found, shares: Float, many: int) -> Float:
    """The share of what was asked for that stands near each other in a text, at most in each."""
    text = ~found.in_head
    owners, blocks = found.owners[text], found.places[text] // BLOCK
    made = np.zeros((many, int(blocks.max(initial=0)) + 2, len(shares)))
    np.maximum.at(made, (owners, blocks), found.counts[text])
    # Two blocks that follow each other, so that no place parts what stands together.
    near: Float = (np.maximum(made[:, :-1], made[:, 1:]) @ shares).max(axis=1)
    return np.minimum(near, 1.0)


def _of_meaning(ids: NDArray[np.int64], meanings: Meanings) -> list[Float]:
    """The features of meaning; 0 for passages without an embedding, or for all."""
    made = np.zeros((5, len(ids)))
    if len(meanings.ids):
        order = np.argsort(meanings.ids)
        places = order[np.minimum(meanings.ids[order].searchsorted(ids), len(order) - 1)]
        has = meanings.ids[places] == ids
        near = meanings.near[places]
        made[0] = near
        made[1] = _apart(near, meanings.central[places], meanings)
        made[2] = _ahead(near)
        made[3] = 1 - meanings.crowd[places]
        made[4] = (near - meanings.elsewhere.mean()) / max(float(meanings.elsewhere.std()), 0.01) / 10
        made[:, ~has] = 0.0
    return list(made)


def _apart(near: Float, central: Float, meanings: Meanings) -> Float:
    """The cosines when all is seen from the middle of the index."""
    middle = meanings.middle**2
    ours = max(1 - 2 * meanings.question_central + middle, TINY)
    theirs = np.maximum(1 - 2 * central + middle, TINY)
    made: Float = (near - central - meanings.question_central + middle) / np.sqrt(ours * theirs)
    clipped: Float = np.clip(made, -1.0, 1.0)
    return clipped


def _ahead(near: Float) -> Float:
    """How much nearer each is than the mean of the nearest others."""
    best = np.argsort(-near, kind="stable")[: NEXT + 1]
    if len(best) < 2:
        return near
    made: Float = near - near[best[:-1] if len(best) > NEXT else best].mean()
    for place in best:
        made[place] = near[place] - near[best[best != place]].mean()
    return made
