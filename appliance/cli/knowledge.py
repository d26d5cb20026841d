"""`attendant kb`: what the office knows, for those who answer in words.

May import: click, appliance.cli.
"""

import click


@click.group("kb")
def kb() -> None:
    """Keep the documents that callers are answered from."""
