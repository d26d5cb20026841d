"""Ranges, percent, units, fractions, places in a row, years, and at last every number that is left.

Pure. May import: the standard library, models.local.wording.
"""

import re
from functools import partial

from models.local.wording.amounts import NUMBER, in_groups, said
from models.local.wording.grammar import Form, grammar
from models.local.wording.numbers import spelled, year
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary

_POSTAL = re.compile(
    r"\b((?:[A-Z]{2}|(?i:zip(?:\scode)?|código\spostal|c\.?\s?p\.?)):?\s)([0-9]{5})(?:-([0-9]{4}))?(?![\w-])"
)
_YEAR = re.compile(r"(?<![\w.,$€£/-])((?:19|20)[0-9]{2})(s?)(?![\w%]|[.,/-][0-9])")
_ANY = re.compile(rf"(?:\b([Ll]as?)\s)?({NUMBER})(?=(?:\s([^\W\d_]+))?)(?=([^\W\d_])?)")


def rules(words: Vocabulary) -> list[Rule]:
    """The rules of a language, in their order. Dates, times, telephone numbers and money are gone before."""
    return [*_before(words), *_measured(words), *_parts(words), *_plain(words)]


def _before(words: Vocabulary) -> list[Rule]:
    """What looks like something else later on."""
    thousands = re.compile(r"(?<![\w.,-])([1-9][0-9]{0,2})((?:\s000){1,2})(?![\w-])")
    pressure = re.compile(r"(?<![\w/])([0-9]{2,3})\s?/\s?([0-9]{2,3})(?=\s?mm\s?Hg)")
    return [
        (re.compile("[0-9]{16,}"), lambda m: in_groups(m[0], words.language)),
        (re.compile(r"°\s?(?=[FC]\b)"), lambda m: "°"),
        (thousands, lambda m: m[0].replace(" ", "")),
        (pressure, lambda m: f"{m[1]} {words.over} {m[2]}"),
        (_POSTAL, partial(_postal, words)),
    ]


def _measured(words: Vocabulary) -> list[Rule]:
    signs = "|".join(re.escape(sign) for sign in sorted(words.units, key=len, reverse=True))
    start, unit = r"(?<![\w.,:/-])", rf"(?<![\w.,])(-?)({NUMBER})\s?({signs})"
    ranged = re.compile(rf"{start}({NUMBER})(\s?%)?\s?-\s?({NUMBER})(?![\w:/-]|[.,][0-9])")
    ranged_unit = re.compile(rf"{start}({NUMBER})\s?-\s?({NUMBER})(?=\s?(?:{signs})(?!\w))")
    return [
        (ranged, partial(_range, words)),
        (ranged_unit, lambda m: f"{m[1]} {words.to} {m[2]}"),
        (re.compile(rf"({NUMBER})\s?%"), lambda m: f" {said(m[1], words)} {words.percent}"),
        (re.compile(rf"{unit}/({signs}|day|día)(?!\w)"), partial(_rate, words)),
        (re.compile(rf"{unit}(?!\w)(?:\.(?=\s[a-z]))?"), partial(_unit, words)),
    ]


def _parts(words: Vocabulary) -> list[Rule]:
    row = re.compile(r"(?<![\w/])[0-9]{1,4}(?:/[0-9]{1,4}){2,8}(?![\w/])")
    often = re.compile(r"(?<![\w.,])([0-9]{1,2})\s?x\s?/\s?(?=day|week|month)")
    return [
        (
            re.compile(r"(?<![\w/.,])([0-9]{1,3})\s([1-3]/[2-4])(?![\w/])(?=(?:\s([^\W\d_]+))?)"),
            partial(_mixed, words),
        ),
        (re.compile(r"(?<![\w/.,])([1-3]/[2-4])(?![\w/])(?=(?:\s([^\W\d_]+))?)"), partial(_fraction, words)),
        (row, lambda m: ", ".join(said(part, words) for part in m[0].split("/"))),
        (re.compile(rf"(?<![\w/])({NUMBER})\s?/\s?({NUMBER})(?![\w/])"), partial(_over, words)),
        (often, lambda m: f"{m[1]} times per "),
        (re.compile(r"(?<=[0-9]):(?=[0-9])"), lambda m: f" {words.to} "),
    ]


def _plain(words: Vocabulary) -> list[Rule]:
    return [
        *grammar(words.language).place_rules(lambda written: _of_unit(words, "", written, "°")),
        (re.compile(rf"(?<![\w-])-({NUMBER})"), lambda m: f"{words.minus} {said(m[1], words)} "),
        (_YEAR, partial(_year, words)),
        (_ANY, partial(_number, words)),
    ]


def _range(words: Vocabulary, found: re.Match[str]) -> str:
    percent = f" {words.percent}" if found[2] else ""
    return f"{_of_year(found[1], words)}{percent} {words.to} {_of_year(found[3], words)}"


def _of_year(written: str, words: Vocabulary) -> str:
    return year(int(written), words.language) if re.fullmatch("(?:19|20)[0-9]{2}", written) else written


def _rate(words: Vocabulary, found: re.Match[str]) -> str:
    per = words.units[found[4]].one if found[4] in words.units else found[4]
    return f"{_of_unit(words, found[1], found[2], found[3])} {words.per} {per}"


def _unit(words: Vocabulary, found: re.Match[str]) -> str:
    return _of_unit(words, found[1], found[2], found[3])


def _of_unit(words: Vocabulary, minus: str, written: str, sign: str) -> str:
    noun = words.units[sign]
    counted_as: Form = "f" if noun.feminine else "m"
    named = noun.one if written == "1" else noun.many
    return f" {words.minus + ' ' if minus else ''}{said(written, words, counted_as)} {named}"


def _mixed(words: Vocabulary, found: re.Match[str]) -> str:
    part = words.fractions.get(found[2])
    if part is None:
        return f"{said(found[1], words)} {found[2]}"
    return grammar(words.language).mixed(lambda form: said(found[1], words, form), part, found[2], found[3])


def _fraction(words: Vocabulary, found: re.Match[str]) -> str:
    part = words.fractions.get(found[1])
    if part is None:
        return found[0]
    return grammar(words.language).fraction(part, found[1], found[2])


def _over(words: Vocabulary, found: re.Match[str]) -> str:
    return f"{said(found[1], words)} {words.over} {said(found[2], words)}"


def _postal(words: Vocabulary, found: re.Match[str]) -> str:
    return found[1] + ", ".join(spelled(part, words.language) for part in found.groups()[1:] if part)


def _year(words: Vocabulary, found: re.Match[str]) -> str:
    said_year = year(int(found[1]), words.language)
    if not found[2]:
        return said_year
    return f"{said_year[:-1]}ies" if said_year.endswith("y") else f"{said_year}s"


def _number(words: Vocabulary, found: re.Match[str]) -> str:
    article, written, after, glued = found[1], found[2], found[3], found[4]
    form = grammar(words.language).form_before(article, after)
    if article and form and written == "1":
        article = article[:2]
    lead = f"{article} " if article else _space_before(found)
    return f"{lead}{said(written, words, form)}{' ' if glued else ''}"


def _space_before(found: re.Match[str]) -> str:
    glued = found.start() > 0 and found.string[found.start() - 1].isalpha()
    return " " if glued else ""
