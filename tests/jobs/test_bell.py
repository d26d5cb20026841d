"""The bell in a file and in a real Redis: heard soon, and when it is lost nobody breaks."""

import logging
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.core.settings import Settings, checked
from appliance.jobs.bell import FILE, Bell, Ringer
from tests.jobs.redis_server import RedisServer, needs_redis

WAIT_S = 20.0


def settings(folder: Path, **jobs: object) -> Settings:
    return checked({"box": {"data_dir": str(folder)}, "jobs": jobs}, "test")


def heard_within(bell: Bell, wait_s: float) -> bool:
    """Whether it rings within a time."""
    stop = threading.Event()
    timer = threading.Timer(wait_s, stop.set)
    timer.start()
    try:
        return bell.heard(stop)
    finally:
        timer.cancel()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path / "redis")
    server.start()
    yield server
    server.kill()


def test_what_another_rings_is_heard_once_however_often_it_rang(tmp_path: Path) -> None:
    worker, bridge = Bell(settings(tmp_path)), Bell(settings(tmp_path))
    worker.make()
    for _ in range(3):
        assert bridge.ring()
    assert heard_within(worker, WAIT_S)
    assert not heard_within(worker, 0.1)
    assert bridge.ring()
    assert heard_within(worker, WAIT_S)
    for bell in (worker, bridge):
        bell.close()


def test_it_is_heard_soon(tmp_path: Path) -> None:
    worker, bridge = Bell(settings(tmp_path)), Bell(settings(tmp_path))
    worker.make()
    took = []
    for number in range(10):
        timer = threading.Timer(0.011 * (number + 1), bridge.ring)
        timer.start()
        timer.join()
        rang_s = time.monotonic()
        assert heard_within(worker, WAIT_S)
        took.append(time.monotonic() - rang_s)
    assert statistics.median(took) < 0.2
    worker.close()
    bridge.close()


def test_where_no_worker_ever_ran_nothing_is_made(tmp_path: Path) -> None:
    assert not Bell(settings(tmp_path)).ring()
    assert not (tmp_path / FILE).exists()


def test_a_broken_file_is_made_anew_by_the_worker_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).write_bytes(b"no database " * 500)
    worker, bridge = Bell(settings(tmp_path)), Bell(settings(tmp_path))
    assert not bridge.ring()
    assert bridge.trouble == "DatabaseError"
    assert not bridge.ring()
    assert sum("cannot be used" in record.message for record in caplog.records) == 1
    worker.make()
    assert bridge.ring()
    assert bridge.trouble == ""
    assert heard_within(worker, WAIT_S)
    worker.close()
    bridge.close()


def test_a_worker_that_begins_again_hears_who_rang_before(tmp_path: Path) -> None:
    bridge = Bell(settings(tmp_path))
    for _ in range(2):
        worker = Bell(settings(tmp_path))
        worker.make()
        assert bridge.ring()
        assert heard_within(worker, WAIT_S)
        bridge.ring()
        worker.close()
    bridge.close()


def test_a_loop_rings_without_waiting_for_it(tmp_path: Path) -> None:
    worker = Bell(settings(tmp_path))
    worker.make()
    ringer = Ringer(Bell(settings(tmp_path)))
    for _ in range(3):
        ringer.ring()
        assert heard_within(worker, WAIT_S)
    ringer.ring()
    ringer.close()
    assert heard_within(worker, WAIT_S)
    worker.close()


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    worker = Bell(settings(tmp_path))
    worker.make()
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    worker.close()


@needs_redis
def test_a_redis_rings_as_well(tmp_path: Path, redis: RedisServer) -> None:
    given = settings(tmp_path, redis_url=redis.url)
    worker, bridge = Bell(given), Bell(given)
    worker.make()
    assert not heard_within(worker, 0.1)
    for _ in range(3):
        assert bridge.ring()
    assert heard_within(worker, WAIT_S)
    assert not heard_within(worker, 0.1)
    worker.close()
    bridge.close()


@needs_redis
def test_a_redis_that_dies_is_told_of_once_and_found_again(
    tmp_path: Path, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    given = settings(tmp_path, redis_url=redis.url)
    worker, bridge = Bell(given), Bell(given)
    assert bridge.ring()
    assert heard_within(worker, WAIT_S)
    redis.kill()
    for _ in range(3):
        assert not bridge.ring()
    assert not heard_within(worker, 0.1)
    assert worker.trouble
    assert bridge.trouble
    redis.start()
    assert bridge.ring()
    assert heard_within(worker, WAIT_S)
    assert (worker.trouble, bridge.trouble) == ("", "")
    said = [record.message for record in caplog.records]
    assert sum("cannot be used" in line for line in said) == 2
    assert sum("can be used again" in line for line in said) == 2
    worker.close()
    bridge.close()


@needs_redis
def test_a_redis_may_want_a_password_out_of_a_file(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis", password="open-sesame")
    server.start()
    secret = tmp_path / "secrets" / "redis_password"
    secret.parent.mkdir()
    with_it = settings(tmp_path, redis_url=server.url, redis_password_file="redis_password")
    assert not Bell(with_it).ring()  # there is no such file yet
    secret.write_text("open-sesame\n")
    secret.chmod(0o600)
    bell = Bell(with_it)
    assert bell.ring()
    bell.close()
    without = Bell(settings(tmp_path, redis_url=server.url))
    assert not without.ring()
    assert without.trouble == "AuthenticationError"
    without.close()
    server.kill()
