"""The on-call rota between its parts: the port to the carrier that rings, and to whom it tells how that went.

May import: the standard library.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

Became = Literal["taken", "late", "declined"]
"""What became of a pressed key: it is theirs, somebody else was quicker, or they cannot."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said to who was rung, and what they are asked; `language` as carriers know it."""

    name: str
    """Of what is said, for a carrier that has it as a file: how urgent it is."""
    said: str
    ask: str
    language: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What is said to a key that was pressed; `name` is what became of it."""

    name: Became
    said: str
    language: str


class RingCarrier(Protocol):
    """Rings a telephone."""

    async def ring(self, to: str, shown: str, key: str, seconds: int) -> str:
        """Ring for so long, showing this number, and return the call's id. Raises CarrierFailed.

        `key` stands in all that is told of it.
        """


class OnCallDesk(Protocol):
    """To whom a carrier tells of telephones that it rang. Every verb raises StoreError or StoreRefused."""

    async def answered(self, key: str) -> Asked | None:
        """Somebody, or a machine, took the call: what is said to them; None when it is not needed now."""

    async def pressed(self, key: str, digits: str) -> Answered | None:
        """A key was pressed: what is said to that, on disk when this returns; None: it is asked again."""

    async def over(self, key: str, status: str) -> None:
        """The call is over: `completed`, `busy`, `no-answer`, `failed` or `canceled`."""
