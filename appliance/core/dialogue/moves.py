"""What the local assistant may do next: small frozen values, made into commands by the conversation.

May import: the standard library, appliance.core.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.core.dispositions import Disposition
from appliance.core.events import Understood

LITERAL = "text"
"""The sentence that is its field `text`, word for word."""

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a sentence by its name in the language's data; `fields` fill its places.

    `language` is one that it is said in whatever the call's is.
    """

    sentence: str
    fields: Fields = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Do:
    """Run a tool and come back with its answer."""

    tool: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """Record what the caller says from the end of what sounds on."""


@dataclass(frozen=True, slots=True)
class Leave:
    """End our part this way, once what sounds was heard."""

    disposition: Disposition
    why: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """Have the cloud assistant go on, with this wish unanswered."""

    wish: Understood


Move = Say | Do | Record | Leave | Fetch
