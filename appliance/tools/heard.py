"""What the caller has really said or keyed: a model's word for a number or a name is held against it. Pure.

In a long call it reads for a twentieth of a second: not on the loop that carries the calls.

May import: the standard library, appliance.core, appliance.languages.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache

from appliance.core import telephone
from appliance.core.booking import backing, calling_from
from appliance.core.booking.calling_from import NumberFrom
from appliance.core.menu import plain
from appliance.core.numbers import TELEPHONE_DIGITS, runs
from appliance.core.story import Speaker, Turn
from appliance.languages.tables import words_of_all

Turns = Sequence[Turn]
TURNS_MOST = 4
"""A number may come in so many turns: "four one five", "yes?", "five five five"."""
ALIKE_FROM = 5
"""So many letters has a word that may stand for a part of a name: "see" is not Dr. Lee."""
ALIKE = 0.65
"""How alike a name and a transcript of it are: Catherine and Kathryn, not John and Joan of Arc."""
WORDS_MOST = 1000
"""So many letters of what a caller said are kept beside what was written of it, the last ones."""
SAYS = frozenset({Speaker.CALLER, Speaker.KEYPAD})
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+)?")
_WRITTEN = re.compile(r"\d(?:[\s().-]*\d){6,}")


def answered(turns: Turns, since: int) -> bool:
    """Whether the caller has said or keyed anything behind so many turns."""
    return any(turn.speaker in SAYS and turn.text.strip() for turn in turns[since:])


def number_said(given: str, turns: Turns, region: str) -> str:
    """The number (E.164, or the bare digits of one that is not whole) if the caller gave it, or empty."""
    wanted = telephone.e164(given, region)
    digits = telephone.national(wanted or given)
    if len(digits) not in TELEPHONE_DIGITS:
        return ""
    for run in _numbers(turns):
        if digits in run:
            # "five five five, zero one hundred" behind an area code that the model left out.
            return wanted or telephone.e164(run, region) or digits
    return ""


def number_from(number: str, caller: str, turns: Turns) -> NumberFrom:
    """How a number (E.164, or bare digits) is known in this call, from `caller` (E.164, or empty)."""
    digits, own = telephone.national(number), bool(caller) and number == caller
    keyed = any(turn.speaker is Speaker.KEYPAD and turn.text.endswith(digits) for turn in turns)
    if keyed or calling_from.confirmed(number, turns, own=own):
        return NumberFrom.CONFIRMED
    if not own:
        return NumberFrom.HEARD
    # The caller said the very number that they call from: two that know it agree.
    said = any(run.endswith(digits) for run in _numbers(turns))
    return NumberFrom.CONFIRMED if said else NumberFrom.CALLER_ID


def own_words(turns: Turns) -> str:
    """What the caller was heard to say, a line for each turn; the last of it where it is long."""
    said = "\n".join(
        turn.text.strip() for turn in turns if turn.speaker is Speaker.CALLER and turn.text.strip()
    )
    return said if len(said) <= WORDS_MOST else f"…{said[-WORDS_MOST + 1 :]}"


def numbers_written(text: str) -> list[str]:
    """The digits of what may be a telephone number in a text that a model writes; its dates are none."""
    found = _WRITTEN.findall(_DATE.sub(" ", text))
    digits = ["".join(filter(str.isdecimal, each)) for each in found]
    return [each for each in digits if len(each) >= TELEPHONE_DIGITS.start]


def _numbers(turns: Turns) -> Iterator[str]:
    """The digits of each stretch of numbers in the caller's words and keys, the newest turns first."""
    texts = [turn.text for turn in turns if turn.speaker in SAYS and turn.text]
    for last in range(len(texts), 0, -1):
        for first in range(last - 1, max(last - 1 - TURNS_MOST, -1), -1):
            yield from runs(" ".join(texts[first:last]))


def words_said(turns: Turns) -> Collection[str]:
    """The words of the caller, each once, with those that they spelled."""
    said = [word for turn in turns if turn.speaker is Speaker.CALLER for word in plain(turn.text).split()]
    return {*said, *_spelled(said)}


def name_said(name: str, turns: Turns) -> bool:
    """Whether each part of a name is in the caller's words, as far as a transcript can be trusted."""
    return name_within(name, words_said(turns))


def somebody_named(who: str, others: Sequence[str], turns: Turns) -> bool:
    """Whether this name is in the caller's words, or in what they said yes to: the last word of it, or all.

    The last word alone does not do where others have it too; and where one of these was named, a word that
    only sounds like this one's is theirs.
    """
    said = {*words_said(turns), *plain(" ".join(backing.told(turns))).split()}
    parts, rivals = _parts(who), [_parts(other) for other in others]
    if not parts:
        return False
    if parts[-1] in said:
        return said.issuperset(parts) or not any(parts[-1] in rival for rival in rivals)
    if any(rival and rival[-1] in said for rival in rivals):
        return False
    return len(parts[-1]) >= ALIKE_FROM and any(_alike(parts[-1], word) for word in said)


def _parts(name: str) -> list[str]:
    return [part for part in plain(name).split() if part not in around_names() and not part.isdecimal()]


def name_within(name: str, said: Collection[str]) -> bool:
    """Whether each part of a name is among these words."""
    parts = [part for part in plain(name).split() if part not in around_names()]
    return bool(parts) and all(part in said or any(_alike(part, word) for word in said) for part in parts)


@cache
def around_names() -> frozenset[str]:
    """Titles, and what joins the parts of a name, in all languages."""
    return words_of_all("language", "names", "titles") | words_of_all("language", "names", "joins")


def _spelled(said: Sequence[str]) -> list[str]:
    """Words that were spelled: `s m i t h`."""
    line = "".join(word if len(word) == 1 and word.isalpha() else " " for word in said)
    return [word for word in line.split() if len(word) > 1]


def _alike(one: str, other: str) -> bool:
    if min(len(one), len(other)) <= 2:
        return False
    if 2 * min(len(one), len(other)) < ALIKE * (len(one) + len(other)):
        return False  # they cannot have enough in common
    compared = SequenceMatcher(None, one, other)
    return compared.quick_ratio() >= ALIKE and compared.ratio() >= ALIKE
