"""The second step: codes of a telephone that change every 30 seconds (RFC 6238), and recovery codes.

Pure but for randomness. May import: the standard library.
"""

import base64
import hashlib
import hmac
import re
import secrets
from urllib.parse import quote, urlencode

PERIOD_S = 30
DIGITS = 6
DRIFT = 1
"""So many steps may the clocks differ, either way."""

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A secret for a telephone: 160 bits (RFC 4226, §4) in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code(secret: str, step: int) -> str:
    """The code of a step (RFC 4226, §5.3)."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: str, typed: str, *, at_s: float) -> int | None:
    """The step whose code was typed, if it is one of now."""
    digits = re.sub(r"[\s-]", "", typed)
    now = int(at_s) // PERIOD_S
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(code(secret, step).encode(), digits.encode()):
            found = step
    return found


def address(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code says: the address that apps know as `otpauth`."""
    label = quote(f"{issuer.replace(':', ' ')}:{account}", safe="")
    asked = {"secret": secret, "issuer": issuer.replace(":", " ")}
    return f"otpauth://totp/{label}?{urlencode(asked, quote_via=quote)}"


def grouped(secret: str) -> str:
    """A secret as it is typed by hand."""
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))


def recovery_codes() -> list[str]:
    """Codes to write down: each does once instead of the telephone's."""
    return ["-".join(_four() for _ in range(4)) for _ in range(RECOVERY_CODES)]


def recovery_code(typed: str) -> str:
    """A recovery code as it was given, however it is typed."""
    letters = re.sub(r"[\s-]", "", typed.casefold())
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))


def _four() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))
