"""Whether weights may be used, before anything is made of them, and which instead. One look at the start.

May import: the standard library, models.weights, models.speech.
"""

import logging
from pathlib import Path

from models.weights import folder, table
from models.weights.table import NoSuchWeights, Table

log = logging.getLogger(__name__)


def problem_with(name: str, models_dir: Path, known: Table | None = None) -> str:
    """What is wrong with these weights and what to do, as a sentence; empty when they may be used.

    Weights that the table does not know are the clinic's own and are not looked at; those that nothing can
    be held against yet are used.
    """
    try:
        folder.ready(models_dir, name, known)
    except NoSuchWeights:
        return ""
    except folder.NotReady as exc:
        log.warning("weights", extra={"weights": name, "problem": str(exc)})
        return "" if exc.condition == "unpinned" else str(exc)
    return ""


def recognition(name: str, models_dir: Path, known: Table | None = None) -> tuple[str, str]:
    """The weights that recognise, and what is wrong with them; it is empty when they may be used.

    Where those of this name are missing or broken, the next smaller ones that are whole: quicker ones hear
    worse, and better than nothing; bigger ones would be late.
    """
    problem = problem_with(name, models_dir, known)
    if not problem:
        return name, ""
    names = [each.name for each in (known or table.load()).weights if each.kind == "recognition"]
    for smaller in reversed(names[: names.index(name)]):
        if (models_dir / smaller).is_dir() and not problem_with(smaller, models_dir, known):
            log.warning("weights stand in", extra={"weights": smaller, "for": name})
            return smaller, ""
    return name, problem
