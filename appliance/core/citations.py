"""Questions that were put to the office's documents: what was found for them, and what an answer rested on.

Plain values. May import: the standard library.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that was found.

    `said` is how it is named aloud, `as_of` the month of its review in words where that is long ago.
    """

    slug: str
    passage: int
    title: str
    heading: str = ""
    language: str = ""
    confidence: float = 0.0
    said: str = ""
    as_of: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the documents.

    `answer` is what the first source says, in its own words; without sources nothing sure enough was found.
    """

    question: str
    language: str
    confidence: float = 0.0
    sources: tuple[Source, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """What became of a question, for the log.

    `verified`: the source that the caller heard is one that was found, and the answer rests on it. `named` is
    that source as it was named, or, where it is not verified, what was claimed.
    """

    asked: Asked
    answered: bool
    verified: bool
    named: str = ""
    passage: int = 0
