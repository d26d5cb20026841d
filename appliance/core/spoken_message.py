"""What a spoken message comes to, by rules: how urgent it is, who rang, where to call back, a short summary.

It is a machine's reading of a machine's transcript, and is to be shown as that. Pure, but for reading tables.
May import: the standard library, appliance.core, appliance.languages.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from appliance.core import numbers, telephone
from appliance.core.booking.identity import name_within
from appliance.core.menu import plain
from appliance.languages.tables import having, table, words

SUMMARY_MOST = 160
NAME_MOST = 4
"""Words of a name, without what joins them."""
CONTENT_LEAST = 2
"""A sentence with fewer words of its own says nothing that a summary needs."""
NORMAL, URGENT, EMERGENCY = "normal", "urgent", "emergency"
LEVELS = (NORMAL, URGENT, EMERGENCY)
"""How urgent, the gravest last."""
PARTICLES = frozenset(
    "de del la las los da das do dos van von der den di du el al bin san santa".split()  # noqa: SIM905
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_ENDS = re.compile(r"[,;:.!?…]$")
BECAUSE_MOST = 200

Danger = Callable[[str], bool]
"""Whether a sentence tells of an emergency."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What was made of a message. Without a number that was said, `number` is the one that they rang from."""

    summary: str
    urgency: str
    because: str
    name: str
    number: str
    number_said: bool


def sense(text: str, language: str, caller: str, region: str, danger: Danger) -> Sense:
    """What this message comes to; `caller` is the number (E.164) that it came from, or empty."""
    sentences = _sentences(text)
    urgency, because = _urgency(sentences, danger)
    name = name_said(text)
    number = number_said(text, language, region)
    summary = _summary(sentences, set(plain(name).split()))
    return Sense(
        summary=summary,
        urgency=urgency,
        because=_short(because, BECAUSE_MOST),
        name=name,
        number=number or caller,
        number_said=bool(number),
    )


def _sentences(text: str) -> list[str]:
    """Its sentences; the stop of "Dr." ends none."""
    made: list[str] = []
    for part in filter(None, _SENTENCE.split(text.strip())):
        if made and plain(made[-1].split()[-1]) in _titles():
            made[-1] += f" {part}"
        else:
            made.append(part)
    return made


def phantom(text: str) -> bool:
    """Whether this is what recognisers write where nobody speaks."""
    said = plain(text)
    return not said or any(said == each for heard in _heard() for each in heard.phantoms)


# Urgency -----------------------------------------------------------------------------------------------


def _urgency(sentences: Sequence[str], danger: Danger) -> tuple[str, str]:
    """How urgent it is, and the sentence by which it is."""
    for sentence in sentences:
        if danger(sentence):
            return EMERGENCY, sentence
    for sentence in sentences:
        if any(_urges(sentence, heard) for heard in _heard()):
            return URGENT, sentence
    return NORMAL, ""


def _urges(sentence: str, heard: "_Heard") -> bool:
    said = f" {plain(sentence)} "
    for phrase in heard.urgent:
        at = said.find(f" {phrase} ")
        if at >= 0 and not any(said[:at].endswith(f" {each}") for each in heard.not_urgent):
            return True
    return False


# Who ---------------------------------------------------------------------------------------------------


def name_said(text: str) -> str:
    """The name that a caller says of themselves, empty when none is found."""
    spoken = text.split()
    said = [plain(word) for word in spoken]
    for loose in (False, True):
        for begin in _behind(said, loose=loose):
            if name := _name_at(spoken, said, begin, loose=loose):
                return name
    return ""


def _behind(said: Sequence[str], *, loose: bool) -> Iterator[int]:
    """Where what follows the words before a name begins."""
    # A word such as "I'm" is two plain ones, so that words are counted as they are written.
    places: list[int] = []
    flat: list[str] = []
    for place, word in enumerate(said):
        for part in word.split():
            flat.append(part)
            places.append(place)
    phrases = {
        tuple(phrase.split())
        for heard in _heard()
        for phrase in heard.names
        if (phrase in heard.loose_names) is loose
    }
    for at in range(len(flat)):
        for phrase in phrases:
            if tuple(flat[at : at + len(phrase)]) == phrase and at + len(phrase) < len(flat):
                yield places[at + len(phrase) - 1] + 1


def _name_at(spoken: Sequence[str], said: Sequence[str], begin: int, *, loose: bool) -> str:
    taken: list[str] = []
    while begin < len(spoken) and (said[begin] in _titles() or said[begin] in PARTICLES):
        begin += 1
    if begin >= len(spoken):
        return ""
    capitals = spoken[begin][:1].isupper()
    if loose and not capitals:
        return ""
    for place in range(begin, len(spoken)):
        word, bare = spoken[place], said[place]
        joins = bare in PARTICLES and place + 1 < len(spoken) and bool(taken)
        if not bare or bare.isdecimal() or (not joins and not _may_name(word, bare, capitals=capitals)):
            break
        taken.append(word)
        if _ENDS.search(word) or len(taken) > NAME_MOST:
            break
    name = re.sub(r"['’]s$", "", " ".join(taken).strip(" ,.;:!?…"))
    while name and plain(name.split()[-1]) in PARTICLES:
        name = " ".join(name.split()[:-1])
    return name_within(name)


def _may_name(word: str, bare: str, *, capitals: bool) -> bool:
    if bare in _no_names():
        return False
    return word[:1].isupper() if capitals else word.isalpha()


# Where -------------------------------------------------------------------------------------------------


def number_said(text: str, language: str, region: str) -> str:
    """The last number that is said (E.164, or the bare digits of one without its area code); or empty.

    Said digit by digit, in pairs, or twice in a row, in any language.
    """
    whole, parts = "", ""
    for run in _runs(text, language):
        if found := telephone.e164(run, region):
            whole = found
        elif len(run) in numbers.TELEPHONE_DIGITS:
            parts = run
    return whole or parts


def _runs(text: str, language: str) -> Iterator[str]:
    for run in numbers.runs(text, language):
        half = len(run) // 2
        yield run[:half] if half in numbers.TELEPHONE_DIGITS and run == run[:half] * 2 else run


# What --------------------------------------------------------------------------------------------------


def _summary(sentences: Sequence[str], name: set[str]) -> str:
    """The first sentences that say something, as far as there is room."""
    telling = [each for each in sentences if _tells(each, name)]
    made = ""
    for sentence in telling or sentences:
        if made and len(made) + 1 + len(sentence) > SUMMARY_MOST:
            break
        made = f"{made} {sentence}".strip()
    return _short(made, SUMMARY_MOST)


def _tells(sentence: str, name: set[str]) -> bool:
    said = plain(sentence).split()
    idle = _idle()
    own = [word for word in said if word not in idle and word not in name and not _counts(word)]
    return len(own) >= CONTENT_LEAST


def _counts(word: str) -> bool:
    return word.isdecimal() or any(each.counts(word) for each in numbers.spellings().values())


def _short(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[: most - 1].rsplit(' ', 1)[0].rstrip(' ,;:.')}…"


# Tables ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Heard:
    names: tuple[str, ...]
    loose_names: frozenset[str]
    urgent: tuple[str, ...]
    not_urgent: tuple[str, ...]
    phantoms: frozenset[str]
    idle: frozenset[str]


@cache
def _heard() -> tuple[_Heard, ...]:
    """What is known of every language: callers mix them."""
    return tuple(_heard_in(code) for code in having("voicemail"))


def _heard_in(code: str) -> _Heard:
    told = table(code, "voicemail")
    return _Heard(
        tuple(told["names"]),
        frozenset(told["loose_names"]),
        tuple(told["urgent"]),
        tuple(told["not_urgent"]),
        frozenset(told["phantoms"]),
        words(told, "courtesies") | words(told, "around"),
    )


@cache
def _idle() -> frozenset[str]:
    return frozenset().union(*(heard.idle for heard in _heard()))


@cache
def _titles() -> frozenset[str]:
    return frozenset().union(
        *(words(table(code, "language"), "names", "titles") for code in having("language"))
    )


@cache
def _no_names() -> frozenset[str]:
    """Small words, days and months: none is a name, however it is written."""
    small = (words(table(code, "language"), "small_words") for code in having("language"))
    dates = (
        plain(" ".join([*table(code, "wording")["days"], *table(code, "wording")["months"]])).split()
        for code in having("wording")
    )
    return frozenset().union(*small, *dates)
