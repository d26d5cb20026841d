"""The clock tick of a process, on a real loop."""

import asyncio
import time
from itertools import pairwise

from appliance.core.pulse import BEAT_S, EVERY, Pulse
from tests.peers.stopwatch import own_s


async def beats(pulse: Pulse, count: int) -> list[float]:
    """The times of so many calls of a member."""
    seen: list[float] = []
    enough = asyncio.Event()

    def member(now_s: float) -> None:
        seen.append(now_s)
        if len(seen) >= count:
            enough.set()

    pulse.members.add(member)
    await asyncio.wait_for(enough.wait(), 10)
    pulse.members.discard(member)
    return seen


async def test_members_are_called_every_100_ms_on_an_absolute_schedule() -> None:
    pulse = Pulse()
    pulse.start()
    began, own_began = asyncio.get_running_loop().time(), own_s()
    seen = await beats(pulse, 6)
    pulse.stop()
    for place, at in enumerate(seen, 1):
        due = began + place * BEAT_S * EVERY
        assert due - 0.005 <= at
    assert own_s() - own_began < 6 * BEAT_S * EVERY + 0.5
    assert all(later > earlier for earlier, later in pairwise(seen))


async def test_lateness_is_told_and_missed_beats_are_not_made_up() -> None:
    told: list[float] = []
    pulse = Pulse(told.append)
    pulse.start()
    await beats(pulse, 1)
    before = len(told)
    held_up = time.monotonic()
    while time.monotonic() - held_up < 0.3:
        """The loop is busy with something else."""
    await beats(pulse, 1)
    pulse.stop()
    assert max(told) >= 0.25
    assert pulse.beaten_at > held_up
    # Fifteen beats fell into the 0.3 s; they are gone.
    assert len(told) - before <= 2 * EVERY


async def test_a_member_may_leave_while_it_is_called() -> None:
    pulse = Pulse()
    calls: list[float] = []

    def once(now_s: float) -> None:
        calls.append(now_s)
        pulse.members.discard(once)

    pulse.members.add(once)
    pulse.start()
    await beats(pulse, 2)
    pulse.stop()
    assert len(calls) == 1


async def test_it_can_be_stopped_before_it_began() -> None:
    Pulse().stop()


async def test_a_member_that_raises_stops_no_other() -> None:
    pulse = Pulse()
    calls: list[float] = []

    def broken(now_s: float) -> None:
        calls.append(now_s)
        raise ValueError

    pulse.members.add(broken)
    pulse.start()
    await beats(pulse, 3)
    pulse.stop()
    assert len(calls) == 1
