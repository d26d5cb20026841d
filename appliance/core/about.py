"""Which call the work at hand is about, so that every line of the log can say so.

The words go along with whatever task is begun while they stand. May import: the standard library.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_ABOUT: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039 -- never changed


def words() -> Mapping[str, str]:
    """`call_sid`, the carrier's id, and `call_id`, ours: as far as they are known."""
    return _ABOUT.get()


@contextmanager
def call(*, call_sid: str = "", call_id: str = "") -> Iterator[None]:
    """The work within is about this call and no other."""
    said = {"call_sid": call_sid, "call_id": call_id}
    token = _ABOUT.set({name: value for name, value in said.items() if value})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def known_as(call_id: str) -> None:
    """The call at hand is found to have this id of ours."""
    _ABOUT.set({**_ABOUT.get(), "call_id": call_id})
