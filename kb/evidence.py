"""What speaks for each passage that may answer a question, in numbers that compare between indexes. Pure.

May import: the standard library, numpy, kb.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.index import Terms
from kb.question import Wanted
from kb.words import number

Float = NDArray[np.float64]

SATURATES, BY_LENGTH = 1.2, 0.75
"""BM25's k1 and b, as everybody has them."""
HEAD_COUNTS = 2.0
"""A word of a title, a heading or a question counts as so many of the text."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One number a candidate: `ids` says of whom. Shares are of 0..1.

    `matched`: BM25 by the rarity of all that was asked for; `covered`: the share of that which stands in the
    passage at all; `headed`: in its title, headings or question; `near`: the cosine.
    """

    ids: NDArray[np.int64]
    docs: NDArray[np.int64]
    foreign: NDArray[np.bool_]
    matched: Float
    covered: Float
    headed: Float
    near: Float


def weigh(
    terms: Terms, wanted: Sequence[Wanted], cosines: Mapping[int, float], language: str, text_length: float
) -> Evidence:
    """The evidence for the passages whose terms these are; the average text has so many terms."""
    heads, texts = _counts(terms, wanted)
    rarity = np.array([each.rarity for each in wanted])
    shares = rarity / max(float(rarity.sum()), 1e-9)
    lengths = np.bincount(terms.owners[~terms.in_head], minlength=len(terms.ids))
    stretched = 1 - BY_LENGTH + BY_LENGTH * lengths / max(text_length, 1.0)
    weight = HEAD_COUNTS * heads + texts / stretched[:, None]
    return Evidence(
        ids=terms.ids,
        docs=terms.docs,
        foreign=np.array([each != language for each in terms.languages], np.bool_),
        matched=(weight / (weight + SATURATES)) @ shares,
        covered=np.minimum(1.0, np.maximum(heads, texts)) @ shares,
        headed=np.minimum(1.0, heads) @ shares,
        near=np.array([cosines.get(int(each), 0.0) for each in terms.ids]),
    )


def _counts(terms: Terms, wanted: Sequence[Wanted]) -> tuple[Float, Float]:
    """How often each wanted word stands in each head and in each text."""
    heads, texts = np.zeros((2, len(terms.ids), len(wanted)))
    for column, word in enumerate(wanted):
        for term, share in word.terms.items():
            found = terms.numbers == number(term)
            for kind, place in ((heads, terms.in_head), (texts, ~terms.in_head)):
                counted = np.bincount(terms.owners[found & place], minlength=len(terms.ids))
                kind[:, column] += share * counted
    return heads, texts
