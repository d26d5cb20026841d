"""A small language for the shape of a JSON value; a check returns nothing or raises `Refused`.

May import: refusals.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.peers.realtime.refusals import Refused, missing, unknown, wrong_type, wrong_value

Check = Callable[[Any, str], None]
"""Takes the value and its path, such as `session.audio.output.voice`."""


def anything(value: Any, path: str) -> None:
    """Accept it as it is."""


def text(longest: int | None = None, pattern: str | None = None) -> Check:
    wanted = re.compile(pattern) if pattern else None

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise wrong_type(path, "a string", value)
        if longest is not None and len(value) > longest:
            message = f"Invalid '{path}': string too long. Expected a string with maximum length {longest}."
            raise Refused("string_above_max_length", message, path)
        if wanted and not wanted.fullmatch(value):
            message = f"Invalid '{path}': string does not match pattern. Expected '{pattern}'."
            raise Refused("invalid_value", message, path)

    return check


def flag(value: Any, path: str) -> None:
    if not isinstance(value, bool):
        raise wrong_type(path, "a boolean", value)


def whole(low: int | None = None, high: int | None = None) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong_type(path, "an integer", value)
        _in_range(value, path, low, high, "integer")

    return check


def number(low: float | None = None, high: float | None = None) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise wrong_type(path, "a decimal number", value)
        _in_range(value, path, low, high, "decimal")

    return check


def _in_range(value: float, path: str, low: float | None, high: float | None, name: str) -> None:
    if low is not None and value < low:
        message = f"Invalid '{path}': {name} below minimum value. Expected a value >= {low}, got {value}."
        raise Refused(f"{name}_below_min_value", message, path)
    if high is not None and value > high:
        message = f"Invalid '{path}': {name} above maximum value. Expected a value <= {high}, got {value}."
        raise Refused(f"{name}_above_max_value", message, path)


def one_of(*names: str) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise wrong_type(path, "a string", value)
        if value not in names:
            raise wrong_value(path, value, names)

    return check


def listed(each: Check, longest: int | None = None) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise wrong_type(path, "an array", value)
        if longest is not None and len(value) > longest:
            message = f"Invalid '{path}': array too long. Expected an array with maximum length {longest}."
            raise Refused("array_above_max_length", message, path)
        for place, entry in enumerate(value):
            each(entry, f"{path}[{place}]")

    return check


def mapped(each: Check, most: int, longest_key: int) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong_type(path, "an object", value)
        if len(value) > most or any(len(key) > longest_key for key in value):
            message = f"Invalid '{path}': at most {most} keys of at most {longest_key} characters."
            raise Refused("invalid_value", message, path)
        for key, entry in value.items():
            each(entry, f"{path}.{key}")

    return check


def nullable(inner: Check) -> Check:
    def check(value: Any, path: str) -> None:
        if value is not None:
            inner(value, path)

    return check


def either(name: type, when_so: Check, otherwise: Check) -> Check:
    """Check by the JSON type of the value: `when_so` for `name`, `otherwise` for the rest."""

    def check(value: Any, path: str) -> None:
        (when_so if isinstance(value, name) else otherwise)(value, path)

    return check


def record(required: Mapping[str, Check] | None = None, /, **optional: Check) -> Check:
    """An object with these keys and no others."""
    needed = dict(required or {})
    known = {**needed, **optional}

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong_type(path, "an object", value)
        for key in needed:
            if key not in value:
                raise missing(_join(path, key))
        for key, entry in value.items():
            if key not in known:
                raise unknown(_join(path, key))
            known[key](entry, _join(path, key))

    return check


def tagged(tag: str, shapes: Mapping[str, Check]) -> Check:
    """An object whose field `tag` says which of the shapes it has."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong_type(path, "an object", value)
        if tag not in value:
            raise missing(_join(path, tag))
        one_of(*shapes)(value[tag], _join(path, tag))
        shapes[value[tag]](value, path)

    return check


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
