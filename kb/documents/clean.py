"""Text as it is kept: one form of each letter, one space between words, and nothing that cannot be seen.

May import: the standard library.
"""

import re
import unicodedata

_UNSEEN = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\ufeff\uffa0\ufffc")
"""Letters that show nothing, beside those of the categories below."""
_SPACES = re.compile(r"[^\S\n]+")
_LIGATURES = {0xFB00 + place: text for place, text in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))}


def clean(text: str) -> str:
    """One line of such text."""
    return " ".join(lines(text).split())


def lines(text: str) -> str:
    """The same with its line ends; each is a single line feed, and no line ends in a space."""
    text = re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", text)
    text = unicodedata.normalize("NFC", text.translate(_LIGATURES))
    text = text.translate({ord(letter): None for letter in set(text) if not _seen(letter)})
    return "\n".join(_SPACES.sub(" ", line).rstrip() for line in text.split("\n"))


def _seen(letter: str) -> bool:
    """Whether a letter is more than a control sign, a direction, a mark of no width, or half a pair."""
    if letter in "\n\t":
        return True
    return letter not in _UNSEEN and unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")
