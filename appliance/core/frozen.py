"""What every section of the settings is made of.

May import: the standard library, pydantic.
"""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A section of the settings: cannot be changed, refuses unknown keys, each field with a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Secret:
    """Marks a setting that names a file whose content is a secret."""

    lines: bool = False
    """Whether it has many lines, as a certificate with its key."""

    made: bool = False
    """Whether the box makes it by itself."""
