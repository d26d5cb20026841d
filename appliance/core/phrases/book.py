"""The phrases of several languages as one book. Pure, but for reading the tables.

May import: the standard library, appliance.core, appliance.languages.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from appliance.core.errors import AttendantError
from appliance.core.phrases import likeness
from appliance.core.phrases.lexicon import Lexicon, Read
from appliance.core.phrases.likeness import LANGUAGES, Likeness
from appliance.core.phrases.reading import Finding
from appliance.core.phrases.words import Plainness, Runs, runs_of
from appliance.languages.folders import LanguageProblem
from appliance.languages.tables import having, table

LIKELY, LIKELY_ALONE = 0.45, 0.55
"""How likely a wish has to be where a phrase is meant, and where none is."""
LEAST_WORDS = 2
"""A single word, such as "help", is no danger unless a phrase says so."""
CURT_WORDS = 4
"""Of so few words a phrase that stands alone knows more than what they are like."""
_SENTENCES = re.compile("[^.!?;]+")
OTHER = "other"
"""The topic of a wish that is told in no phrase that we know."""


class NoPhrases(AttendantError):
    """A language has no phrases."""


class PhraseBook:
    """Finds wishes for help or for a person in what was said, in any of its languages.

    The phrases alone decide when there is no `likeness`, such as for a book of one language.
    """

    def __init__(self, lexicons: Mapping[str, Lexicon], likeness: Likeness | None = None) -> None:
        self._lexicons = dict(lexicons)
        self._likeness = likeness
        hesitations = frozenset(word for each in lexicons.values() for word in each.hesitations)
        near = frozenset(word for each in lexicons.values() for word in each.near)
        apart = frozenset(word for each in lexicons.values() for word in each.apart)
        self._plain = Plainness(hesitations, (), {}, near, apart)

    def find(self, text: str, *, whole: bool = True) -> Finding | None:
        """The gravest finding: an emergency goes before a person.

        A text that is not `whole` is what was recognised so far, and only what is certain by now is found.
        """
        runs = runs_of(text, whole=whole)
        for language, each in self._lexicons.items():
            if each.cries(runs):
                return Finding("emergency", OTHER, language)
        runs = runs_of(_once(text), whole=whole)
        reads = {language: each.read(runs, whole=whole) for language, each in self._lexicons.items()}
        findings = [
            replace(read.finding, language=language)
            for language, read in reads.items()
            if read.finding is not None
        ]
        found = min(findings, key=lambda finding: finding.what, default=None)
        if self._likeness is None or (found is None and not whole):
            return found
        words = self._words(runs)
        like = self._likeness.like(words, signs(reads.values()))
        if found is None and len(words) < LEAST_WORDS:
            return None
        if like.emergency + like.person < (LIKELY_ALONE if found is None else LIKELY):
            return None
        what = "emergency" if like.emergency >= like.person else "person"
        curt = len(words) <= CURT_WORDS and any(read.alone for read in reads.values())
        if found is not None and (found.what == what or curt):
            # "Live help" is no cry for help.
            return found
        if what == "person" and any(read.named for read in reads.values()):
            return None
        topic = next(filter(None, (read.topic(what) for read in reads.values())), OTHER)
        return Finding(what, topic, like.language)

    def own_wish(self, text: str) -> bool:
        """Whether the caller's own wish for a person is a sentence of it, in which nothing else is said.

        Who speaks a message may tell of somebody who wants one.
        """
        return any(map(self._own_wish, _SENTENCES.findall(text)))

    def _own_wish(self, sentence: str) -> bool:
        runs = runs_of(sentence)
        if not any(each.own_wish(runs) for each in self._lexicons.values()):
            return False
        found = self.find(sentence)
        return found is not None and found.what == "person"

    def by(self, likeness: Likeness) -> "PhraseBook":
        """The same phrases, with another model of likeness."""
        return PhraseBook(self._lexicons, likeness)

    @property
    def by_likeness(self) -> bool:
        """Whether more is found than what the phrases know."""
        return self._likeness is not None

    def words(self, text: str) -> tuple[str, ...]:
        """The plain words of a text, without hesitations and repetitions."""
        return self._words(runs_of(text))

    def _words(self, runs: Runs) -> tuple[str, ...]:
        return self._plain.spoken(runs).words

    def signs(self, text: str) -> set[str]:
        """What the phrases see in a text, of which the model of likeness makes something."""
        runs = runs_of(text)
        return signs(each.read(runs) for each in self._lexicons.values())


def signs(reads: Iterable[Read]) -> set[str]:
    """What was seen in any language."""
    return {sign for read in reads for sign in read.signs()} or {"nothing"}


def load(languages: Iterable[str] | None = None, *, by_likeness: bool = True) -> PhraseBook:
    """The book of these languages, of all when none are named. Raises NoPhrases, and WeightsUnreadable.

    They are looked for together: a caller in danger falls back to a first language. The model of likeness
    knows its languages together, too: a book of fewer goes by its phrases alone.
    """
    lexicons = {language: _lexicon(language) for language in (languages or having("phrases"))}
    judged = by_likeness and set(lexicons) >= set(LANGUAGES)
    return PhraseBook(lexicons, likeness.shipped() if judged else None)


@cache
def _lexicon(language: str) -> Lexicon:
    try:
        return Lexicon(table(language, "phrases"), table(language, "spellings"))
    except LanguageProblem as exc:
        raise NoPhrases(str(exc)) from exc


def _once(text: str) -> str:
    """What somebody said twice without a pause, once."""
    words = text.split()
    half, odd = divmod(len(words), 2)
    return text if odd or words[:half] != words[half:] else " ".join(words[:half])
