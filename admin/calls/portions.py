"""What a long call has too much of for one page: how much of it a page holds, and pages of the rest.

May import: the standard library, flask, markupsafe, admin, appliance.store.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import escape

from admin.box import the_box
from admin.calls import shown
from admin.calls.shown import EventLine
from admin.calls.tools import Run
from appliance.store import calls as call_log
from appliance.store import events, transcripts
from appliance.store.calls import Call
from appliance.store.citations import CitationRow
from appliance.store.database import Connection
from appliance.store.events import EventRow
from appliance.store.transcripts import TurnRow

T = TypeVar("T")
TURNS, EVENTS, RUNS, SOURCES = 10_000, 4_000, 4_000, 3_000
"""So many bytes of each stand in the page of a call, and no more than what begins within them."""
PAGE = 28_000
"""So many bytes does a page of the rest hold."""
ROWS = 1000
"""So many events are read for it."""
TURN, EVENT, RUN, SOURCE = 280, 120, 260, 260
"""What each is around its words, in bytes."""
NUMBER_MOST = 2**31


def install(calls: Blueprint) -> None:
    """Give the pages of calls those of the rest."""
    calls.get("/<call_id>/said")(said)
    calls.get("/<call_id>/events")(happened)


def portion(rows: Iterable[T], bytes_of: Callable[[T], int], most: int) -> list[T]:
    """As many of the first ones as there is room for; one at least."""
    kept, room = list[T](), most
    for row in rows:
        room -= bytes_of(row)
        if kept and room < 0:
            break
        kept.append(row)
    return kept


def first_turns(turns: Sequence[TurnRow], most: int = TURNS) -> list[TurnRow]:
    """The first that was said."""
    return portion(turns, _turn, most)


def last_turns(turns: Sequence[TurnRow]) -> list[TurnRow]:
    """The last that was said, in order."""
    return portion(reversed(turns), _turn, TURNS)[::-1]


def first_events(rows: Sequence[EventRow], most: int = EVENTS) -> list[EventLine]:
    """The first that happened."""
    return portion(map(shown.event_line, rows), _event, most)


def first_runs(runs: Sequence[Run]) -> list[Run]:
    """The tools that were run first."""
    return portion(runs, _run, RUNS)


def first_citations(rows: Sequence[CitationRow]) -> list[CitationRow]:
    """The first questions to the documents."""
    return portion(rows, _citation, SOURCES)


def said(call_id: str) -> ResponseReturnValue:
    """All that was said in a call, a page at a time."""
    after = _after()
    call, turns = the_box().read(lambda db: (_there(db, call_id), transcripts.of_call(db, call_id)))
    left = [turn for turn in turns if turn.place >= after]
    here = first_turns(left, PAGE)
    return render_template(
        "calls/said.html",
        call=call,
        turns=here,
        count=len(turns),
        first=not after,
        next=here[-1].place + 1 if len(left) > len(here) else 0,
    )


def happened(call_id: str) -> ResponseReturnValue:
    """Every event of a call, a page at a time."""
    after = _after()

    def look(db: Connection) -> tuple[Call, list[EventRow], int]:
        return _there(db, call_id), events.behind(db, call_id, after, ROWS), events.count(db, call_id)

    call, rows, count = the_box().read(look)
    here = first_events(rows, PAGE)
    more = len(rows) > len(here) or len(rows) == ROWS
    return render_template(
        "calls/events.html",
        call=call,
        events=here,
        count=count,
        first=not after,
        next=here[-1].seq if more else 0,
    )


def _there(db: Connection, call_id: str) -> Call:
    return call_log.one(db, call_id) or abort(404)


def _after() -> int:
    found = request.args.get("after", default=0, type=int)
    return found if 0 <= found <= NUMBER_MOST else abort(404)


def _turn(turn: TurnRow) -> int:
    return TURN + _sent(turn.text)


def _event(line: EventLine) -> int:
    return EVENT + _sent(line.detail)


def _run(run: Run) -> int:
    return RUN + sum(map(_sent, (*(value for _, value in run.asked), run.answer)))


def _citation(row: CitationRow) -> int:
    return SOURCE * (1 + len(row.sources)) + _sent(row.question)


def _sent(text: str) -> int:
    """So many bytes it is in a page."""
    return len(escape(text).encode())
