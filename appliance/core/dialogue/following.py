"""What follows where the box itself books, finds, moves or cancels: small frozen values for the dialogue.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.dialogue.asking import Step
from appliance.core.dialogue.moves import LITERAL, Do, Say


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask this, and wait for the answer."""

    step: Step
    says: tuple[Say, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """The time is agreed to: who comes, and at which number, is next."""


@dataclass(frozen=True, slots=True)
class Wish:
    """It cannot be booked: after these words have a request written down."""

    says: tuple[Say, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Staff have to do it. After these words all that is asked is where to call back.

    `told` is what staff read; `number` is one that the caller gave, or empty.
    """

    says: tuple[Say, ...]
    subject: str
    told: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """These words say what became of it."""

    says: tuple[Say, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """After these words a person is rung; `why` is for the call log."""

    says: tuple[Say, ...]
    why: str


Next = Ask | Do | Name | Wish | Request | Finished | Person


def verbatim(text: str) -> tuple[Say, ...]:
    """What a tool has said, word for word; nothing where it said nothing."""
    return (Say(LITERAL, (("text", text),)),) if text else ()


def say(name: str, **places: str) -> Say:
    """A sentence with these words in its places."""
    return Say(name, tuple(places.items()))
