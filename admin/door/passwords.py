"""Passwords: which are good enough, said in plain words, and how they are kept (argon2id).

May import: the standard library, argon2, admin.tongue.
"""

import re
import secrets
import threading
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from admin.tongue import later

LEAST = 12
MOST = 200
LIKE_A_NAME = 3
"""A word of this length or more may not be most of a password."""

# One core for a sixth of a second: the box holds calls meanwhile, so only one is computed at a time.
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
_ONE_AT_A_TIME = threading.Lock()

_COMMON = (
    "password", "passwort", "contrasena", "welcome", "bienvenido", "letmein", "administrator", "admin",
    "attendant", "receptionist", "reception", "recepcion", "clinic", "clinica", "doctor", "changeme",
    "qwertyuiop", "qwerty", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "iloveyou", "sunshine",
    "princess", "football", "baseball", "superman", "trustno1", "monkey", "dragon", "master", "secret",
    "computer", "internet", "telephone", "telefono", "summer", "winter", "spring", "autumn", "january",
    "february", "december",
)  # fmt: skip
_LOOKALIKES = str.maketrans("013457@$!", "oleastasi")


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _ONE_AT_A_TIME:
        return HASHER.hash(password)


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    """What would be kept of a password that nobody knows."""
    return hasher.hash(secrets.token_hex())


def matches(kept: str, password: str) -> bool:
    """Whether this is the password of which that is kept; it takes as long where nothing is."""
    with _ONE_AT_A_TIME:
        try:
            HASHER.verify(kept or _nobodys(HASHER), password)
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)


def outdated(kept: str) -> bool:
    """Whether it was kept under weaker rules than today's."""
    return HASHER.check_needs_rehash(kept)


def problem(password: str, near: Iterable[str]) -> str:
    """What is wrong with a new password, if anything; `near` is what others guess first, such as a name."""
    if len(password) < LEAST:
        return later(
            "Too short: take 12 characters or more. Four words that have nothing to do with each other do."
        )
    if len(password) > MOST:
        return later("Too long: 200 characters at most.")
    if len(set(password)) < 6:
        return later("Too few different characters.")
    plain = _letters(password)
    words = [*_COMMON, *(word for text in near for word in map(_letters, re.findall(r"\w+", text)))]
    left = plain
    for word in sorted((word for word in words if len(word) >= LIKE_A_NAME), key=len, reverse=True):
        left = left.replace(word, "")
    if len(left) < LEAST // 2 and left != plain:
        return later("Too easy to guess: it is made of a common word, your name or the clinic's.")
    if _is_run(password):
        return later("Too easy to guess: its characters follow each other.")
    return ""


def _letters(text: str) -> str:
    return "".join(text.casefold().translate(_LOOKALIKES).split())


def _is_run(password: str) -> bool:
    """Whether most characters are neighbours of the one before, as in 123456789012."""
    steps = [abs(ord(one) - ord(other)) for one, other in pairwise(password)]
    return sum(step <= 1 for step in steps) > len(steps) * 0.7
