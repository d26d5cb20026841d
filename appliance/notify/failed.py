"""What a message to staff fails of.

May import: appliance.core.
"""

from appliance.core.errors import AttendantError


class NotifyFailed(AttendantError):
    """It was not taken. `again`: whether another try can help; `after_s`: when at the earliest.

    It may have arrived nevertheless where the line broke: the other side knows it again by its id.
    """

    def __init__(self, problem: str, *, again: bool, after_s: float = 0.0) -> None:
        super().__init__(problem)
        self.again = again
        self.after_s = after_s
