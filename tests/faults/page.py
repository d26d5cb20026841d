"""The results as the page docs/faults.md: what was measured, and how to read it.

Pure. May import: the standard library, this package.
"""

from collections.abc import Iterator, Sequence

from tests.faults.calls import Result
from tests.faults.points import POINTS
from tests.faults.purposes import IN_DANGER
from tests.faults.ways import DOOR_WAYS, WAYS

DANGER = frozenset(point.name for point in POINTS if point.purpose in IN_DANGER)
LONGEST_SILENCE_MS = 1500
HEAD = """\
# When the cloud fails in a call

Made by `python -m tests.faults --write`; do not edit. Each cell of the tables is one call of a real
bridge process over real sockets, played by the peers of `tests/peers` while more than a dozen others were
under way on the same bridge. The cloud is cut in one *way* at one *point* of the call, and from then on lets
nobody in. A cell passes when

- the carrier never sees the call dropped by us,
- what the caller rang for is finished: hours told, a message on disk, a department reached, goodbye said,
- who told of danger heard what to do, and was put through to the on-call line,
- the caller has not to say again what was under way,
- and the call is filed with its outcome.

The first figure is the time to the first sound of use, in seconds, as the carrier recorded it: from the
fault, or from the end of the words or keys that the caller was giving. "One moment, please" is no sound
of use, nor is the soft sound that breaks a silence; to somebody in danger nothing is but the sentence for
that, or that the on-call line is coming.
The second is the longest silence afterwards that was not the caller's own; it holds the end of an
utterance (0.7 s) and its recognition (0.3 to 0.7 s). Whoever waits hears a soft sound, then words,
then the sound again, until there is an answer. `c` means that the cloud was not given up: it recovered from
an error, came back, or was about to be found silent when the box had answered danger already, which it
looks for by itself as soon as the cloud's words for an utterance are late.

No cell passes in which its fault did not happen: the peer has to have done it to the session of the call,
the kernel has to have dropped packets of its connection, or the box has to have met it under its own name.
Nor does one in which the box did not take over, or did so although the cloud recovers.

"""
TAIL = """
When the caller's language changes a session for it is set up; when it cannot be had, the one of before
goes on in the new language. A session that is to be renewed goes on when that fails, and what was measured is
its end some seconds later. The address of the cloud is remembered: once it was found, a dead name server
keeps nobody from it, so that it is no fault but at the first start.

The speech program of the last table is the real one, `attendant speech`, killed with SIGKILL, stopped with
SIGSTOP, or not there; elsewhere a peer recognises what is said, by its sound.
"""


def page(results: Sequence[Result]) -> str:
    """The whole page."""
    return "".join([HEAD, *_summary(results), *_mid_call(results), *_doors(results), *_rest(results), TAIL])


def percentile(values: Sequence[int], share: float) -> int:
    """The value that so large a share of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def useful(results: Sequence[Result], told: str) -> list[int]:
    """The times to the box's first useful sound, where it took over from a fault that shows itself so."""
    return [r.useful_ms for r in results if r.local and r.told == told and r.useful_ms is not None]


def recovered(results: Sequence[Result]) -> list[int]:
    """The times to the first useful sound in the cells where the cloud went on, or came back."""
    return [r.useful_ms for r in results if not r.local and r.useful_ms is not None]


def _summary(results: Sequence[Result]) -> Iterator[str]:
    failed = [result for result in results if result.wrong]
    yield f"{len(results)} cells, {len(failed)} failed.\n\n"
    for result in failed:
        yield f"- FAILED {result.name}: {'; '.join(result.wrong)}\n"
    yield "| | cells | p50 | p95 | most | allowed |\n| --- | --- | --- | --- | --- | --- |\n"
    danger = [r.useful_ms or 0 for r in results if r.point in DANGER and r.told == "by silence"]
    rows = (
        ("the fault shows itself, and the box takes over", useful(results, "at once"), "p95 2.0"),
        ("silent cloud, and the box takes over", useful(results, "by silence"), "5.0"),
        ("the cloud recovers, or comes back", recovered(results), "5.0"),
        ("somebody in danger, silent cloud", danger, "3.0"),
        ("longest silence", [result.silent_ms for result in results], f"{LONGEST_SILENCE_MS / 1000}"),
    )
    for title, times, allowed in rows:
        figures = [percentile(times, 0.5), percentile(times, 0.95), max(times, default=0)]
        shown = " | ".join(_s(each) for each in figures)
        yield f"| {title} | {len(times)} | {shown} | {allowed} |\n"


def _s(ms: int | None) -> str:
    return "-" if ms is None else f"{ms / 1000:.1f}"


def _cell(result: Result | None) -> str:
    if result is None:
        return "-"
    mark = "" if result.local else " c"
    bad = " **failed**" if result.wrong else ""
    return f"{_s(result.useful_ms)} / {_s(result.silent_ms)}{mark}{bad}"


def _table(
    title: str, rows: Sequence[str], columns: Sequence[str], results: Sequence[Result]
) -> Iterator[str]:
    by_name = {(result.way, result.point): result for result in results}
    yield f"\n## {title}\n\n| | {' | '.join(columns)} |\n|{' --- |' * (len(columns) + 1)}\n"
    for row in rows:
        cells = [_cell(by_name.get((column, row))) for column in columns]
        yield f"| {row} | {' | '.join(cells)} |\n"


def _mid_call(results: Sequence[Result]) -> Iterator[str]:
    points = [point.name for point in reversed(POINTS)]
    yield from _table("In the middle of a call", points, [way.name for way in WAYS], results)


def _doors(results: Sequence[Result]) -> Iterator[str]:
    ways = [way.name for way in DOOR_WAYS]
    points = list(dict.fromkeys(result.point for result in results if result.way in ways))
    yield from _table("While a session is set up", points, ways, results)


def _rest(results: Sequence[Result]) -> Iterator[str]:
    known = {way.name for way in (*WAYS, *DOOR_WAYS)}
    yield "\n## When more than the cloud fails, and when it comes back\n\n"
    yield "| what | where | |\n| --- | --- | --- |\n"
    for result in results:
        if result.way not in known:
            yield f"| {result.way} | {result.point} | {_cell(result)} |\n"
