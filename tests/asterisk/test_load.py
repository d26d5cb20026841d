"""Many calls at once through the real Asterisk: no frame is lost, and sound comes evenly.

Every caller hears a minute of sound, says something, is understood, and hears another minute. When a packet
of sound came the kernel says, so that the test's own work does not count. Figures are printed.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.core import ulaw
from tests.asterisk.house import ASSISTANT, DESK, House, house
from tests.asterisk.test_house import spoken
from tests.asterisk.test_many import GROWTH_FULL_MIB, SOUND_S, held
from tests.peers.phone import Manner, Phone, PhoneCall, ears, listening
from tests.peers.phone.hearing import Arrival
from tests.peers.phone.sound import Pcm

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

AT_ONCE = 40
PATIENT = "+14155550177"
APART_S = 0.1
"""Between the beginnings of two calls."""
SPOKEN_S = 55
PACKET = 160
"""Samples in a packet, at 8 kHz."""
SKEW_S = 0.08
SPACING_P99_MS = 30.0
SAME = 0.999
HEARS_S = 30.0

FULL_CALLS, FULL_S = 500, 600.0
ROOM: dict[str, dict[str, Any]] = {"limits": {"calls_at_once": 80}}
LONG = f"""
[[turn]]
on = "greeting"
say = "A minute of sound."
tone_ms = {SPOKEN_S * 1000}

[[turn]]
on = "utterance"
heard = "weather"
say = "Another minute of sound."
tone_ms = {SPOKEN_S * 1000}
"""
SHORT = """
[[turn]]
on = "greeting"
say = "Good morning, this is the clinic, what can I do for you?"

[[turn]]
on = "any"
say = "We are open on all working days from eight until five, and on Saturdays until noon."
repeat = true
"""


@dataclass(slots=True)
class Figures:
    """What the callers of a load saw."""

    answered_ms: list[float] = field(default_factory=list)
    gaps_ms: list[float] = field(default_factory=list)
    """Between a packet of a reply and the next."""
    worst_p99_ms: float = 0.0
    lost: int = 0

    def take(self, call: PhoneCall, spans: list[tuple[float, float]]) -> None:
        """Take in a call; it heard replies within these times."""
        stamps = [arrival.at_s for arrival in call.hearing.sound]
        gaps = [
            (later - earlier) * 1000
            for earlier, later in pairwise(stamps)
            if any(since <= earlier and later <= until for since, until in spans)
        ]
        assert gaps, "a call in which nothing was measured"
        self.gaps_ms += gaps
        self.worst_p99_ms = max(self.worst_p99_ms, float(np.percentile(gaps, 99)))
        self.lost += call.hearing.lost

    def told(self) -> str:
        """As one line."""
        answered, gaps = np.array(self.answered_ms), np.array(self.gaps_ms)
        return (
            f"answered after {np.percentile(answered, 50):.0f} ms, at most {answered.max():.0f};"
            f" {len(gaps)} packets, {self.lost} lost, spacing p50 {np.percentile(gaps, 50):.1f},"
            f" p99 {np.percentile(gaps, 99):.1f}, of the worst call {self.worst_p99_ms:.1f},"
            f" at most {gaps.max():.1f} ms"
        )


async def replied(call: PhoneCall, timeout_s: float) -> tuple[float, float]:
    """Hear a reply to its end; when its first packet came, and its last."""
    before = len(call.hearing.audible_s)
    await call.hear(listening.reply(), timeout_s)
    return call.hearing.audible_s[before], call.hearing.audible_s[-1]


@asynccontextmanager
async def trunk(folder: Path, script: str) -> AsyncIterator[tuple[House, Phone]]:
    """A house and the provider of its trunk, from where callers come."""
    async with Phone("provider") as provider:
        ours = {"host": f"127.0.0.1:{provider.where[1]}", "from_networks": ["127.0.0.1/32"]}
        async with house(folder, script, settings={**ROOM, "asterisk.trunk": ours}) as clinic:
            yield clinic, provider


async def dialled(clinic: House, provider: Phone, figures: Figures) -> PhoneCall:
    """A call that is answered."""
    since_s = time.monotonic()
    call = await provider.dial(f"sip:{ASSISTANT}@127.0.0.1:{clinic.ports.sip}", number=PATIENT)
    await call.answered(HEARS_S)
    figures.answered_ms.append((time.monotonic() - since_s) * 1000)
    return call


def cpu_s(pid: int) -> float:
    """What a process has used so far."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


async def test_forty_calls_at_once_lose_no_frame(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures, calls = Figures(), list[tuple[PhoneCall, list[tuple[float, float]]]]()
    async with trunk(tmp_path, LONG) as (clinic, provider):

        async def one(number: int) -> None:
            await asyncio.sleep(number * APART_S)
            call = await dialled(clinic, provider, figures)
            spans = [await replied(call, SPOKEN_S + HEARS_S)]
            call.say(spoken("weather"))
            spans.append(await replied(call, SPOKEN_S + HEARS_S))
            calls.append((call, spans))

        pids = clinic.box.pid, clinic.pbx.pid
        before_s = [cpu_s(pid) for pid in pids]
        async with asyncio.TaskGroup() as tasks:
            for number in range(AT_ONCE):
                tasks.create_task(one(number), name=f"caller {number}")
        used = [cpu_s(pid) - before for pid, before in zip(pids, before_s, strict=True)]
        for call, spans in calls:
            figures.take(call, spans)
        minutes = sum(spans[-1][1] - spans[0][0] for _, spans in calls) / 60
        with capsys.disabled():
            bridge, pbx = (each / minutes for each in used)
            print(f"\n{AT_ONCE} calls at once: {figures.told()};")
            print(f"CPU s a call-minute: bridge {bridge:.2f}, Asterisk {pbx:.2f}")
        async with asyncio.TaskGroup() as tasks:
            for call, _ in calls:
                tasks.create_task(call.hang_up(), name="hang up")
        await clinic.filed(AT_ONCE, SOUND_S)
        assert len(calls) == len(figures.answered_ms) == AT_ONCE
        assert figures.lost == 0
        assert figures.worst_p99_ms < SPACING_P99_MS
        sent = [ulaw.decode(bytes(sound)) for sound in clinic.cloud.sessions[0].audio_out.values()]
        for call, spans in calls:
            heard = call.heard_8k()
            for sound, span in zip(sent, spans, strict=True):
                for piece in unbroken(sound, packets(call, span)):
                    assert ears.find(piece, heard).score > SAME


def packets(call: PhoneCall, span: tuple[float, float]) -> list[Arrival]:
    """The packets of a reply, in order."""
    since_s, until_s = span
    return [arrival for arrival in call.hearing.sound if since_s <= arrival.at_s <= until_s]


def unbroken(sound: Pcm, came: list[Arrival]) -> list[Pcm]:
    """A reply that came as long as it was sent, in pieces between jumps of the PBX's clock.

    Asterisk sets a leg's clock anew when it stood still for more than 80 ms (MAX_TIMESTAMP_SKEW in
    res_rtp_asterisk.c); a telephone hears a pause there.
    """
    assert abs(len(came) * PACKET - len(sound)) <= 2 * PACKET
    steps = [(later.timestamp - earlier.timestamp) & 0xFFFFFFFF for earlier, later in pairwise(came)]
    jumps = [at for at, step in enumerate(steps, 1) if step != PACKET]
    stood_still = [at for at, (one, other) in enumerate(pairwise(came), 1) if other.at_s - one.at_s > SKEW_S]
    assert len(jumps) <= len(stood_still)
    # Where a frame begins in a packet is not known: what lies around a jump is left out.
    edges = [0, *(at * PACKET for at in jumps), len(sound)]
    pieces = [sound[since + 2 * PACKET * (since > 0) : until] for since, until in pairwise(edges)]
    return [piece[: -2 * PACKET] if at < len(jumps) else piece for at, piece in enumerate(pieces)]


async def test_five_hundred_calls_in_ten_minutes_leave_nothing(
    tmp_path: Path, full: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Calls come at random times and end in some way; without --full a tenth in a tenth of the time."""
    count, lasts_s = (FULL_CALLS, FULL_S) if full else (FULL_CALLS // 10, FULL_S / 10)
    chance, figures = random.Random(11), Figures()
    async with trunk(tmp_path, SHORT) as (clinic, provider):
        desk = await clinic.phone(DESK)
        desk.on_ring = Manner.busy()
        warm = await dialled(clinic, provider, Figures())
        await replied(warm, HEARS_S)
        await warm.hang_up()
        await clinic.filed(1, SOUND_S)
        before = {"bridge": held(clinic.box.pid), "PBX": held(clinic.pbx.pid)}
        async with asyncio.TaskGroup() as tasks:
            for number in range(count):
                end = chance.choice(("hangs up", "talks", "talks", "vanishes", "message"))
                begins_s = chance.uniform(0, lasts_s)
                tasks.create_task(
                    short(clinic, provider, end, begins_s, figures), name=f"caller {number} {end}"
                )
        await clinic.filed(1 + count, SOUND_S)
        after = {"bridge": held(clinic.box.pid), "PBX": held(clinic.pbx.pid)}
        channels = await clinic.pbx.cli("core show channels count")
        with capsys.disabled():
            print(f"\n{count} calls in {lasts_s:.0f} s: {figures.told()};")
            print(f"files and MiB {before} -> {after}")
        assert "0 active channels" in channels
        assert clinic.open_calls() == 0
        assert len(figures.answered_ms) == count
        assert figures.lost == 0
        assert figures.worst_p99_ms < SPACING_P99_MS
        assert after["bridge"][0] <= before["bridge"][0] + 4
        assert after["bridge"][1] - before["bridge"][1] <= GROWTH_FULL_MIB


async def short(clinic: House, provider: Phone, end: str, begins_s: float, figures: Figures) -> None:
    """One call that begins then and ends so."""
    await asyncio.sleep(begins_s)
    call = await dialled(clinic, provider, figures)
    spans = [await replied(call, HEARS_S)]
    if end == "talks":
        call.say(spoken("weather"))
        spans.append(await replied(call, HEARS_S))
    figures.take(call, spans)
    if end == "vanishes":
        call.vanish()
        return
    if end == "message":
        call.press("0")
        await call.hear(listening.tone(1000.0), HEARS_S)
        call.say(spoken("weather"))
        await call.said()
    await call.hang_up()
