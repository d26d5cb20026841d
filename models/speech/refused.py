"""Why a request is not answered, in one word that a client can act on.

May import: appliance.core.
"""

from typing import Literal

from appliance.core.errors import AttendantError

Code = Literal["busy", "late", "unavailable", "crashed", "language", "format", "text", "too-long"]


class Refused(AttendantError):
    """The request gets an error event with this code; the connection and the others go on."""

    def __init__(self, code: Code, problem: str) -> None:
        super().__init__(problem)
        self.code: Code = code
