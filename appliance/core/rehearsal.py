"""A rehearsal: a call of staff with the assistant, what is done in it, and what of it is compared later.

What is compared is what the box decides: tools, where the call goes, its own sentences, sources. How a model
words the rest is shown and not judged. Pure. May import: the standard library, appliance.core.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from appliance.core.errors import WireError
from appliance.core.fitting import all_fit, compared

CARRIER = "rehearsal"
"""What stands for a carrier in such a call."""
LINE_MOST = 500
STEPS_MOST = 60
KEYS = frozenset("0123456789*#")


class Mode(StrEnum):
    """How somebody rehearses."""

    SPOKEN = "spoken"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is typed instead of being said."""

    text: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is pressed."""

    key: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The end."""


Step = Line | Key | HangUp


def step(told: Mapping[str, Any]) -> Step | None:
    """A step as JSON has it: a line, a key or a hang-up; None for something else. Raises WireError."""
    match told:
        case {"line": str(text)} if len(told) == 1:
            plain = " ".join(text.split())
            if not plain or len(plain) > LINE_MOST or not plain.isprintable():
                raise WireError(f"a line has 1 to {LINE_MOST} letters", plain)
            return Line(plain)
        case {"key": str(key)} if len(told) == 1:
            if key not in KEYS:
                raise WireError("no key of a telephone", key)
            return Key(key)
        case {"hang_up": True} if len(told) == 1:
            return HangUp()
    return None


def written(done: Step) -> dict[str, Any]:
    """A step as `step` reads it."""
    match done:
        case Line():
            return {"line": done.text}
        case Key():
            return {"key": done.key}
        case HangUp():
            return {"hang_up": True}


class Part(StrEnum):
    """What of a rehearsal is compared."""

    TOOLS = "tools"
    ENDING = "ending"
    SENTENCES = "sentences"
    SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class Outline:
    """What the box decided in a rehearsal, by part, as lines; and all that was said, which is not judged."""

    parts: Mapping[Part, tuple[str, ...]] = field(default_factory=dict)
    wording: tuple[tuple[str, str], ...] = ()
    """Who said what."""

    @classmethod
    def read(cls, tree: Mapping[str, Any]) -> "Outline":
        """From what `tree` gives; a part of another version is left out."""
        kept = {Part(name): tuple(lines) for name, lines in tree["parts"].items() if name in list(Part)}
        return cls(kept, tuple((who, text) for who, text in tree["wording"]))

    @property
    def tree(self) -> dict[str, Any]:
        """The same as JSON can hold it."""
        parts = {str(part): [*lines] for part, lines in self.parts.items()}
        return {"parts": parts, "wording": [[who, text] for who, text in self.wording]}


def differences(expected: Outline, seen: Outline, parts: Collection[Part]) -> dict[Part, list[str]]:
    """The parts that are not as expected, each with both versions, `+` and `-` where they differ."""
    found: dict[Part, list[str]] = {}
    for part in Part:
        wanted, got = expected.parts.get(part, ()), seen.parts.get(part, ())
        if part in parts and not all_fit(wanted, got):
            found[part] = compared(wanted, got)
    return found


class Refusal(StrEnum):
    """Why nobody may rehearse now."""

    TOKEN = "token"  # noqa: S105 -- why, not a token
    """It is not one, or was used, or is too old."""
    ORIGIN = "origin"
    """It was made for pages of another address."""
    ANOTHER = "another"
    """The same person rehearses already."""
    FULL = "full"
    """Callers need the box."""
    DOCUMENTS = "documents"
    """Those of the draft are not ready to be searched."""
    NOBODY = "nobody"
    """There is no assistant to talk with."""


REFUSED: Mapping[Refusal, str] = {
    Refusal.TOKEN: "This rehearsal was begun already, or waited too long: open the page again.",
    Refusal.ORIGIN: "This page was opened under another address: open it again.",
    Refusal.ANOTHER: "You are rehearsing already, perhaps in another window: hang up there first.",
    Refusal.FULL: "The box is busy with callers, who go first: try again in a few minutes.",
    Refusal.DOCUMENTS: "The draft's documents are being read: try again in a moment. The worker does that.",
    Refusal.NOBODY: "There is no assistant to talk with: neither the cloud nor the box's own.",
}
