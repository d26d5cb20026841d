"""One language's phrases, and the judgement whether what was found is meant, and meant of now.

A phrase is one of four sorts. `says` tells of a danger there and then ("I can't breathe"); `told` tells what
happened and may be history ("she passed out"); `names` only names a thing ("chest pain") and depends on what
stands around it; `alone` is a wish only when nothing else is said ("operator"). What stands around a phrase
decides: whether it is denied, asked, past, quoted, or about something else. Pure.
May import: the standard library, appliance.core.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from appliance.core.phrases.patterns import Hit, Part, Pattern, PatternBook, classes, compiled
from appliance.core.phrases.words import Plainness, Spoken


class Sort(StrEnum):
    """How a phrase must be read; see the module's text."""

    SAYS = "says"
    TOLD = "told"
    NAMES = "names"
    ALONE = "alone"


class Scope(StrEnum):
    """What stands around a phrase and changes its meaning."""

    IDIOM = "idiom"
    NOT_WISHED = "not_wished"
    DENY = "deny"
    DENY_ALL = "deny_all"
    DENY_AFTER = "deny_after"
    ASKED = "asked"
    ASKED_AFTER = "asked_after"
    ABOUT = "about"
    ABOUT_AFTER = "about_after"
    PAST = "past"
    ROUTINE = "routine"
    NOW = "now"
    WAS = "was"
    TURN = "turn"
    RETRACT = "retract"


@dataclass(frozen=True, slots=True)
class Finding:
    """A wish that was recognised: `what` is `emergency` or `person`, `topic` says more."""

    what: str
    topic: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """The meaning of one pattern: a finding, and how it must be read."""

    finding: Finding
    sort: Sort
    negative: bool = False
    """Whether the phrase itself is a denial, such as `can not breathe`: a "no" before it changes nothing."""


Meaning = Phrase | Scope

_ASKED_REACH, _ABOUT_REACH, _ABOUT_AFTER_REACH, _PAST_REACH, _NOW_REACH = 7, 3, 2, 9, 14
_LIST_REACH = 8
_SETTLED_AFTER = 3
"""Words that must follow what could still be turned round before an unfinished text is judged."""


class Lexicon:
    """The phrases of one language, ready to be looked for."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        named = classes(table["class"])
        entries = list(_entries(table, named))
        literals = {word for pattern, _ in entries for word in pattern.literals if not word.endswith("*")}
        self.vocabulary, self.near = frozenset(literals), _listed(table["near"])
        apart = self.vocabulary | _listed(table["apart"])
        self.plainness = Plainness(_listed(table["fillers"]), table["rewrite"], self.near, apart)
        self._book = PatternBook(entries)
        self._between = _listed(table["between"])
        self._also = _listed(table["also"])
        self._nots = _listed(table["nots"])

    def find(self, text: str, *, whole: bool = True) -> Finding | None:
        """The gravest finding in a transcript. Of a text that is not `whole`, only what is certain by now."""
        spoken = self.plainness.spoken(text, whole=whole)
        reading = _Reading(spoken, whole, self._between, self._also, self._nots)
        phrases: list[Hit[Phrase]] = []
        for hit in self._book.hits(spoken):
            if isinstance(hit.meaning, Phrase):
                phrases.append(Hit(hit.first, hit.last, hit.meaning))
            else:
                reading.scopes.setdefault(hit.meaning, []).append((hit.first, hit.last))
        phrases.sort(key=lambda hit: (hit.meaning.finding.what, hit.first, hit.last))
        return next((hit.meaning.finding for hit in phrases if reading.meant(hit)), None)


def _listed(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.replace("\n", " ").split(",") if word.strip())


def _entries(table: Mapping[str, Any], named: Mapping[str, Part]) -> Iterator[tuple[Pattern, Meaning]]:
    nots = _listed(table["nots"])
    for what in ("emergency", "person"):
        for topic, sorts in table[what].items():
            for sort, texts in sorts.items():
                for text in texts:
                    pattern = _pattern(text, sort, named)
                    negative = not nots.isdisjoint(pattern.literals)
                    yield pattern, Phrase(Finding(what, topic), Sort(sort), negative)
    for scope, texts in table["scope"].items():
        yield from ((compiled(text, named), Scope(scope)) for text in texts)


def _pattern(text: str, sort: str, named: Mapping[str, Part]) -> Pattern:
    """A wish that stands alone may have courtesies around it: `no, a representative please, thank you`."""
    if sort == Sort.ALONE:
        text = f"{{lead}}? {{lead}}? {text} {{trail}}? {{trail}}?"
    return compiled(text, named)


Span = tuple[int, int]


class _Reading:
    """One text being read: what stands where, and what that does to a phrase."""

    def __init__(
        self, spoken: Spoken, whole: bool, between: frozenset[str], also: frozenset[str], nots: frozenset[str]
    ) -> None:
        self._spoken, self._whole = spoken, whole
        self._between, self._also, self._nots = between, also, nots
        self.scopes: dict[Scope, list[Span]] = {}

    def meant(self, hit: Hit[Phrase]) -> bool:
        """Whether the phrase is a wish of here and now."""
        if hit.meaning.sort is Sort.ALONE and not self._alone(hit):
            return False
        if not self._settled(hit) or self._denied(hit) or self._spans(Scope.RETRACT, hit.first):
            return False
        if hit.meaning.finding.what == "person":
            return not self._overlaps(Scope.NOT_WISHED, hit)
        if self._overlaps(Scope.IDIOM, hit) or self._asked(hit):
            return False
        if self._now(hit) or (hit.meaning.sort is Sort.SAYS and not self._was(hit)):
            return True
        return not (self._past(hit) or self._about(hit) or self.scopes.get(Scope.ROUTINE))

    def _settled(self, hit: Hit[Phrase]) -> bool:
        """Whether words still to come can hardly turn the phrase round."""
        if self._whole or hit.meaning.sort is Sort.SAYS:
            return True
        if any(place >= hit.last for place in self._spoken.ends):
            return True
        return hit.meaning.sort is not Sort.ALONE and len(self._spoken.words) - hit.last >= _SETTLED_AFTER

    def _alone(self, hit: Hit[Phrase]) -> bool:
        """Whether the phrase is all there is between two sentence ends."""
        first = hit.first == 0 or hit.first in self._spoken.ends or hit.first in self._spoken.pauses
        edges = self._spoken.ends | self._spoken.pauses
        return first and (hit.last == len(self._spoken.words) or hit.last in edges)

    def _spans(self, scope: Scope, since: int = 0) -> list[Span]:
        return [span for span in self.scopes.get(scope, ()) if span[0] >= since]

    def _overlaps(self, scope: Scope, hit: Hit[Phrase]) -> bool:
        return any(first < hit.last and hit.first < last for first, last in self.scopes.get(scope, ()))

    def _apart(self, first: int, last: int) -> bool:
        """Whether a sentence ends or the talk takes a turn between the words `first` and `last`."""
        return self._spoken.ends_between(first, last) or any(
            first <= turn and end <= last for turn, end in self.scopes.get(Scope.TURN, ())
        )

    def _before(self, scope: Scope, hit: Hit[Phrase], reach: int) -> bool:
        """Whether such a thing stands at most `reach` words before the phrase, in the same breath."""
        return any(
            last <= hit.first and hit.first - last <= reach and not self._apart(last, hit.first)
            for _, last in self.scopes.get(scope, ())
        )

    def _after(self, scope: Scope, hit: Hit[Phrase], reach: int) -> bool:
        return any(
            hit.last <= first and first - hit.last <= reach and not self._apart(hit.last, first)
            for first, _ in self.scopes.get(scope, ())
        )

    def _denied(self, hit: Hit[Phrase]) -> bool:
        words = self._spoken.words
        if self._before(Scope.DENY_ALL, hit, 2):
            return True
        if not self._nots.isdisjoint(words[hit.first : hit.last]):
            return not hit.meaning.negative
        for first, last in self.scopes.get(Scope.DENY, ()):
            gap = words[last : hit.first]
            if last > hit.first or len(gap) > _LIST_REACH or self._spoken.ends_between(last, hit.first):
                continue
            if first in self._spoken.ends or not self._apart(last, hit.first):
                listed = bool(gap) and gap[-1] in self._also
                if listed and not self._apart(last, hit.first):
                    return True
                if self._between.issuperset(gap) and last not in self._spoken.pauses:
                    return True
        return self._denied_after(hit)

    def _denied_after(self, hit: Hit[Phrase]) -> bool:
        """Whether a `no` follows that closes the sentence: `chest pain, no`."""
        edges = self._spoken.ends | {len(self._spoken.words)}
        return any(
            hit.last <= first <= hit.last + 1 and last in edges
            for first, last in self.scopes.get(Scope.DENY_AFTER, ())
        )

    def _now(self, hit: Hit[Phrase]) -> bool:
        return self._overlaps(Scope.NOW, hit) or any(
            0 <= first - hit.last <= _NOW_REACH or 0 <= hit.first - last <= 2
            for first, last in self.scopes.get(Scope.NOW, ())
        )

    def _was(self, hit: Hit[Phrase]) -> bool:
        """Whether what is said of now may after all be told of another time, or of something else."""
        aside = (Scope.WAS, Scope.ABOUT, Scope.PAST)
        return any(self._overlaps(scope, hit) for scope in aside) or self._before(Scope.WAS, hit, 2)

    def _asked(self, hit: Hit[Phrase]) -> bool:
        return (
            self._overlaps(Scope.ASKED, hit)
            or self._before(Scope.ASKED, hit, _ASKED_REACH)
            or self._after(Scope.ASKED_AFTER, hit, 3)
        )

    def _past(self, hit: Hit[Phrase]) -> bool:
        before = self._before(Scope.PAST, hit, _PAST_REACH)
        return before or self._after(Scope.PAST, hit, _PAST_REACH) or self._overlaps(Scope.PAST, hit)

    def _about(self, hit: Hit[Phrase]) -> bool:
        after = self._after(Scope.ABOUT_AFTER, hit, _ABOUT_AFTER_REACH - 1)
        return after or self._before(Scope.ABOUT, hit, _ABOUT_REACH)
