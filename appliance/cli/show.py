"""Prints to a terminal: columns that line up, and nothing that a caller could make the terminal do.

May import: click, appliance.core.
"""

from collections.abc import Sequence

import click

from appliance.core.booking.calling_from import NumberFrom

BESIDE_NUMBERS = {
    NumberFrom.CALLER_ID: " (caller ID, not confirmed)",
    NumberFrom.HEARD: " (as it was heard)",
}
"""How a number is known, where that is not for sure."""


def plain(text: str) -> str:
    """The text without control characters; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def line(text: str = "") -> None:
    """Print a line or several."""
    click.echo(plain(text))


def number(number: str, known: NumberFrom | None) -> str:
    """A number to call back, with how it is known where that is not for sure."""
    return f"{number}{BESIDE_NUMBERS.get(known, '')}" if known else number


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their heads, each column as wide as it must be."""
    clean = [[plain(cell).replace("\n", " ") for cell in row] for row in (heads, *rows)]
    widths = [max(len(row[place]) for row in clean) for place in range(len(heads))]
    for row in clean:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())
