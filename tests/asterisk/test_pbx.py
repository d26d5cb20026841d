"""The rig itself: an Asterisk that boots, takes a call, dies, comes back, and leaves nothing behind."""

import asyncio
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.core import ulaw
from tests.asterisk.baseline import baseline
from tests.asterisk.pbx import BOOT_S, Pbx, PbxFailed
from tests.asterisk.ports import Ports, free_ports
from tests.asterisk.tree import asterisk_tree

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

TONE_HZ = 1000
DIALPLAN = f"""
[anybody]
exten = tone,1,Answer()
 same = n,PlayTones({TONE_HZ})
 same = n,Wait(30)
"""
ANYBODY = """
[anybody]
type = endpoint
transport = udp
context = anybody
disallow = all
allow = ulaw
[anybody]
type = identify
endpoint = anybody
match = 127.0.0.1
"""


def files(ports: Ports) -> dict[str, str]:
    """The baseline, and one extension that everybody on this machine may call."""
    found = baseline(ports)
    found["extensions.conf"] += DIALPLAN
    found["pjsip.conf"] += ANYBODY
    return found


@pytest.fixture
def ports() -> Iterator[Ports]:
    with free_ports() as found:
        yield found


def faults(log: str) -> list[str]:
    return [line for line in log.splitlines() if " ERROR[" in line or " WARNING[" in line]


async def test_it_boots_quickly_and_without_complaint(tmp_path: Path, ports: Ports) -> None:
    tree = asterisk_tree()
    began = time.monotonic()
    async with Pbx(tmp_path, files(ports), tree) as pbx:
        assert time.monotonic() - began < BOOT_S
        assert (await pbx.cli("core show version")).startswith("Asterisk 22.")
        assert await pbx.cli("core waitfullybooted") == "Asterisk has fully booted."
        assert faults(pbx.log()) == []
        loaded = await pbx.cli("module show like chan_websocket")
        assert re.search(r"chan_websocket\.so .* Running", loaded), loaded


async def test_it_cannot_write_to_the_tree(tmp_path: Path, ports: Ports) -> None:
    async with Pbx(tmp_path, files(ports), asterisk_tree()) as pbx:
        seen = Path(f"/proc/{pbx.pid}/root")
        with pytest.raises(OSError, match="Read-only file system"):
            (seen / "usr/x").touch()
        (seen / "var/spool/asterisk/x").touch()
        assert (tmp_path / "spool/x").exists()


async def test_a_call_hears_the_tone(tmp_path: Path, ports: Ports) -> None:
    async with Pbx(tmp_path, files(ports), asterisk_tree()) as pbx, asyncio.timeout(20):
        heard = await hear(ports, "tone", packets=50)
        spectrum = np.abs(np.fft.rfft(ulaw.decode(heard[-4000:])))
        assert np.argmax(spectrum) * 8000 / 4000 == pytest.approx(TONE_HZ, abs=4)
        assert "0 active calls" in await pbx.cli("core show channels count")


async def test_a_killed_one_starts_again(tmp_path: Path, ports: Ports) -> None:
    async with Pbx(tmp_path, files(ports), asterisk_tree()) as pbx:
        before = pbx.pid
        pbx.signal(signal.SIGKILL)
        await pbx.ended()
        with pytest.raises(PbxFailed):
            await pbx.cli("core show uptime")
        await pbx.restart()
        assert pbx.pid != before
        async with asyncio.timeout(20):
            assert await hear(ports, "tone", packets=1)


async def test_a_stopped_one_is_silent_until_it_goes_on(tmp_path: Path, ports: Ports) -> None:
    async with Pbx(tmp_path, files(ports), asterisk_tree()) as pbx:
        pbx.signal(signal.SIGSTOP)
        with pytest.raises(PbxFailed, match="no answer"):
            await pbx.cli("core show uptime", timeout_s=0.5)
        pbx.signal(signal.SIGCONT)
        assert "System uptime" in await pbx.cli("core show uptime")
        pbx.signal(signal.SIGSTOP)  # and so it is left


async def test_two_at_once_do_not_meet(tmp_path: Path, ports: Ports) -> None:
    tree = asterisk_tree()
    with free_ports() as other_ports:
        assert not {ports.sip, *ports.rtp} & {other_ports.sip, *other_ports.rtp}
        async with (
            Pbx(tmp_path / "one", files(ports), tree) as one,
            Pbx(tmp_path / "other", files(other_ports), tree) as other,
        ):
            await one.cli("database put rig name one")
            await other.cli("database put rig name other")
            assert (await one.cli("database get rig name")).endswith("one")
            async with asyncio.timeout(20), asyncio.TaskGroup() as calls:
                for each in (ports, other_ports):
                    calls.create_task(hear(each, "tone", packets=10), name=f"a call to {each.sip}")


async def test_nothing_outlives_it(tmp_path: Path, ports: Ports) -> None:
    async with Pbx(tmp_path, files(ports), asterisk_tree()) as pbx:
        assert using(tmp_path)
        assert pbx.pid in using(tmp_path)
    assert using(tmp_path) == []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(("127.0.0.1", ports.sip))


async def test_one_that_cannot_boot_says_why_and_is_gone(tmp_path: Path, ports: Ports) -> None:
    wrong = files(ports) | {"modules.conf": "[modules]\nautoload = no\nrequire = chan_teleport.so\n"}
    with pytest.raises(PbxFailed, match="chan_teleport"):
        async with Pbx(tmp_path, wrong, asterisk_tree()):
            pass
    assert using(tmp_path) == []


def using(folder: Path) -> list[int]:
    """The processes that see a mount in the folder."""
    found = []
    for mounts in Path("/proc").glob("[0-9]*/mountinfo"):
        try:
            if str(folder) in mounts.read_text():
                found.append(int(mounts.parent.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


async def hear(ports: Ports, extension: str, packets: int) -> bytes:
    """Call an extension by the least SIP there is, hang up after so many packets; returns their µ-law."""
    loop = asyncio.get_running_loop()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as ear,
    ):
        for each in (line, ear):
            each.bind(("127.0.0.1", 0))
        line.connect(("127.0.0.1", ports.sip))
        me = f"127.0.0.1:{line.getsockname()[1]}"
        offer = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {ear.getsockname()[1]} RTP/AVP 0\r\n"
        )

        async def ask(method: str, number: int, to: str = "", body: str = "") -> None:
            lines = [
                f"{method} sip:{extension}@127.0.0.1:{ports.sip} SIP/2.0",
                f"Via: SIP/2.0/UDP {me};branch=z9hG4bK-{me}-{method}-{number}",
                "Max-Forwards: 70",
                f"From: <sip:rig@{me}>;tag=rig",
                f"To: <sip:{extension}@127.0.0.1>{to}",
                f"Call-ID: rig-{me}",
                f"CSeq: {number} {method}",
                f"Contact: <sip:rig@{me}>",
                *(["Content-Type: application/sdp"] if body else []),
                f"Content-Length: {len(body)}",
            ]
            await loop.sock_sendall(line, ("\r\n".join(lines) + "\r\n\r\n" + body).encode())

        async def accepted() -> str:
            while not (answer := (await loop.sock_recv(line, 65536)).decode()).startswith("SIP/2.0 200 "):
                assert answer.startswith("SIP/2.0 1"), answer
            return answer

        await ask("INVITE", 1, body=offer)
        tagged = re.search(r"^To: .*(;tag=[^\s;]+)", await accepted(), re.MULTILINE)
        assert tagged is not None
        await ask("ACK", 1, tagged[1])
        heard = b"".join([(await loop.sock_recv(ear, 2048))[12:] for _ in range(packets)])
        await ask("BYE", 2, tagged[1])
        await accepted()
        return heard
