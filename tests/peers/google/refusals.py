"""How Google refuses: the status, and JSON with a reason in it.

May import: the standard library.
"""

from typing import Any

MESSAGES = {
    "authError": "Invalid Credentials",
    "notFound": "Not Found",
    "deleted": "Resource has been deleted",
    "duplicate": "The requested identifier already exists.",
    "conditionNotMet": "Precondition Failed",
    "timeRangeEmpty": "The specified time range is empty.",
    "requiredAccessLevel": "You need to have writer access to this calendar.",
}
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    429: "RESOURCE_EXHAUSTED",
}


class Refusal(Exception):
    """The answer is no."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.message = message or MESSAGES.get(reason, reason)

    def shown(self) -> dict[str, Any]:
        """The body of the answer."""
        each = {"domain": "global", "reason": self.reason, "message": self.message}
        error: dict[str, Any] = {"errors": [each], "code": self.status, "message": self.message}
        if self.status in (401, 403):
            # The newer form has both; the details say it in words of another list.
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            error["status"] = STATUSES[self.status]
            error["details"] = [{"@type": kind, "reason": self.reason.upper(), "domain": "googleapis.com"}]
        return {"error": error}
