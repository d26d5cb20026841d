"""By which addresses the office knows this machine."""

from ipaddress import IPv4Address
from pathlib import Path

from appliance.core.own_addresses import own_addresses, own_names

TABLE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.168.1.0/24 2 0 2
        |-- 192.168.1.0
           /24 link UNICAST
        |-- 192.168.1.20
           /32 host LOCAL
        |-- 192.168.1.255
           /32 link BROADCAST
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 203.0.112.7
           /32 host LOCAL
        |-- 10.8.0.2
           /32 host LOCAL
"""


def test_addresses_of_private_networks_are_ours(tmp_path: Path) -> None:
    (tmp_path / "table").write_text(TABLE)
    found = own_addresses(tmp_path / "table")
    assert {IPv4Address("10.8.0.2"), IPv4Address("192.168.1.20")} <= {*found}
    assert not {IPv4Address("127.0.0.1"), IPv4Address("203.0.112.7"), IPv4Address("192.168.1.255")} & {*found}


def test_without_the_kernels_table_there_is_the_way_outside(tmp_path: Path) -> None:
    assert all(each.is_private for each in own_addresses(tmp_path / "nothing"))


def test_the_machine_has_a_name_and_one_without_a_name_server() -> None:
    assert own_names()[-1].endswith(".local")
