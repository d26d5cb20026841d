"""Telephones for a box that stays: an Asterisk out of its tree, and two desk phones that may register at it.

Takes root. May import: scripts, appliance.core, tests.asterisk.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from appliance.core.settings import Asterisk
from scripts.loopback_box import LoopbackBox
from tests.asterisk.pbx import Pbx
from tests.asterisk.tree import asterisk_tree

DESKS = {"101": "Front desk", "102": "Nurses"}
"""Extensions and names. The first rings when a caller wants a person, the second is a department."""


@dataclass(frozen=True, slots=True)
class Phones:
    """Where telephones register: an address of this machine, and a UDP port."""

    host: str
    port: int

    @property
    def furnishing(self) -> dict[str, Any]:
        """What the box is to be made with."""
        networks = (*Asterisk().phone_networks, "127.0.0.0/8")
        asterisk = {
            "enabled": True,
            "sip_host": self.host,
            "sip_port": self.port,
            "phone_networks": networks,
        }
        return {
            "settings": {"twilio": {"account_sid": ""}, "asterisk": asterisk},
            "staff": {"people": ["101"]},
        }

    @asynccontextmanager
    async def asterisk(self, box: LoopbackBox) -> AsyncIterator[None]:
        """Run Asterisk beside a box that runs, and print how each phone is set up.

        The tree is made when it is not there: a minute or two, and 100 MB from Debian.
        """
        print("Asterisk        out of its tree, which the first time takes minutes to make", flush=True)
        tree = await asyncio.to_thread(asterisk_tree)
        async with Pbx(box.folder / "data" / "asterisk", {}, tree):
            for extension, name in DESKS.items():
                print(f"\n{name}\n{await box.printed('phones', 'show', extension)}", flush=True)
            yield


async def furnish(box: LoopbackBox) -> None:
    """Give a box its phones, and a department that rings one of them. What is there already stays."""
    await asyncio.to_thread(box.prepare)
    known = (await box.printed("phones", "list")).split()
    for extension, name in DESKS.items():
        if extension not in known:
            await box.printed("phones", "add", extension, name)
    if "102" not in (await box.printed("departments", "list")).split():
        await box.printed("departments", "remove", "nurses")
        await box.printed("departments", "add", "Nurses", "102")
