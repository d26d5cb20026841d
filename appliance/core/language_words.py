"""What the clinic says in its own words to callers of another language; the rest is that language's own.

Keys and where they lead are the clinic's in every language: of a key there is the wording alone, and it
counts as long as the key leads where it led when it was written. May import: the standard library, pydantic,
appliance.core.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from appliance.core.menu import MenuEntry


class LanguageWords(BaseModel):
    """The clinic's own words in one language; what is empty or left out is said in the language's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    greeting: str = Field("", max_length=300)
    greeting_closed: str = Field("", max_length=300)
    emergency_notice: str = Field("", max_length=200)
    voicemail_prompt: str = Field("", max_length=400)
    voicemail_prompt_closed: str = Field("", max_length=400)
    menu: tuple[MenuEntry, ...] = Field((), max_length=11)

    @property
    def sentences(self) -> Mapping[str, str]:
        """Those that are there, by the setting in whose place they are said."""
        return {name: text for name, text in self if isinstance(text, str) and text}

    def of_key(self, entry: MenuEntry) -> MenuEntry | None:
        """What was written of this entry of the clinic's; None for nothing, or if it leads elsewhere now."""
        return next(
            (each for each in self.menu if (each.digit, each.choice) == (entry.digit, entry.choice)), None
        )

    def written(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        return self.model_dump(mode="json", exclude_defaults=True)
