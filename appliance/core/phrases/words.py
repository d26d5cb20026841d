"""Turns a transcript into plain words, as patterns are written: no case, accents, fillers or repetitions.

Recognisers punctuate as they like, so a sentence's end is kept beside the words and never between them. Pure.
May import: the standard library.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_APOSTROPHES = re.compile(r"['’‘`´ʼ]")
_IS = re.compile(r"(?<=\w)['’‘`´ʼ]s\b")
_PARTS = re.compile(r"[^\W_]+|\.{2,}|[.!?;,:…¿¡—]")
_ENDS = frozenset(".!?;")
_LONGEST_REPEAT = 4
TORN_LEAST = 9
"""Shorter words are made of two others too easily."""
_MORE = "…"
"""Stands at the end of a line that may go on, so that nothing takes it for the end of what was said."""
LONGEST_TEXT, LONGEST_PART = 2000, 400
"""Letters that are looked at, counted from the end: danger is told in a sentence, not in a chapter; of what
is still being said only the last, for it is read again at each word."""

Runs = list[tuple[list[str], str]]
"""Words up to a mark, and that mark, of all that was said."""
Words = tuple[str, ...]
Rewrites = Mapping[str, Mapping[Words, Words]]
"""By the first word of what was said: all of it, and what it means."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of a transcript and where sentences (`ends`) and commas (`pauses`) stand before a word."""

    words: tuple[str, ...]
    ends: frozenset[int] = frozenset()
    pauses: frozenset[int] = frozenset()
    line: str = ""
    places: Mapping[int, int] = field(default_factory=dict)
    """From an offset in `line` to the place of the word that begins there."""

    def ends_between(self, first: int, last: int) -> bool:
        """Whether a sentence ends somewhere from before word `first` to before word `last`."""
        return any(first <= place <= last for place in self.ends)


class Plainness:
    """How one language's transcripts become plain words."""

    def __init__(
        self,
        hesitations: Iterable[str],
        fillers: Iterable[str],
        rewrites: Mapping[str, str],
        near: Iterable[str],
        apart: Iterable[str],
    ) -> None:
        self._hesitations = _by_first_word({tuple(said.split()): () for said in hesitations})
        meant = {tuple(said.split()): tuple(meant.split()) for said, meant in rewrites.items()}
        self._rewrites = _by_first_word(meant | {tuple(said.split()): () for said in fillers})
        self._near = _neighbours(near)
        self._known = frozenset(near) | frozenset(apart)

    def spoken(self, runs: Runs, *, whole: bool = True) -> Spoken:
        """The plain words; the last word of a text that is not `whole` is not guessed at."""
        words: list[str] = []
        ends: set[int] = set()
        pauses: set[int] = set()
        for run, ended in runs:
            words += _rewritten(self._joined(_rewritten(run, self._hesitations)), self._rewrites)
            _mark(ended, len(words), ends, pauses)
        last = len(words) - 1
        words = [
            word if place == last and not whole else self._nearest(word) for place, word in enumerate(words)
        ]
        finished = whole or len(words) in ends
        return _without_repeats(words, ends, pauses, "" if finished else _MORE)

    def _joined(self, run: list[str]) -> list[str]:
        """Put together an important word that was torn in two: "ambu lance" is nothing else."""
        joined: list[str] = []
        for word in run:
            whole = joined[-1] + word if joined else ""
            if len(whole) >= TORN_LEAST and self._torn(joined[-1], word):
                whole = self._nearest(whole)
                if whole in self._near:
                    joined[-1] = whole
                    continue
            joined.append(word)
        return joined

    def _torn(self, first: str, second: str) -> bool:
        """Whether these may be one word: neither is an important one, and not both are known."""
        return not (first in self._near or second in self._near or self._known.issuperset((first, second)))

    def _nearest(self, word: str) -> str:
        if len(word) < 6 or word in self._known:
            return word
        for shorter in _shorter(word):
            if shorter in self._near:
                return self._near[shorter]
        return word


def runs_of(text: str, *, whole: bool = True) -> Runs:
    """A transcript in any language, or the last of it."""
    runs: Runs = [([], "")]
    for part in _PARTS.findall(plain(text[-(LONGEST_TEXT if whole else LONGEST_PART) :])):
        run, _ = runs[-1]
        if part[0].isalnum():
            run.append(part)
        else:
            runs[-1:] = [(run, part), ([], "")]
    return runs


def _by_first_word(rewrites: Mapping[Words, Words]) -> Rewrites:
    found: dict[str, dict[Words, Words]] = {}
    for said in sorted(rewrites, key=len, reverse=True):
        found.setdefault(said[0], {})[said] = rewrites[said]
    return found


def _rewritten(run: list[str], rewrites: Rewrites) -> list[str]:
    """The run with the longest rewrite applied at each word."""
    if rewrites.keys().isdisjoint(run):
        return run
    meant: list[str] = []
    place = 0
    while place < len(run):
        for said, instead in rewrites.get(run[place], {}).items():
            if tuple(run[place : place + len(said)]) == said:
                meant += instead
                place += len(said)
                break
        else:
            meant.append(run[place])
            place += 1
    return meant


def plain(text: str) -> str:
    """Lower case without accents and apostrophes; what stands for `is` becomes a word."""
    told = _APOSTROPHES.sub("", _IS.sub(" is", text.casefold()))
    if told.isascii():
        return told
    letters = unicodedata.normalize("NFKD", told)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _mark(mark: str, place: int, ends: set[int], pauses: set[int]) -> None:
    if mark in _ENDS and mark:
        ends.add(place)
    elif mark:
        pauses.add(place)


def _shorter(word: str) -> Iterator[str]:
    """The word, and the word with each one of its letters left out."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _neighbours(words: Iterable[str]) -> dict[str, str]:
    return {shorter: word for word in words for shorter in _shorter(word)}


def _without_repeats(words: list[str], ends: set[int], pauses: set[int], more: str) -> Spoken:
    """Say once what was said several times over, such as `my my chest` or `I can't I can't breathe`."""
    kept: list[str] = []
    kept_ends: set[int] = set()
    kept_pauses: set[int] = set()
    for place, word in enumerate([*words, ""]):
        if place in ends:
            kept_ends.add(len(kept))
        if place in pauses:
            kept_pauses.add(len(kept))
        kept.append(word)
        for length in range(1, _LONGEST_REPEAT + 1):
            if len(kept) < 2 * length:
                break
            if word == kept[-1 - length] and kept[-length:] == kept[-2 * length : -length]:
                del kept[-length:]
                kept_ends = {mark for mark in kept_ends if mark < len(kept)}
                kept_pauses = {mark for mark in kept_pauses if mark < len(kept)}
                break
    kept.pop()
    offsets: dict[int, int] = {}
    at = 0
    for place, word in enumerate(kept):
        offsets[at] = place
        at += len(word) + 1
    offsets[at] = len(kept)
    return Spoken(
        tuple(kept),
        frozenset(kept_ends),
        frozenset(kept_pauses),
        "".join(f"{word} " for word in kept) + more,
        offsets,
    )
