"""The names and addresses by which the office's network knows this machine.

Read anew each time: an address that a router gives may change. May import: the standard library.
"""

import ipaddress
import re
import socket
from ipaddress import IPv4Address
from pathlib import Path

ROUTES = Path("/proc/net/fib_trie")
"""The kernel's table, in which our own addresses stand as local hosts."""
NOWHERE = "192.0.2.1"
"""An address of which no network exists (RFC 5737): nothing is sent to it."""
_OWN = re.compile(r"\|-- ([0-9.]+)\n\s+/32 host LOCAL\n")


def own_names() -> tuple[str, ...]:
    """The machine's name, and the one by which others find it without a name server (mDNS)."""
    own = socket.gethostname().lower().rstrip(".")
    return tuple(dict.fromkeys((own, f"{own.partition('.')[0]}.local")))


def own_addresses(routes: Path = ROUTES) -> tuple[IPv4Address, ...]:
    """Our addresses on private networks, in order; of IPv6 none, as the pages are not served there."""
    try:
        told = routes.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        told = ""
    found = {IPv4Address(each) for each in _OWN.findall(told)} | {IPv4Address(outward_address())}
    return tuple(sorted(each for each in found if each.is_private and not each.is_loopback))


def outward_address() -> str:
    """Our address on the network that leads outside, or that of this machine alone; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((NOWHERE, 9))
            return str(ipaddress.ip_address(probe.getsockname()[0]))
        except OSError:
            return "127.0.0.1"
