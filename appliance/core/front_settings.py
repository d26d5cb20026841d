"""The settings of the front, which serves the pages on the office's own network.

May import: the standard library, pydantic, appliance.core.
"""

from pathlib import Path

from pydantic import Field

from appliance.core.frozen import Frozen


class Front(Frozen):
    """The pages on the office's own network, over TLS, by attendant-front."""

    name: str = Field("", pattern=r"^([a-z0-9]([a-z0-9.-]{0,118}[a-z0-9])?)?$")
    """The name or the address under which the office opens the pages, such as attendant.lan or 192.168.1.20.
    Empty: there is no front, and the pages are at admin_host."""

    certificate_dir: Path = Path("/var/lib/attendant-certificate")
    """Where its certificate lies, with what signs it."""
