"""One language's phrases, made from its tables and looked for in a transcript. Pure.

May import: the standard library, appliance.core.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from appliance.core.phrases.patterns import Hit, Part, Pattern, PatternBook, classes, compiled
from appliance.core.phrases.reading import Finding, Links, Meaning, Phrase, Reading, Scope, Sort
from appliance.core.phrases.words import Plainness, Runs

CRIES = 2
"""One "help" asks what there is to choose; who says it again, and nothing else, is in danger."""


class Read:
    """A transcript that was read: the phrases in it, and which of them are meant."""

    def __init__(self, phrases: list[Hit[Phrase]], reading: Reading) -> None:
        self._phrases = phrases
        self._reading = reading

    @property
    def finding(self) -> Finding | None:
        """The gravest finding."""
        return next((hit.meaning.finding for hit in self._phrases if self._reading.meant(hit)), None)

    @property
    def named(self) -> bool:
        """Whether somebody is wanted by name: that is no wish for just anybody."""
        return Scope.NAMED in self._reading.scopes

    def topic(self, what: str) -> str:
        """What the first phrase of this kind is about, meant or not; empty when there is none."""
        findings = (hit.meaning.finding for hit in self._phrases)
        return next((finding.topic for finding in findings if finding.what == what), "")

    @property
    def alone(self) -> bool:
        """Whether a wish is meant that counts where nothing else is said."""
        return any(hit.meaning.sort is Sort.ALONE and self._reading.meant(hit) for hit in self._phrases)

    def signs(self) -> Iterator[str]:
        """What was seen, as the model of likeness takes it."""
        yield from (f"scope {scope}" for scope in self._reading.scopes)
        seen, meant = set[str](), set[str]()
        for hit in self._phrases:
            finding, is_meant = hit.meaning.finding, self._reading.meant(hit)
            seen.add(finding.what)
            meant |= {finding.what} if is_meant else set()
            yield f"hit {finding.what}"
            yield f"hit {finding.what} {finding.topic}"
            yield f"{'meant' if is_meant else 'unmeant'} {finding.what} {hit.meaning.sort}"
            if not is_meant:
                yield from (f"{why} {finding.what}" for why in self._reading.turned(hit))
        yield from (f"meant {what}" for what in meant)
        yield from (f"unmeant {what}" for what in seen - meant)


class Lexicon:
    """The phrases of one language, ready to be looked for.

    They are made from the tables `phrases` and `spellings` of the language's folder.
    """

    def __init__(self, table: Mapping[str, Any], spellings: Mapping[str, Any]) -> None:
        named = classes(table["class"])
        entries = list(_entries(table, named))
        literals = {word for pattern, _ in entries for word in pattern.literals if not word.endswith("*")}
        self.vocabulary, self.near = frozenset(literals), _listed(spellings["near"])
        self.apart = self.vocabulary | _listed(spellings["apart"])
        fillers = _listed(table["fillers"])
        self.hesitations = _listed(table["hesitations"])
        self.plainness = Plainness(self.hesitations, fillers, spellings["rewrite"], self.near, self.apart)
        self._own_wish = _listed(table["own_wish"])
        self._cries, self._between_cries = _listed(table["cries"]), _listed(table["between_cries"])
        self._book = PatternBook(entries)
        between = _listed(table["between"])
        between_wish = between | _listed(table["between_wish"])
        self._links = Links(between, between_wish, _listed(table["also"]), _listed(table["nots"]))

    def cries(self, runs: Runs) -> bool:
        """Whether nothing but calls for help is heard, and more than one."""
        words = [word for run, _ in runs for word in run]
        cries = [word for word in words if word in self._cries]
        return len(cries) >= CRIES and self._between_cries.issuperset(set(words) - self._cries)

    def own_wish(self, runs: Runs) -> bool:
        """Whether there is no word that is not one of a wish for a person by the caller's own mouth."""
        return self._own_wish.issuperset(self.plainness.spoken(runs).words)

    def read(self, runs: Runs, *, whole: bool = True) -> "Read":
        """What a transcript says. Of one that is not `whole`, only what is certain by now is found."""
        spoken = self.plainness.spoken(runs, whole=whole)
        reading = Reading(spoken, whole, self._links)
        phrases: list[Hit[Phrase]] = []
        for hit in self._book.hits(spoken):
            if isinstance(hit.meaning, Phrase):
                phrases.append(Hit(hit.first, hit.last, hit.meaning))
            else:
                reading.scopes.setdefault(hit.meaning, []).append((hit.first, hit.last))
        phrases.sort(key=lambda hit: (hit.meaning.finding.what, hit.first, hit.last))
        return Read(phrases, reading)


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
