"""Money, in the currencies that a clinic meets.

Pure. May import: the standard library, models.local.wording.
"""

import re
from functools import partial

from models.local.wording.amounts import NUMBER, count, fits, read, said
from models.local.wording.grammar import grammar
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Currency, Vocabulary

_CODES = "USD|EUR|GBP|MXN"


def rules(words: Vocabulary) -> list[Rule]:
    """The rules of a language, in their order."""
    scale = "|".join(sorted(words.scales, key=len, reverse=True))
    told = "|".join(sorted({each.whole.many for each in words.currencies.values()}, key=len, reverse=True))
    before = rf"(?P<minus>-)?(?:US)?(?P<sign>[$€£]|(?<!\w)(?:{_CODES})\s)\s?(?P<n>{NUMBER})"
    after = rf"(?<![\w.,])(?P<minus>-(?=[0-9]))?(?P<n>{NUMBER})\s?(?P<sign>[$€£]|(?:{_CODES})\b)"
    tail = rf"(?:\s?(?P<scale>{scale})\b)?(?:\s(?:{told})\b)?"
    cents = words.currencies["$"].part
    return [
        (re.compile(rf"([$€£])({NUMBER})\s?-\s?[$€£]?({NUMBER})(?![\w-])"), partial(_money_range, words)),
        (re.compile(before + tail, re.IGNORECASE), partial(_money, words)),
        (re.compile(after), partial(_money, words)),
        (re.compile(r"(?<!\w)([0-9]{1,3})\s?¢"), lambda m: count(int(m[1]), cents, words)),
    ]


def _cash(words: Vocabulary, currency: Currency, written: str) -> str:
    found = read(written, words.language)
    if found is None or len(found[1]) > 2 or not fits(found[0]):
        return f"{said(written, words)} {currency.whole.many}"
    whole, part = int(found[0]), int(found[1].ljust(2, "0") or 0)
    parts = [count(whole, currency.whole, words)] if whole or not part else []
    parts += [count(part, currency.part, words)] if part else []
    return f" {words.and_cents} ".join(parts)


def _money(words: Vocabulary, found: re.Match[str]) -> str:
    currency = words.currencies[found["sign"].strip().upper()]
    minus = f"{words.minus} " if found["minus"] else ""
    scale = found.groupdict().get("scale")
    if not scale:
        return f" {minus}{_cash(words, currency, found['n'])} "
    scaled = grammar(words.language).scaled(found["n"], scale, words.scales.get(scale.lower(), scale))
    return f" {minus}{said(found['n'], words, 'm')} {scaled}{currency.whole.many} "


def _money_range(words: Vocabulary, found: re.Match[str]) -> str:
    return f" {said(found[2], words, 'm')} {words.to} {_cash(words, words.currencies[found[1]], found[3])} "
