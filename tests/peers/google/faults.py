"""What can go wrong on purpose: at which door, what, and how often.

May import: the standard library.
"""

from dataclasses import dataclass
from typing import Literal

Door = Literal["token", "freebusy", "insert", "list", "get", "patch", "update", "delete"]
Kind = Literal[
    "refuse",
    "did_refuse",
    "lie",
    "hang",
    "did_hang",
    "cut",
    "drop",
    "trickle",
    "html",
    "text",
    "expire",
    "inside",
    "changed",
]


@dataclass(frozen=True)
class Fault:
    """refuse: `status` and `reason` instead. did_refuse: the same, but it was done. lie: yes, but not done.

    hang: no answer, nothing done. did_hang: no answer, but it was done. cut: done, and the connection ends in
    the middle of the answer. drop: the connection ends before it. trickle: done, and the answer comes a byte
    at a time, for ever. html: a web page, status 200. text: `body` instead of the right answer, status 200.
    expire: all tokens end now. inside: `reason` for each calendar, in an answer of status 200.
    changed: somebody at the clinic has changed every event a moment before.
    """

    door: Door
    kind: Kind
    status: int = 500
    reason: str = "backendError"
    times: int = 1
    retry_after: str = ""
    body: bytes = b"{}"
