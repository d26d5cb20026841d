"""Abbreviations and signs that stand for words.

Pure. May import: the standard library, models.local.wording.
"""

import re

from models.local.wording.abbreviating import becomes
from models.local.wording.grammar import grammar
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary

_PER = "hour|day|week|month|year|visit|person|hora|día|semana|mes|año|persona|visita"


def rules(words: Vocabulary) -> list[Rule]:
    """Abbreviations; before numbers, which some of them introduce."""
    return list(grammar(words.language).ABBREVIATIONS)


def sign_rules(words: Vocabulary) -> list[Rule]:
    """What signs between words say; after numbers."""
    return [
        (re.compile(r"\b(and/or|y/o)\b", re.IGNORECASE), lambda m: m[0].replace("/", " ")),
        (re.compile(rf"(?<=[^\W\d_])\s?/\s?(?=(?:{_PER})\b)"), becomes(f" {words.per} ")),
        (re.compile(r"(?<=[^\W\d_])\s?/\s?(?=[^\W\d_])"), becomes(f" {words.either} ")),
        (re.compile(r"\s?&\s?"), becomes(f" {words.both} ")),
        (re.compile(r"\s\+\s|(?<=\w)\+(?=\w)"), becomes(f" {words.plus} ")),
        (re.compile(r"\s?×\s?"), becomes(f" {words.times} ")),
        (re.compile(r"\s?=\s?"), becomes(f" {words.equals} ")),
        (re.compile(r"(?<!\w)@\s?"), becomes(f" {words.address['@']} ")),
    ]
