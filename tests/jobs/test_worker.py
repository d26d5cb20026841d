"""The worker as a process: killed, stopped, without its bell, its clock set. Nothing is lost or twice."""

import json
import os
import random
import select
import signal
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from appliance.core.settings import load
from appliance.jobs.bell import Bell
from appliance.store import database, jobs
from appliance.store.database import Connection
from appliance.store.jobs import State, Wanted
from tests.forked import FORKED
from tests.jobs import program
from tests.jobs.owing import WAIT_S, ended, having
from tests.jobs.redis_server import RedisServer, needs_redis

DAY_S = 86_400
LEFT_LEAST = 60
"""So many jobs are left to whoever is killed next."""


class Peer:
    """A service that does what it is asked once for each key, as such services do; `did` counts by the work.

    Work that is asked for again under another key is done again, and counts twice.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.did: Counter[str] = Counter()
        self._lock = threading.Lock()
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                key = self.headers["Idempotency-Key"]
                number = int(self.rfile.read(int(self.headers["Content-Length"])))
                peer.take(key, number)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asks may be killed
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def take(self, key: str, number: int) -> None:
        with self._lock:
            self.did[f"post {number}"] += key not in self.asked
            self.asked[key] += 1

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    yield made
    made.close()


@pytest.fixture
def box(tmp_path: Path, path: Path) -> Path:
    """A settings file for the migrated database of this test, with the table of effects in it."""
    db = database.connect(path)
    program.table(db)
    db.close()
    return settings(tmp_path, path)


def settings(tmp_path: Path, path: Path, more: str = "") -> Path:
    file = tmp_path / "attendant.toml"
    file.write_text(
        f'[box]\ndata_dir = "{path.parent}"\n[listen]\nworker_port = 0\n[jobs]\nthreads = 3\n{more}\n'
    )
    return file


class Running:
    """A worker's process that is ready."""

    def __init__(self, box: Path, peer: str, *more: str) -> None:
        self._told, says = FORKED.Pipe(duplex=False)
        self.log = box.parent / "worker.log"
        clock = Path(more[0]) if more else None
        self.process = FORKED.Process(target=program.begun, args=(says, self.log, box, peer, clock))
        self.process.start()
        says.close()

    def ready(self) -> "Running":
        with os.fdopen(self._told.fileno(), "rb", closefd=False) as lines:
            line = lines.readline()
        assert line, self.log.read_text()
        self.port = int(json.loads(line)["worker"])
        return self

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=WAIT_S) as answer:
            return str(answer.read().decode())

    def end(self, number: signal.Signals) -> int:
        os.kill(self.process.pid or 0, number)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end; its status."""
        self.process.join(WAIT_S)
        assert self.process.exitcode is not None
        self._told.close()
        return self.process.exitcode


@contextmanager
def running(box: Path, peer: str, *more: str) -> Iterator[Running]:
    worker = Running(box, peer, *more).ready()
    try:
        yield worker
    finally:
        if worker.process.is_alive():
            worker.end(signal.SIGTERM)


def owe(db: Connection, kind: str, key: str, number: int = 0) -> None:
    with database.immediate(db):
        jobs.owe(db, Wanted(kind, key, {"number": number}, tries=200), now=datetime.now(UTC))


def owe_many(db: Connection, count: int, first: int = 0) -> set[str]:
    keys = set()
    for number in range(first, first + count):
        kind = ("write", "post")[number % 2]
        owe(db, kind, f"{kind} {number}", number)
        keys.add(f"{kind} {number}")
    return keys


def ring(box: Path) -> None:
    bell = Bell(load(box))
    assert bell.ring()
    bell.close()


def killed_often(box: Path, peer: Peer, path: Path, db: Connection, kills: int, count: int) -> None:
    """Kill a worker at random moments of so many lives; then let one live, and count what was done.

    How far a life comes is told by what it has done, so that a slow machine kills as many in the midst of it.
    """
    moments = random.Random(11)
    keys = owe_many(db, count)
    came = []
    for _ in range(kills):
        done = len(program.effects(db))
        if len(keys) - done < LEFT_LEAST:
            keys |= owe_many(db, LEFT_LEAST, first=len(keys))
        worker = Running(box, peer.url)
        if moments.random() < 0.9:
            worker.ready()
            _until_done(db, done + moments.randrange(7))
        # Not a sleep for an event: the moment of the kill is what the test varies.
        select.select([], [], [], moments.uniform(0, 0.03))
        worker.end(signal.SIGKILL)
        came.append(len(program.effects(db)) - done)
    with running(box, peer.url):
        ended(path, len(keys))
    assert Counter(program.effects(db)) == dict.fromkeys(keys, 1)
    assert peer.did == {key: 1 for key in keys if key.startswith("post")}
    assert peer.asked.keys() == peer.did.keys()
    # What was asked for more than once is what a kill came behind.
    assert sum(peer.asked.values()) > len(peer.asked)
    assert {job.key for job in having(path, State.DONE)} == keys
    # The kills were in the midst of it: most lives did something, and each left something to do.
    assert sum(map(bool, came)) > kills // 2
    assert any(job.attempts > 1 for job in having(path))
    assert database.faults(path) == []


def _until_done(db: Connection, count: int) -> None:
    """Wait until so many effects are there."""
    ends = time.monotonic() + WAIT_S
    while len(program.effects(db)) < count:
        assert time.monotonic() < ends, "the worker does nothing"
        select.select([], [], [], 0.002)


def test_thirty_kills_over_two_hundred_jobs_lose_nothing_and_do_nothing_twice(
    box: Path, peer: Peer, path: Path, db: Connection
) -> None:
    killed_often(box, peer, path, db, kills=30, count=200)


@pytest.mark.drill
def test_a_hundred_kills_over_six_hundred_jobs(box: Path, peer: Peer, path: Path, db: Connection) -> None:
    killed_often(box, peer, path, db, kills=100, count=650)


def test_a_stop_lets_end_what_runs_and_the_rest_is_done_by_the_next(
    box: Path, peer: Peer, path: Path, db: Connection
) -> None:
    keys = owe_many(db, 60)
    with running(box, peer.url) as worker:
        ended(path, 5)
        assert worker.end(signal.SIGTERM) == 0
    assert having(path, State.RUNNING) == []
    assert having(path, State.QUEUED)
    assert {job.attempts for job in having(path, State.DONE)} == {1}
    with running(box, peer.url):
        ended(path, 60)
    assert Counter(program.effects(db)) == dict.fromkeys(keys, 1)
    assert {job.attempts for job in having(path)} == {1}


def test_a_stop_gives_long_work_back_at_once_and_what_cannot_be_stopped_in_the_end(
    tmp_path: Path, box: Path, peer: Peer, path: Path, db: Connection
) -> None:
    settings(tmp_path, path, "stop_s = 0")
    owe(db, "slow", "in steps", 600)
    owe(db, "slow", "for ever", 0)
    with running(box, peer.url) as worker:
        ended(path, 2, by=(State.RUNNING,))
        assert worker.end(signal.SIGTERM) == 0
    assert {(job.key, job.state, job.attempts) for job in having(path)} == {
        ("in steps", State.QUEUED, 0),
        ("for ever", State.QUEUED, 0),
    }


def test_there_is_one_worker_and_it_says_how_it_is(box: Path, peer: Peer, path: Path, db: Connection) -> None:
    with running(box, peer.url) as worker:
        second = Running(box, peer.url)
        assert second.ended() == 1
        assert "A worker runs already" in (box.parent / "worker.log").read_text()
        owe(db, "write", "a")
        ring(box)
        ended(path, 1)
        told = json.loads(worker.get("/healthz"))
        assert told["state"] == "ok"
        assert told["parts"]["jobs"] == {"state": "ok", "due": 0, "oldest_due_s": 0, "given_up": 0}
        assert worker.get("/alive") == "ok"
        page = worker.get("/metrics")
        assert 'attendant_job_tries_total{became="done",kind="write"} 1.0' in page
        assert 'attendant_jobs{kind="write",state="done"} 1.0' in page
        assert "attendant_job_bell_ok 1.0" in page


def test_a_locked_database_holds_work_up_and_loses_nothing(
    box: Path, peer: Peer, path: Path, db: Connection
) -> None:
    keys = owe_many(db, 40)
    with running(box, peer.url):
        ended(path, 3)
        for _ in range(3):
            db.execute("BEGIN IMMEDIATE")
            select.select([], [], [], 0.3)  # for as long as the lock is held, that is
            db.execute("ROLLBACK")
        ended(path, 40)
    assert Counter(program.effects(db)) == dict.fromkeys(keys, 1)


@pytest.mark.parametrize("by", [-DAY_S, DAY_S])
def test_a_clock_set_by_a_day_loses_nothing_and_does_nothing_twice(
    box: Path, peer: Peer, path: Path, db: Connection, tmp_path: Path, by: int
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0")
    keys = owe_many(db, 60)
    with running(box, peer.url, str(clock)):
        ended(path, 5)
        clock.write_text(str(by))
        ended(path, 40)
        clock.write_text("0")
        owe(db, "write", "after")
        ring(box)
        ended(path, 61)
    done = Counter(program.effects(db))
    # A clock that went over midnight may have begun a timetable's job, once.
    nights = {key: done.pop(key) for key in [*done] if key.startswith("schedule:")}
    assert done == dict.fromkeys(keys | {"after"}, 1)
    assert set(nights.values()) <= {1}
    assert {job.attempts for job in having(path, State.DONE)} == {1}


@needs_redis
def test_a_redis_that_is_killed_in_mid_work_loses_nothing(
    tmp_path: Path, box: Path, peer: Peer, path: Path, db: Connection
) -> None:
    server = RedisServer(tmp_path / "redis")
    server.start()
    settings(tmp_path, path, f'redis_url = "{server.url}"')
    keys = owe_many(db, 30)
    try:
        with running(box, peer.url) as worker:
            ring(box)
            ended(path, 3)
            server.kill()
            keys |= {"without a bell"}
            owe(db, "write", "without a bell")
            ended(path, 31)
            assert json.loads(worker.get("/healthz"))["parts"]["bell"]["state"] == "cannot be used"
            server.start()
            owe(db, "write", "with it again")
            ring(box)
            ended(path, 32)
    finally:
        server.kill()
    assert Counter(program.effects(db)) == dict.fromkeys(keys | {"with it again"}, 1)
