"""By which names the pages are answered, and from which addresses.

A page on the internet can make a browser ask a box in the office (DNS rebinding): such a request carries the
name of that page. May import: the standard library, appliance.core.
"""

import ipaddress
import re

from appliance.core.own_addresses import outward_address, own_addresses, own_names
from appliance.core.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ANY = ("0.0.0.0", "::")  # noqa: S104 -- compared with, not listened on
_HOST = re.compile(r"([a-z0-9.-]+|\[[a-f0-9:.]+\])(?::\d{1,5})?")


def known_names(settings: Settings) -> frozenset[str]:
    """The names in a Host header that mean this box, as things are: its addresses may change."""
    host, front = settings.listen.admin_host, settings.front.name
    names = {*LOOPBACK, written(host), *settings.admin.names}
    if front or host in _ANY:
        names |= {front, *own_names(), *(str(each) for each in own_addresses())}
    return frozenset(names - {""})


def is_known(header: str, names: frozenset[str]) -> bool:
    """Whether a Host header, with or without a port, is one of the names."""
    found = _HOST.fullmatch(header.lower())
    return found is not None and found.group(1) in names


def is_near(address: str) -> bool:
    """Whether a request comes from this machine or a private network."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_private or ip.is_loopback or ip.is_link_local


def reachable(admin_host: str) -> str:
    """The host of an address that staff can open, when the pages listen on this one."""
    return written(outward_address() if admin_host in _ANY else admin_host)


def written(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host.lower()}]" if ":" in host else host.lower()
