"""The judgement whether a phrase that was found is meant, and meant of now.

A phrase is one of four sorts. `says` tells of a danger there and then ("I can't breathe"); `told` tells what
happened and may be history ("she passed out"); `names` only names a thing ("chest pain") and depends on what
stands around it; `alone` is a wish only when nothing else is said ("operator"). What stands around a phrase
decides: whether it is denied, asked, past, quoted, or about something else. Pure.
May import: the standard library, appliance.core.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from appliance.core.phrases.patterns import Hit
from appliance.core.phrases.words import Spoken


class Sort(StrEnum):
    """How a phrase must be read; the head of this module tells more."""

    SAYS = "says"
    TOLD = "told"
    NAMES = "names"
    ALONE = "alone"


class Scope(StrEnum):
    """What stands around a phrase and changes its meaning."""

    IDIOM = "idiom"
    NOT_WISHED = "not_wished"
    NAMED = "named"
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
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Finding:
    """A wish that was recognised: `what` is `emergency` or `person`, `topic` says more.

    `language` is the one that it was said in, however the call was held so far.
    """

    what: str
    topic: str
    language: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """The meaning of one pattern: a finding, and how it must be read."""

    finding: Finding
    sort: Sort
    negative: bool = False
    """Whether the phrase itself is a denial, such as `can not breathe`: a "no" before it changes nothing."""


@dataclass(frozen=True, slots=True)
class Links:
    """The small words that carry a denial: `between` it and a phrase, and on to what it denies `also`."""

    between: frozenset[str]
    between_wish: frozenset[str]
    """The same before the wish for a person, such as `speak with`."""
    also: frozenset[str]
    nots: frozenset[str]
    """Words that make a phrase a denial itself."""


Meaning = Phrase | Scope
Span = tuple[int, int]

_ASKED_REACH, _ABOUT_REACH, _PAST_REACH, _NOW_REACH = 5, 3, 9, 14
_LIST_REACH = 8
_SETTLED_AFTER = 3
"""Words that must follow what could still be turned round before an unfinished text is judged."""


@dataclass(slots=True)
class Reading:
    """One text being read: what stands where, and what that does to a phrase."""

    spoken: Spoken
    whole: bool
    links: Links
    scopes: dict[Scope, list[Span]] = field(default_factory=dict)

    def meant(self, hit: Hit[Phrase]) -> bool:
        """Whether the phrase is a wish of here and now."""
        if hit.meaning.sort is Sort.ALONE and not self._alone(hit):
            return False
        if not self._settled(hit) or self._denied(hit) or self._spans(Scope.RETRACT, hit.first):
            return False
        if hit.meaning.finding.what == "person":
            return not (self._overlaps(Scope.NOT_WISHED, hit) or self._overlaps(Scope.NAMED, hit))
        if self._idiom(hit) or self._asked(hit):
            return False
        if self._now(hit) or (hit.meaning.sort is Sort.SAYS and not self._was(hit)):
            return True
        return not (self._past(hit) or self._about(hit) or self.scopes.get(Scope.ROUTINE))

    def turned(self, hit: Hit[Phrase]) -> Iterator[str]:
        """What turns the phrase round."""
        by = {
            "denied": self._denied,
            "asked": self._asked,
            "past": self._past,
            "about": self._about,
            "idiom": self._idiom,
        }
        yield from (name for name, turns in by.items() if turns(hit))

    def _settled(self, hit: Hit[Phrase]) -> bool:
        """Whether words still to come can hardly turn the phrase round."""
        if self.whole or any(place >= hit.last for place in self.spoken.ends):
            return True
        if hit.meaning.sort is Sort.ALONE:
            return False
        clear = hit.meaning.sort is Sort.SAYS and not (self._overlaps(Scope.OPEN, hit) or self._was(hit))
        return clear or len(self.spoken.words) - hit.last >= _SETTLED_AFTER

    def _alone(self, hit: Hit[Phrase]) -> bool:
        """Whether the phrase is all there is between two sentence ends."""
        edges = self.spoken.ends | self.spoken.pauses | {0, len(self.spoken.words)}
        return hit.last in edges and (hit.first in edges or self._after_no(hit))

    def _after_no(self, hit: Hit[Phrase]) -> bool:
        """Whether all that stands before is a `no` that answers us, such as `no, operator`."""
        return (
            self.spoken.words[: hit.first] == ("no",)
            and self.spoken.words[hit.first] not in self.links.between
        )

    def _spans(self, scope: Scope, since: int = 0) -> list[Span]:
        return [span for span in self.scopes.get(scope, ()) if span[0] >= since]

    def _overlaps(self, scope: Scope, hit: Hit[Phrase]) -> bool:
        return any(first < hit.last and hit.first < last for first, last in self.scopes.get(scope, ()))

    def _idiom(self, hit: Hit[Phrase]) -> bool:
        """Whether the phrase is part of an idiom; a phrase that is told around one is not."""
        return any(
            first < hit.last and hit.first < last and (first <= hit.first or hit.last <= last)
            for first, last in self.scopes.get(Scope.IDIOM, ())
        )

    def _apart(self, first: int, last: int) -> bool:
        """Whether a sentence ends or the talk takes a turn between the words `first` and `last`."""
        return self.spoken.ends_between(first, last) or any(
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
        if self._before(Scope.DENY_ALL, hit, 2):
            return True
        if hit.meaning.sort is Sort.ALONE and self._after_no(hit):
            return False
        if not self.links.nots.isdisjoint(self.spoken.words[hit.first : hit.last]):
            return not hit.meaning.negative
        return any(self._denies(span, hit) for span in self._spans(Scope.DENY)) or self._denied_after(hit)

    def _denies(self, span: Span, hit: Hit[Phrase]) -> bool:
        """Whether this `no` reaches the phrase: by words that only link them, or at the end of a list."""
        _, last = span
        gap = self.spoken.words[last : hit.first]
        if last > hit.first or len(gap) > _LIST_REACH or self._apart(last, hit.first):
            return False
        if gap and gap[-1] in self.links.also:
            return True
        wish = hit.meaning.finding.what == "person"
        between = self.links.between_wish if wish else self.links.between
        return between.issuperset(gap) and last not in self.spoken.pauses

    def _denied_after(self, hit: Hit[Phrase]) -> bool:
        """Whether a `no` follows that closes the sentence: `chest pain, no`."""
        edges = self.spoken.ends | {len(self.spoken.words)}
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
        after = self._after(Scope.ABOUT_AFTER, hit, 0)
        return after or self._before(Scope.ABOUT, hit, _ABOUT_REACH)
