"""A refusal as Graph and Entra ID write it, and a request as they read it.

May import: the standard library.
"""

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request, taken apart. `path` is decoded piece by piece; `headers` have lower names."""

    method: str
    path: tuple[str, ...]
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Its body. Raises Problem when it is no object, or was not said to be JSON."""
        if self.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise Problem(415, "UnsupportedMediaType", "a body must be application/json")
        told = json.loads(self.body or b"null")
        if not isinstance(told, dict):
            raise Problem(400, "BadRequest", "a body must be an object")
        return told


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int
    told: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return b"" if self.told is None else json.dumps(self.told).encode()


class Problem(Exception):
    """Graph's refusal."""

    def __init__(self, status: int, code: str, message: str = "", headers: dict[str, str] | None = None):
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}

    def reply(self) -> Reply:
        inner = {"date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}", "request-id": str(uuid.uuid4())}
        error = {"code": self.code, "message": self.message or self.code, "innerError": inner}
        return Reply(self.status, {"error": error}, {"request-id": inner["request-id"], **self.headers})


class NoToken(Exception):
    """Entra ID's refusal."""

    def __init__(self, status: int, error: str, number: int, message: str = "it is refused"):
        super().__init__(message)
        self.status, self.error, self.number = status, error, number

    def reply(self) -> Reply:
        trace = str(uuid.uuid4())
        told = {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self}. Trace ID: {trace}",
            "error_codes": [self.number],
            "timestamp": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}",
            "trace_id": trace,
            "correlation_id": str(uuid.uuid4()),
        }
        return Reply(self.status, told)
