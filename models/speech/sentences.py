"""Cuts a text into what is spoken in one breath, so that the first sound does not wait for the last word.

Pure. May import: the standard library.
"""

import re
from dataclasses import dataclass

FIRST_MOST = 90
REST_MOST = 220
SHORTEST = 25

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_GAP = re.compile(r"\s+")
_END = re.compile(r"([.!?…]+[\"'”’)\]»]*)\s+(?=[\"'“‘(\[«]*[¿¡]?[A-ZÁÉÍÓÚÜÑ0-9])")
_CLAUSE = re.compile(r"[,;:—–]\s")
_TITLES = ("dr", "dra", "sr", "sra", "srta", "ud", "uds", "prof", "mr", "mrs", "ms", "jr", "inc")
_PLACES = ("st", "ave", "blvd", "no", "nos", "núm", "núms", "ext", "tel", "apt", "dpto", "depto")
_SHORT = frozenset((*_TITLES, *_PLACES, "etc", "vs", "a.m", "p.m"))


@dataclass(frozen=True, slots=True)
class Breath:
    """A stretch of text, and whether a sentence ends with it."""

    text: str
    ends: bool


def plain(text: str) -> str:
    """The text without what a voice would take for an order: control characters and raw phonemes."""
    # Both voices read [[...]] as phonemes; taking one bracket away may bring two others together.
    text = _CONTROL.sub(" ", text)
    while "[[" in text or "]]" in text:
        text = text.replace("[[", "[").replace("]]", "]")
    return text


def breaths(text: str) -> list[Breath]:
    """The text in the order in which it is spoken; nothing of it is lost but white space."""
    found: list[Breath] = []
    for sentence in _sentences(plain(text)):
        most = REST_MOST if found else FIRST_MOST
        *clauses, last = _clauses(sentence, most)
        found += [Breath(clause, ends=False) for clause in clauses]
        found.append(Breath(last, ends=True))
    return found


def _sentences(text: str) -> list[str]:
    sentences = []
    for line in text.splitlines():
        line_text, begin = _GAP.sub(" ", line).strip(), 0
        for end in _END.finditer(line_text):
            if not _abbreviated(line_text[begin : end.start()], end.group(1)):
                sentences.append(line_text[begin : end.end()].strip())
                begin = end.end()
        sentences.append(line_text[begin:].strip())
    return [sentence for sentence in sentences if sentence]


def _abbreviated(before: str, mark: str) -> bool:
    word = before.rpartition(" ")[2].lstrip("(\"'“¿¡").lower()
    return mark == "." and (word in _SHORT or (len(word) == 1 and word.isalpha()))


def _clauses(sentence: str, most: int) -> list[str]:
    """The sentence, cut at its commas (or between words) into parts of at most this length."""
    parts = []
    while len(sentence) > most:
        cuts = [found.end() for found in _CLAUSE.finditer(sentence, SHORTEST, most)]
        cut = cuts[-1] if cuts else sentence.rfind(" ", SHORTEST, most) + 1 or most
        parts.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
        most = REST_MOST
    return [*parts, sentence] if sentence or not parts else parts
