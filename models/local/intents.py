"""Understands what a caller wants from one utterance, by words and by embeddings.

Phrases that are the whole utterance decide first ("no thanks"), then the classifier; what is named decides
the department and the language. Without the embedding network the words decide alone; in other languages than
English another one has its say where its weights are here. In a language that the classifier did not learn,
the phrases and the names alone count. May import: the standard library, numpy, appliance.core, models.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from appliance.core import traits
from appliance.core.errors import EmbedderFailed
from appliance.core.menu import DepartmentLine
from appliance.core.tongue import spoken
from appliance.core.wishes import Intent, Wish
from models.embed import SHIPPED, Embedder
from models.local import lexicon, tongues
from models.local.classifier import Classifier
from models.local.directory import Directory, Mention, Sort, directory
from models.local.meaning import Meaning

log = logging.getLogger(__name__)

UNSURE = 0.3
"""Below this chance nothing was understood."""

NOTHING = np.zeros(len(Intent), np.float32)
SURE = 0.98
EVEN = 0.5
LONGEST_FILLER = 2
# What a search for "a person" also finds in other wishes: someone in billing, someone who speaks Spanish.
FINER_THAN_PERSON = (
    Intent.TRANSFER_DEPARTMENT,
    Intent.LEAVE_MESSAGE,
    Intent.LANGUAGE_SWITCH,
    Intent.EMERGENCY,
)

Departments = tuple[DepartmentLine, ...]


class Alarm(Protocol):
    """What a search for phrases of danger, or for a person, found."""

    @property
    def what(self) -> str:
        """`emergency` or `person`."""


Watch = Callable[[str], Alarm | None]


def _bare(words: Sequence[str]) -> list[str]:
    """The words without the fillers and politeness around them."""
    left = list(words)
    for size in (*range(LONGEST_FILLER, 0, -1), *range(LONGEST_FILLER, 0, -1)):
        while left and " ".join(left[:size]) in lexicon.fillers():
            del left[:size]
        while left and " ".join(left[-size:]) in lexicon.fillers():
            del left[-size:]
    return left


def _phrase(words: Sequence[str]) -> Intent | None:
    """The wish of an utterance that is one known phrase."""
    for said in (words, _bare(words)):
        wishes = lexicon.whole().get(" ".join(said), frozenset())
        if len(wishes) == 1:
            return next(iter(wishes))
    return None


class Understanding:
    """Made once for all calls; `wish` may be called from several threads."""

    def __init__(
        self,
        classifier: Classifier,
        embedder: Embedder | None,
        watch: Watch | None = None,
        meaning: Meaning | None = None,
    ) -> None:
        self._classifier = classifier
        self._embedder = embedder
        self._watch = watch
        self.meaning = meaning
        """The network of many languages, where its weights are here."""

    @classmethod
    def shipped(
        cls, watch: Watch | None = None, *, model: Path = SHIPPED, meaning: Meaning | None = None
    ) -> Self:
        """By what ships with the product; without the embedding network, by words alone."""
        try:
            embedder = Embedder(model)
        except EmbedderFailed:
            log.warning(
                "wishes are understood by words alone: the embedding model cannot be used", exc_info=True
            )
            embedder = None
        made = cls(Classifier.load(), embedder, watch, meaning)
        # The first use reads the lexicon, and no caller should wait for that.
        made.wish("hello")
        return made

    @property
    def embedder(self) -> Embedder | None:
        """The embedding network, for others to use as well."""
        return self._embedder

    @property
    def by_words_alone(self) -> bool:
        """Whether the embedding network is missing: health says so."""
        return self._embedder is None

    def agreed(self, text: str) -> bool | None:
        """Whether this answer to a yes-or-no question agrees; None when it is neither."""
        words = traits.words(text)
        phrase = _phrase(words)
        if phrase in (Intent.YES, Intent.NO):
            return phrase is Intent.YES
        if not words or phrase:
            return None
        chances, _ = self._chances(words, words, spoken(text))
        yes, no = chances[Intent.YES], chances[Intent.NO]
        return yes > no if yes + no > EVEN else None

    def wish(self, text: str, departments: Departments = (), language: str | None = None) -> Wish:
        """What this utterance asks for. `language` is the one spoken so far, such as `en`, if it is known."""
        words = traits.words(text)
        names = directory(departments)
        mentions = names.mentions(words)
        heard = spoken(text) or language or lexicon.LANGUAGES[0]
        intent, confidence = self._decided(text, words, names, mentions, heard)
        if intent is Intent.LANGUAGE_SWITCH:
            return Wish(intent, language=tongues.wanted(words, language), confidence=confidence)
        if intent not in (Intent.TRANSFER_DEPARTMENT, Intent.PERSON):
            return Wish(intent, confidence=confidence)
        return _reached(intent, confidence, names, words, mentions)

    def _decided(
        self, text: str, words: list[str], names: Directory, mentions: list[Mention], language: str
    ) -> tuple[Intent, float]:
        alarm = self._watch(text) if self._watch else None
        if alarm and alarm.what == Intent.EMERGENCY:
            return Intent.EMERGENCY, SURE
        if not words:
            return Intent.NONE, SURE
        intent, confidence = self._understood(words, names, mentions, language)
        if alarm and alarm.what == Intent.PERSON and intent not in FINER_THAN_PERSON:
            return Intent.PERSON, SURE
        return intent, confidence

    def _understood(
        self, words: list[str], names: Directory, mentions: list[Mention], language: str
    ) -> tuple[Intent, float]:
        phrase = _phrase(words)
        if phrase is not Intent.EMERGENCY and _is_a_name(words, mentions):
            return Intent.TRANSFER_DEPARTMENT, SURE
        if phrase:
            return phrase, SURE
        if language not in lexicon.LANGUAGES:
            return (Intent.TRANSFER_DEPARTMENT, SURE) if mentions else (Intent.NONE, SURE)
        chances, unsure = self._chances(words, names.marked(words, mentions), language)
        intent = max(chances, key=lambda each: chances[each])
        return (intent, chances[intent]) if chances[intent] >= unsure else (Intent.NONE, chances[Intent.NONE])

    def _chances(
        self, words: list[str], marked: list[str], language: str
    ) -> tuple[dict[Intent, float], float]:
        """How likely each wish is, and the chance below which nothing was understood."""
        said, traits = " ".join(words), self._classifier.taken(words, marked)
        meant = self._classifier.meant(self._embedder.embed([said])[0]) if self._embedder else NOTHING
        chances = self._classifier.chances(traits, meant)
        say = self.meaning.say(language) if self.meaning else None
        if self.meaning is None or say is None or max(chances.values()) >= say.doubt:
            return chances, UNSURE
        return self._classifier.chances(traits, meant + self.meaning.opinion(said, say)), say.unsure


def _is_a_name(words: list[str], mentions: list[Mention]) -> bool:
    """Whether the name of one of the clinic's departments is all that was said."""
    return (
        len(mentions) == 1
        and mentions[0].sort is Sort.NAME
        and len(_bare(words)) == mentions[0].end - mentions[0].start
    )


def _reached(
    intent: Intent, confidence: float, names: Directory, words: list[str], mentions: list[Mention]
) -> Wish:
    """Whom the caller wants: a department when the clinic has what is named, a person when nobody is."""
    named = any(mention.slugs for mention in mentions)
    slugs = names.meant(words, mentions) if named or intent is Intent.TRANSFER_DEPARTMENT else ()
    if not slugs and names.only_the_front_desk(words, mentions):
        return Wish(Intent.PERSON, confidence=confidence)
    if not slugs:
        return Wish(intent, confidence=confidence)
    if len(slugs) == 1:
        return Wish(Intent.TRANSFER_DEPARTMENT, department=slugs[0], confidence=confidence)
    return Wish(Intent.TRANSFER_DEPARTMENT, candidates=slugs, confidence=confidence)
