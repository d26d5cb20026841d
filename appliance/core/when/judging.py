"""Which of the days and times that a caller said count.

A correction ("no, Wednesday") replaces what it is about; what is refused does not count; behind a "but" a
whole day and time is the last word. May import: the standard library, appliance.core.when.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.core.when.items import Item, Kind
from appliance.core.when.told import Doubt, Unclear

NEAR = 4
"""Atoms between an `or` and what it stands between, at most."""
REFUSING = {"not", "not_that"}
SAID = (Kind.DAY, Kind.TIME, Kind.PART)


@dataclass(slots=True)
class _Kept:
    """What counts so far, item by item."""

    items: list[Item] = field(default_factory=list)
    corrected: int = 0
    """So many of them were there at the last correction, and are replaced by what comes of their kind."""
    refusing: bool = False
    """Whether what comes may be refused rather than wanted."""
    refused: bool = False

    def add(self, item: Item) -> None:
        """A day, a time or a part."""
        before = self.items[: self.corrected]
        replaced = [each for each in before if each.kind is item.kind]
        if item.kind is Kind.TIME:
            replaced += [each for each in before if each.kind is Kind.PART]
        self.items = [each for each in self.items if each not in replaced] + [item]
        self.corrected -= len(replaced)
        self.refused = self.refused or (self.refusing and item.kind is not Kind.PART)

    def begin_again(self) -> None:
        """Nothing of before counts."""
        self.items, self.corrected, self.refusing, self.refused = [], 0, False, False

    def mark(self, form: str) -> None:
        """A word that says how to take the others. Raises Unclear."""
        match form:
            case "vague" | "event":
                raise Unclear(Doubt.VAGUE)
            case "not" | "not_this":
                self.refusing = True
            case "not_that":
                self.begin_again()
            case "rather" | "to" if self.refusing:
                self.begin_again()
            case "rather" | "correction" | "no":
                self.corrected = len(self.items)
            case _:
                pass


def judged(items: Sequence[Item], breaks: Sequence[int] = ()) -> list[Item]:
    """The days, times and parts that count; `breaks` are atoms before which a comma stands.

    Raises Unclear when that is not clear.
    """
    if any(item.form == "too" for item in items) and _both(items):
        raise Unclear(Doubt.SEVERAL)
    kept, rest = _Kept(), _without_refused(_last_word(_behind_refused(items, breaks)))
    for place, item in enumerate(rest):
        if item.kind in SAID:
            kept.add(item)
        elif item.form == "or" and _between(rest, place):
            raise Unclear(Doubt.SEVERAL)
        elif item.form == "event" and place and _beside(rest[place - 1], item):
            continue  # "at two, after lunch"
        elif item.form == "no" and item.end not in breaks and _either(kept.items, item, rest[place + 1 :]):
            raise Unclear(Doubt.SEVERAL)
        elif item.form == "aside" and _complete(kept.items):
            break
        else:
            kept.mark(item.form)
    if kept.refused:
        raise Unclear(Doubt.SEVERAL)
    return kept.items


def _either(before: Sequence[Item], no: Item, after: Sequence[Item]) -> bool:
    """Whether a "no" may refuse what comes, or what was before: "Tuesday at three no Monday"."""
    beside = bool(after) and after[0].kind in SAID and after[0].start - no.end <= 1
    return beside and _complete(before) and not _complete(after)


def _beside(time: Item, item: Item) -> bool:
    return time.kind is Kind.TIME and time.end == item.start


def _both(items: Sequence[Item]) -> bool:
    """Whether more than one day, or more than one time, was said."""
    said = [[item for item in items if item.kind is kind] for kind in (Kind.DAY, Kind.TIME)]
    return any(not _same(each[0], other) for each in said for other in each[1:])


def _complete(items: Sequence[Item]) -> bool:
    return all(any(item.kind is kind for item in items) for kind in (Kind.DAY, Kind.TIME))


def _behind_refused(items: Sequence[Item], breaks: Sequence[int]) -> Sequence[Item]:
    """What comes behind a comma, if it is a day and a time and what came before is only refused."""
    for place in breaks:
        before = [item for item in items if item.end <= place]
        after = [item for item in items if item.start >= place]
        marks = [item.form for item in before if item.kind is Kind.MARK]
        refused = marks and set(marks) <= REFUSING and any(item.kind in SAID for item in before)
        if refused and not _complete(before) and _complete(after):
            return after
    return items


def _last_word(items: Sequence[Item]) -> Sequence[Item]:
    """What comes behind a "but" or a "so", if it is a day and a time and what came before is not."""
    for place in range(len(items) - 1, -1, -1):
        before, after = items[:place], items[place + 1 :]
        if (items[place].kind, items[place].form) == (Kind.MARK, "rather") and _complete(after):
            unclear = any(item.form in ("not", "vague") for item in before)
            return after if unclear or not _complete(before) else items
    return items


def _without_refused(items: Sequence[Item]) -> list[Item]:
    """The items but for a day or a time right behind a "not", with which a time beside it goes."""
    left: list[Item] = []
    dropped: Item | None = None
    for place, item in enumerate(items):
        if dropped and item.start - dropped.end <= 1 and item.kind in SAID:
            last = items[place - 1]
            if last.form == "not_this" or last.kind is not item.kind:
                # What was said before in the same words is refused with it: "Thursday, no, not Thursday".
                left = [each for each in left if each is not last and not _same(each, item)]
                dropped = item
                continue
        dropped = item if item.form == "not_this" else None
        left.append(item)
    return left


def _same(one: Item, other: Item) -> bool:
    return (one.kind, one.form, one.values) == (other.kind, other.form, other.values)


def _between(items: Sequence[Item], place: int) -> bool:
    """Whether an `or` stands between two that count."""
    before = [item for item in items[:place] if item.kind in SAID and items[place].start - item.end <= NEAR]
    after = [
        item for item in items[place + 1 :] if item.kind in SAID and item.start - items[place].end <= NEAR
    ]
    return bool(before and after)
