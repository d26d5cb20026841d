"""What can be wrong with the box itself so that staff are told: a short list, each with a name. Pure.

May import: the standard library.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Trouble(StrEnum):
    """One trouble; as long as it lasts, and returns soon after, it is the same one."""

    BRIDGE = "bridge"
    """The bridge does not answer: calls go to people."""
    STORE = "store"
    """Nothing can be written down."""
    DISK = "disk"
    SELF_CALL = "self-call"
    """The box rang itself, and was not served; twice, or not at all for long."""
    PBX = "pbx"
    TRUNK = "trunk"
    PHONES = "phones"
    CLOUD = "cloud"
    BACKUP = "backup"
    CERTIFICATE = "certificate"
    """That of the pages ends, or has ended."""
    ADDRESS = "address"
    """Twilio does not reach the box as it should, by what the doctor found last."""


AT_ONCE = frozenset({Trouble.SELF_CALL, Trouble.BACKUP, Trouble.CERTIFICATE, Trouble.ADDRESS})
"""Those that are judged only after somebody waited: nothing of them passes within minutes."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one look found: troubles, in the words of the part itself, and what is well.

    Of what is in neither nothing is known just now.
    """

    wrong: dict[Trouble, str] = field(default_factory=dict)
    well: set[Trouble] = field(default_factory=set)

    def put(self, trouble: Trouble, told: str | None) -> None:
        """Note one: what is wrong, or None for nothing."""
        if told is None:
            self.well.add(trouble)
        else:
            self.wrong[trouble] = told
