"""Golden calls: real bridges, real sockets, calls as text files; see format.py for what a file holds.

The calls of a run are played together, some at a time; then each is compared with its file, and what was
recorded of it is given once more, event by event, to a fresh conversation.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from appliance.core import afterwards, menu, phrases
from appliance.core.commands import Command, EndCall, NoteWish, WriteTurn
from appliance.core.conversation import Conversation
from appliance.core.dialogue.dialogue import Dialogue
from appliance.languages import folders
from appliance.store.calls import SWEPT
from tests.golden.clinic import Bench, read_arrangement
from tests.golden.format import GoldenCall, differences, read_call
from tests.golden.play import Seen, play
from tests.golden.test_tools_and_doors import named, table

FOLDER = Path(__file__).parent / "calls"
NAMES = sorted(path.stem for path in FOLDER.glob("*.call"))
OFTEN = frozenset((Path(__file__).parent / "often.txt").read_text("utf-8").splitlines())
AT_ONCE = 12
IN_TIME = (
    "assistant_first",
    "two_turns_barge_in_goodbye",
    "goodbye_in_spanish",
    "cloud_speaks_pcm",
    "local_hours_by_voice",
)
"""Calls in which neither the cloud nor the box keeps anybody waiting."""

Played = dict[str, Seen | BaseException]
THIRD = Path(__file__).parent.parent / "data" / "languages"


@pytest.fixture(scope="module", autouse=True)
def third_language() -> Iterator[None]:
    """We read calls in the third language as well."""
    folders.look_in(THIRD)
    yield
    folders.look_in(None)
    menu.keys.cache_clear()


@pytest.fixture(scope="module")
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, third_language: None
) -> Played:
    """Every call that this run asks for, played."""
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    calls = [read_call(FOLDER / f"{name}.call") for name in NAMES if name in asked]
    return asyncio.run(_play_all(calls, tmp_path_factory.mktemp("golden")))


async def _play_all(calls: list[GoldenCall], folder: Path) -> Played:
    bench = Bench(folder, AT_ONCE)
    try:
        # Those with a clinic of their own first: it takes a while to open.
        calls = sorted(calls, key=lambda call: not call.lines("clinic"))
        results = await asyncio.gather(*(play(call, bench) for call in calls), return_exceptions=True)
    finally:
        await bench.close()
    return {call.name: result for call, result in zip(calls, results, strict=True)}


def _asked(name: str, *values: str) -> ParameterSet:
    """A call as a parameter, and whether it is a drill."""
    return pytest.param(name, *values, marks=[] if name in OFTEN else [pytest.mark.drill])


ASKED = [_asked(name) for name in NAMES]


def _seen(played: Played, name: str) -> Seen:
    result = played[name]
    if isinstance(result, BaseException):
        raise result
    return result


def _manual_turns(name: str) -> bool:
    """Whether the clinic of a call ends its callers' turns by our own ear."""
    clinic = read_arrangement(read_call(FOLDER / f"{name}.call").lines("clinic"))
    return bool(clinic.staff.get("turn_detection") == "manual")


def test_what_is_played_often_is_there() -> None:
    assert {name for name in OFTEN if name and name[0] != "#"} <= set(NAMES)


@pytest.mark.parametrize("name", ASKED)
def test_call_goes_as_written(played: Played, name: str) -> None:
    call, seen = read_call(FOLDER / f"{name}.call"), _seen(played, name)
    report = [*seen.wrong, *differences(call, seen.sections)]
    assert not report, "\n".join(["", call.title, *report])


@pytest.mark.drill
@pytest.mark.parametrize("name", IN_TIME)
def test_who_is_answered_in_time_hears_nothing_that_fills_a_wait(played: Played, name: str) -> None:
    seen = _seen(played, name)
    announced = [line for line in seen.sections["transcript"] if "moment" in line]
    assert (seen.soft_sounds, announced) == (0, [])


@pytest.mark.parametrize("name", ASKED)
def test_recorded_call_goes_the_same_way_again(played: Played, name: str) -> None:
    """The rows of a finished call lead a fresh conversation to the same end, turns and sentences of ours."""
    kept = _seen(played, name).filed
    conversation = Conversation(
        manual_turns=_manual_turns(name),
        dialogue=Dialogue(kept.facts, kept.language),
        watch=phrases.Watcher(phrases.load()),
    )
    commands = list[Command]()
    for event in kept.happened:
        over = any(isinstance(command, EndCall) for command in commands)
        commands += afterwards.turns(conversation, event) if over else conversation.handle(event)
    turns = {c.place: (c.speaker, c.text, c.cut) for c in commands if isinstance(c, WriteTurn)}
    assert [turns[place] for place in sorted(turns)] == [(t.speaker, t.text, t.cut) for t in kept.turns]
    ends = [command for command in commands if isinstance(command, EndCall)]
    assert [end.disposition for end in ends] == (
        [] if kept.call.disposition is None else [kept.call.disposition]
    )
    late = [later for end in ends for later in commands[commands.index(end) + 1 :]]
    assert all(isinstance(later, WriteTurn | NoteWish) for later in late)
    if kept.call.reason != SWEPT:
        assert all(end.reason == kept.call.reason for end in ends)


@pytest.mark.parametrize(
    ("name", "tool"),
    [_asked(name, tool) for tool, _, _, name in named() if f"(`{name}`)" not in table()[tool]],
)
def test_a_call_uses_the_tool_that_its_row_says(played: Played, name: str, tool: str) -> None:
    assert tool in [row.intent for row in _seen(played, name).filed.whole.intents]
