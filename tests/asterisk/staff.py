"""What tests of codes and of numbers outside ask of a house: its sentences, its rows, its dialplan.

May import: appliance, tests.asterisk, tests.peers.
"""

import asyncio
from contextlib import suppress

from appliance.core import ulaw
from appliance.core.staff import Office
from appliance.store import codes, database, office
from tests.asterisk.house import ASSISTANT, LOOK_AGAIN_S, House
from tests.peers.phone import CallOver, Phone, PhoneCall, ears, listening
from tests.peers.phone.sound import Pcm
from tests.peers.stopwatch import all_waited_for_core_s

HEARD_S = 20.0
GREETED_S = 10.0
AHEAD_S = 0.2
"""So much sound the bridge has with Asterisk before it is due."""
TRIES = 4
READ_S = 20.0
PIECE = 6000
"""Samples that are looked for in one piece."""


def sentence(clinic: House, name: str) -> Pcm:
    """A sentence of the house as it was made."""
    path = clinic.box.folder / "data/asterisk/etc/sounds" / f"{name}.ulaw"
    return ulaw.decode(path.read_bytes())


async def hears(call: PhoneCall, clinic: House, name: str) -> None:
    """Wait until this sentence of the house was heard in the call, which may end with its last word.

    Asterisk plays it by itself: what a machine that stands still does to its time is no fault of ours.
    """
    words = sentence(clinic, name)
    try:
        await call.hear(listening.every_packet(words), HEARD_S, since_s=0)
    except CallOver:
        assert ears.find(words, call.hearing.in_a_row()).score > 0.8


async def greeted_with(words: Pcm, caller: Phone, clinic: House) -> PhoneCall:
    """A call in which the bridge says this, whole and in its time.

    A bridge that had no core for longer than its sound lasts ahead is no fault of ours: then once more.
    """
    for _ in range(TRIES):
        waited_s = all_waited_for_core_s(clinic.box.pid)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        with suppress(TimeoutError):
            await call.hear(listening.recording(words), GREETED_S, since_s=0)
            return call
        assert all_waited_for_core_s(clinic.box.pid) - waited_s > AHEAD_S, "the greeting was not heard whole"
        await call.hang_up()
    raise AssertionError("the bridge had no core, however often it was called")


def heard(call: PhoneCall, words: Pcm) -> bool:
    """Whether this was heard in the call, as far as a busy machine plays it without a gap."""
    all_of_it = call.heard_8k()
    pieces = [words[at : at + PIECE] for at in range(0, len(words) - PIECE, PIECE)]
    return max(ears.find(piece, all_of_it).score for piece in pieces) > 0.8


def kept_office(clinic: House) -> Office:
    """What staff decided, as it is on disk."""
    db = database.connect_readonly(clinic.box.database)
    try:
        return office.load(db)
    finally:
        db.close()


def done(clinic: House) -> list[tuple[str, str]]:
    """What phones had done, the first first."""
    db = database.connect_readonly(clinic.box.database)
    try:
        return [(row.phone, row.what) for row in reversed(codes.dialled(db))]
    finally:
        db.close()


async def dialplan_has(clinic: House, where: str, text: str) -> None:
    """Wait until Asterisk has read a dialplan with this text in a context or an extension."""
    await shows(clinic, f"dialplan show {where}", text)


async def shows(clinic: House, command: str, text: str) -> None:
    """Wait until Asterisk answers a command with this text in it."""
    async with asyncio.timeout(READ_S):
        shown = ""
        while text not in shown:
            shown = await clinic.pbx.cli(command)
            await asyncio.sleep(LOOK_AGAIN_S)
