"""Finds what the knowledge base says to a question, and says how sure it is.

May import: the standard library, numpy, appliance.core, kb.
"""

from pathlib import Path

from appliance.core.ports import Embedder
from kb.found import Found


class Search:
    """One index, opened when it is first asked for and again when a newer one has taken its place.

    Calls may come from any thread, and are taken one after the other. A damaged or missing index finds
    nothing and is told of by `problem`; an index that another model made is searched by words alone.
    """

    def __init__(self, index: Path, embedder: Embedder | None) -> None: ...

    @property
    def problem(self) -> str | None:
        """What keeps the last search from finding all it could, in a sentence; None when it is well."""

    def search(self, query: str, language: str, limit: int = 5) -> Found:
        """What answers this question of a caller who speaks `language` (`en`), best first."""

    def close(self) -> None:
        """Let go of the file."""
