"""Alive, health and metrics, over a real socket."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from aiohttp import ClientSession, web

from appliance.core.counters import Counters
from appliance.core.pulse import Pulse
from appliance.service.health import Health
from appliance.service.metrics import Metrics
from appliance.service.parts import Part, Reading, fixed
from appliance.store.writer import Writer


class Listener:
    """The loopback listener."""

    def __init__(self, counters: Counters, metrics: Metrics, pulse: Pulse) -> None:
        self.url, self.counters, self.metrics, self.pulse = "", counters, metrics, pulse
        self.parts: dict[str, Reading] = {"cloud": fixed("ok")}
        self.health: Health

    async def get(self, path: str) -> tuple[int, str]:
        async with ClientSession() as http, http.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def asked(self) -> tuple[int, Any]:
        async with ClientSession() as http, http.get(f"{self.url}/healthz") as answer:
            return answer.status, await answer.json()


@pytest_asyncio.fixture
async def listener(writer: Writer) -> AsyncIterator[Listener]:
    counters = Counters()
    metrics = Metrics(counters, writer)
    pulse = Pulse(metrics.loop_late)
    pulse.start()
    app = web.Application()
    told = Listener(counters, metrics, pulse)
    told.health = Health(pulse, writer, counters, metrics, told.parts)
    app.add_routes(told.health.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    told.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield told
    pulse.stop()
    await runner.cleanup()


async def test_alive_is_exactly_ok(listener: Listener) -> None:
    assert await listener.get("/alive") == (200, "ok")


async def test_health_tells_the_parts(listener: Listener) -> None:
    listener.counters.live = 3
    status, health = await listener.asked()
    assert (status, health["state"]) == (200, "ok")
    assert health["parts"].keys() == {"loop", "store", "calls", "cloud"}
    assert health["parts"]["calls"] == {"state": "ok", "live": 3}
    assert health["parts"]["store"] == {"state": "ok", "waiting_rows": 0}
    assert health["parts"]["cloud"] == {"state": "ok"}


async def test_a_loop_that_was_late_is_not_well(listener: Listener) -> None:
    until = time.monotonic() + 0.4
    while time.monotonic() < until:
        """The loop is held up."""
    looked = asyncio.Event()
    listener.pulse.members.add(lambda _: looked.set())
    await looked.wait()
    status, health = await listener.asked()
    assert (status, health["state"]) == (503, "late")
    assert health["parts"]["loop"]["state"] == "late"
    assert health["parts"]["loop"]["late_s"] > 0.25
    assert await listener.get("/alive") == (200, "ok")


async def test_a_dead_store_is_told(listener: Listener, writer: Writer) -> None:
    await writer.close()
    status, health = await listener.asked()
    assert (status, health["state"]) == (200, "degraded")
    assert health["parts"]["store"]["state"] == "dead"


async def test_metrics_show_the_counters_and_no_caller(listener: Listener) -> None:
    listener.counters.offered = 7
    listener.counters.outcomes["handled"] = 5
    listener.counters.brains_lost["mute"] = 2
    listener.counters.playout_dropped_ms = 1500
    status, page = await listener.get("/metrics")
    assert status == 200
    for row in (
        "attendant_calls_offered_total 7.0",
        'attendant_outcomes_total{outcome="handled"} 5.0',
        'attendant_brains_lost_total{reason="mute"} 2.0',
        "attendant_playout_dropped_seconds_total 1.5",
        "attendant_store_waiting_rows 0.0",
        "attendant_store_longest_commit_seconds 0.0",
        "attendant_loop_late_seconds_count",
        "process_resident_memory_bytes",
    ):
        assert row in page


async def test_metrics_show_everything_that_is_dropped(listener: Listener, writer: Writer) -> None:
    counters = listener.counters
    counters.events_dropped, counters.wishes_dropped, counters.cloud_garbage = 3, 4, 5
    counters.playout_dropped_ms, counters.uplink_dropped_ms = 1500, 2500
    writer.counts.dropped, writer.counts.dropped_partial, writer.counts.refused = 6, 7, 8
    listener.metrics.count("media_messages_dropped", "Late ones", lambda: 9)
    _, page = await listener.get("/metrics")
    for name, value in (
        ("events_dropped", 3),
        ("cloud_requests_dropped", 4),
        ("cloud_garbage", 5),
        ("playout_dropped_seconds", 1.5),
        ("uplink_dropped_seconds", 2.5),
        ("store_rows_dropped", 6),
        ("store_partial_rows_dropped", 7),
        ("store_rows_refused", 8),
        ("media_messages_dropped", 9),
    ):
        assert f"# HELP attendant_{name}_total " in page
        assert f"# TYPE attendant_{name}_total counter" in page
        assert f"\nattendant_{name}_total {float(value)}\n" in page


async def test_a_pulse_that_has_stopped_is_not_well(listener: Listener) -> None:
    looked = asyncio.Event()
    listener.pulse.members.add(lambda _: looked.set())
    await looked.wait()
    listener.pulse.stop()
    listener.pulse.beaten_at -= 1.0
    status, health = await listener.asked()
    assert (status, health["state"]) == (503, "late")


async def test_a_part_that_is_not_well_is_told_as_it_is_by_then(listener: Listener) -> None:
    parts = [Part("ok"), Part("dead", False, {"since": "2026-11-26T09:00:00Z"})]
    listener.parts["detector"] = lambda: parts[0]
    assert (await listener.asked())[1]["state"] == "ok"
    assert 'attendant_part_ok{part="detector"} 1.0' in (await listener.get("/metrics"))[1]
    parts.pop(0)
    status, health = await listener.asked()
    assert (status, health["state"]) == (200, "degraded")
    assert health["parts"]["detector"] == {"state": "dead", "well": False, "since": "2026-11-26T09:00:00Z"}
    _, page = await listener.get("/metrics")
    assert 'attendant_part_ok{part="detector"} 0.0' in page
    assert 'attendant_part_ok{part="store"} 1.0' in page


async def test_work_beside_the_calls_that_failed_is_counted(listener: Listener) -> None:
    listener.metrics.failures({"filing": 2})
    _, page = await listener.get("/metrics")
    assert 'attendant_task_failures_total{task="filing"} 2.0' in page


async def test_the_end_of_a_model_is_told(listener: Listener) -> None:
    said = ["The model m will be shut down on 2027-01-01: choose another in [cloud]."]
    listener.health.warnings["cloud"] = lambda: said
    _, health = await listener.asked()
    assert health["parts"]["cloud"] == {"state": "ok", "warnings": said}
    said.clear()
    _, health = await listener.asked()
    assert health["parts"]["cloud"] == {"state": "ok"}
