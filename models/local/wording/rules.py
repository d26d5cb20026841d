"""A rule is a pattern and what is said instead; rules are applied in turn, each to the whole text.

Pure. May import: the standard library.
"""

import re
from collections.abc import Callable, Iterable

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def apply(rules: Iterable[Rule], text: str) -> str:
    """The text after all rules."""
    for pattern, instead in rules:
        text = pattern.sub(instead, text)
    return text
