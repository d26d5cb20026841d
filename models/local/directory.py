"""The clinic's departments as callers name them, in all languages and slightly misheard. Pure.

A department answers to its name, its aliases and its slug; and, when one of these is a usual kind of
department (see languages/*/departments.toml), to the usual words for that kind, and to its topics.
May import: the standard library, appliance.core, appliance.languages, models.local.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from appliance.core.menu import DepartmentLine
from appliance.core.traits import DEPARTMENT
from appliance.languages.tables import words_of_all
from models.local import lexicon
from models.local.sounds import Sounds

MOST_WORDS = 5
TELLING_LETTERS = 4


class Sort(IntEnum):
    """By what a department was found; the higher the surer."""

    TOPIC = 0
    SOUND = 1
    KIND = 2
    NAME = 3


@dataclass(frozen=True, slots=True)
class Mention:
    """A department in an utterance: the words from `start` to `end` name it."""

    start: int
    end: int
    slugs: frozenset[str]
    sort: Sort


@functools.cache
def _beside(kind: str) -> frozenset[str]:
    """Words that stand beside a department's name, of this kind (`language.toml`), in all languages."""
    return words_of_all("language", "departments", kind)


def _core(name: str) -> str:
    """A name without the words that any department may carry."""
    kept = [word for word in lexicon.plain(name).split() if word not in _beside("around")]
    return " ".join(kept)


def _forms(name: str) -> set[str]:
    """The name, and it in the other number."""
    one = name[:-1] if name.endswith("s") else f"{name}s"
    return {name, one} if len(name) > 2 else {name} - {""}


def _add(table: dict[str, set[str]], name: str, slug: str) -> None:
    for form in _forms(name):
        if form:
            table.setdefault(form, set()).add(slug)


def _kinds_of(own: Iterable[str]) -> list[lexicon.Concept]:
    """The usual kinds that a department of these names is; failing that, the one that its names speak of."""
    forms = {form for name in own for form in _forms(name)}
    known = list(lexicon.concepts().values())
    same = [concept for concept in known if forms.intersection(concept.names)]
    if same:
        return same
    parts = {" ".join(part) for form in forms for part in _parts(form.split())}
    spoken = [concept for concept in known if parts.intersection(concept.names)]
    return spoken if len(spoken) == 1 else []


def _parts(words: Sequence[str]) -> Iterable[Sequence[str]]:
    return (words[start:end] for start in range(len(words)) for end in range(start + 1, len(words) + 1))


class Directory:
    """Finds departments in utterances. Made once for a clinic's list."""

    def __init__(self, departments: Iterable[DepartmentLine]) -> None:
        self._names: dict[str, set[str]] = {}
        self._kinds: dict[str, set[str]] = {}
        self._topics: dict[str, set[str]] = {}
        for line in departments:
            self._enter(line)
        self._own = Sounds.of(self._names)

    def _enter(self, line: DepartmentLine) -> None:
        told = [line.name, line.slug.replace("-", " "), *line.aliases]
        own = {lexicon.plain(name) for name in told} | {_core(name) for name in told}
        for name in own:
            _add(self._names, name, line.slug)
            for word in name.split():
                if len(word) >= TELLING_LETTERS and word not in _beside("around"):
                    self._topics.setdefault(word, set()).add(line.slug)
        for concept in _kinds_of(own):
            for name in concept.names:
                self._kinds.setdefault(name, set()).add(line.slug)
            for topic in concept.topics:
                self._topics.setdefault(topic, set()).add(line.slug)

    def mentions(self, words: Sequence[str]) -> list[Mention]:
        """The departments that are named, in order; of two that overlap, the longer."""
        found: list[Mention] = []
        for start in range(len(words)):
            for end in range(min(len(words), start + MOST_WORDS), start, -1):
                mention = self._named(words, start, end)
                if mention and not any(before.end > start for before in found):
                    found.append(mention)
                    break
        return found

    def _named(self, words: Sequence[str], start: int, end: int) -> Mention | None:
        spoken = " ".join(words[start:end])
        if spoken in self._names:
            return Mention(start, end, frozenset(self._names[spoken]), Sort.NAME)
        if spoken in _usual():
            return Mention(start, end, frozenset(self._kinds.get(spoken, ())), Sort.KIND)
        if end - start > 2 or all(word in lexicon.known_words() for word in words[start:end]):
            return None
        near = self._own.like(spoken) or _usual_sounds().like(spoken)
        slugs = frozenset().union(*(self._meant(name) for wrong, name in near if wrong == near[0][0]))
        return Mention(start, end, slugs, Sort.SOUND) if near else None

    def _meant(self, name: str) -> set[str]:
        return self._names.get(name) or self._kinds.get(name, set())

    def marked(self, words: Sequence[str], mentions: Sequence[Mention]) -> list[str]:
        """The words with "a department" in place of each name and of what goes with it."""
        made, at = list[str](), 0
        for mention in mentions:
            start, end = mention.start, mention.end
            while start > at and words[start - 1] in _beside("around"):
                start -= 1
            while end < len(words) and words[end] in _beside("behind"):
                end += 1
            made += [*words[at:start], DEPARTMENT]
            at = end
        return [*made, *words[at:]]

    def meant(self, words: Sequence[str], mentions: Sequence[Mention]) -> tuple[str, ...]:
        """The slugs of the departments that may be meant, by the surest kind of naming."""
        denied = _denied(words, mentions)
        named = [mention for mention in mentions if mention.slugs and mention not in denied]
        named = _corrected(words, named)
        best = max((mention.sort for mention in named), default=Sort.TOPIC)
        slugs = {slug for mention in named if mention.sort == best for slug in mention.slugs}
        return tuple(sorted(slugs or self._by_topic(words)))

    def only_the_front_desk(self, words: Sequence[str], mentions: Sequence[Mention]) -> bool:
        """Whether only the reception is named, and the clinic lists none: that is anybody who answers."""
        reception = lexicon.concepts()["reception"].names
        named = [mention for mention in mentions if mention.sort >= Sort.KIND]
        return bool(named) and all(
            not mention.slugs and " ".join(words[mention.start : mention.end]) in reception
            for mention in named
        )

    def _by_topic(self, words: Sequence[str]) -> set[str]:
        """The department that most of what was spoken of belongs to."""
        line, votes = f" {' '.join(words)} ", dict[str, int]()
        for topic, slugs in self._topics.items():
            if f" {topic} " in line:
                for slug in slugs:
                    votes[slug] = votes.get(slug, 0) + len(topic)
        return {slug for slug, count in votes.items() if count == max(votes.values())}


def _denied(words: Sequence[str], mentions: Sequence[Mention]) -> list[Mention]:
    """`not the billing`, `no con farmacia`, `no a la farmacia, no`: named, but not wanted."""
    links, refusals = _beside("around") | _beside("links"), _beside("denied")
    denied, last = list[Mention](), 0
    for mention in mentions:
        place = mention.start - 1
        while place > last and words[place] in links:
            place -= 1
        # A second "no" may take back once more what stands before it.
        closes = bool(denied) and place == denied[-1].end and words[place] == "no"
        if place >= last and words[place] in refusals and not closes and len(words) > mention.end:
            denied.append(mention)
        last = mention.end
    return denied


def _corrected(words: Sequence[str], named: list[Mention]) -> list[Mention]:
    """Only what comes after `no wait`, `I mean`, `digo`, where there is something."""
    for place in range(len(named) - 1, 0, -1):
        between = words[named[place - 1].end : named[place].start]
        if not _beside("corrected").isdisjoint(between):
            return named[place:]
    return named


@functools.cache
def _usual() -> frozenset[str]:
    """The usual names. Those of kinds that a clinic lacks are departments too, though they lead nowhere."""
    return frozenset(name for concept in lexicon.concepts().values() for name in concept.names)


@functools.cache
def _usual_sounds() -> Sounds:
    return Sounds.of(_usual())


@functools.lru_cache(maxsize=16)
def directory(departments: tuple[DepartmentLine, ...]) -> Directory:
    """The directory of this list, made at its first use."""
    return Directory(departments)
