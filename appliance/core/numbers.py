"""Numbers as callers speak them, digit by digit or in groups, to digits. Pure.

For telephone numbers and the like: "double four", "five oh one two", "treinta y cuatro". It keeps the
order and adds nothing: what comes of it is read back to the caller. The words of a language are data (its
`numbers.toml`). May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from appliance.core.menu import plain
from appliance.languages.tables import having, table, words

TELEPHONE_DIGITS = range(7, 16)
"""How many a telephone number has."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """The number words of one language."""

    units: Mapping[str, int]
    teens: Mapping[str, int]
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]
    """Words for whole hundreds; 1 for the word that multiplies what is before it."""
    thousand: str
    joins: frozenset[str]
    """`and`, `y`: between the parts of one number."""
    times: Mapping[str, int]
    """`double`, `triple`."""
    passed: frozenset[str]
    """Words between digits that are none."""
    doubtful: Mapping[str, int] = field(default_factory=dict)
    """Words that are digits only among other digits: `for`, `to`, `o`."""
    shared: frozenset[str] = frozenset()
    """Words that are others elsewhere: by them no language is told."""
    joins_units: bool = False
    """Whether a join makes one number of a ten and a unit."""
    thousand_alone: bool = False

    def belongs(self, word: str) -> bool:
        """Whether this word may stand in a number that is spoken."""
        stands = word in self.passed or word in self.joins or word in self.times or word == self.thousand
        return stands or self.counts(word) or word in self.hundreds

    def counts(self, word: str) -> bool:
        """Whether this word alone is a number."""
        return (
            any(word in table for table in (self.units, self.teens, self.tens))
            or self.hundreds.get(word, 0) > 1
        )

    @staticmethod
    @cache
    def of(language: str) -> "Spelling":
        """That of a language such as `en`, which has a table of them."""
        given = table(language, "numbers")
        parts = {name: _numbers(given[name]) for name in ("units", "teens", "tens", "hundreds", "times")}
        return Spelling(
            **parts,
            thousand=given["thousand"],
            joins=words(given, "joins"),
            passed=words(given, "passed"),
            doubtful=_numbers(given["doubtful"]),
            shared=words(given, "shared"),
            joins_units=given["joins_units"],
            thousand_alone=given["thousand_alone"],
        )


def _numbers(given: Mapping[str, str]) -> dict[str, int]:
    return {word: int(number) for number, said in given.items() for word in said.split()}


@cache
def spellings() -> Mapping[str, Spelling]:
    """Those of all languages: callers mix them."""
    return {code: Spelling.of(code) for code in having("numbers")}


def _spelling(said: Sequence[str], language: str | None) -> Spelling:
    """The language whose number words are spoken; the one given when that cannot be told."""
    known = spellings()
    votes = {
        code: sum(spelling.counts(word) and word not in spelling.shared for word in said)
        for code, spelling in known.items()
    }
    most = [code for code in known if votes[code] == max(votes.values())]
    return known[language if language in most else most[0]]


@dataclass(slots=True)
class _Reader:
    """Reads one utterance from left to right."""

    words: Sequence[str]
    told: Spelling
    at: int = 0

    def _word(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.words[place] if place < len(self.words) else ""

    def runs(self) -> Iterator[str]:
        """The digits of each stretch of numbers, in order."""
        made = ""
        while self.at < len(self.words):
            digits = self._number()
            if digits:
                made += digits
            elif self._word() in self.told.doubtful and (made or self._counts(1)):
                made += str(self.told.doubtful[self._word()])
                self.at += 1
            else:
                if made and self._word() not in self.told.passed:
                    yield made
                    made = ""
                self.at += 1
        if made:
            yield made

    def _counts(self, ahead: int) -> bool:
        word = self._word(ahead)
        return word.isdecimal() or self.told.counts(word)

    def _number(self) -> str:
        """The digits of the number that begins here, which is passed over; empty when none does."""
        word = self._word()
        if word.isdecimal():
            self.at += 1
            return "".join(str(int(digit)) for digit in word)
        if word in self.told.times and (self._counts(1) or self._word(1) in self.told.doubtful):
            self.at += 1
            times = self.told.times[word]
            return (self._number() or self._doubtful()) * times
        value = self._large()
        return "" if value is None else str(value)

    def _doubtful(self) -> str:
        digit = self.told.doubtful[self._word()]
        self.at += 1
        return str(digit)

    def _large(self) -> int | None:
        """A number with its hundreds and thousands."""
        if self._word() == self.told.thousand and self.told.thousand_alone:
            self.at += 1
            return 1000 + (self._large() or 0)
        value = self._hundreds()
        if value is not None and value > 0 and self._word() == self.told.thousand:
            self.at += 1
            rest = self._hundreds() if self._word() in self.told.hundreds or self._fits() else None
            return value * 1000 + (rest or 0)
        return value

    def _hundreds(self) -> int | None:
        word = self._word()
        if self.told.hundreds.get(word, 0) > 1:
            self.at += 1
            value = self.told.hundreds[word]
        else:
            small = self._small()
            if (
                small is None
                or self._word() not in self.told.hundreds
                or self.told.hundreds[self._word()] != 1
            ):
                return small
            self.at += 1
            value = small * 100
        joined = self._word() in self.told.joins and self._counts(1)
        if joined or self._fits():
            self.at += joined
            return value + (self._small() or 0)
        return value

    def _fits(self) -> bool:
        """Whether what follows belongs to the hundreds before: "eight hundred five five" is 800, 5, 5."""
        if self._word() in self.told.units:
            return self.told.units[self._word()] > 0 and not self._counts(1)
        return self._word() in self.told.teens or self._word() in self.told.tens

    def _small(self) -> int | None:
        """A number below a hundred."""
        word = self._word()
        if word in self.told.tens:
            self.at += 1
            joined = self._word() in self.told.joins
            unit = self.told.units.get(self._word(int(joined)), 0)
            # In Spanish the join makes it one number; in English the words do, and `twenty oh` is none.
            if unit and joined == self.told.joins_units:
                self.at += 1 + joined
                return self.told.tens[word] + unit
            return self.told.tens[word]
        for counted in (self.told.teens, self.told.units):
            if word in counted:
                self.at += 1
                return counted[word]
        return None


def words_beside(text: str) -> int:
    """How many words of a text belong to no number, in any language."""
    return sum(
        not word.isdigit() and not any(each.belongs(word) for each in spellings().values())
        for word in plain(text).split()
    )


def runs(text: str, language: str | None = None) -> list[str]:
    """The digits of each number that is spoken in a text, in order."""
    said = plain(text).split()
    return [*_Reader(said, _spelling(said, language)).runs()]


def digits(text: str, language: str | None = None) -> str | None:
    """The digits of the longest number that is spoken in a text; None when there is none."""
    return max(runs(text, language), key=len, default=None)
