"""Faults around a call on the real Asterisk, and how long the caller waits until a person's phone rings."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from appliance.core import ulaw
from appliance.core.dispositions import Outcome
from tests.asterisk.house import ASSISTANT, CALLER, DESK, LOOK_AGAIN_S, NURSE, House, house, measured
from tests.asterisk.pbx import PbxFailed
from tests.asterisk.staff import shows
from tests.asterisk.test_house import DEAD_AIR_S, GREETING, TRANSFER, greeted, spoken
from tests.golden.clinic import until
from tests.peers.phone import Manner, PhoneCall, listening
from tests.peers.phone.sound import Pcm

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

REACHED_S = 10.0
PLACED_S = 1.0
GATE_S = 2.0
"""How long the test holds a call between the gate and its sound."""
QUIET_S = 65.0
"""Longer than a phone without sound was let live before."""


@asynccontextmanager
async def without_manager(clinic: House) -> AsyncIterator[None]:
    """The manager interface is gone: nobody is let in, and who was in is out."""
    path = clinic.pbx.etc / "manager.conf"
    text = path.read_text()
    path.write_text(text.replace("enabled = yes", "enabled = no"))
    await clinic.pbx.cli("manager reload")
    await run("ss", "-K", "-tn", "state", "established", "dport", "=", str(clinic.ports.ami))
    try:
        await clinic.healthy("not connected")
        yield
    finally:
        path.write_text(text)
        await clinic.pbx.cli("manager reload")


async def run(*command: str) -> str:
    """What a program prints."""
    ran = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await ran.communicate()
    assert ran.returncode == 0
    return said.decode()


def quiet_s(call: PhoneCall, since_s: float) -> float:
    """The longest time without a sound since then."""
    heard = [since_s, *(at_s for at_s in call.hearing.audible_s if at_s > since_s), time.monotonic()]
    return max(later - earlier for earlier, later in pairwise(heard))


@pytest.mark.parametrize("when", ["before the call", "in the greeting"])
async def test_a_bridge_that_hangs_leaves_nobody_in_dead_air(
    when: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(tmp_path, GREETING, watched=True) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        hung_s, before = time.monotonic(), clinic.box.pid
        if when == "before the call":
            clinic.box.signal(signal.SIGSTOP)
            call = await caller.dial(ASSISTANT)
            # The gate notices, and the dialplan speaks.
            await call.hear(listening.sound(), DEAD_AIR_S)
            waited_s = time.monotonic() - hung_s
            taken = await desk.rung(timeout_s=20.0)
        else:
            call = await caller.dial(ASSISTANT)
            await call.answered()
            await call.hear(listening.sound())
            hung_s = time.monotonic()
            clinic.box.signal(signal.SIGSTOP)
            taken = await desk.rung()
            waited_s = time.monotonic() - hung_s
        until_what = "a sentence" if when == "before the call" else "the desk rings"
        measured(capsys, f"bridge hangs {when}, until {until_what}", waited_s)
        assert waited_s < DEAD_AIR_S
        await taken.answered()
        await both_hear(call, taken)
        await call.hang_up()
        # And it is back by itself, for the next one.
        await until(lambda: clinic.box.pid != before, 20.0)
        await clinic.connected()
        again = await greeted(caller)
        await again.hang_up()
        await clinic.filed(2)


async def test_without_the_manager_a_transfer_goes_where_it_was_promised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        caller, nurse = await clinic.phone(CALLER), await clinic.phone(NURSE)
        desk = await clinic.phone(DESK)
        nurse.on_ring = Manner.answers(0.5)
        call = await greeted(caller)
        async with without_manager(clinic):
            call.say(spoken("say_en_billing"))
            await call.said()
            said_s = time.monotonic()
            taken = await nurse.rung(timeout_s=20.0)
            waited_s = quiet_s(call, said_s)
            measured(capsys, "manager interface gone, the longest silence until it rings", waited_s)
            assert waited_s < DEAD_AIR_S
            await taken.answered()
            await taken.hear(listening.reply(), 20.0)
            taken.press("1")
            await call.hear(listening.silence())
            call.say(spoken("weather"))
            await taken.hear(listening.recording(pcm("weather")))
            assert desk.incoming == []
            # A call that comes meanwhile is greeted as any other.
            await taken.hang_up()
            await call.ended()
            again = await greeted(caller)
            await again.hang_up()
        await clinic.healthy("ok")
        await clinic.filed(2)
        assert clinic.open_calls() == 0


async def test_a_media_connection_that_is_cut_leads_to_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        call = await greeted(caller)
        cut_s = time.monotonic()
        port = str(clinic.box.ports["local"])
        cut = await run("ss", "-K", "-tnH", "state", "established", "dport", "=", port)
        assert port in cut
        taken = await desk.rung()
        waited_s = time.monotonic() - cut_s
        measured(capsys, "media connection cut, until the desk rings", waited_s)
        assert waited_s < DEAD_AIR_S
        await taken.answered()
        await both_hear(call, taken)
        await taken.hang_up()
        await call.ended()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.TRANSFERRED


def pcm(name: str) -> Pcm:
    """A recording as samples."""
    return ulaw.decode(spoken(name))


async def both_hear(call: PhoneCall, taken: PhoneCall) -> None:
    """Each says something, and the other hears it."""
    for says, hears, name in ((call, taken, "weather"), (taken, call, "s2p_nevermind")):
        # By the stamps of the packets it may have begun before it came.
        since_s = time.monotonic() - PLACED_S
        says.say(spoken(name))
        await hears.hear(listening.every_packet(pcm(name)), since_s=since_s)


async def test_a_caller_who_hangs_up_frees_the_desk_that_is_asked(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        caller, nurse = await clinic.phone(CALLER), await clinic.phone(NURSE)
        nurse.on_ring = Manner.answers(0.3)
        call = await greeted(caller)
        call.say(spoken("say_en_billing"))
        taken = await nurse.rung(timeout_s=20.0)
        await taken.answered()
        await taken.hear(listening.sound())
        gone_s = time.monotonic()
        await call.hang_up()
        await taken.ended()
        assert time.monotonic() - gone_s < 1.0
        (whole,) = await clinic.filed()
        (rang,) = [orjson.loads(row.data) for row in whole.events if row.kind == "PhonesRang"]
        assert (rang["department"], rang["result"]) == ("billing", "canceled")


async def test_a_phone_that_sends_no_sound_stays_in_its_call(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.3)
        call = await greeted(caller)
        call.press("0")
        taken = await desk.rung()
        await taken.answered()
        await both_hear(call, taken)
        call.media.silent = True
        since_s = time.monotonic()
        await taken.until(lambda: taken.over or time.monotonic() > since_s + QUIET_S, QUIET_S + 10.0)
        assert not taken.over
        call.media.silent = False
        await both_hear(call, taken)
        await taken.hang_up()
        await call.ended()


async def test_a_phone_that_has_vanished_is_noticed(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.3)
        call = await greeted(caller)
        call.press("0")
        taken = await desk.rung()
        await taken.answered()
        call.vanish()
        # It is asked after 90 s, and given up after 32.
        await taken.ended(150.0)
        assert taken.ended_by == "them"


async def test_a_desk_hands_a_caller_back_to_the_assistant(tmp_path: Path) -> None:
    again = '[[turn]]\non = "any"\nconnection = 2\nsay = "What else can I do for you today?"\n'
    async with house(tmp_path, again + TRANSFER) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        call = await greeted(caller)
        call.press("0")
        taken = await desk.rung()
        await taken.answered()
        await both_hear(call, taken)
        await taken.refer(ASSISTANT)
        await taken.hang_up()
        await clinic.cloud.wait_for(lambda: clinic.cloud.sessions[1:], 20.0)
        await call.hear(listening.reply(), 20.0)
        call.press("0")
        once_more = await desk.rung(2)
        await once_more.answered()
        await both_hear(call, once_more)
        await call.hang_up()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.TRANSFERRED
        rang = [orjson.loads(row.data)["result"] for row in whole.events if row.kind == "PhonesRang"]
        assert rang == ["answered", "answered"]


async def test_a_desk_connects_a_caller_with_its_own_call_to_the_assistant(tmp_path: Path) -> None:
    again = '[[turn]]\non = "greeting"\nconnection = 2\nsay = "What else can I do for you today?"\n'
    async with house(tmp_path, again + TRANSFER) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        nurse = await clinic.phone(NURSE)
        desk.on_ring, nurse.on_ring = Manner.answers(0.5), Manner.answers(0.5)
        call = await greeted(caller)
        call.press("0")
        taken = await desk.rung()
        await taken.answered()
        await both_hear(call, taken)
        await taken.hold()
        asked = await greeted(desk)
        await taken.refer_to(asked)
        await taken.hang_up()
        # The assistant now talks with the caller, and what it promises comes true.
        await call.hear(listening.silence())
        call.say(spoken("say_en_billing"))
        other = await nurse.rung(timeout_s=20.0)
        await other.answered()
        await other.hear(listening.reply(), 20.0)
        other.press("1")
        await call.hear(listening.silence())
        await both_hear(call, other)
        await call.hang_up()
        await clinic.filed(2)
        assert clinic.open_calls() == 0


@asynccontextmanager
async def blocked_manager(clinic: House) -> AsyncIterator[None]:
    """Nothing comes from the manager interface any more, and nobody is told so: packets vanish on the way."""
    table = f"attendant-test-{os.getpid()}"
    rule = f"tcp sport {clinic.ports.ami} drop"
    await run("nft", "add", "table", "inet", table)
    try:
        await run("nft", f"add chain inet {table} in {{ type filter hook input priority 0 ; }}")
        await run("nft", f"add rule inet {table} in iif lo {rule}")
        yield
    finally:
        await run("nft", "delete", "table", "inet", table)


@pytest.mark.skipif(
    shutil.which("nft") is None, reason="packets are dropped by nft; Debian has it in `nftables`"
)
async def test_a_manager_that_is_blocked_keeps_nobody_from_where_they_are_to_go(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        call = await greeted(caller)
        async with blocked_manager(clinic):
            pressed_s = time.monotonic()
            call.press("0")
            taken = await desk.rung()
            waited_s = time.monotonic() - pressed_s
            await taken.answered()
            await both_hear(call, taken)
            await taken.hang_up()
            await call.ended()
            # It is noticed, and the connection given up.
            await clinic.healthy("not connected")
        measured(capsys, "manager interface blocked, from the key until the desk rings", waited_s)
        assert waited_s < DEAD_AIR_S
        # How it went was told on that connection, and heard by nobody: it is found out.
        await clinic.connected()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.TRANSFERRED
        rang = [orjson.loads(row.data)["result"] for row in whole.events if row.kind == "PhonesRang"]
        assert rang == ["answered"]
        assert clinic.open_calls() == 0
        await shows(clinic, "database show attendant-past", "0 results")


async def test_a_talk_that_begins_and_ends_while_the_bridge_is_dead_is_filed_as_one(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.3)
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        call = await caller.dial(ASSISTANT)
        taken = await desk.rung(timeout_s=20.0)
        await taken.answered()
        await both_hear(call, taken)
        await taken.hang_up()
        await call.ended()
        await shows(clinic, "database show attendant-past", "1 results")
        await clinic.box.start()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.TRANSFERRED
        assert whole.call.from_number == CALLER
        assert (whole.call.duration_s or 0) >= 3
        await shows(clinic, "database show attendant-past", "0 results")


async def reachable(clinic: House, count: int) -> None:
    """Wait until the PBX has seen of so many phones that they can be reached."""
    async with asyncio.timeout(REACHED_S):
        found = 0
        while found < count:
            found = (await clinic.pbx.cli("pjsip show contacts")).count(" Avail ")
            await asyncio.sleep(LOOK_AGAIN_S)


async def test_an_asterisk_that_is_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        # One that is asked just then would count as gone for half a minute.
        await reachable(clinic, 2)
        clinic.pbx.signal(signal.SIGSTOP)
        try:
            await clinic.healthy("not connected")
        finally:
            clinic.pbx.signal(signal.SIGCONT)
        await clinic.connected()
        call = await greeted(caller)
        call.press("0")
        taken = await desk.rung()
        await taken.answered()
        await both_hear(call, taken)
        await call.hang_up()
        await clinic.filed()
        assert clinic.open_calls() == 0


async def test_an_asterisk_that_is_killed_answers_again_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller = await clinic.phone(CALLER)
        cut = await greeted(caller)
        killed_s = time.monotonic()
        clinic.pbx.signal(signal.SIGKILL)
        await clinic.pbx.ended()
        await clinic.pbx.restart()
        # Nobody was there to tell the telephone; who hears nothing more hangs up, and calls again.
        assert not cut.over
        await cut.hang_up()
        again = await caller.dial(ASSISTANT)
        await again.hear(listening.sound(), DEAD_AIR_S)
        waited_s = time.monotonic() - killed_s
        measured(capsys, "Asterisk killed, until a new call hears the assistant", waited_s)
        assert waited_s < DEAD_AIR_S
        await again.hang_up()
        first, second = await clinic.filed(2)
        # Of the one that was cut nobody can say that its caller gave up.
        assert first.call.outcome is Outcome.INTERRUPTED
        assert second.call.outcome is Outcome.ABANDONED


async def test_an_asterisk_that_is_told_to_end_lets_its_callers_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(tmp_path, GREETING) as clinic:
        call = await greeted(await clinic.phone(CALLER))
        ended_s = time.monotonic()
        # As the unit ends it, for an update or a restart of the machine.
        with suppress(PbxFailed):
            await clinic.pbx.cli("core stop now")
        await call.ended(DEAD_AIR_S)
        measured(capsys, "Asterisk is told to end, until its callers are let go", time.monotonic() - ended_s)
        await clinic.pbx.ended()
        await clinic.pbx.restart()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.ABANDONED


async def test_a_bridge_that_hangs_between_gate_and_sound_leads_to_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(tmp_path, GREETING, watched=True) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        dialplan = clinic.pbx.etc / "extensions.conf"
        gate = " same = n,Dial(WebSocket/"
        # The gate has found the bridge alive; now there is time for it to hang.
        dialplan.write_text(dialplan.read_text().replace(gate, f" same = n,Wait({GATE_S:g})\n{gate}"))
        await clinic.pbx.cli("dialplan reload")
        call = await caller.dial(ASSISTANT)
        await call.answered()
        clinic.box.signal(signal.SIGSTOP)
        hung_s = time.monotonic()
        # Asterisk waits for the handshake as long as the connection stands: the watchdog ends that.
        taken = await desk.rung()
        waited_s = time.monotonic() - hung_s
        measured(capsys, "bridge hangs between gate and sound, until the desk rings", waited_s)
        assert waited_s < DEAD_AIR_S
        await taken.answered()
        await both_hear(call, taken)
        await call.hang_up()
