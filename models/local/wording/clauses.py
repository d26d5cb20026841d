"""Cuts a text into sentences, and long sentences into clauses.

Pure. May import: the standard library, models.local.wording.
"""

import re

from models.local.wording.grammar import Language, known
from models.local.wording.vocabulary import of

LONG = 110
"""Characters above which a sentence is cut at a comma, so that its first sound does not wait for its end."""

LONGEST = 240
"""Characters above which it is cut between words."""

SHORTEST = 24
"""A clause shorter than this stays with its neighbour."""

_END = re.compile(r"[.?!…]+[\"')\]]*(?:\s+|$)|\n+")
_COMMA = re.compile(r"[,;:]\s+|\s-\s")
_MAYBE = frozenset({"a.m", "p.m", "am", "pm", "m", "etc", "inc", "u.s", "h", "hrs", "min"})
"""These end a sentence when the next word begins one."""

_SAME_SENTENCE = re.compile(
    r"(?:on|to|and|or|Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Eastern|Central"
    r"|Mountain|Pacific|EST|EDT|CST|CDT|MST|MDT|PST|PDT)"
)


def sentences(text: str, language: Language) -> list[str]:
    """The clauses of a text in order; joined by spaces they are the text again."""
    found, begin = [], 0
    for end in _END.finditer(text):
        if _is_end(text, end, language):
            found.append(text[begin : end.end()].strip())
            begin = end.end()
    found.append(text[begin:].strip())
    return [clause for sentence in found if sentence for clause in _clauses(sentence)]


def _is_end(text: str, end: re.Match[str], language: Language) -> bool:
    if not end[0].startswith(".") or end.end() == len(text):
        return True
    before = text[max(0, end.start() - 40) : end.start()]
    word = before.rsplit(None, 1)[-1] if before.split() else ""
    word = word.lstrip("\"'([¿¡").lower()
    after = text[end.end() :]
    if word in _MAYBE:
        return (after[:1].isupper() and _SAME_SENTENCE.match(after) is None) or after[:1] in {"¿", "¡"}
    if word in _never(language) or (len(word) == 1 and word.isalpha()):
        return False
    # "3. Call us" and "7 p. m." are no ends; a sentence does not begin with a small letter.
    return not (after[:1].islower() and len(word) <= 3)


def _never(language: Language) -> frozenset[str]:
    return of(language).never_ends if known(language) else frozenset()


def _clauses(sentence: str) -> list[str]:
    clauses = []
    while len(sentence) > LONG:
        cut = _cut(sentence)
        clauses.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [*clauses, sentence] if sentence else clauses


def _cut(sentence: str) -> int:
    """Where to cut a long sentence: behind its last comma in reach, else between words, else anywhere."""
    commas = [comma.end() for comma in _COMMA.finditer(sentence, SHORTEST, LONGEST)]
    good = [at for at in commas if len(sentence) - at >= SHORTEST]
    within = [at for at in good if at <= LONG]
    if within or good:
        return within[-1] if within else good[0]
    if len(sentence) <= LONGEST:
        return len(sentence)
    space = sentence.rfind(" ", SHORTEST, LONGEST)
    return space if space > 0 else LONGEST
