"""What the doctor says of the front: whether it answers, and how its certificate is."""

import socket
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from appliance.core.examined import Examined, Health
from appliance.core.settings import Settings, checked
from appliance.service.certificate import kept, making
from appliance.service.certificate.kept import Folder
from appliance.service.certificate.making import Names
from appliance.service.doctor import certificate
from tests.service.certificate.handshake import served

NOW = datetime.now(UTC)
NAMES = Names(("attendant.lan",), (IPv4Address("127.0.0.1"),))


def settings(name: str = "attendant.lan") -> Settings:
    return checked({"front": {"name": name}}, "test")


async def looked(at: Settings, now: datetime | None = None, port: int = 443) -> list[Examined]:
    return [each async for each in certificate.examined(at, now, port)]


async def test_a_box_without_a_front_has_none_to_look_at() -> None:
    assert await looked(settings("")) == []


async def test_a_front_that_does_not_answer_is_missing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (told,) = await looked(settings(), port=port)
    assert (told.part, told.health) == ("front", Health.MISSING)
    assert "systemctl status attendant-front" in told.told


async def test_what_the_front_serves_is_looked_at(tmp_path: Path) -> None:
    Folder(tmp_path).renew(NAMES, NOW)
    with served(tmp_path / kept.FRONT) as port:
        (told,) = await looked(settings(), port=port)
        assert told.health is Health.WELL
        assert "for attendant.lan" in told.told
        (told,) = await looked(settings("other.lan"), port=port)
    assert told.health is Health.MISSING
    assert "it is not for other.lan, and browsers warn" in told.told


@pytest.mark.parametrize(
    ("days", "health", "says"),
    [
        (0, Health.WELL, "holds until"),
        (60.5, Health.WELL, "holds until"),  # the timer is about to make it anew
        (61.5, Health.NOTE, "it ends on"),
        (70, Health.NOTE, "it ends on"),
        (91, Health.MISSING, "it ended on"),
        (-3, Health.MISSING, "is the box's clock right?"),
    ],
)
def test_time_is_told(days: float, health: Health, says: str) -> None:
    authority = making.new_authority("box", NAMES, NOW)
    _, made = making.new_certificate(authority, NAMES, NOW)
    told = certificate.judged(made, settings(), NOW + timedelta(days=days))
    assert (told.health, says in told.told) == (health, True)
    if health is not Health.WELL and days > 0:
        assert "attendant certificate renew" in told.told
