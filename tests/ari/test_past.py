"""What the PBX kept of calls that are over: read, and filed as it went though nobody heard it told."""

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from appliance.core.dispositions import Outcome
from appliance.core.errors import WireError
from appliance.store import calls
from ari_bridge.past import FAMILY, read, went
from tests.ari.stage import CALL, CALLER, Stage, staged
from tests.ari.test_calls import GREETING, TRANSFER, greeted, spoken
from tests.golden.clinic import until

ENDED = datetime(2026, 11, 24, 12, 17, 20, tzinfo=UTC)
AT = int(ENDED.timestamp())


def row(rang: str, *, caller: str = CALLER, seconds: int = 90) -> str:
    """A row as the dialplan writes it."""
    return f"{AT}/{seconds}/{caller}/100/{rang}"


def test_a_row_says_who_rang_how_phones_did_and_when_it_was_over() -> None:
    past = read(CALL, row(" desk-first:NOANSWER: billing:BUSY:0 front-desk:ANSWER:42", caller="4155550100"))
    assert (past.offer.caller, past.offer.called_number, past.offer.carrier) == (
        "+14155550100",
        "100",
        "asterisk",
    )
    assert [(each.department, each.result, each.seconds) for each in past.rang] == [
        ("desk-first", "no-answer", 0),
        ("billing", "busy", 0),
        ("front-desk", "answered", 42),
    ]
    assert (past.ended.at, past.ended.seconds) == (ENDED, 90)
    assert past.began == datetime(2026, 11, 24, 12, 15, 50, tzinfo=UTC)


def test_a_call_in_which_nothing_rang_has_a_row_too() -> None:
    assert read(CALL, row("", caller="")).rang == ()


@pytest.mark.parametrize("text", ["", "1/2/3", f"{AT}/x/+1/2/", f"{AT}/1/+1/2/\nbilling:BUSY:0", "now/1///"])
def test_what_the_dialplan_would_never_write_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        read(CALL, text)


def test_a_ring_that_cannot_be_read_is_left_out() -> None:
    assert [each.department for each in went(CALL, "billing:BUSY: :x 101:ANSWER:3 B:C")] == ["billing", "101"]


def rings(whole: calls.WholeCall) -> list[tuple[str, str, int]]:
    """How phones did, as it is kept."""
    found = [orjson.loads(each.data) for each in whole.events if each.kind == "PhonesRang"]
    return [(each["department"], each["result"], each["seconds"]) for each in found]


async def put_through(stage: Stage) -> None:
    """A caller whom the assistant has let go of, to billing."""
    async with stage.call() as call:
        await greeted(stage, call)
        call.say(spoken("say_en_billing"))
        await call.wait_for(lambda: call.over, 20.0)
    await stage.nobody_held()


def keeps_nothing(stage: Stage) -> bool:
    return not [key for key in stage.ami.database if key.startswith(f"/{FAMILY}/")]


async def test_a_talk_that_was_told_to_nobody_is_filed_as_a_talk(tmp_path: Path) -> None:
    async with staged(tmp_path, TRANSFER) as stage:
        await put_through(stage)
        await stage.ami.vanish()
        stage.ami.database[f"/{FAMILY}/{CALL}"] = row(" billing:BUSY:0 front-desk:ANSWER:42")
        await stage.ami.listen()
        filed = await stage.filed()
        assert filed.call.outcome is Outcome.TRANSFERRED
        assert (filed.call.duration_s, filed.call.reason == "completed") == (90, False)
        await until(lambda: stage.kept(rings) == [("billing", "busy", 0), ("front-desk", "answered", 42)])
        await stage.ami.wait_for(lambda: keeps_nothing(stage))


async def test_what_was_heard_before_is_not_told_twice(tmp_path: Path) -> None:
    async with staged(tmp_path, TRANSFER) as stage:
        await put_through(stage)
        said: dict[str, str] = {"UserEvent": "Attendant", "Call": CALL}
        stage.ami.tell(**said, Did="rang", Department="billing", Result="BUSY", Seconds="")
        # Of the second nobody heard. The end tells of both.
        stage.ami.tell(
            **said, Did="over", Seconds="5", Went=" billing:BUSY: billing:BUSY: front-desk:NOANSWER:"
        )
        filed = await stage.filed()
        assert filed.call.outcome is Outcome.UNANSWERED
        wanted = [("billing", "busy", 0), ("billing", "busy", 0), ("front-desk", "no-answer", 0)]
        await until(lambda: stage.kept(rings) == wanted)
        # And once more by the row, on the next connection.
        stage.ami.database[f"/{FAMILY}/{CALL}"] = row(" billing:BUSY: billing:BUSY: front-desk:NOANSWER:")
        await stage.ami.vanish()
        await stage.ami.listen()
        await stage.ami.wait_for(lambda: keeps_nothing(stage))
        assert stage.kept(rings) == wanted


async def test_a_call_that_a_dead_bridge_never_had_is_filed_with_its_own_times(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        await stage.ami.vanish()
        stage.ami.database[f"/{FAMILY}/a0-1.5"] = row(" front-desk:ANSWER:80")
        stage.ami.database[f"/{FAMILY}/a0-1.6"] = row(" front-desk:NOANSWER:")
        stage.ami.database[f"/{FAMILY}/a0-1.7"] = "nonsense"
        await stage.ami.listen()
        talked, rang = await stage.filed("a0-1.5"), await stage.filed("a0-1.6")
        assert (talked.call.outcome, rang.call.outcome) == (Outcome.TRANSFERRED, Outcome.UNANSWERED)
        assert talked.call.from_number == CALLER
        assert talked.call.started_at == "2026-11-24T12:15:50.000Z"
        assert talked.call.ended_at == "2026-11-24T12:17:20.000Z"
        await stage.ami.wait_for(lambda: keeps_nothing(stage))


async def test_a_call_that_a_killed_bridge_had_begun_is_filed_as_it_went(tmp_path: Path) -> None:
    async with staged(tmp_path, TRANSFER) as stage:
        await put_through(stage)
        stage.box.signal(signal.SIGKILL)
        await stage.box.ended()
        stage.ami.database[f"/{FAMILY}/{CALL}"] = row(" billing:ANSWER:60")
        await stage.box.start()

        def talked(whole: calls.WholeCall) -> Any:
            return whole.call.outcome is Outcome.TRANSFERRED

        await until(lambda: stage.kept(talked), 20.0)
        await until(lambda: stage.kept(rings) == [("billing", "answered", 60)])


async def test_a_call_of_which_the_pbx_itself_has_lost_all_is_not_called_abandoned(tmp_path: Path) -> None:
    async with staged(tmp_path, TRANSFER) as stage:
        await put_through(stage)
        # It was ended in the midst of it: no channel, and no row.
        await stage.ami.vanish()
        await stage.ami.listen()
        filed = await stage.filed()
        assert filed.call.outcome is Outcome.INTERRUPTED
        assert str(filed.call.disposition) == "transfer:billing"


async def test_one_who_hung_up_while_the_manager_was_away_has_abandoned_the_call(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        async with stage.call() as call:
            await greeted(stage, call)
            await stage.ami.vanish()
            await call.hang_up()
        await stage.ami.listen()
        assert (await stage.filed()).call.outcome is Outcome.ABANDONED
