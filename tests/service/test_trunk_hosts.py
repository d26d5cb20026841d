"""Where a trunk's provider calls from: looked up anew, kept, and forgotten after a day."""

from pathlib import Path

import pytest

from appliance.core.settings import Trunk
from appliance.service.pbx.house import House
from appliance.service.pbx.trunk_hosts import KEPT_S, TrunkHosts, known, looked_up


class Names:
    """A name server, and a clock."""

    def __init__(self) -> None:
        self.told = {"203.0.113.5"}
        self.now_s = 1_000_000.0
        self.changes = 0
        self.away = False

    def look_up(self, host: str) -> set[str]:
        assert host == "sip.example.net"
        if self.away:
            raise OSError("no name server")
        return self.told

    def changed(self) -> None:
        self.changes += 1

    def hosts(self, house: House) -> TrunkHosts:
        trunk = Trunk(host="sip.example.net:5060")
        return TrunkHosts(trunk, house, self.changed, self.look_up, lambda: self.now_s)


async def test_other_addresses_are_known_and_those_of_today_stay(tmp_path: Path) -> None:
    house, names = House(tmp_path / "pbx"), Names()
    hosts = names.hosts(house)
    await hosts.look()
    await hosts.look()
    assert (known(house), names.changes) == (("203.0.113.5",), 1)
    names.told, names.now_s = {"203.0.113.6"}, names.now_s + KEPT_S / 2
    await hosts.look()
    assert (known(house), names.changes) == (("203.0.113.5", "203.0.113.6"), 2)
    names.now_s += KEPT_S / 2 + 1
    await hosts.look()
    assert (known(house), names.changes) == (("203.0.113.6",), 3)


async def test_without_a_name_server_what_is_known_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house, names = House(tmp_path / "pbx"), Names()
    await names.hosts(house).look()
    names.away, names.now_s = True, names.now_s + 2 * KEPT_S
    again = names.hosts(house)
    await again.look()
    assert (known(house), names.changes) == (("203.0.113.5",), 1)
    assert "the trunk's host is not found" in caplog.text


def test_the_machine_looks_names_up() -> None:
    assert looked_up("127.0.0.1") == {"127.0.0.1"}
    assert "127.0.0.1" in looked_up("localhost")
