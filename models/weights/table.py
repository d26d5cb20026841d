"""The table of weights: which there are, what each file must be, under which licence, and who says so.

Read from weights.toml beside this package. May import: the standard library, pydantic, appliance.core.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from appliance.core.errors import AttendantError, SettingsError
from appliance.core.frozen import Frozen
from appliance.core.settings import told

HUB = "https://huggingface.co"
"""Where the weights of the table are."""

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
PATH = r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$"
SHA256 = r"^[0-9a-f]{64}$"
OURS = ("pins.json", "verified.json")


class NoSuchWeights(AttendantError):
    """The table has nothing of this name."""


class File(Frozen):
    """One file of an entry."""

    path: str = Field(pattern=PATH)
    """Where it is in the repository on the hub."""

    name: str = Field("", pattern=rf"{NAME}|^$")
    """What it is called on the box; empty for the last part of its path."""

    size: int | None = Field(None, ge=1)
    """Its bytes, when a public source states them."""

    sha256: str | None = Field(None, pattern=SHA256)
    """Its checksum, when a public source states it."""

    cited: str = ""
    """The source that states them; empty for the source of the entry."""

    @property
    def local(self) -> str:
        """What it is called on the box."""
        return self.name or self.path.rpartition("/")[2]


class Weights(Frozen):
    """One entry: files that are of use together."""

    name: str = Field(pattern=NAME)
    """What it is called here; the folder on the box has this name."""

    kind: Literal["recognition", "voice", "embedding"]
    """What it is for."""

    what: str = Field(min_length=1)
    """What it is, in a line."""

    languages: tuple[str, ...]
    """Which of the product's languages it can serve."""

    default: bool = False
    """Whether a clinic gets it when it does not choose."""

    licence: str = Field(min_length=1)
    """Under what it may be used, in a word."""

    licence_note: str = ""
    """What the word leaves out, such as the licences of what it was made from."""

    licence_at: str = Field(pattern=r"^https://")
    """Where the licence is stated."""

    source: str = Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")
    """The repository on the hub."""

    revision: str = Field(pattern=r"^[0-9a-f]{40}$")
    """The commit of the repository; what the hub changes later is of no concern."""

    cited: str = ""
    """The public source that states sizes and checksums."""

    files: tuple[File, ...]
    """Its files."""

    @property
    def pinned(self) -> bool:
        """Whether the table knows the checksum of every file."""
        return all(file.sha256 for file in self.files)

    @property
    def size(self) -> int | None:
        """The bytes of all files; None when one is not known."""
        sizes = [file.size for file in self.files if file.size is not None]
        return sum(sizes) if len(sizes) == len(self.files) else None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not (self.files and self.languages):
            raise ValueError(f"{self.name} has no files or no languages")
        for file in self.files:
            if (file.sha256 or file.size) and not (file.cited or self.cited):
                raise ValueError(f"{file.path} has figures without a source: say where in `cited`")
            if file.local in OURS or file.local.endswith((".part", ".part.json")):
                raise ValueError(f"{file.local} is a name that is kept for notes about the files")
        if twice := _twice(file.local for file in self.files):
            raise ValueError(f"two files of {self.name} are called {twice}")
        return self


class Table(Frozen):
    """Every entry."""

    weights: tuple[Weights, ...]
    """The entries, in the order in which they are shown."""

    @model_validator(mode="after")
    def _names(self) -> Self:
        if twice := _twice(each.name for each in self.weights):
            raise ValueError(f"two entries are called {twice}")
        return self

    def of(self, name: str) -> Weights:
        """The entry of this name. Raises NoSuchWeights."""
        for each in self.weights:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.weights)
        raise NoSuchWeights(f"There are no weights called {name}. There are: {known}.")

    @property
    def default(self) -> tuple[Weights, ...]:
        """What a clinic gets when it does not choose."""
        return tuple(each for each in self.weights if each.default)


def load(path: Path | None = None) -> Table:
    """Read the table that comes with the product, or another one. Raises SettingsError."""
    source = path or files("models") / "weights.toml"
    try:
        tree = tomllib.loads(source.read_text("utf-8"))
    except OSError as exc:
        raise SettingsError([f"The table of weights {source} cannot be read: {exc.strerror}."]) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise SettingsError([f"{source} is not valid TOML: {exc}."]) from exc
    try:
        return Table.model_validate(tree)
    except ValidationError as exc:
        mistakes = told(exc, Table, called="a key of the table of weights")
        raise SettingsError([f"{source}: {said}" for said in mistakes]) from exc


def _twice(names: Iterable[str]) -> str:
    return next((name for name, times in Counter(names).items() if times > 1), "")
