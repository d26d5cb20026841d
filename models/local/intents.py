"""Understands what a caller wants from one utterance, in English or Spanish, by words and by embeddings.

Whole phrases decide first ("no thanks"), then the classifier; who is named decides the department. Without the
embedding network the words decide alone. May import: appliance.core, numpy, models.
"""

from collections.abc import Callable
from typing import Protocol

from appliance.core.menu import DepartmentLine
from appliance.core.wishes import Intent, Wish
from models.embed import Embedder
from models.local import traits
from models.local.classifier import Classifier
from models.local.directory import directory

UNSURE = 0.3


class Alarm(Protocol):
    """What a search for phrases of danger, or for a person, found."""

    @property
    def what(self) -> str:
        """`emergency` or `person`."""


Watch = Callable[[str], Alarm | None]


class Understanding:
    """Made once for all calls; `wish` may be called from several threads."""

    def __init__(self, embedder: Embedder | None, watch: Watch | None = None) -> None:
        self._classifier = Classifier.load()
        self._embedder = embedder
        self._watch = watch

    def wish(
        self, text: str, departments: tuple[DepartmentLine, ...] = (), language: str | None = None
    ) -> Wish:
        words = traits.words(text)
        names = directory(departments)
        mentions = names.mentions(words)
        chances = self._classifier.chances(
            self._classifier.taken(words, names.marked(words, mentions)),
            self._embedder.embed([" ".join(words)])[0] if self._embedder else None,
        )
        intent = max(chances, key=lambda each: chances[each])
        slugs = names.meant(words, mentions) if intent is Intent.TRANSFER_DEPARTMENT else ()
        return Wish(
            intent,
            slugs[0] if len(slugs) == 1 else "",
            slugs if len(slugs) > 1 else (),
            None,
            chances[intent],
        )
