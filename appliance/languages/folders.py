"""Where the languages lie: one folder each, named by its code. Those that ship, and those of the box itself.

A third language is a folder: nothing else has to know of it. May import: the standard library.
"""

import logging
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

log = logging.getLogger(__name__)

MARK = "language.toml"
"""A folder without it is none of a language."""
_CODE = re.compile(r"[a-z]{2,3}")
_own: list[Path] = []


class LanguageProblem(LookupError):
    """A language, a file of it, or what belongs into one is missing; the text names it."""


def look_in(folder: Path | None) -> None:
    """Know the languages in this folder too, from now on; None: those that ship alone.

    To be called before anything of a language is read. A language that ships is taken as it ships.
    """
    _own[:] = [] if folder is None else [folder]
    found.cache_clear()


def looked_in() -> Path | None:
    """The folder that was named last."""
    return _own[0] if _own else None


@cache
def found() -> Mapping[str, Traversable]:
    """The folders by their codes, such as `en`."""
    places: list[Traversable] = [*_own, files("appliance.languages")]
    folders = {folder.name: folder for place in places if _readable(place) for folder in _within(place)}
    return dict(sorted(folders.items()))


def _readable(place: Traversable) -> bool:
    try:
        return place.is_dir()
    except PermissionError:
        # Whoever asks may not look into the box's data: it speaks what ships.
        return False


def _within(place: Traversable) -> list[Traversable]:
    """The languages in a place, but for what may not be read."""
    try:
        named = [folder for folder in place.iterdir() if _CODE.fullmatch(folder.name)]
    except PermissionError as exc:
        log.error("the folder of languages cannot be read: give it to the box's user", extra=_about(exc))
        return []
    return [folder for folder in named if _is_language(folder)]


def _is_language(folder: Traversable) -> bool:
    try:
        return (folder / MARK).is_file()
    except PermissionError as exc:
        log.error("a language cannot be read: give its folder to the box's user", extra=_about(exc))
        return False


def _about(exc: PermissionError) -> dict[str, str]:
    return {"path": str(exc.filename)}


def own() -> Mapping[str, Traversable]:
    """Those that do not ship."""
    shipped = files("appliance.languages")
    return {code: folder for code, folder in found().items() if folder != shipped / code}


def codes() -> tuple[str, ...]:
    """The languages that there are."""
    return tuple(found())


def code_of(language: str) -> str:
    """The code of a language such as `en` or `en-US`."""
    return language.partition("-")[0].casefold()


def folder(language: str) -> Traversable:
    """The folder of a language. Raises LanguageProblem."""
    code = code_of(language)
    if code not in found():
        raise LanguageProblem(
            f"There is no language {language[:20]!r}: the folders are {', '.join(found())}."
        )
    return found()[code]
