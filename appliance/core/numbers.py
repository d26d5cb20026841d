"""Numbers as callers speak them, digit by digit or in groups, to digits. English and Spanish. Pure.

For telephone numbers and the like: "double four", "five oh one two", "treinta y cuatro". It keeps the
order and adds nothing: what comes of it is read back to the caller. May import: the standard library,
appliance.core.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from appliance.core.menu import plain

TELEPHONE_DIGITS = range(7, 16)
"""How many a telephone number has."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _counted(words: str, start: int = 0, step: int = 1) -> dict[str, int]:
    return {word: start + step * place for place, word in enumerate(words.split())}


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


ENGLISH = Spelling(
    units=_counted("zero one two three four five six seven eight nine") | {"oh": 0, "nought": 0, "niner": 9},
    teens=_counted("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10),
    tens=_counted("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10) | {"fourty": 40},
    hundreds={"hundred": 1},
    thousand="thousand",
    joins=frozenset(("and",)),
    times={"double": 2, "triple": 3},
    passed=_words("dash hyphen then uh um er like so area code the is it its and number space"),
    doubtful={"o": 0, "to": 2, "too": 2, "for": 4, "fore": 4, "ate": 8, "won": 1, "tree": 3},
)
SPANISH = Spelling(
    units=_counted("cero uno dos tres cuatro cinco seis siete ocho nueve") | {"un": 1, "una": 1, "sero": 0},
    teens=_counted(
        "diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve veinte veintiuno"
        " veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve",
        10,
    )
    | {"veintiun": 21, "veintiuna": 21, "dose": 12, "trese": 13, "catorse": 14, "quinse": 15},
    tens=_counted("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa", 20, 10) | {"diez": 10},
    hundreds={"cien": 100, "ciento": 100, "quinientos": 500, "setecientos": 700, "novecientos": 900}
    | {f"{word}cientos": 100 * count for word, count in _counted("dos tres cuatro _ seis _ ocho", 2).items()},
    thousand="mil",
    joins=frozenset(("y",)),
    times={"doble": 2, "triple": 3},
    passed=_words("guion luego despues eh este pues es el numero area codigo de con y espacio la lada"),
)
SPELLINGS = {"en": ENGLISH, "es": SPANISH}
SHARED = frozenset(("once",))


def _spelling(words: Sequence[str], language: str | None) -> Spelling:
    """The language whose number words are spoken; the one given when neither is, or both are, spoken."""
    votes = {
        code: sum(spelling.counts(word) and word not in SHARED for word in words)
        for code, spelling in SPELLINGS.items()
    }
    if votes["en"] == votes["es"]:
        return SPELLINGS.get(language or "en", ENGLISH)
    return SPELLINGS[max(votes, key=lambda code: votes[code])]


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
        if self._word() == self.told.thousand and self.told is SPANISH:
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
            if unit and joined == (self.told is SPANISH):
                self.at += 1 + joined
                return self.told.tens[word] + unit
            return self.told.tens[word]
        for table in (self.told.teens, self.told.units):
            if word in table:
                self.at += 1
                return table[word]
        return None


def words_beside(text: str) -> int:
    """How many words of a text belong to no number, in any language."""
    words = plain(text).split()
    return sum(
        not word.isdigit() and not any(each.belongs(word) for each in SPELLINGS.values()) for word in words
    )


def runs(text: str, language: str | None = None) -> list[str]:
    """The digits of each number that is spoken in a text, in order."""
    words = plain(text).split()
    return [*_Reader(words, _spelling(words, language)).runs()]


def digits(text: str, language: str | None = None) -> str | None:
    """The digits of the longest number that is spoken in a text; None when there is none."""
    return max(runs(text, language), key=len, default=None)
