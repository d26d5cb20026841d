"""Text as a synthesiser should get it: every number, date and sign as words, nothing that it would spell.

Pure. `spoken` prepares a text; `sentences` cuts it into clauses that can be synthesised one by one, so
that the first sound comes early. Neither ever raises on any text.
May import: the standard library, models.local.wording.
"""

from functools import cache

from models.local.wording import abbreviations, addresses, calendar, measures, money, vocabulary
from models.local.wording.clauses import sentences
from models.local.wording.grammar import Language, grammar, known
from models.local.wording.plain import as_written, pronounced, unmarked
from models.local.wording.rules import Rule, apply

__all__ = ["Language", "sentences", "spoken"]


def spoken(text: str, language: Language) -> str:
    """The text in words of its language; what cannot be said is left out, what is too long is cut.

    Of a language that has no rules here the numbers are left as they are: a voice reads them itself.
    """
    if not known(language):
        return as_written(unmarked(text, "*", "#"))
    words = vocabulary.of(language)
    return pronounced(apply(_rules(language), unmarked(text, words.star, words.pound)))


@cache
def _rules(language: Language) -> tuple[Rule, ...]:
    words = vocabulary.of(language)
    return (
        *addresses.rules(words),
        *abbreviations.rules(words),
        *calendar.rules(words),
        *addresses.phone_rules(words),
        *grammar(language).clock_rules(words),
        *money.rules(words),
        *measures.rules(words),
        *abbreviations.sign_rules(words),
    )
