"""The connection to the manager interface: what is answered late or never, and what comes after it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from appliance.core.errors import CarrierFailed
from ari_bridge.ami_events import AmiEvent
from ari_bridge.control import Access, AsteriskControl
from tests.golden.clinic import until
from tests.peers.pbx import ManagerPeer

SECRET = "ami-of-the-test"


async def nothing(_told: object) -> None: ...


@asynccontextmanager
async def connected(
    ami: ManagerPeer,
    ping_s: float = 5.0,
    begun: Callable[[AsteriskControl], Awaitable[None]] = nothing,
    heard: Callable[[AmiEvent], Awaitable[None]] = nothing,
) -> AsyncIterator[AsteriskControl]:
    """A connection that stands."""

    async def begins() -> None:
        await begun(made)

    access = Access("127.0.0.1", ami.port, "attendant", SECRET)
    made = AsteriskControl(access, heard, begins, ping_s=ping_s, again_s=0.05)
    async with made, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(made.run(), name="control")
        await until(lambda: made.connected)
        yield made
        running.cancel()


async def test_an_action_without_an_answer_is_forgotten() -> None:
    async with ManagerPeer(SECRET) as ami, connected(ami) as made:
        ami.mute = True
        before = made.awaited
        for _ in range(3):
            with pytest.raises(CarrierFailed, match="did not answer"):
                await made.act("Setvar", within_s=0.05, Channel="c", Variable="v", Value="1")
        with pytest.raises(CarrierFailed, match="did not answer"):
            await made.act("Command", within_s=0.05, Command="core reload")
        assert made.awaited == before
        ami.mute = False
        await made.leave("PJSIP/101-1", "transfer:billing")
        assert ami.variables == {("PJSIP/101-1", "ATTENDANT_NEXT"): "transfer:billing"}


async def test_a_connection_on_which_nobody_answers_is_made_anew() -> None:
    async with ManagerPeer(SECRET) as ami, connected(ami, ping_s=0.2) as made:
        ami.mute = True
        await until(lambda: not made.connected)
        # Who is let in, but not answered, tries again as well.
        logins = [each for each in ami.actions if each["Action"] == "Login"]
        await ami.wait_for(
            lambda: len([each for each in ami.actions if each["Action"] == "Login"]) > len(logins) + 1
        )
        ami.mute = False
        await until(lambda: made.connected)
        await made.leave("PJSIP/101-1", "transfer:billing")


async def test_what_was_not_found_out_at_the_beginning_is_found_out_soon(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked, heard = [], []

    async def begun(control: AsteriskControl) -> None:
        asked.append(control)
        await control.act("CoreShowChannels", within_s=0.05)

    async def hears(event: AmiEvent) -> None:
        heard.append(event)

    async with ManagerPeer(SECRET) as ami:
        ami.silent.add("CoreShowChannels")
        async with connected(ami, begun=begun, heard=hears):
            await until(lambda: len(asked) > 2)
            # What is told meanwhile is heard, and does not put it off.
            ami.tell(UserEvent="Attendant", Did="over", Call="a0-1.1", Seconds="1")
            await until(lambda: heard)
            ami.silent.clear()
            before = len(asked)
            await until(lambda: len(asked) > before)
            # Answered once, it is asked no more: what is asked next has come when another login is there.
            last = len(asked)
            ami.tell(UserEvent="Attendant", Did="over", Call="a0-1.2", Seconds="1")
            await until(lambda: len(heard) == 2)
            assert len(asked) == last
    assert "did not say what became of its calls" in caplog.text
