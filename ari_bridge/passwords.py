"""Who may ask what of the loopback listener: any program of this machine reaches it, and not all are ours.

The passwords of its doors are made of the media's, so that one file holds them all. Pure.
May import: the standard library.
"""

import hashlib
import hmac
import secrets
from base64 import b64encode
from enum import StrEnum

USER = "attendant"


class Door(StrEnum):
    """Whoever knows the password of one knows none of the others."""

    DIALPLAN = "dialplan"
    """What Asterisk's dialplan asks: codes that staff dial, where a call goes, whether a message is kept."""
    SELF_CALL = "self-call"
    """What has the box ring itself."""


def password(media_secret: str, door: Door) -> str:
    """The password of a door: letters and digits, so that any line can hold it."""
    return hmac.new(media_secret.encode(), door.encode(), hashlib.sha256).hexdigest()


def basic(word: str) -> str:
    """The header `Authorization` of who knows this password."""
    return f"Basic {b64encode(f'{USER}:{word}'.encode()).decode()}"


def lets_in(header: str, word: str) -> bool:
    """Whether a header `Authorization` has this password."""
    return secrets.compare_digest(header.encode(), basic(word).encode())
