"""What staff dial at a desk phone to have something done: the dialplan asks us, and says our answer aloud.

Here is what it asks by HTTP, read; code_server.py answers. Sans-I/O.
May import: the standard library, appliance.core.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from appliance.core.errors import WireError
from appliance.core.phones import EXTENSION

PATH = "/asterisk/code"
WAITS_S = 6
"""How long the dialplan waits for an answer; it tells us when it began to."""
_NAME = re.compile(r"[A-Za-z0-9.:_-]{1,80}")
_GREETING = re.compile(r"([a-z]{2,3}(-closed)?)?")
_EXTENSION = re.compile(EXTENSION)


class Wish(StrEnum):
    """What can be asked for. Greetings are made in steps: is the box there, is it well, keep it."""

    CLOSE = "close"
    REOPEN = "reopen"
    GREETING = "greeting"
    CHECK = "check"
    KEEP = "keep"
    SPOKEN = "spoken"


@dataclass(frozen=True, slots=True)
class CodeDialled:
    """A phone of the house asks for something; `name` is that of a recording, `at_s` when, by the clock.

    `greeting` says which one it is about: empty for that of the menus, else for whom it is heard before a
    message is left (a language, or one with `-closed`).
    """

    wish: Wish
    phone: str
    name: str
    at_s: int
    greeting: str = ""


def read(form: Mapping[str, str]) -> CodeDialled:
    """What is asked for. Raises WireError."""
    wish, phone, name, at_s = (form.get(key, "") for key in ("do", "phone", "name", "at"))
    if wish not in set(Wish) or not _EXTENSION.fullmatch(phone):
        raise WireError("nothing that a phone of the house can ask for", f"{wish} {phone}")
    if not _NAME.fullmatch(name) or not re.fullmatch(r"[0-9]{1,12}", at_s):
        raise WireError("a code without a call and a time", f"{name} {at_s}")
    greeting = form.get("greeting", "")
    if not _GREETING.fullmatch(greeting):
        raise WireError("no greeting that staff record", greeting)
    return CodeDialled(Wish(wish), phone, name, int(at_s), greeting)
