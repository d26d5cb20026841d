"""The tools of a call: what was asked for, what came of it, and how long it took, from the events.

Pure. May import: the standard library, orjson, admin.tongue, appliance.store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from admin.tongue import later
from appliance.store.events import EventRow

NAMES: Mapping[str, str] = {
    "answer_question": later("Looked into the office's documents"),
    "get_policy": later("Looked up a rule of the office"),
    "get_business_hours": later("Looked up the opening hours"),
    "find_slots": later("Looked for free times"),
    "book_appointment": later("Booked an appointment"),
    "book_spoken_appointment": later("Booked an appointment"),
    "request_appointment": later("Asked the office for an appointment"),
    "find_appointment": later("Looked for an appointment"),
    "cancel_appointment": later("Cancelled an appointment"),
    "move_appointment": later("Moved an appointment"),
    "text_booking_link": later("Texted a link to book on"),
    "send_booking_link": later("Texted a link to book on"),
    "take_message": later("Took a message"),
    "take_spoken_message": later("Took a message"),
    "withdraw_message": later("Took a message back"),
    "call_back": later("Took down a wish to be called"),
    "set_language": later("Changed the language"),
    "transfer_to_human": later("Put the caller through to the front desk"),
    "transfer_to_department": later("Put the caller through to a department"),
    "end_call": later("Ended the call"),
}
TOLD_MOST = 600


@dataclass(frozen=True, slots=True)
class Run:
    """One tool that was run, `at_ms` of the call; `took_ms` is None where no answer was written down."""

    name: str
    at_ms: int
    asked: tuple[tuple[str, str], ...]
    answer: str
    took_ms: int | None

    @property
    def said(self) -> str:
        """What it does, in a few words; one that is not known by its name."""
        return NAMES.get(self.name, self.name)


def runs(events: Iterable[EventRow]) -> list[Run]:
    """The tools of a call, in the order in which they were asked for."""
    asked: list[tuple[int, Mapping[str, Any]]] = []
    answered: dict[str, tuple[int, str]] = {}
    for row in events:
        if row.kind == "ToolsAsked":
            asked += [(row.at_ms, call) for call in orjson.loads(row.data)["calls"]]
        elif row.kind == "ToolAnswered":
            told = orjson.loads(row.data)
            answered[told["tool_call_id"]] = (row.at_ms, told["output"])
    return [_run(at_ms, call, answered.get(call["tool_call_id"])) for at_ms, call in asked]


def _run(at_ms: int, call: Mapping[str, Any], answer: tuple[int, str] | None) -> Run:
    ended_ms, output = answer or (None, "")
    return Run(
        name=call["name"],
        at_ms=at_ms,
        asked=_pairs(call["arguments"]),
        answer=_shortened(", ".join(f"{key}: {value}" if key else value for key, value in _pairs(output))),
        took_ms=None if ended_ms is None else max(0, ended_ms - at_ms),
    )


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """What stands in a JSON object; anything else, and what is none, is one value without a name."""
    try:
        tree = orjson.loads(text)
    except orjson.JSONDecodeError:
        tree = None
    if not isinstance(tree, dict):
        return (("", _shortened(text)),) if text.strip() else ()
    return tuple(
        (
            str(key).replace("_", " "),
            _shortened(value if isinstance(value, str) else orjson.dumps(value).decode()),
        )
        for key, value in tree.items()
        if value not in (None, "", [], {})
    )


def _shortened(text: str) -> str:
    return text if len(text) <= TOLD_MOST else f"{text[:TOLD_MOST]}…"
