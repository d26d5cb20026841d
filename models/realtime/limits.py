"""How long to wait when the service has no room for an answer, by what it says of its limits. No I/O.

May import: the standard library.
"""

from math import isfinite
from typing import Any

UNKNOWN_MS = 1000
LEAST_MS = 500
MOST_MS = 3000
"""Longer no caller is kept waiting at a time."""


def wait_ms(buckets: Any) -> int:
    """How long until there is room again, by the newest `rate_limits`; a guess when they do not tell.

    The bucket that counts is the one of which least is left; of those that are as empty, the slowest.
    """
    told = [_told(bucket) for bucket in buckets] if isinstance(buckets, list) else []
    known = [each for each in told if each is not None]
    if not known:
        return UNKNOWN_MS
    _, less_reset_s = min(known)
    return max(LEAST_MS, min(MOST_MS, int(-less_reset_s * 1000)))


def _told(bucket: Any) -> tuple[float, float] | None:
    """What is left of a bucket, as a part of the whole, and its seconds to the reset below zero."""
    if not isinstance(bucket, dict):
        return None
    limit, left, reset_s = (_number(bucket.get(key)) for key in ("limit", "remaining", "reset_seconds"))
    if left is None or reset_s is None or reset_s < 0:
        return None
    return max(0.0, left) / limit if limit else max(0.0, left), -reset_s


def _number(found: Any) -> float | None:
    return float(found) if isinstance(found, int | float) and abs(found) < 1e12 and isfinite(found) else None
