"""The rules of what may be told to whom about appointments, and who may have them changed. Pure.

Each deed that tells of a person, or changes something of theirs, has a rule that staff set. Tools ask for it
with the number of things by which a caller was known; no prompt has a say in it.
May import: the standard library.
"""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """For whom something is done."""

    TWO = "two factors"
    """For callers of whom two of number, name and day of birth are those of the booking."""

    THREE = "three factors"
    """For those of whom all three are."""

    NOBODY = "nobody"
    """For no caller: staff do it."""


class Deed(StrEnum):
    """What has a rule, by the name of its setting."""

    TOLD = "appointments_told"
    MOVED = "appointments_moved"
    CANCELLED = "appointments_cancelled"
    KNOWN = "known_visits"


WITH_TOLD = frozenset({Deed.MOVED, Deed.CANCELLED})
"""What begins with being told of it: the rule for that counts as well."""
NEEDS = {Rule.TWO: 2, Rule.THREE: 3}


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a clinic."""

    told: Rule = Rule.TWO
    moved: Rule = Rule.TWO
    cancelled: Rule = Rule.TWO
    known: Rule = Rule.TWO

    def of(self, deed: Deed) -> Rule:
        """The rule for it: the strictest of those that count."""
        own = {
            Deed.TOLD: self.told,
            Deed.MOVED: self.moved,
            Deed.CANCELLED: self.cancelled,
            Deed.KNOWN: self.known,
        }[deed]
        order = list(Rule)
        return max(own, self.told, key=order.index) if deed in WITH_TOLD else own

    def allow(self, deed: Deed, matching: int) -> bool:
        """Whether it is done for somebody of whom so many things are those of the booking."""
        rule = self.of(deed)
        return rule is not Rule.NOBODY and matching >= NEEDS[rule]
