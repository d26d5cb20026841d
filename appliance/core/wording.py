"""The sentences of the front door: each as staff wrote it, or as the language has it.

May import: pydantic, appliance.languages.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from appliance.languages.tables import table


class Wording(BaseModel):
    """What callers hear before and after the assistant; what is empty is said in the language's own words."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    connecting: str = Field("", max_length=300)
    """Before phones ring."""

    nobody: str = Field("", max_length=300)
    """When phones rang and nobody took the call."""

    emergency: str = Field("", max_length=300)
    """When a caller tells of danger in a menu; {number} is filled in with the number to call."""

    busy: str = Field("", max_length=300)
    """When there is no room for another conversation."""

    not_understood: str = Field("", max_length=300)
    """Before a menu is asked again."""

    department: str = Field("", max_length=300)
    """One entry of the menu of departments; {department} and {key} are filled in."""

    person: str = Field("", max_length=300)
    """The last entry of the menu of departments; the key is always 0."""

    message_kept: str = Field("", max_length=300)
    """When a message was recorded."""

    kept_by_carrier: str = Field("", max_length=300)
    """When the carrier took a message without the box; then people are rung for who stays on the line."""

    message_lost: str = Field("", max_length=300)
    """When it is not sure that a message was kept."""

    no_message: str = Field("", max_length=300)
    """When the caller left no message."""

    fallback: str = Field("", max_length=300)
    """First of all when the carrier goes on without the box; {business_name} is filled in."""

    talked: str = Field("", max_length=300)
    """Then, behind phones that rang, before a message is asked for: perhaps somebody took the call."""

    def said(self, name: str, language: str) -> str:
        """A sentence by its name."""
        own: str = getattr(self, name)
        return own or sentences(language)[name]


def sentences(language: str) -> dict[str, str]:
    """The language's own sentences by name."""
    found: dict[str, str] = table(language, "front_door")["sentences"]
    return found


def defaults(language: str) -> dict[str, Any]:
    """The settings of the staff whose defaults are words of a language: greeting, menu and the like."""
    found = table(language, "front_door")
    return {**found["staff"], "menu": [_entry(entry, entry["digit"]) for entry in found["menu"]]}


def entry(language: str, choice: str, key: str) -> dict[str, Any] | None:
    """The menu's entry for this in a language's own words, with this key; None where it has none."""
    return next(
        (_entry(each, key) for each in table(language, "front_door")["menu"] if each["choice"] == choice),
        None,
    )


def _entry(told: dict[str, Any], key: str) -> dict[str, Any]:
    return {**told, "digit": key, "said": told["said"].replace("{key}", key)}
