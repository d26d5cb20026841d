"""One language's phrases, made from its table and looked for in a transcript. Pure.

May import: the standard library, appliance.core.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from appliance.core.phrases.patterns import Hit, Part, Pattern, PatternBook, classes, compiled
from appliance.core.phrases.reading import Finding, Links, Meaning, Phrase, Reading, Scope, Sort
from appliance.core.phrases.words import Plainness


class Lexicon:
    """The phrases of one language, ready to be looked for."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        named = classes(table["class"])
        entries = list(_entries(table, named))
        literals = {word for pattern, _ in entries for word in pattern.literals if not word.endswith("*")}
        self.vocabulary, self.near = frozenset(literals), _listed(table["near"])
        apart = self.vocabulary | _listed(table["apart"])
        hesitations, fillers = _listed(table["hesitations"]), _listed(table["fillers"])
        self.plainness = Plainness(hesitations, fillers, table["rewrite"], self.near, apart)
        self._book = PatternBook(entries)
        between = _listed(table["between"])
        between_wish = between | _listed(table["between_wish"])
        self._links = Links(between, between_wish, _listed(table["also"]), _listed(table["nots"]))

    def find(self, text: str, *, whole: bool = True) -> Finding | None:
        """The gravest finding in a transcript. Of a text that is not `whole`, only what is certain by now."""
        spoken = self.plainness.spoken(text, whole=whole)
        reading = Reading(spoken, whole, self._links)
        phrases: list[Hit[Phrase]] = []
        for hit in self._book.hits(spoken):
            if isinstance(hit.meaning, Phrase):
                phrases.append(Hit(hit.first, hit.last, hit.meaning))
            else:
                reading.scopes.setdefault(hit.meaning, []).append((hit.first, hit.last))
        phrases.sort(key=lambda hit: (hit.meaning.finding.what, hit.first, hit.last))
        return next((hit.meaning.finding for hit in phrases if reading.meant(hit)), None)


def _listed(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.replace("\n", " ").split(",") if word.strip())


def _entries(table: Mapping[str, Any], named: Mapping[str, Part]) -> Iterator[tuple[Pattern, Meaning]]:
    nots = _listed(table["nots"])
    for what in ("emergency", "person"):
        for topic, sorts in table[what].items():
            for sort, texts in sorts.items():
                for text in texts:
                    pattern = _pattern(text, sort, named)
                    negative = not nots.isdisjoint(pattern.literals)
                    yield pattern, Phrase(Finding(what, topic), Sort(sort), negative)
    for scope, texts in table["scope"].items():
        yield from ((compiled(text, named), Scope(scope)) for text in texts)


def _pattern(text: str, sort: str, named: Mapping[str, Part]) -> Pattern:
    """A wish that stands alone may have courtesies around it: `no, a representative please, thank you`."""
    if sort == Sort.ALONE:
        text = f"{{lead}}? {{lead}}? {text} {{trail}}? {{trail}}?"
    return compiled(text, named)
