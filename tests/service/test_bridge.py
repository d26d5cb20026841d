"""What the bridge decides when it puts a call together."""

import asyncio
import os
import re
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from appliance.core.staff import StaffSettings
from appliance.service.bridge import ear
from appliance.service.listening import listen_on
from appliance.service.session_plans import turn_detection
from models.local.loudness import Loudness
from scripts.loopback_box import ROOT, LoopbackBox


@pytest.mark.parametrize(
    ("wanted", "detector", "used"),
    [
        ("manual", True, "manual"),
        ("manual", False, "server"),
        ("semantic", False, "semantic"),
        ("server", True, "server"),
    ],
)
def test_turns_are_ended_by_us_only_with_a_detector(wanted: str, used: str, *, detector: bool) -> None:
    staff = StaffSettings.model_validate({"turn_detection": wanted})
    assert turn_detection(staff, detector=detector) == used


@pytest.mark.parametrize("sent", [b"", b"POST /twilio/voice HTTP/1.1\r\nHost: x\r\n"])
async def test_a_request_that_does_not_become_whole_is_let_go(sent: bytes) -> None:
    async with AsyncExitStack() as stack:
        port = await listen_on(stack, web.Application(), "127.0.0.1", 0, headers_s=0.2)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("installed", [True, False])
def test_without_its_network_the_box_listens_by_loudness(
    installed: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "silero.onnx"
    broken.write_bytes(b"not a network")
    judge, state = ear(broken if installed else None)
    assert isinstance(judge, Loudness)
    assert state == "broken"
    assert [record.message[:17] for record in caplog.records] == ["no ear of our own"]


async def test_every_metric_of_a_bridge_is_in_its_page_and_back(tmp_path: Path) -> None:
    async with LoopbackBox(tmp_path, settings={"asterisk": {"enabled": True}}) as box:
        async with ClientSession() as http, http.get(f"{box.local_base}/metrics") as answer:
            text = await answer.text()
        shown = set(re.findall(r"^# TYPE (attendant_\w+) ", text, re.MULTILINE))
        page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    told = set(re.findall(r"^\| `(attendant_\w+)`", page.partition("\n## The worker\n")[0], re.MULTILINE))
    assert {name for name in shown if not name.endswith("_created")} == told


async def metric(box: LoopbackBox, name: str) -> float:
    """A line of the page of a bridge; the name may have labels."""
    async with ClientSession() as http, http.get(f"{box.local_base}/metrics") as answer:
        found = re.search(rf"^{re.escape(name)} (\S+)$", await answer.text(), re.MULTILINE)
    assert found is not None, name
    return float(found[1])


def cpu_s(pid: int) -> float:
    """The processor time of a process, by the kernel (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def test_processor_time_is_told_as_the_kernel_counts_it_and_a_loop_that_stood_still_as_late(
    tmp_path: Path,
) -> None:
    late, below = "attendant_loop_late_seconds", 'attendant_loop_late_seconds_bucket{le="0.2"}'
    async with LoopbackBox(tmp_path) as box:
        before_s = cpu_s(box.pid)
        told_s = await metric(box, "process_cpu_seconds_total")
        assert 0 < before_s - 0.005 <= told_s <= cpu_s(box.pid) + 0.005
        async with asyncio.timeout(10):
            # It beats, and is on time but for what else the machine does.
            while not await metric(box, f"{late}_count") > 10:
                pass
        tardy = await metric(box, f"{late}_count") - await metric(box, below)
        box.signal(signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.6):
                await metric(box, below)
        box.signal(signal.SIGCONT)
        async with asyncio.timeout(10):
            while not await metric(box, f"{late}_count") - await metric(box, below) > tardy:
                pass
        assert await metric(box, f"{late}_sum") > 0.4


async def test_the_collector_passes_over_what_a_bridge_is_made_of(tmp_path: Path) -> None:
    async with LoopbackBox(tmp_path) as box:
        # A full collection of so many is what stops a loop.
        assert await metric(box, "attendant_objects_frozen") > 50_000
