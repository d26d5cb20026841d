"""Every setting as it is shown and typed, read from the models that declare them. Pure.

A setting has a name, such as `cloud.model` or `keep_days.calls`, and stands for one value. May import: the
standard library, pydantic, appliance.core.
"""

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from appliance.core.errors import AttendantError
from appliance.core.frozen import Secret
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings

BY_HAND = ("listen.", "front.", "backup.", "standby.", "recordings.")
"""Those by which the pages are reached: with a wrong word in one nobody could take it back. The certificate's
renewal, whose user may not look into the data folder, reads them in the file. And those of backups, of a box
that stands ready and of where recordings go: who could change these could have all that the box knows sent
elsewhere."""
LONG = 150
PLAIN = (str, Path, date)


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    YES_NO = "yes or no"
    CHOICE = "choice"
    LIST = "list"
    """A line for each."""
    TABLE = "table"
    """A line for each, as `key = value`."""
    JSON = "json"


class NotReadable(AttendantError):
    """What was typed cannot be a value of its kind."""


@dataclass(frozen=True, slots=True)
class Known:
    """One setting."""

    name: str
    help: str
    kind: Kind
    default: Any
    """As JSON has it."""
    choices: tuple[str, ...] = ()
    may_be_none: bool = False
    by_hand: bool = False
    """Whether it is only set in the settings file: paths, and where the pages are found."""
    secret: Secret | None = None
    """Its value is the name of a file; the secret is in there."""

    def shown(self, value: Any) -> str:
        """A value as it is typed."""
        if value is None:
            return ""
        match self.kind:
            case Kind.YES_NO:
                return "yes" if value else "no"
            case Kind.LIST:
                return "\n".join(map(str, value))
            case Kind.TABLE:
                return "\n".join(f"{key} = {own}" for key, own in value.items())
            case Kind.JSON:
                return json.dumps(value, ensure_ascii=False, indent=1)
            case _:
                return str(value)

    def typed(self, text: str) -> Any:
        """The value that was typed, unchecked but for its form. Raises NotReadable."""
        if self.may_be_none and not text.strip():
            return None
        match self.kind:
            case Kind.YES_NO:
                return {"yes": True, "no": False}.get(text.strip(), text)
            case Kind.LIST:
                return [line.strip() for line in text.splitlines() if line.strip()]
            case Kind.TABLE:
                return dict(_pair(line) for line in text.splitlines() if line.strip())
            case Kind.JSON:
                return _read(text)
            case Kind.LONG:
                return text.strip().replace("\r\n", "\n")
            case _:
                return text.strip()


def _pair(line: str) -> tuple[str, str]:
    key, equals, value = line.partition("=")
    if not equals:
        raise NotReadable("Each line is written as: key = value")
    return key.strip(), value.strip()


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as exc:
        raise NotReadable(f"This is no JSON: {exc}") from exc


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the settings file."""

    name: str
    help: str
    settings: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a value: where, as pydantic calls it, in its words, and the limits that it names."""

    name: str
    what: str
    told: str
    limits: Mapping[str, Any]


@cache
def boot() -> tuple[Section, ...]:
    """The settings of the file, by its sections."""
    defaults = Settings().model_dump(mode="json")
    found = []
    for name, info in Settings.model_fields.items():
        model = _model(info)
        if model is None:
            raise TypeError(f"{name} is no section")
        told = " ".join((inspect.getdoc(model) or "").split())
        found.append(Section(name, told, tuple(_known(model, (name,), defaults, _of_file))))
    return tuple(found)


@cache
def staff() -> tuple[Known, ...]:
    """What staff decide. The default of a sentence is another one in each language: see `staff_default`."""
    defaults = StaffSettings().model_dump(mode="json")
    return tuple(_known(StaffSettings, (), defaults, lambda _name, _info: False))


def staff_defaults(language: str) -> dict[str, Any]:
    """What holds where staff decided nothing but the clinic's language, as JSON has it."""
    return StaffSettings.model_validate({"language": language}).model_dump(mode="json")


def named(name: str) -> Known | None:
    """The setting of the file of this name."""
    return next((each for section in boot() for each in section.settings if each.name == name), None)


def value_at(tree: Mapping[str, Any], name: str) -> Any:
    """The value of a setting among all of them, as JSON has it."""
    value: Any = tree
    for part in name.split("."):
        value = value[part]
    return value


def with_value(tree: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The same tree with another value in this place."""
    first, _, rest = name.partition(".")
    inner = with_value(tree.get(first) or {}, rest, value) if rest else value
    return {**tree, first: inner}


def mistakes(error: ValidationError) -> list[Mistake]:
    """What pydantic found."""
    return [
        Mistake(
            ".".join(map(str, each["loc"])),
            each["type"],
            each["msg"].removeprefix("Value error, "),
            each.get("ctx", {}),
        )
        for each in error.errors(include_url=False, include_input=False)
    ]


def _of_file(name: str, info: FieldInfo) -> bool:
    """Whether a setting is for the file alone."""
    return name.startswith(BY_HAND) or _plain(info.annotation)[0] is Path


def _known(
    model: type[BaseModel],
    path: tuple[str, ...],
    defaults: Mapping[str, Any],
    by_hand: Callable[[str, FieldInfo], bool],
) -> Iterator[Known]:
    for key, info in model.model_fields.items():
        inner, name = _model(info), ".".join((*path, key))
        if inner is not None:
            yield from _known(inner, (*path, key), defaults, by_hand)
            continue
        kind, none = _plain(info.annotation)
        secret = next((each for each in info.metadata if isinstance(each, Secret)), None)
        yield Known(
            name,
            " ".join((info.description or "").split()),
            _kind(kind, info),
            value_at(defaults, name),
            _choices(kind),
            none,
            secret is None and by_hand(name, info),
            secret,
        )


def _model(info: FieldInfo) -> type[BaseModel] | None:
    kind = info.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _plain(annotation: Any) -> tuple[Any, bool]:
    """What a value is, without the limits that it keeps; and whether there may be none."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        kinds = [each for each in get_args(annotation) if each is not NoneType]
        return _plain(kinds[0])[0], len(kinds) < len(get_args(annotation))
    return annotation, False


def _kind(kind: Any, info: FieldInfo) -> Kind:
    if kind is bool:
        return Kind.YES_NO
    if kind in (int, float):
        return Kind.NUMBER
    if _choices(kind):
        return Kind.CHOICE
    if get_origin(kind) is tuple:
        return Kind.LIST if _plain(get_args(kind)[0])[0] in PLAIN else Kind.JSON
    if get_origin(kind) is dict:
        return Kind.TABLE if all(_plain(each)[0] is str for each in get_args(kind)) else Kind.JSON
    if kind in PLAIN:
        most = max((getattr(each, "max_length", None) or 0 for each in info.metadata), default=0)
        return Kind.LONG if most > LONG else Kind.TEXT
    return Kind.JSON


def _choices(kind: Any) -> tuple[str, ...]:
    if get_origin(kind) is Literal:
        return tuple(map(str, get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(each.value) for each in kind)
    return ()
