"""What looks for danger, and for the wish for a person, in a caller's words. The phrases themselves are data.

May import: the standard library, appliance.core.
"""

from typing import Protocol


class Finding(Protocol):
    """What was found in a caller's words."""

    @property
    def what(self) -> str:
        """`emergency` or `person`."""

    @property
    def topic(self) -> str:
        """What kind of emergency it is."""

    @property
    def language(self) -> str:
        """The language that it was said in."""


class Watch(Protocol):
    """Looks for danger, and for the wish to speak with a person, in words as they come."""

    def heard(self, utterance_id: str, text: str, *, final: bool, dictated: bool = False) -> Finding | None:
        """What is found for the first time in this utterance, which may be `dictated` as a message."""
