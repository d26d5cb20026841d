"""Desk phones, and what a call can be put through to: a phone of the house or a number outside. Pure.

May import: the standard library, pydantic.
"""

from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

EXTENSION = r"[1-9][0-9]{1,4}"
HELP = frozenset({"112", *(f"{digit}11" for digit in "23456789")})
"""What people dial for help and for services: no phone of a house is called so."""


def _no_help(number: str) -> str:
    if number in HELP:
        raise ValueError(f"{number} is dialled for help and cannot be an extension")
    return number


Extension = Annotated[str, Field(pattern=rf"^{EXTENSION}$"), AfterValidator(_no_help)]
Reach = Annotated[str, Field(pattern=rf"^(\+[1-9][0-9]{{6,14}}|{EXTENSION})$"), AfterValidator(_no_help)]
"""A number outside (E.164), or the extension of a desk phone."""

Prefix = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{0,14}$")]
"""How numbers outside begin (E.164)."""


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError as exc:
        raise ValueError(f"{text[:40]!r} is no network: write it like 192.168.1.0/24") from exc


Network = Annotated[str, AfterValidator(_network)]
"""Addresses, such as 192.168.1.0/24 or 192.168.1.7."""


class Phone(BaseModel):
    """A desk phone: its extension is its user name as well, and the secret its password."""

    model_config = ConfigDict(frozen=True)

    extension: Extension
    name: str = Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\"\\;\[\]<>]+$")
    staff: bool = True
    """Whether it may use the codes of staff and call numbers outside; one that anybody gets at may not."""
    secret: str = Field(min_length=20, max_length=80, pattern=r"^[A-Za-z0-9_-]+$", repr=False)


def outside(numbers: tuple[str, ...]) -> tuple[str, ...]:
    """Those that a carrier of telephone numbers can reach."""
    return tuple(number for number in numbers if number.startswith("+"))
