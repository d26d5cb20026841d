"""What the worker sees each minute: by what the bridge and the front say, by rows and by the disk."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from appliance.core.examined import Examined, missing, note, well
from appliance.core.self_call import Check, Finding, State
from appliance.core.settings import Settings, checked
from appliance.core.troubles import Trouble
from appliance.service.certificate import kept, making
from appliance.service.certificate.kept import Folder
from appliance.service.certificate.making import Names
from appliance.service.jobs.watching import Watch
from appliance.store import backups, database, health_looks, self_calls, times, troubles
from appliance.store.backups import Result, What
from appliance.store.database import Connection
from tests.peers.web_thread import WebThread
from tests.service.certificate.handshake import served

NOW = datetime.now(UTC)
AGO = times.written(NOW - timedelta(minutes=10))
TWILIO = {"account_sid": "AC" + "0" * 32, "public_url": "https://clinic.example"}
FULL = int(1e12)
"""No disk of a test has so many MB."""


class Told(WebThread):
    """A bridge's `/healthz`, in the words that a test gives it."""

    def __init__(self) -> None:
        super().__init__("bridge's health", None)
        self.parts: dict[str, dict[str, Any]] = {}

    def doors(self, app: web.Application) -> None:
        app.router.add_get("/healthz", self._health)

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"state": "degraded", "parts": self.parts})


@pytest.fixture
def bridge() -> Iterator[Told]:
    with Told() as running:
        yield running


def settings_of(path: Path, port: int, **more: Any) -> Settings:
    return checked(
        {
            "box": {"data_dir": str(path.parent)},
            "listen": {"local_port": port},
            "alerts": {"after_minutes": 0},
            **more,
        },
        "the test",
    )


def port_of(bridge: Told) -> int:
    return int(bridge.url.rpartition(":")[2])


def seen(settings: Settings, db: Connection, port: int = 1) -> dict[Trouble, str]:
    """What is wrong after one look."""
    Watch(settings, lambda: NOW, port).look()
    return {row.kind: row.told for row in troubles.still(db)}


def test_a_healthy_box_has_no_trouble(db: Connection, path: Path, bridge: Told) -> None:
    bridge.parts = {"store": {"state": "ok"}, "cloud": {"state": "ok"}, "pbx": {"state": "not known"}}
    assert seen(settings_of(path, port_of(bridge)), db) == {}


@pytest.mark.parametrize(
    ("part", "told", "expected"),
    [
        ("cloud", {"state": "down", "reason": "timeout"}, {Trouble.CLOUD: "timeout"}),
        ("store", {"state": "trouble", "told": "no room"}, {Trouble.STORE: "no room"}),
        ("phones", {"state": "front desk unreachable"}, {Trouble.PHONES: "front desk unreachable"}),
        ("pbx", {"state": "not connected"}, {Trouble.PBX: "not connected"}),
        ("trunk", {"state": "refused"}, {Trouble.TRUNK: "refused"}),
        ("cloud", {"state": "over the daily cap"}, {}),
        ("phones", {"state": "nobody"}, {}),
    ],
)  # fmt: skip
def test_what_the_bridge_says_is_a_trouble_where_staff_can_do_something(
    db: Connection,
    path: Path,
    bridge: Told,
    part: str,
    told: dict[str, str],
    expected: dict[Trouble, str],
) -> None:
    bridge.parts = {part: told}
    assert seen(settings_of(path, port_of(bridge)), db) == expected


def test_of_a_bridge_that_is_not_there_only_that_is_told(db: Connection, path: Path, bridge: Told) -> None:
    bridge.parts = {"cloud": {"state": "down", "reason": "timeout"}}
    settings = settings_of(path, port_of(bridge))
    assert [*seen(settings, db)] == [Trouble.CLOUD]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lost = seen(settings_of(path, port), db)
    # That the cloud is down is still the last that was heard of it.
    assert {*lost} == {Trouble.BRIDGE, Trouble.CLOUD}
    assert "attendant-bridge" in lost[Trouble.BRIDGE]


def test_a_disk_that_is_nearly_full_is_one(db: Connection, path: Path, bridge: Told) -> None:
    Watch(settings_of(path, port_of(bridge)), lambda: NOW, 1, FULL).look()
    (row,) = troubles.still(db)
    assert (row.kind, "make room" in row.told) == (Trouble.DISK, True)


def _backed_up(db: Connection, hours_ago: float, problem: str = "") -> None:
    began = times.written(NOW - timedelta(hours=hours_ago))
    with database.immediate(db):
        backups.add(db, What.BACKUP, began, 1000, Result(problem=problem))


def test_backups_are_one_when_they_are_old_or_failed_twice(db: Connection, path: Path, bridge: Told) -> None:
    settings = settings_of(path, port_of(bridge), backup={"repository": "/mnt/backup/attendant"})
    assert seen(settings, db) == {}
    _backed_up(db, 12)
    _backed_up(db, 2, "The line is dead.")
    assert seen(settings, db) == {}
    _backed_up(db, 1, "The line is dead.")
    assert "The line is dead." in seen(settings, db)[Trouble.BACKUP]


def test_a_copy_that_is_too_old_is_one(db: Connection, path: Path, bridge: Told) -> None:
    settings = settings_of(path, port_of(bridge), backup={"repository": "/mnt/backup/attendant"})
    _backed_up(db, 40)
    assert "the last backup is of" in seen(settings, db)[Trouble.BACKUP]


def test_a_copy_that_lacks_something_is_one(db: Connection, path: Path, bridge: Told) -> None:
    settings = settings_of(path, port_of(bridge), backup={"repository": "/mnt/backup/attendant"})
    with database.immediate(db):
        at = times.written(NOW - timedelta(hours=1))
        backups.add(db, What.BACKUP, at, 1000, Result("abc", 12, missing="recordings/a.flac"))
    assert "lacks something: recordings/a.flac" in seen(settings, db)[Trouble.BACKUP]


def _rang_itself(db: Connection, state: State, at: str = AGO) -> None:
    with database.immediate(db):
        self_calls.add(db, at, 100, [Finding(Check.GREETING, state, "nothing was heard")])


def test_the_second_failed_self_call_in_a_row_is_one(db: Connection, path: Path, bridge: Told) -> None:
    settings = settings_of(path, port_of(bridge), asterisk={"enabled": True})
    _rang_itself(db, State.FAILED)
    assert seen(settings, db) == {}
    _rang_itself(db, State.FAILED)
    assert seen(settings, db) == {Trouble.SELF_CALL: "greeting: nothing was heard"}


def test_a_box_that_has_not_rung_itself_for_long_is_one(db: Connection, path: Path, bridge: Told) -> None:
    _rang_itself(db, State.OK, times.written(NOW - timedelta(hours=5)))
    settings = settings_of(path, port_of(bridge), asterisk={"enabled": True})
    assert "every 60 minutes" in seen(settings, db)[Trouble.SELF_CALL]


def test_a_certificate_that_ends_is_one(db: Connection, path: Path, bridge: Told, tmp_path: Path) -> None:
    settings = settings_of(path, port_of(bridge), front={"name": "attendant.lan"})
    names = Names(("attendant.lan",), (IPv4Address("127.0.0.1"),))
    for days, expected in ((29.5, []), (5, [Trouble.CERTIFICATE])):
        folder = tmp_path / f"front-{days}"
        Folder(folder).renew(names, NOW - making.LASTS + timedelta(days=days))
        with served(folder / kept.FRONT) as port:
            found = seen(settings, db, port)
        assert [*found] == expected
    assert "it ends on" in found[Trouble.CERTIFICATE]


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (missing("address", "it leads elsewhere"), {Trouble.ADDRESS: "it leads elsewhere"}),
        (note("address", "it is not reached from here"), {}),
        (well("address"), {}),
    ],
)
def test_an_address_at_which_twilio_is_lost_is_one(
    db: Connection, path: Path, bridge: Told, look: Examined, expected: dict[Trouble, str]
) -> None:
    with database.immediate(db):
        health_looks.add(db, AGO, 10, [look])
    assert seen(settings_of(path, port_of(bridge), twilio=TWILIO), db) == expected


def test_what_is_switched_off_is_no_trouble_any_more(db: Connection, path: Path) -> None:
    of_parts = {
        Trouble.BRIDGE, Trouble.CLOUD, Trouble.PHONES, Trouble.TRUNK, Trouble.CERTIFICATE,
        Trouble.SELF_CALL, Trouble.ADDRESS, Trouble.BACKUP,
    }  # fmt: skip
    _rang_itself(db, State.FAILED)
    _rang_itself(db, State.FAILED)
    with database.immediate(db):
        health_looks.add(db, AGO, 10, [missing("address", "it leads elsewhere")])
        for trouble in of_parts:
            troubles.begin(db, trouble, "it was so", now=NOW - timedelta(hours=1))
    assert seen(settings_of(path, 0), db) == {}


class Twice(threading.Event):
    """Has who waits for it go on twice, at once."""

    times = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.times += 1
        return self.times > 2


def test_a_fault_in_one_look_costs_neither_the_others_nor_the_watch(db: Connection, path: Path) -> None:
    settings = settings_of(path, 0, front={"name": "attendant.lan"})
    broken, no_port = [OverflowError("no clock goes so far")], 2**17

    def clock() -> datetime:
        if broken:
            raise broken.pop()
        return NOW

    Watch(settings, clock, no_port, FULL).run(Twice())
    assert [row.kind for row in troubles.still(db)] == [Trouble.DISK]
