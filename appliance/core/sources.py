"""Whether an answer rests on a passage, and whether a source that is named aloud is one that was found. Pure.

Words are compared by their beginnings, so that "parking" and "parked" are one; numbers have to be the
passage's own. What a language says for "source" and for "I do not know" is data (`answers.toml`). May import:
the standard library, appliance.core, appliance.languages.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from appliance.core.citations import Source
from appliance.core.phrases.words import plain
from appliance.languages.tables import having, table, words, words_of_all

STEM = 5
RESTS_SHARE, RESTS_LEAST = 0.4, 2
"""So much of what an answer tells has to be in a passage, and at least so many words."""
NAME_MOST = 12
FIRST_WORDS = 2
"""So many words of a name tell already that it is none of ours."""
MATCHES = 0.5
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Claim:
    """A source that is being named: its words so far; `whole` when no more of them come."""

    name: str
    whole: bool


def cues() -> tuple[str, ...]:
    """The words by which a source is named, in all languages."""
    return tuple(
        sorted(
            {word for code in having("answers") for word in words(table(code, "answers"), "source", "words")}
        )
    )


def claim(text: str, *, whole: bool) -> Claim | None:
    """The source that is named in a text, the last if there are several; None when none is."""
    said = plain(text)
    found = [*_naming().finditer(said)]
    if not found:
        return None
    rest = said[found[-1].end() :]
    name, mark, _ = _upto_end(rest)
    if not (whole or mark) and not rest.endswith((" ", ",")):
        # The last word may not be all there.
        name = name.rpartition(" ")[0]
    return Claim(" ".join(_WORD.findall(name)[:NAME_MOST]), whole or bool(mark))


def _upto_end(text: str) -> tuple[str, str, str]:
    """A text up to the end of its sentence, and the mark that ends it."""
    parts = re.split(r"([.;!?])(?=\s|$)", text, maxsplit=1)
    return (parts[0], parts[1], parts[2]) if len(parts) == len("123") else (text, "", "")


@cache
def _naming() -> re.Pattern[str]:
    told = [table(code, "answers") for code in having("answers")]
    named = "|".join(sorted({word for each in told for word in words(each, "source", "words")}))
    links = "|".join(sorted({word for each in told for word in words(each, "source", "links")}))
    return re.compile(rf"\b(?:{named})\b\s*(?:[:,\-–—]+\s*|(?:{links})\b\s*:?\s*)")


def named(told: Claim, sources: Iterable[Source]) -> Source | Literal[False] | None:
    """The source that is meant; False when it is none of these, None when that cannot be told yet."""
    spoken = [stem for stem in map(_stem, told.name.split()) if stem not in _small()]
    if not spoken:
        return False if told.whole else None
    scored = [(_likeness(spoken, each), each) for each in sources]
    score, best = max(scored, key=lambda each: each[0], default=(0.0, None))
    if told.whole:
        return best if best is not None and score >= MATCHES else False
    if len(spoken) < FIRST_WORDS:
        return None
    known = {stem for _, each in scored for stem in stems(f"{each.title} {each.heading} {each.said}")}
    return None if any(_known(stem, known) for stem in spoken[:FIRST_WORDS]) else False


def _likeness(spoken: Sequence[str], source: Source) -> float:
    """How much of the title or heading is said, and of what is said is theirs: the less of both."""
    own = stems(f"{source.title} {source.heading} {source.said}")
    title = stems(source.title)
    theirs = sum(_known(stem, own) for stem in spoken) / len(spoken)
    heading = stems(source.heading)
    told = max(
        (sum(_known(stem, set(spoken)) for stem in each) / len(each) for each in (title, heading) if each),
        default=0.0,
    )
    return min(theirs, told)


def _known(stem: str, stems: Iterable[str]) -> bool:
    """Whether it is one of them, or one with a letter that a recogniser heard otherwise."""
    return any(stem == each or (len(stem) == STEM == len(each) and _apart(stem, each) <= 1) for each in stems)


def _apart(one: str, other: str) -> int:
    return sum(mine != theirs for mine, theirs in zip(one, other, strict=True))


def rests(text: str, source: Source, language: str) -> float:
    """How much of an answer, or of one of its sentences, is in a passage, 0..1; 0 where it rests on another.

    In another `language` than the passage's its words tell nothing: then the passage counts as found.
    """
    if _unknown().search(plain(text)):
        return 0.0
    parts = [text, *_SENTENCE.split(text)]
    return max(_share(plain(part), source, language) for part in parts)


def _share(said: str, source: Source, language: str) -> float:
    passage = plain(f"{source.title} {source.heading} {source.text}")
    told = stems(said)
    if len(told) < RESTS_LEAST or not numbers(said) <= numbers(passage):
        return 0.0
    if source.language and source.language != language:
        return RESTS_SHARE
    shared = told & stems(passage)
    share = len(shared) / len(told)
    return share if len(shared) >= RESTS_LEAST and share >= RESTS_SHARE else 0.0


def numbers(text: str) -> set[str]:
    """The numbers in a text, as they are written."""
    return set(_NUMBER.findall(text))


def _stem(word: str) -> str:
    return word[:STEM]


@cache
def _small() -> frozenset[str]:
    """Words that say nothing of what a text is about."""
    told = [table(code, "answers") for code in having("answers")]
    own = {word for each in told for word in words(each, "source", "small")}
    tells = words_of_all("language", "small_words") - {"appointment", "hours", "cita"}
    return frozenset(map(_stem, own | tells))


def stems(text: str) -> set[str]:
    """The beginnings of the words of a text that tell what it is about."""
    return {_stem(word) for word in _WORD.findall(plain(text))} - _small()


@cache
def _unknown() -> re.Pattern[str]:
    said = [each for code in having("answers") for each in table(code, "answers")["unknown"]["said"]]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, said))})\b")
