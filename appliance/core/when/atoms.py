"""A sentence about a time as a row of atoms: numbers, clocks, dates and calendar words in one notation.

`n15` is a number, `o15` an ordinal, `w1` to `w3` one that is also another word (first, second), `c14.30` a
clock, `s3.15` a date with strokes, `i2026.12.3` one by ISO 8601, `wd0` Monday, `mo12` December. Other words
stay as they are, in lower case and without accents. May import: the standard library, appliance.languages.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date
from functools import cache
from itertools import accumulate
from typing import Any

from appliance.languages.folders import codes
from appliance.languages.holidays import called
from appliance.languages.tables import table
from appliance.languages.tables import words as words_of

_WRITTEN = (
    (re.compile(r"(?<![a-z])([ap])\.?\s?m\b\.?"), r" \1m "),
    (re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)"), r" i\1.\2.\3 "),
    (re.compile(r"(?<![\d/-])(\d{1,2})[/-](\d{1,2})[/-](\d{2,4})(?![\d/-])"), r" s\1.\2.\3 "),
    (re.compile(r"(?<![\d/-])(\d{1,2})/(\d{1,2})(?![\d/-])"), r" s\1.\2 "),
    (re.compile(r"(?<!\d)(\d{1,2})\s?[:h]\s?(\d{2})(?!\d)"), r" c\1.\2 "),
    (re.compile(r"(?<![\d.a-z])(\d{1,2})\.(\d{2})(?![\d.])"), r" c\1.\2 "),
    (re.compile(r"(?<![\d.a-z])(\d{1,2})(?:st|nd|rd|th|ro|ero|do|to|o|a)\b"), r" o\1 "),
    (re.compile(r"(?<![\d.a-z])(\d{1,2})[º°]"), r" o\1 "),
    (re.compile(r"(?<![\d.a-z])(\d+)(?![\d.]*\d)"), r" n\1 "),
)
_OTHER = re.compile(r"[^a-z0-9.]+|\.(?!\d)|(?<!\d)\.")
_SHORTENED = ((re.compile(r"'d\b"), " would"), (re.compile(r"day's\b"), "day is"))
"""Not to be taken for Wednesday, "we'd"; nor for every Monday, "Monday's no good"."""
_BREAK = re.compile(r"[,;!?…](?:\s|$)|(?<=[^\W\d_]{4})\.+(?:\s|$)|\.\.+|\s[-–—]+\s")
_NUMBER = re.compile(r"n\d+")
CALENDAR = re.compile(r"(?:wd|mo)\d+")
LONG = 6
"""Letters of a calendar word that is known by all but one of them."""


class Tongue:
    """The words and numbers of one language."""

    def __init__(self, given: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> None:
        self._numbers = {word: int(number) for word, number in _lent("numbers", given, others).items()}
        self._tens = {word: int(number) for word, number in _lent("tens", given, others).items()}
        self._joins = words_of(given, "joins")
        self._ordinals = _words(given.get("ordinals", {}))
        self._known = {**_holidays(), **_lent("words", given, others)}
        self._phrases = _by_length(self._known)
        self._silent = words_of(given, "silent")
        self._plain = words_of(given, "plain")
        self._calendar = {
            word: atom
            for word, atom in _words(given.get("words", {})).items()
            if CALENDAR.fullmatch(atom) and len(word) >= LONG
        }

    @staticmethod
    @cache
    def of(language: str) -> "Tongue":
        """That of a language, such as `en`."""
        others = [table(other, "when") for other in codes() if other != language]
        return Tongue(table(language, "when"), others)

    def naming(self, days: Mapping[str, Sequence[date]]) -> "Tongue":
        """The same where these holidays, by their names in the library, are on these days."""
        if not days:
            return self
        ways, made = called(), copy(self)
        atoms = {name: " ".join(f"i{day.year}.{day.month}.{day.day}" for day in days[name]) for name in days}
        known = {" ".join(self._words(way)): atoms[name] for name in days for way in ways.get(name, (name,))}
        made._phrases = _by_length({**self._known, **known})
        return made

    def atoms(self, text: str) -> list[str]:
        """The atoms of what was said."""
        return self._phrased(self._words(text))

    def breaks(self, text: str) -> list[int]:
        """Before which atoms a comma or the like stands, if that cuts no phrase; the end is one, too."""
        ends = list(accumulate(len(self.atoms(part)) for part in _BREAK.split(text)))
        return ends if ends[-1] == len(self.atoms(text)) else []

    def _words(self, text: str) -> list[str]:
        """What was said, number words as atoms."""
        return self._numbered([word for word in spaced(text).split() if word not in self._silent])

    def _numbered(self, words: Sequence[str]) -> list[str]:
        """Number words as atoms: `twenty three` is one, `three thirty` are two."""
        made: list[str] = []
        at = 0
        while at < len(words):
            atom, taken = self._number(words, at)
            made.append(atom)
            at += taken
        return made

    def _number(self, words: Sequence[str], at: int) -> tuple[str, int]:
        word = words[at]
        if word in self._tens:
            joined = at + 1 < len(words) and words[at + 1] in self._joins
            last = words[at + 1 + joined] if at + 1 + joined < len(words) else ""
            # In a language that joins ("treinta y uno"), what is not joined is another number.
            if joined == bool(self._joins):
                if 0 < self._numbers.get(last, 0) < 10:
                    return f"n{self._tens[word] + self._numbers[last]}", 2 + joined
                ordinal = self._ordinals.get(last, "")[1:]
                if ordinal and int(ordinal) < 10:
                    return f"o{self._tens[word] + int(ordinal)}", 2 + joined
            return f"n{self._tens[word]}", 1
        if word in self._numbers:
            return f"n{self._numbers[word]}", 1
        return self._ordinals.get(word, word), 1

    def _phrased(self, words: Sequence[str]) -> list[str]:
        """Calendar words as atoms, the longest phrase first."""
        made: list[str] = []
        at = 0
        while at < len(words):
            for size, phrases in self._phrases:
                found = phrases.get(tuple(words[at : at + size]))
                if found is not None:
                    made += found.split()
                    at += size
                    break
            else:
                made.append(self._slip(words[at]))
                at += 1
        return made

    def _slip(self, word: str) -> str:
        """The calendar word that a recogniser or a writer missed by a letter, or the word as it is."""
        if len(word) < LONG - 1 or word in self._plain:
            return word
        meant = {atom for name, atom in self._calendar.items() if word != name + "s" and _one_off(word, name)}
        return meant.pop() if len(meant) == 1 else word


def _one_off(word: str, other: str) -> bool:
    """Whether one letter more, less or another makes one of the other, or two that changed places."""
    if abs(len(word) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    if word[start : start + 2] == other[start : start + 2][::-1] and word[start + 2 :] == other[start + 2 :]:
        return True
    shorter = len(word) < len(other)
    longer = len(word) > len(other)
    return word[start + (not shorter) :] == other[start + (not longer) :]


def _words(given: Mapping[str, str]) -> dict[str, str]:
    """What words stand for, of a table that says which words stand for a thing."""
    return {word.strip(): atom for atom, words in given.items() for word in words.split(",")}


def _lent(name: str, given: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A table of a language, and what callers who mix languages take from the others."""
    made: dict[str, str] = {}
    for other in others:
        lent = words_of(other, "lent")
        made |= {word: atom for word, atom in _words(other.get(name, {})).items() if word in lent}
    return made | _words(given.get(name, {}))


def _holidays() -> dict[str, str]:
    """What holidays are called in any language, with the atoms of their days in the US.

    English knows these, as the names in the library are its own.
    """
    known = _words(table("en", "when")["words"])
    days = {name: known.get(_plain(name), "") for name in called()}
    return {_plain(way): days[name] for name, ways in called().items() for way in ways if days[name]}


def _plain(name: str) -> str:
    return " ".join(spaced(name).split())


def _by_length(phrases: Mapping[str, str]) -> list[tuple[int, dict[tuple[str, ...], str]]]:
    sizes: dict[int, dict[tuple[str, ...], str]] = {}
    for phrase, atoms in phrases.items():
        words = tuple(phrase.split())
        sizes.setdefault(len(words), {})[words] = atoms
    return sorted(sizes.items(), reverse=True)


def spaced(text: str) -> str:
    """Lower case, without accents and apostrophes, what is written in digits as atoms."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("º", "°"))
    made = "".join(c for c in letters if not unicodedata.combining(c))
    made = made.replace("’", "'")
    for pattern, whole in _SHORTENED:
        made = pattern.sub(whole, made)
    made = made.replace("'", "")
    for pattern, atom in _WRITTEN:
        made = pattern.sub(atom, made)
    return _OTHER.sub(" ", made)


def is_number(atom: str) -> bool:
    """Whether it is a number."""
    return _NUMBER.fullmatch(atom) is not None
