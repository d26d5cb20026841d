"""Whether weights may be used, before anything is made of them. One look at the start.

May import: the standard library, models.weights, models.speech.
"""

import logging
from pathlib import Path

from models.weights import folder
from models.weights.table import NoSuchWeights

log = logging.getLogger(__name__)


def problem_with(name: str, models_dir: Path) -> str:
    """What is wrong with these weights and what to do, as a sentence; empty when they may be used.

    Weights that the table does not know are the clinic's own and are not looked at; those that nothing can
    be held against yet are used.
    """
    try:
        folder.ready(models_dir, name)
    except NoSuchWeights:
        return ""
    except folder.NotReady as exc:
        log.warning("weights", extra={"weights": name, "problem": str(exc)})
        return "" if exc.condition == "unpinned" else str(exc)
    return ""
