"""What every section of the settings is made of.

May import: pydantic.
"""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A section of the settings: cannot be changed, refuses unknown keys, each field with a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
