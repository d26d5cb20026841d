"""For which names and addresses a box's certificate is.

May import: the standard library, appliance.core, appliance.service.certificate.
"""

from ipaddress import AddressValueError, IPv4Address

from appliance.core.own_addresses import own_addresses, own_names
from appliance.core.settings import Settings
from appliance.service.certificate.making import Names

HERE = (IPv4Address("127.0.0.1"),)


def names(settings: Settings) -> Names:
    """Those of the settings, the machine's own, and its addresses of today."""
    wanted = (settings.front.name, *settings.admin.names, *own_names(), "localhost")
    told = {each: _address(each) for each in dict.fromkeys(wanted) if each}
    dns = tuple(name for name, address in told.items() if address is None)
    addresses = [address for address in told.values() if address is not None]
    return Names(dns, tuple(dict.fromkeys((*addresses, *own_addresses(), *HERE))))


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except AddressValueError:
        return None
