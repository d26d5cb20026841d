"""How the store writes times: UTC, ISO 8601, milliseconds and a Z, so that their order is that of text.

May import: the standard library.
"""

from datetime import UTC, datetime, timedelta


def utc_now() -> str:
    """The time now."""
    return written(datetime.now(UTC))


def written(at: datetime) -> str:
    """A time as text; one without a zone is taken as UTC."""
    utc = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def read(text: str) -> datetime:
    """A time from text, in UTC. Raises ValueError for text that is no ISO 8601 time."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def normal(text: str) -> str:
    """Any ISO 8601 time in the store's own form. Raises ValueError as read does."""
    return written(read(text))


def moved(text: str, seconds: float) -> str:
    """A stored time so much later, or earlier. Raises ValueError as read does."""
    return written(read(text) + timedelta(seconds=seconds))
