"""One breaker for all calls: tripped by one, closed by a probe, looked after by the hour."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from appliance.core.errors import AttendantError
from models.breaker import Breaker

Probe = Callable[[], Awaitable[None]]


@asynccontextmanager
async def running(breaker: Breaker) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(breaker.run(), name="breaker")
        yield
        work.cancel()


class Cloud:
    """Counts its probes and fails as many of them as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.probes = 0
        self.probed_twice = asyncio.Event()

    async def probe(self) -> None:
        self.probes += 1
        if self.probes == 2:
            self.probed_twice.set()
        if self.probes <= self.failures:
            raise AttendantError("not well")


async def test_a_loss_of_one_call_is_known_to_the_next() -> None:
    breaker = Breaker(Cloud().probe)
    breaker.trip("closed_1006")
    assert not breaker.closed
    assert breaker.reason == "closed_1006"


async def test_probes_go_on_until_the_cloud_is_well() -> None:
    cloud = Cloud(failures=2)
    breaker = Breaker(cloud.probe, probe_after_s=(0.0,))
    async with running(breaker), asyncio.timeout(5):
        breaker.trip("refused")
        await breaker.well()
    assert cloud.probes == 3
    assert breaker.closed
    assert breaker.reason == ""


async def test_a_dead_cloud_is_found_by_the_hour() -> None:
    cloud = Cloud(failures=1)
    breaker = Breaker(cloud.probe, probe_after_s=(0.0,), every_s=0.01)
    async with running(breaker), asyncio.timeout(5):
        await cloud.probed_twice.wait()
        await breaker.well()
    assert breaker.trips == 1


async def test_a_cloud_that_relapses_is_left_alone_for_longer() -> None:
    slept = list[float]()
    cloud = Cloud()
    breaker = Breaker(cloud.probe, probe_after_s=(0.0, 0.0, 0.001, 0.0, 0.002), waited=slept.append)
    async with running(breaker), asyncio.timeout(5):
        for _ in range(3):
            breaker.trip("closed_1011")
            await breaker.well()
    assert slept == [0.0, 0.001, 0.002]


@pytest.mark.parametrize("reason", ["status_401", "insufficient_quota"])
async def test_an_account_that_is_refused_is_an_error_for_the_operator(
    reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    breaker = Breaker(Cloud().probe)
    breaker.trip(reason)
    breaker.trip(reason)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_it_tells_since_when_it_is_tripped_and_when_it_probes_next() -> None:
    probed = asyncio.Event()

    async def probe() -> None:
        probed.set()
        raise AttendantError("not well")

    breaker = Breaker(probe, probe_after_s=(0.0, 60.0))
    async with running(breaker), asyncio.timeout(5):
        breaker.trip("refused")
        await probed.wait()
        assert breaker.next_probe_s is not None
        assert 55 < breaker.next_probe_s <= 60
        first = breaker.down_s
        breaker.trip("refused again")
        later = breaker.down_s
        assert first is not None
        assert later is not None
        assert later >= first


async def test_a_loss_without_a_spare_is_told_and_keeps_nobody_from_the_cloud() -> None:
    breaker = Breaker(Cloud().probe)
    breaker.missed("refused")
    assert (breaker.closed, breaker.reason, breaker.trips) == (True, "refused", 0)
    assert breaker.down_s is not None
    breaker.met()
    assert breaker.reason == ""
    assert Breaker(Cloud().probe).down_s is None


async def test_a_call_that_still_has_the_cloud_does_not_close_a_tripped_one() -> None:
    breaker = Breaker(Cloud().probe)
    breaker.trip("refused")
    breaker.met()
    assert (breaker.closed, breaker.reason) == (False, "refused")


async def test_who_only_looks_at_it_goes_by_it_and_trips_it_for_nobody() -> None:
    shared = Breaker(Cloud().probe)
    looked = shared.looked_at()
    looked.trip("rate_limit_exceeded")
    looked.missed("closed")
    assert shared.closed
    assert looked.closed
    assert (shared.trips, shared.down_s) == (0, None)
    shared.trip("closed")
    assert not looked.closed
