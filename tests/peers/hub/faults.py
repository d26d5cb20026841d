"""What can go wrong on purpose, each time once: at which door, what, and after how many bytes.

May import: the standard library.
"""

from dataclasses import dataclass, field
from typing import Literal

Door = Literal["resolve", "cdn", "tree"]
Kind = Literal[
    "drop", "stall", "status", "html", "wrong", "longer", "shorter", "redirect", "unasked", "ended", "garbage"
]


@dataclass(frozen=True)
class Fault:
    """drop: the connection ends in the middle of the body. stall: nothing more comes. status: no file.

    html: a web page in its place. wrong: other bytes of the same length. longer, shorter: one byte more or
    less than the file has. redirect: to `headers["Location"]`. unasked: a part that nobody asked for.
    ended: a body of unsaid length ends as if it were whole. garbage: JSON that says nothing, `after` blanks.
    """

    door: Door
    kind: Kind
    after: int = 0
    of: str = ""
    """The end of the path that it waits for; empty for any."""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
