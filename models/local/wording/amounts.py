"""Written numbers: how they are read, and said.

Pure. May import: the standard library, models.local.wording.
"""

import re

from models.local.wording.grammar import Form, Language, grammar
from models.local.wording.numbers import MOST, counted, spelled
from models.local.wording.vocabulary import Noun, Vocabulary

NUMBER = r"(?<![0-9])[0-9]{1,15}(?:[.,][0-9]{1,15}){0,5}"
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]+")
_LONG = 7
"""From so many digits on, a number without separators is an identification, unless it is round."""


def read(written: str, language: Language) -> tuple[str, str, str] | None:
    """A written number as (whole digits, digits behind the sign, the sign); None for a list of numbers."""
    grouped = grammar(language).GROUPED.fullmatch(written)
    if grouped:
        last = max(written.rfind("."), written.rfind(","))
        sign = written[last]
        if written.count(sign) == 1 and (len(written) - last != 4 or len(set(written) & {".", ","}) == 2):
            return re.sub("[.,]", "", written[:last]), written[last + 1 :], sign
        return re.sub("[.,]", "", written), "", ""
    if _DECIMAL.fullmatch(written):
        sign = "." if "." in written else ","
        whole, _, part = written.partition(sign)
        return whole, part, sign
    return (written, "", "") if written.isdigit() else None


def said(written: str, words: Vocabulary, form: Form = "") -> str:
    """A written number in words."""
    found = read(written, words.language)
    if found is None:
        parts = [part for part in re.split("([.,])", written) if part]
        return "".join(
            {",": ", ", ".": f" {words.decimal['.']} "}.get(part) or _whole(part, words, "") for part in parts
        )
    whole, part, sign = found
    separated = not written.isdigit() and not part
    if not part:
        return (
            counted(int(whole), words.language, form)
            if separated and fits(whole)
            else _whole(whole, words, form)
        )
    return f"{_whole(whole, words, '')} {words.decimal[sign]} {spelled(part, words.language)}"


def fits(digits: str) -> bool:
    """Whether these digits are one number that can be said."""
    return len(digits) <= len(str(MOST))


def _whole(digits: str, words: Vocabulary, form: Form) -> str:
    named = digits == "0" or digits[0] != "0"
    short = len(digits) < _LONG or (fits(digits) and digits.endswith("000"))
    if named and short:
        return counted(int(digits), words.language, form)
    return in_groups(digits, words.language)


def in_groups(digits: str, language: Language) -> str:
    """Digits one by one, with pauses where a telephone number has them."""
    cuts = {7: (3, 4), 10: (3, 3, 4), 11: (1, 3, 3, 4)}.get(len(digits))
    if cuts is None:
        cuts = (3,) * (len(digits) // 3 - (len(digits) % 3 == 1 and len(digits) > 3))
    groups, at = [], 0
    for cut in cuts:
        groups.append(digits[at : at + cut])
        at += cut
    return ", ".join(spelled(group, language) for group in [*groups, digits[at:]] if group)


def count(number: int, noun: Noun, words: Vocabulary) -> str:
    """So many of a thing."""
    named = noun.one if number == 1 else noun.many
    joint = grammar(words.language).joint(number)
    return counted(number, words.language, "f" if noun.feminine else "m") + joint + named
