"""What every format is read to: headings, paragraphs, list items, table rows, questions with answers.

May import: the standard library, pydantic, appliance.core, kb.documents.clean.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from appliance.core.errors import AttendantError

LEVELS = 6


class DocumentRefused(AttendantError):
    """The document cannot be read, and will not be another time. The sentence is for who gave it."""


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Heading(_Block):
    """A heading; 1 is the outermost."""

    kind: Literal["heading"] = "heading"
    level: int = Field(ge=1, le=LEVELS)
    text: str = Field(min_length=1)


class Paragraph(_Block):
    """Sentences that belong together."""

    kind: Literal["paragraph"] = "paragraph"
    text: str = Field(min_length=1)


class Item(_Block):
    """An item of a list, told by itself; one of a list within a list is told like the others."""

    kind: Literal["item"] = "item"
    text: str = Field(min_length=1)


class Row(_Block):
    """A row of a table with what stands above its cells; `header` is empty where the table has none."""

    kind: Literal["row"] = "row"
    header: tuple[str, ...] = ()
    cells: tuple[str, ...]

    @property
    def text(self) -> str:
        """The row as a line that says by itself what each cell is."""
        if not self.header:
            return "; ".join(cell for cell in self.cells if cell)
        heads = [*self.header, *[""] * len(self.cells)]
        pairs = [(head, cell) for head, cell in zip(heads, self.cells, strict=False) if cell]
        return "; ".join(f"{head}: {cell}" if head else cell for head, cell in pairs)


class Pair(_Block):
    """A question and its answer."""

    kind: Literal["pair"] = "pair"
    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    language: str | None = None


Block = Annotated[Heading | Paragraph | Item | Row | Pair, Field(discriminator="kind")]


class Read(BaseModel):
    """A document as it was read. What it does not say of itself is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blocks: tuple[Block, ...]
    title: str | None = None
    language: str | None = None
    perhaps: str | None = None
    """The language by what a program wrote into it, which is often that of the program."""
    reviewed_on: str | None = None
    """The day on which somebody last said that it is right (YYYY-MM-DD)."""
