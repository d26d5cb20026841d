"""The event stream: every kind of event comes back as it was."""

import dataclasses
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.citations import Asked, Source
from appliance.core.dispositions import Disposition, Kind, transfer
from appliance.core.events import BrainLost, CallAnswered, Event, ToolAnswered, ToolCall, ToolsAsked
from appliance.store import errors, events
from appliance.store.database import Connection

# What UTF-8 can hold: a lone surrogate comes from no carrier and no model.
texts = st.text(st.characters(exclude_categories=["Cs"]))
shares = st.floats(0, 1)
sources = st.builds(Source, texts, st.integers(0, 2**53), *[texts] * 3, shares, *[texts] * 3)
dispositions = st.builds(Disposition, st.sampled_from(Kind), texts)
plain: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    bool: st.booleans(),
    int: st.integers(-(2**53), 2**53),
    float | None: st.none() | st.floats(0, 1000),
    Disposition: dispositions,
    Disposition | None: st.none() | dispositions,
    Asked | None: st.none() | st.builds(Asked, texts, texts, shares, st.lists(sources).map(tuple), texts),
    tuple[ToolCall, ...]: st.lists(st.builds(ToolCall, texts, texts, texts)).map(tuple),
}
anything = st.one_of(
    [
        st.builds(
            kind,
            **{field.name: plain[field.type] for field in dataclasses.fields(kind)},
        )
        for kind in get_args(Event)
    ]
)


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_every_kind_has_a_name_of_its_own(kind: type[Event]) -> None:
    assert events.KINDS[kind.__name__] is kind


@given(anything)
def test_any_event_comes_back(event: Event) -> None:
    assert events.parse(type(event).__name__, events.written(event)) == event


def test_a_stream_comes_back_in_order(db: Connection, call: str) -> None:
    stream: list[tuple[int, Event]] = [
        (900, CallAnswered()),
        (900, ToolsAsked("r1", (ToolCall("t1", "transfer", '{"to": "billing"}'),))),
        (850, ToolAnswered("t1", "ok", transfer("billing"))),
        (1200, BrainLost("refused")),
    ]
    for at_ms, event in stream:
        events.add(db, call, at_ms, event)
    assert events.replay(db, call) == stream
    assert [row.seq for row in events.of_call(db, call)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("kind", "data"),
    [("Unheard", "{}"), ("BrainLost", "{}"), ("BrainLost", "["), ("DigitPressed", '{"digit": 3}')],
)
def test_what_is_no_event_is_unreadable(kind: str, data: str) -> None:
    with pytest.raises(errors.EventUnreadable, match=kind):
        events.parse(kind, data)


def test_a_field_of_a_later_version_is_no_hindrance() -> None:
    assert events.parse("BrainLost", '{"reason": "refused", "since": 3}') == BrainLost("refused")
