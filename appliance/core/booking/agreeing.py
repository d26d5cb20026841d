"""Whether a caller has agreed: to what was read out to them, or to have an appointment cancelled. Pure.

Which of the times that were read out they have taken is found in `answering`.
May import: the standard library, appliance.core, appliance.languages.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache

from appliance.core.menu import plain
from appliance.core.story import Speaker, Turn
from appliance.languages.prompts import codes
from appliance.languages.tables import table, words_of_all

YES_KEY = "1"
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")
_CLAUSE = re.compile(r"[.,;:!?¡¿…]+")


def agreed(turns: Iterable[Turn]) -> bool:
    """Whether these turns, all since our own question, may be taken for a yes.

    Somebody has to have said something. A plain no counts until a yes comes after it, and so does a "maybe".
    """
    told = [
        turn for turn in turns if turn.speaker in (Speaker.CALLER, Speaker.KEYPAD) and plain_words(turn.text)
    ]
    undecided = max((place for place, turn in enumerate(told) if _holds_back(turn)), default=-1)
    return bool(told) and (undecided < 0 or any(_agrees(turn) for turn in told[undecided + 1 :]))


def consents(turns: Iterable[Turn]) -> bool:
    """Whether the caller's last word on what they were asked in these turns is a clear yes, said or keyed."""
    consented = False
    for turn in turns:
        if turn.speaker is Speaker.KEYPAD:
            consented = turn.text == YES_KEY
        elif turn.speaker is Speaker.CALLER:
            consented = clear_yes(turn.text) or (consented and not (denies(turn.text) or hedges(turn.text)))
    return consented


def since_told(turns: Sequence[Turn]) -> Sequence[Turn]:
    """The turns behind the first of the attendant's: what came before that was no answer to it.

    One that was cut before any of it was heard tells nothing.
    """
    for place, turn in enumerate(turns):
        if turn.speaker is Speaker.ATTENDANT and (turn.text or not turn.cut):
            return turns[place + 1 :]
    return ()


def hedges(text: str) -> bool:
    """Whether these words put it off, in any language: "maybe", "yes, but later", "quizás después"."""
    return bool(within(text, _listed("hedges")))


def yes(text: str, also: Collection[str] = ()) -> bool:
    """Whether this is a yes, and nothing else, in any language: "yes please", "no problem, book it".

    "What?", "okay?", "yes, but not then" and "yes, or maybe later" are none. `also` are words that count as
    one here: "cancel it".
    """
    stated_so = stated(text, also)
    wished = bool(within(stated_so, {*_listed("wishes"), *also})) or _plain(stated_so) in _listed("alone")
    return (wished or says_yes(stated_so)) and not (hedges(text) or denies(text))


def clear_yes(text: str) -> bool:
    """Whether this says yes in so many words, in any language: "yes", "okay, sure, text it", "sí, por favor".

    "Uh-huh", "okay" and "right" alone are none: they may as well say that somebody listens.
    """
    clauses = (each for each in _CLAUSE.split(stated(text)) if each.strip())
    return any(map(_begins_with_yes, clauses)) and not (hedges(text) or denies(text))


def _begins_with_yes(clause: str) -> bool:
    said, before = plain_words(clause), _set("before_clear")
    first = next((place for place, word in enumerate(said) if word not in before), len(said))
    lines = [" ".join(said[place:]) for place in range(first + 1)]
    begun = ((line, each) for line in lines for each in _clear() if f"{line} ".startswith(f"{each} "))
    line, found = next(begun, ("", ""))
    if found not in _set("if_too") or _accented(clause, found):
        return bool(found)
    rest = line.removeprefix(found).strip()
    beside = f"{rest} ".startswith(tuple(f"{each} " for each in (*_clear(), *_set("beside_clear"))))
    return not rest or beside


def _accented(text: str, word: str) -> bool:
    """Whether a word stands in a text with an accent: "sí" is a yes, and "si" may be an "if"."""
    return any(plain(each) == word != each for each in re.findall(r"\w+", text.casefold()))


def stated(text: str, also: Collection[str] = ()) -> str:
    """These words without their questions; "can you book it?" is a wish and none."""
    wishes = {*_listed("wishes"), *also}
    return "".join(
        each for each in _SENTENCE.findall(text) if not each.rstrip().endswith("?") or within(each, wishes)
    )


def cancels() -> frozenset[str]:
    """Words by which a caller agrees to a cancellation, in all languages."""
    return _listed("cancels")


def denies(text: str) -> bool:
    """Whether a word that refuses is in it, in any language; "no problem" is none."""
    # "¿Cómo? No" has no "cómo no" in it.
    said = " ".join(without(clause, _listed("wishes")) for clause in _CLAUSE.split(text))
    return bool(set(said.split()) & _listed("no") or within(said, _listed("against")))


def within(text: str, phrases: Collection[str]) -> list[str]:
    """Those of these words that are in a text, the longest first."""
    said = f" {_plain(text)} "
    return sorted((words for words in phrases if f" {words} " in said), key=len, reverse=True)


def without(text: str, phrases: Collection[str]) -> str:
    """The words of a text but for these."""
    said = f" {_plain(text)} "
    for words in within(text, phrases):
        # What stood on both sides of it is no phrase now.
        said = said.replace(f" {words} ", "  ")
    return said


def says_yes(text: str) -> bool:
    """Whether a word of agreement is in it, in any language; in "okay, bye" there is none."""
    said = set(without(text, _listed("hollow")).split())
    empty = _listed("weak") if within(text, _listed("goodbyes")) else frozenset()
    return not said.isdisjoint(_listed("yes") - empty)


def plain_words(text: str) -> Sequence[str]:
    """The words of a text, without accents; "don't" is one: Don is somebody's name."""
    return plain(text.replace("'", "").replace("’", "")).split()


def _plain(text: str) -> str:
    return " ".join(plain_words(text))


def refuses(text: str) -> bool:
    """Whether this is no more than a no, in any language: "no thanks", "no, the first one" is none."""
    words = set(plain_words(text))
    return bool(words & _listed("no")) and words <= _listed("no") | _listed("beside_no")


def _holds_back(turn: Turn) -> bool:
    return refuses(turn.text) or hedges(turn.text)


def _agrees(turn: Turn) -> bool:
    """Keys say no word; one who speaks says yes, and nothing that takes it back."""
    return turn.text == YES_KEY if turn.speaker is Speaker.KEYPAD else says_yes(turn.text)


@cache
def _listed(name: str) -> frozenset[str]:
    """The words of this list in all languages: callers mix them."""
    return frozenset(word for code in codes() for word in table(code, "booking")["agreeing"].get(name, ()))


@cache
def _clear() -> Sequence[str]:
    """What begins a clear yes, the longest first."""
    return sorted(_listed("clear"), key=len, reverse=True)


@cache
def _set(name: str) -> frozenset[str]:
    return words_of_all("booking", "agreeing", name)
