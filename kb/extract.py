"""The sentences of a passage that answer a question, in its own words: as much as can be listened to.

No language model. A sentence counts by the words that it shares with the question, the rarer in the passage
the more. Pure. May import: the standard library, appliance.core, kb.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.core.sources import stems
from kb.found import Passage
from kb.sentences import sentences

SPOKEN_MOST = 320
"""So many letters are some twenty seconds."""
SENTENCES_MOST = 2
ITEMS_MOST = 6
LEADS = ":"
POINTS_BACK = re.compile(
    r"^(it|its|they|this|that|these|those|he|she|there|also|otherwise|if not"
    r"|eso|esto|estos|estas|ellos|ellas|también|si no|además|de lo contrario)\b",
    re.IGNORECASE,
)
"""How a sentence begins that is understood only behind the one before it."""
_CLAUSE = re.compile(r"[,;:]\s")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or a list with what leads to it."""

    text: str
    stems: frozenset[str]
    row: bool = False
    """Whether it is a row of a table: what follows is about something else."""


def extract(question: str, passage: Passage, most: int = SPOKEN_MOST) -> str:
    """The one or two sentences of a passage that answer a question best; a short answer as a whole."""
    whole = _joined(_pieces(passage.text))
    if passage.question and len(whole) <= most:
        return whole
    pieces = _pieces(passage.text)
    if not pieces:
        return ""
    wanted = stems(f"{question} {passage.question or ''}") - stems(
        " ".join((passage.title, *passage.heading))
    )
    best = _best(pieces, wanted or stems(question))
    return _joined(_around(pieces, best, most), most)


def _pieces(text: str) -> list[_Piece]:
    """The sentences of a text; items are told with the line that leads to them."""
    made: list[str] = []
    items = 0
    for line in text.splitlines():
        told = sentences(line)
        leads = bool(made) and made[-1].endswith(LEADS)
        if told and (leads or items) and len(told) == 1 and not told[0].endswith(LEADS):
            items += 1
            if items <= ITEMS_MOST:
                made[-1] = (
                    f"{made[-1]} {told[0].rstrip('.;,')}" if leads else f"{made[-1]}, {told[0].rstrip('.;,')}"
                )
            continue
        items = 0
        made += told
    return [_Piece(_ended(text), frozenset(stems(text)), _is_row(text)) for text in made]


def _is_row(text: str) -> bool:
    return "; " in text and not text.endswith((".", "!", "?", "…"))


def _ended(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text.rstrip(':;,')}."


def _best(pieces: Sequence[_Piece], wanted: set[str]) -> int:
    """The place of the piece that shares most with what is asked; the first of equals."""
    seen = Counter(stem for piece in pieces for stem in piece.stems)

    def score(place: int) -> float:
        shared = pieces[place].stems & wanted
        return sum(math.log(1 + len(pieces) / seen[stem]) for stem in shared) - place * 1e-6

    return max(range(len(pieces)), key=score)


def _around(pieces: Sequence[_Piece], best: int, most: int) -> list[_Piece]:
    """The best piece, with the one that it points back to, or the one behind it, where there is room."""
    first = best - 1 if best and POINTS_BACK.match(pieces[best].text) else best
    chosen = list(pieces[first : best + 1])
    if first == best and not pieces[best].row:
        chosen = list(pieces[best : best + SENTENCES_MOST])
    while len(chosen) > 1 and sum(len(piece.text) + 1 for piece in chosen) > most:
        chosen.remove(chosen[-1] if chosen[0] is pieces[best] else chosen[0])
    return chosen


def _joined(pieces: Sequence[_Piece], most: int = 0) -> str:
    text = " ".join(piece.text for piece in pieces)
    return _trimmed(text, most) if most and len(text) > most else text


def _trimmed(text: str, most: int) -> str:
    """Up to the last clause, or word, that fits."""
    cuts = [found.start() for found in _CLAUSE.finditer(text[:most])]
    at = cuts[-1] if cuts and cuts[-1] > most // 2 else text[:most].rfind(" ")
    return _ended(text[: at if at > 0 else most])
