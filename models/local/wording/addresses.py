"""E-mail and web addresses, telephone numbers and emergency numbers: read so that they can be written down.

Pure. May import: the standard library, models.local.wording.
"""

import re
from functools import partial

from models.local.wording.amounts import in_groups
from models.local.wording.grammar import grammar
from models.local.wording.numbers import spelled
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})"
_ENDINGS = (
    "com|org|net|edu|gov|mil|info|health|clinic|care|dental|doctor|io|co|us|uk|es|mx|ar|cl|pe|eu|de|fr|app|dev"
    "|biz|test"
)
_MAIL = re.compile(rf"(?<![\w.+-])([A-Za-z0-9](?:[\w.+-]{{0,62}}\w)?)@({_NAME}(?:\.{_NAME}){{1,5}})(?![\w-])")
_WEB = re.compile(
    rf"(?:\bhttps?://(?:[^\s/@]{{1,64}}@)?({_NAME}(?:\.{_NAME}){{0,5}})(?::[0-9]{{1,5}})?|(?<![\w.@-])((?:{_NAME}\.){{1,5}}(?:{_ENDINGS}))(?![\w-]|\.\w))"
    r"(/[\w./~%-]{0,200})?(?:[?#][^\s]{0,300})?"
)
_PHONE_MARK = r"(?<![\w.,/$€£:+-])"
_PHONE_END = r"(?![\w/:%]|[.,-][0-9])"
_INTERNATIONAL = re.compile(r"(?<!\w)\+\s?[0-9](?:[\s().-]{0,3}[0-9]){6,14}(?![0-9])")
_AMERICAN = re.compile(
    rf"{_PHONE_MARK}(?:1[\s.-])?(?:\([0-9]{{3}}\)\s?|[0-9]{{3}}[\s.-])[0-9]{{3}}[\s.-]?[0-9]{{4}}(?!\w|[.,-][0-9])"
)
_LOCAL = re.compile(rf"{_PHONE_MARK}[0-9]{{3}}[-\s][0-9]{{4}}{_PHONE_END}")
_GROUPS = re.compile(rf"{_PHONE_MARK}\(?[0-9]{{2,4}}\)?(?:[\s-][0-9]{{2,4}}){{1,4}}{_PHONE_END}")
_EMERGENCY = re.compile(r"(?<![\w.,$€£/:-])(911|988)(?![\w%:/º°]|[.,-][0-9]|\s?(?:mg|ml|km|kg)\b)")
_DIALLED = re.compile(
    r"\b(call|dial|text|llam(?:e|ar) al?|marque(?: el)?|marcar(?: el)?)\s([0-9]{3})(?![\w%:/-]|[.,][0-9])",
    re.IGNORECASE,
)


def rules(words: Vocabulary) -> list[Rule]:
    """E-mail and web addresses; they must be gone before anything else is looked at."""
    return [(_MAIL, partial(_mail, words)), (_WEB, partial(_web, words))]


def _mail(words: Vocabulary, found: re.Match[str]) -> str:
    return f" {_read(found[1], words)} {words.address['@']} {_read(found[2], words)} "


def _web(words: Vocabulary, found: re.Match[str]) -> str:
    host = (found[1] or found[2]).removeprefix("www.")
    path = (found[3] or "").rstrip("/.,-")
    # The full stop of the sentence is no part of the address.
    stop = "." if found[0].endswith(".") else ""
    return f" {_read(host + path, words)}{stop} "


def _read(address: str, words: Vocabulary) -> str:
    parts = re.findall(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9]", address)
    said = [
        spelled(part, words.language) if part.isdigit() else words.address.get(part, part) for part in parts
    ]
    return " ".join(part for part in said if part.strip("~%"))


def phone_rules(words: Vocabulary) -> list[Rule]:
    """Telephone numbers; dates must be gone before."""
    return [
        (_INTERNATIONAL, partial(_digits, words)),
        (_AMERICAN, partial(_digits, words)),
        (_LOCAL, partial(_digits, words)),
        (_GROUPS, partial(_grouped, words)),
        (
            re.compile(r",?\s?\b(?:ext|extension|extensión)\b\.?\s?#?([0-9]{1,8})\b", re.IGNORECASE),
            partial(_extension, words),
        ),
        (re.compile(r"(?<=[a-z]),?\s?\bx\s?([0-9]{2,6})\b"), partial(_extension, words)),
        (_EMERGENCY, lambda m: spelled(m[1], words.language)),
        (_DIALLED, lambda m: f"{m[1]} {spelled(m[2], words.language)}"),
    ]


def _digits(words: Vocabulary, found: re.Match[str]) -> str:
    groups = re.findall("[0-9]+", found[0])
    plus = f"{words.plus} " if found[0].startswith("+") else ""
    if plus and len(groups) == 1 and groups[0][0] != "1":
        groups = [groups[0][:2], groups[0][2:]]
    return plus + ", ".join(
        in_groups(group, words.language) if len(group) > 4 else spelled(group, words.language)
        for group in groups
    )


def _grouped(words: Vocabulary, found: re.Match[str]) -> str:
    groups = re.findall("[0-9]+", found[0])
    years = len(groups) == 2 and all(re.fullmatch("(?:19|20)[0-9]{2}", group) for group in groups)
    pair = len(groups) == 2 and not (
        grammar(words.language).PAIRS_OF_FOUR and [len(each) for each in groups] == [4, 4]
    )
    if years or pair or len("".join(groups)) < 7:
        return found[0]
    return _digits(words, found)


def _extension(words: Vocabulary, found: re.Match[str]) -> str:
    return f", {words.extension} {spelled(found[1], words.language)}"
