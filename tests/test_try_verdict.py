"""The call for show as it is shown, and its verdict: each thing that can go wrong with it is told."""

import asyncio
import io
import re
import shutil
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.store import database
from appliance.store.database import Connection
from scripts.loopback_box import CALLER, CLINIC, ROOT, LoopbackBox
from scripts.try_call import BESIDE_S, PLAN_BY_KEYS, PLAN_BY_VOICE, place
from scripts.try_speech import Speech, elsewhere, of_weights
from scripts.try_verdict import Tried, verdict, verdict_of_plan
from tests.peers.carrier import CarrierPeer, Distance, Number
from tests.peers.carrier.caller import longest_s
from tests.peers.carrier.plan import read_plan
from tests.peers.carrier.speech import DIGITS_FOLDER
from tests.peers.recogniser import RecogniserPeer
from tests.speech import program


@dataclass(frozen=True, slots=True)
class Shown:
    """The call for show, placed once, and what was printed of it."""

    tried: Tried
    printed: str


KEYS, WEIGHTS, PEER = "keys", "weights", "peer"
PRINTS: ContextVar[io.StringIO] = ContextVar("PRINTS")


class Apart(io.StringIO):
    """What is printed, for each call that is placed by itself."""

    def write(self, text: str) -> int:
        return PRINTS.get().write(text)


async def placed(folder: Path, speech: Speech) -> Shown:
    """Place one call, by voice where there are ears."""
    PRINTS.set(io.StringIO())
    plan = PLAN_BY_VOICE if speech.heard_by else PLAN_BY_KEYS
    tried = await place(folder, None, plan, Distance(), speech=speech)
    return Shown(tried, PRINTS.get().getvalue())


async def all_placed(folder: Path, names: Iterable[str]) -> dict[str, Shown]:
    """The call by keys, by weights that are here, and by a recogniser elsewhere, all at the same time."""
    boxes = {name: folder / name for name in names}
    for box in boxes.values():
        await asyncio.to_thread(box.mkdir)
    async with RecogniserPeer(DIGITS_FOLDER) as peer, asyncio.TaskGroup() as tasks:
        ears: dict[str, Callable[[Path], Speech]] = {
            KEYS: lambda box: of_weights(box, [folder / "models"]),
            WEIGHTS: lambda box: of_weights(box, [program.WEIGHTS], "whisper-digits-en"),
            PEER: lambda _: elsewhere(peer.uri),
        }
        calls = {n: tasks.create_task(placed(box, ears[n](box)), name=n) for n, box in boxes.items()}
        await asyncio.wait(calls.values())
    return {name: call.result() for name, call in calls.items()}


@pytest.fixture(scope="module")
def each_shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """Those that this run asks for; the one by keys is everybody's."""
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    names = [name for name in (KEYS, WEIGHTS, PEER) if name in asked | {KEYS}]
    with redirect_stdout(Apart()):
        return asyncio.run(all_placed(tmp_path_factory.mktemp("try"), names))


@pytest.fixture(scope="module")
def shown(each_shown: dict[str, Shown]) -> Shown:
    return each_shown[KEYS]


@pytest.mark.drill
@pytest.mark.parametrize("name", [WEIGHTS, PEER])
def test_with_ears_the_box_goes_on_by_voice(each_shown: dict[str, Shown], name: str) -> None:
    call = each_shown[name]
    assert verdict(call.tried, unplugged=True) == []
    before, pulled, after = call.printed.partition("(the plug of the cloud is pulled)")
    assert pulled
    assert "Caller presses 9" in before
    assert "Caller presses" not in after
    said = [line.partition("Caller: ")[2] for line in after.splitlines() if "Caller: " in line]
    assert said[:2] == ["one", "three"]
    assert "Your message is saved" in after


def test_ears_that_understood_nothing_are_told(shown: Shown) -> None:
    found = verdict(replace(shown.tried, by_voice=True), unplugged=True)
    assert found == ["nothing was understood after the cloud was cut off"]


def test_a_call_that_did_its_job_has_nothing_wrong(shown: Shown) -> None:
    assert verdict(shown.tried, unplugged=True) == []
    assert verdict_of_plan(shown.tried) == []


# What the program prints -------------------------------------------------------------------------------

SAID = ("Attendant:", "Caller:", "Tool:")
LEFT_OUT = "..."


CUT = "—"


def lines(text: str) -> list[str]:
    """The lines of a printed conversation, without times; a line that was broken is whole again."""
    found: list[str] = []
    for raw in text.splitlines():
        begins = re.fullmatch(r"  \d+:\d\d\.\d  (.+)|\s+(\(.+\)|\.\.\.)", raw)
        if begins:
            found.append(begins[1] or begins[2])
        elif raw.strip() and found:
            found[-1] += f" {raw.strip()}"
    return found


def apart(conversation: list[str]) -> tuple[list[str], list[str]]:
    """What was said, and what the carrier saw: either is printed when it becomes known."""
    said = [line for line in conversation if line.startswith(SAID) or line == LEFT_OUT]
    return said, [line for line in conversation if not line.startswith(SAID)]


def shows(told: list[str], whole: list[str]) -> bool:
    """Whether these are the lines of the whole, but for lines and ends that are said to be left out."""
    if not told:
        return not whole
    if told[0] == LEFT_OUT:
        return any(shows(told[1:], whole[from_:]) for from_ in range(len(whole) + 1))
    if told[0].endswith(CUT):
        # What the hour decides is not in a text.
        return bool(whole) and whole[0].startswith(told[0].removesuffix(CUT)) and shows(told[1:], whole[1:])
    return whole[:1] == told[:1] and shows(told[1:], whole[1:])


def test_the_readme_shows_the_call_that_the_program_places(shown: Shown) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    block = re.search(r"^A call from a real run.*?^```\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert block is not None
    for told, whole in zip(apart(lines(block[1])), apart(lines(shown.printed)), strict=True):
        assert shows(told, whole), "\n".join(whole)
    times = [int(m) * 60 + float(s) for m, s in re.findall(r"^  (\d+):(\d\d\.\d)", block[1], re.MULTILINE)]
    assert times == sorted(times)


# What can be wrong with it -----------------------------------------------------------------------------


def with_row(shown: Shown, folder: Path, statement: str, *values: str) -> Tried:
    """The same call, of which something else was kept."""
    box = LoopbackBox(folder / "box")
    shutil.copytree(shown.tried.box.folder, box.folder)
    db: Connection = database.connect(box.database)
    try:
        with database.immediate(db):
            assert db.execute(f"{statement} RETURNING 1", values).fetchall()
    finally:
        db.close()
    return replace(shown.tried, box=box)


def gone(shown: Shown, folder: Path, name: str) -> Tried:
    """The same call, of which some files are gone."""
    box = LoopbackBox(folder / "box")
    shutil.copytree(shown.tried.box.folder, box.folder)
    files = [path for path in (box.folder / "data").rglob(name) if path.is_file()]
    assert files
    for path in files:
        path.unlink()
    return replace(shown.tried, box=box)


Spoil = Callable[[Shown, Path], Tried]


def rows(statement: str) -> Spoil:
    return lambda shown, folder: with_row(shown, folder, statement)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (rows("UPDATE call_log SET outcome = 'abandoned'"), "the call was filed as abandoned"),
        (
            rows("UPDATE call_log SET outcome = NULL, ended_at = NULL, duration_s = NULL"),
            "the call log has no end of the call",
        ),
        (rows("UPDATE call_log SET call_sid = 'CA0'"), "the call is not in the call log"),
        (rows("DELETE FROM transcript WHERE speaker = 'caller'"), "not both sides are in the transcript"),
        (rows("DELETE FROM transcript WHERE speaker = 'attendant'"), "not both sides are in the transcript"),
        (
            rows("DELETE FROM call_event WHERE kind = 'UsageReported'"),
            "the cloud did not speak before it was cut off",
        ),
        (
            rows("DELETE FROM call_event WHERE kind = 'BrainChanged'"),
            "the box did not go on by itself after the cloud was cut off",
        ),
        (rows("DELETE FROM message"), "no message was kept after the cloud was cut off"),
        (lambda s, f: gone(s, f, "*.wav"), "no message was kept after the cloud was cut off"),
        (lambda s, _: replace(s.tried, in_time=False), "the call was not over in time"),
    ],
)
def test_what_was_not_kept_is_told(shown: Shown, tmp_path: Path, spoil: Spoil, told: str) -> None:
    assert told in verdict(spoil(shown, tmp_path), unplugged=True)


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("status_401", "it refuses the key: set OPENAI_API_KEY to one of an account that may use it"),
        ("insufficient_quota", "the account's credit is used up: add some to its billing"),
        ("dns", "its name is not found: look whether this machine is on the internet"),
        ("closed_1006", "the line to it was lost (closed_1006)"),
    ],
)
def test_a_service_that_never_spoke_is_told_and_why(
    shown: Shown, tmp_path: Path, reason: str, why: str
) -> None:
    silent = with_row(shown, tmp_path, "DELETE FROM call_event WHERE kind = 'UsageReported'")
    given_up = "UPDATE call_event SET data = json_set(data, '$.reason', ?) WHERE kind = 'BrainChanged'"
    tried = with_row(replace(shown, tried=silent), tmp_path / "why", given_up, reason)
    found = verdict(tried, unplugged=False)
    assert found == [f"the real service did not speak: {why}"]


def test_a_service_that_spoke_and_one_of_which_nothing_is_known(shown: Shown, tmp_path: Path) -> None:
    assert verdict(shown.tried, unplugged=False) == []
    nothing = with_row(shown, tmp_path, "DELETE FROM call_event")
    assert verdict(nothing, unplugged=False) == ["the real service did not speak"]


async def test_a_call_that_nobody_takes_is_told(shown: Shown) -> None:
    async with CarrierPeer() as carrier:
        carrier.network.numbers[CLINIC] = Number("https://nobody.example.test/twilio/voice")
        call = await (await carrier.ring(caller=CALLER, called=CLINIC, plan="wait 1\nhang up")).done()
    found = verdict(replace(shown.tried, call=call), unplugged=False)
    assert {"the call did not end in good order", "the caller heard nothing"} <= set(found)
    assert "the call did not end in good order" in verdict_of_plan(replace(shown.tried, call=call))


async def test_a_caller_who_loses_patience_is_told(shown: Shown) -> None:
    async with CarrierPeer() as carrier:
        carrier.network.numbers[CLINIC] = Number("https://nobody.example.test/twilio/voice")
        carrier.network.addresses.add("https://nobody.example.test", "http://127.0.0.1:9")
        call = await (
            await carrier.ring(caller=CALLER, called=CLINIC, plan="wait for speech within 0.1")
        ).done()
    assert "the call did not end in good order" in verdict_of_plan(replace(shown.tried, call=call))


# How long it may take ----------------------------------------------------------------------------------


def test_a_plan_may_take_as_long_as_it_says() -> None:
    plan = read_plan(
        "press 9#\nwait for reply\nwait for speech within 7\nwait 200\nwait 100.5\nhang up\nwait 9"
    )
    assert longest_s(plan) == pytest.approx(0.2 + 30 + 7 + 200 + 100.5)
    said = longest_s(read_plan("say s2p_nevermind\nleave message s2p_nevermind within 5"))
    assert said > 5 + 2 * 0.5
    assert BESIDE_S >= 120
