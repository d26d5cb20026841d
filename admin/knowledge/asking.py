"""The documents as the pages ask them: searched in this process, and opened by the first question.

May import: the standard library, numpy, flask, appliance.core, appliance.tools, kb.
"""

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Lock
from typing import cast

import numpy as np
from flask import current_app
from numpy.typing import NDArray

from appliance.core.errors import AttendantError
from appliance.core.ports import Embedder
from appliance.core.staff import StaffSettings
from appliance.tools.told import Told, told
from kb.search import Search

log = logging.getLogger(__name__)


class Questions:
    """The index and its embedder; may be used by several threads."""

    def __init__(self, index: Path, embedder: Callable[[], Embedder | None]) -> None:
        self._index = index
        self._load = embedder
        self._lock = Lock()
        self._embedder: Embedder | None = None
        self._search: Search | None = None

    def told(self, question: str, language: str, staff: StaffSettings, today: date) -> Told:
        """What is found, and what a caller would hear."""
        return told(self._opened(), question, language, staff, today)

    def embedded(self, question: str) -> tuple[NDArray[np.float32] | None, str]:
        """A question's embedding and the model that made it; None where words alone decide."""
        self._opened()
        if self._embedder is None:
            return None, ""
        try:
            return self._embedder.embed([question], asked=True)[0], self._embedder.model_id
        except AttendantError as exc:
            log.warning("a question is kept by its words alone", extra={"problem": str(exc)})
            return None, ""

    def _opened(self) -> Search:
        with self._lock:
            if self._search is None:
                self._embedder = self._load()
                self._search = Search(self._index, self._embedder)
            return self._search


def questions() -> Questions:
    """Those of the application that answers this request."""
    return cast(Questions, current_app.extensions["questions"])
