"""What docs/desk-phones.md promises a newcomer: one command, two telephones set up as it says, a call."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from appliance.core import ulaw
from scripts.loopback_box import ROOT
from tests.asterisk.ports import free_ports
from tests.peers.carrier import speech
from tests.peers.phone import Manner, Phone, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

SERVES_S = 120.0
ENDS_S = 20.0
PHONE = re.compile(
    r"port (\d+), UDP.*?User name +(\d+)\s+Password +(\S+)\s+The assistant +dial (\d+)", re.DOTALL
)


@asynccontextmanager
async def served(folder: Path, port: int) -> AsyncIterator[str]:
    """What the command has printed once it serves; it is ended as Ctrl-C ends it."""
    command = (
        "-m",
        "scripts.serve",
        "--folder",
        str(folder),
        "--phones",
        "127.0.0.1",
        "--sip-port",
        str(port),
    )
    process = await asyncio.create_subprocess_exec(
        # Whoever runs the tests in the background has them, and what they begin, ignore Ctrl-C.
        *("env", "--default-signal=INT", sys.executable, *command),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    try:
        async with asyncio.timeout(SERVES_S):
            printed = await process.stdout.readuntil(b"Admin page")
        yield printed.decode()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(ENDS_S):
            await process.wait()


def spoken(name: str) -> bytes:
    """A recording as a phone says it."""
    return b"".join(speech.load(name).frames)


async def test_two_telephones_are_set_up_by_what_is_printed_and_talk_to_the_box(tmp_path: Path) -> None:
    with free_ports() as ports:
        async with served(tmp_path / "box", ports.sip) as printed:
            (desk_words, nurse_words) = PHONE.findall(printed)
            async with telephone(desk_words) as desk, telephone(nurse_words) as nurse:
                desk.on_ring = Manner.answers(1.0)
                call = await nurse.dial(nurse_words[3])
                await call.answered()
                await call.hear(listening.sound())
                call.press("0")
                taken = await desk.rung()
                await taken.answered()
                call.say(spoken("weather"))
                await taken.hear(listening.recording(ulaw.decode(spoken("weather"))))
                await taken.hang_up()
                await call.ended()


@asynccontextmanager
async def telephone(words: tuple[str, str, str, str]) -> AsyncIterator[Phone]:
    """A telephone with what was printed for it: port, user name, password."""
    port, user, password, _ = words
    async with Phone(user, password, server=("127.0.0.1", int(port))) as phone:
        await phone.register()
        yield phone
