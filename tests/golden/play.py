"""Plays a golden call against a clinic, and says what was seen.

May import: the standard library, tests.peers, scripts.loopback_box, this package.
"""

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass

from scripts.loopback_box import CLINIC
from tests.golden import measures
from tests.golden.assistant import read_assistant
from tests.golden.clinic import Bench, Clinic, read_arrangement, until
from tests.golden.filed import Filed, count, filed
from tests.golden.format import GoldenCall, late
from tests.golden.happened import happened, soft_sounds
from tests.golden.meanwhile import read_incident
from tests.golden.told import told
from tests.peers.carrier import PhoneCall
from tests.peers.carrier import happenings as h

LONGEST_S = 60.0
OTHER_CALLER = "+15550100003"
HARMLESS = re.compile(r'\{"at":"[^"]+","level":"(info|warning)"')
LIVE = "attendant_calls_live"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a call: the checked sections, what else was wrong, and the call as it was filed.

    `soft_sounds` is how often a silence was broken by one.
    """

    sections: dict[str, list[str]]
    wrong: list[str]
    filed: Filed
    soft_sounds: int = 0


async def play(call: GoldenCall, bench: Bench) -> Seen:
    """Play a call and look at everything afterwards."""
    arrangement = read_arrangement(call.lines("clinic"))
    script = read_assistant(call.lines("assistant"))
    async with bench.clinic(arrangement, script) as clinic:
        if arrangement.box_dead:
            await clinic.kill()
        others = [await _other(call, clinic)] if call.lines("other caller") else []
        phone = await _main(call, clinic)
        for other in others:
            other.hang_up()
            await other.done(LONGEST_S)
        if clinic.killed:
            await clinic.start_again()
        kept = [await _kept(clinic, each) for each in (phone, *others)]
        lines, at_ms = happened(phone, script, arrangement.audio)
        sections = {
            "expect": lines,
            "told": told(clinic.cloud.sessions),
            "transcript": kept[0].transcript(),
            "outcome": kept[0].outcome(),
            "texts": [f"{each.to}: {each.body}" for each in clinic.carrier.messages],
            "measures": measures.measures(kept[0].whole, clinic.cloud.sessions),
        }
        if call.lines("calendar"):
            sections["calendar"] = await asyncio.to_thread(clinic.standing, kept[0].bookings)
        figures = [each for one in kept for each in measures.wrong(one.whole, one.happened)]
        wrong = [*late(call, at_ms), *figures, *await _wrong(clinic, len(kept))]
        return Seen(sections, wrong, kept[0], soft_sounds(phone))


async def _main(call: GoldenCall, clinic: Clinic) -> PhoneCall:
    """Ring, let befall it what is to befall it, and hear it to its end."""
    incidents = [read_incident(line) for line in call.lines("meanwhile")]
    faults = clinic.arrangement.faults
    phone = await clinic.carrier.ring(
        caller=clinic.arrangement.caller, called=CLINIC, plan=call.text("caller"), faults=faults
    )
    async with asyncio.TaskGroup() as tasks:
        for incident in incidents:
            tasks.create_task(incident.befall(clinic, phone), name=f"{call.name} incident")
        try:
            await phone.done(LONGEST_S)
        except TimeoutError:
            phone.trouble(0, f"the call is not over after {LONGEST_S:.0f} s")
            phone.hang_up()
            await phone.done(LONGEST_S)
    return phone


async def _other(call: GoldenCall, clinic: Clinic) -> PhoneCall:
    """Somebody who rang before and is with the assistant."""
    other = await clinic.carrier.ring(caller=OTHER_CALLER, called=CLINIC, plan=call.text("other caller"))
    await other.journal.wait_for(h.StreamStarted)
    return other


async def _kept(clinic: Clinic, phone: PhoneCall) -> Filed:
    async with AsyncExitStack() as stack:
        if phone.recordings:
            # The bridge keeps word of a recording, and the worker fetches it.
            await stack.enter_async_context(clinic.bridge.beside("worker"))
        kept = await until(lambda: filed(clinic.bridge.database, phone.sid))
    assert kept is not None
    return kept


async def _wrong(clinic: Clinic, calls: int) -> list[str]:
    """What must not be after any call."""
    wrong = [f"the bridge wrote: {line}" for line in clinic.log() if not HARMLESS.match(line)]
    if (live := await clinic.metric(LIVE)) != 0:
        wrong.append(f"{live} calls are live")
    if (rows := await asyncio.to_thread(count, clinic.bridge.database)) != clinic.calls_before + calls:
        wrong.append(f"{rows - clinic.calls_before} calls are in the call log, not {calls}")
    for session in clinic.cloud.sessions:
        wrong += [f"session {session.number} had no words for: {each}" for each in session.unscripted]
    frozen = any(fault.kind == "freeze" for turn in clinic.cloud.script.turns for fault in turn.faults)
    if (sessions := clinic.cloud.sessions) and not frozen:
        await clinic.cloud.wait_for(lambda: all(session.closed for session in sessions))
    return wrong
