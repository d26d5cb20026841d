"""A house with a real PBX: the real bridge, a real Asterisk with the product's own configuration, telephones.

May import: scripts.loopback_box, appliance.store, tests.asterisk, tests.peers.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from appliance.store import calls, database, office, phones
from appliance.store.database import connect_readonly
from ari_bridge.passwords import Door, basic, password
from scripts.loopback_box import API_KEY, AT, LoopbackBox
from scripts.supervised import supervised
from tests.asterisk.pbx import Pbx
from tests.asterisk.ports import Ports, free_ports
from tests.asterisk.tree import asterisk_tree
from tests.golden.clinic import until
from tests.peers.phone import Phone
from tests.peers.realtime import RealtimePeer, Script

ASSISTANT = "100"
CALLER, DESK, NURSE = "201", "101", "102"
"""Extensions: a phone that calls, and two on desks."""
NAMES = {CALLER: "Waiting room", DESK: "Front desk", NURSE: "Nurses"}
PEOPLE = [DESK]
REGISTERED_S = 30.0
LOOK_AGAIN_S = 0.05


@dataclass(slots=True)
class House:
    """What a call is placed in."""

    box: LoopbackBox
    pbx: Pbx
    cloud: RealtimePeer
    ports: Ports
    secrets: Mapping[str, str]
    stack: AsyncExitStack
    phones: dict[str, Phone] = field(default_factory=dict)

    async def phone(self, extension: str, **options: Any) -> Phone:
        """A telephone that is registered."""
        server = ("127.0.0.1", self.ports.sip)
        made = Phone(extension, self.secrets[extension], server=server, **options)
        phone = await self.stack.enter_async_context(made)
        await phone.register()
        self.phones[extension] = phone
        return phone

    async def connected(self) -> None:
        """Wait until the bridge follows the PBX's calls."""
        await self.healthy("ok")

    async def healthy(self, wanted: str) -> None:
        """Wait until health says this of the PBX."""
        async with asyncio.timeout(REGISTERED_S), aiohttp.ClientSession() as http:
            state = ""
            while state != wanted:
                # A bridge that is begun anew does not listen yet.
                with suppress(aiohttp.ClientError):
                    async with http.get(f"{self.box.local_base}/healthz") as answer:
                        state = (await answer.json())["parts"]["pbx"]["state"]
                await asyncio.sleep(LOOK_AGAIN_S)

    def open_calls(self) -> int:
        """How many calls are not filed."""
        db = connect_readonly(self.box.database)
        try:
            return int(db.execute("SELECT count(*) FROM call_log WHERE ended_at IS NULL").fetchone()[0])
        finally:
            db.close()

    def all_filed(self) -> list[calls.WholeCall]:
        """The calls that are filed, the oldest first."""
        db = connect_readonly(self.box.database)
        try:
            rows = db.execute("SELECT id FROM call_log WHERE ended_at IS NOT NULL ORDER BY started_at")
            found = [calls.whole(db, row[0]) for row in rows]
            return [whole for whole in found if whole is not None]
        finally:
            db.close()

    async def filed(self, count: int = 1, timeout_s: float = 20.0) -> list[calls.WholeCall]:
        """So many calls, once they are filed."""

        def enough() -> list[calls.WholeCall]:
            found = self.all_filed()
            return found if len(found) >= count else []

        return await until(enough, timeout_s)


def measured(capsys: pytest.CaptureFixture[str], what: str, waited_s: float) -> None:
    """Print a figure of docs/desk-phones.md."""
    with capsys.disabled():
        print(f"\nmeasured: {what}: {waited_s:.2f} s")


async def rung_by_itself(box: LoopbackBox) -> dict[str, Any]:
    """Have the box ring itself; what it found."""
    secret = (box.folder / "data" / "secrets" / "asterisk_media").read_text()
    knows = {"Authorization": basic(password(secret, Door.SELF_CALL))}
    async with (
        aiohttp.ClientSession(headers=knows) as http,
        http.post(f"{box.local_base}/self-call") as answer,
    ):
        found: dict[str, Any] = await answer.json()
        return found


@asynccontextmanager
async def house(
    folder: Path,
    script: str = "",
    *,
    staff: Mapping[str, Any] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    departments: Mapping[str, list[str]] | None = None,
    passwords: Mapping[str, str] | None = None,
    public: Collection[str] = (),
    watched: bool = False,
) -> AsyncIterator[House]:
    """A house in which the assistant answers at once, as the script says; without one there is no cloud.

    `passwords` are secret files by their names, `public` phones that anybody gets at. A bridge that is
    `watched` is ended when it hangs, and begun anew when it ends.
    """
    async with AsyncExitStack() as stack:
        ports = stack.enter_context(free_ports())
        cloud = await stack.enter_async_context(RealtimePeer(Script.parse(script), key=API_KEY))
        given: dict[str, dict[str, Any]] = {
            "twilio": {"account_sid": ""},
            "asterisk": {
                "enabled": True,
                "ami_port": ports.ami,
                "http_port": ports.http,
                # What is counted here are the calls of the test.
                "self_call_minutes": 0,
                "sip_host": "127.0.0.1",
                "sip_port": ports.sip,
                "rtp_from": ports.rtp[0],
                "rtp_to": ports.rtp[-1],
                "phone_networks": ["127.0.0.0/8"],
            },
        }
        for section, values in (settings or {}).items():
            given.setdefault(section, {}).update(values)
        box = LoopbackBox(
            folder / "box",
            cloud_url=cloud.url if script else "",
            staff={"front_door": "assistant", "people": PEOPLE, "ring_s": 5, **(staff or {})},
            settings=given,
        )
        box.prepare()
        for name, text in (passwords or {}).items():
            path = folder / "box" / "data" / "secrets" / name
            path.touch(mode=0o600)
            path.write_text(text)
        secrets = _furnished(box, departments or {"Billing": [NURSE]}, public)
        await stack.enter_async_context(supervised(box) if watched else box)
        pbx = Pbx(folder / "box" / "data" / "asterisk", {}, asterisk_tree())
        await stack.enter_async_context(pbx)
        made = House(box, pbx, cloud, ports, secrets, stack)
        await made.connected()
        # From now on nobody but the test changes what stands there.
        await until((pbx.folder / "etc.good").exists)
        yield made


def _furnished(
    box: LoopbackBox, departments: Mapping[str, list[str]], public: Collection[str]
) -> dict[str, str]:
    """Give the clinic its phones, and departments that ring them; the phones' passwords."""
    db = database.connect(box.database)
    try:
        with database.immediate(db):
            made = [
                phones.add(db, extension, name, at=AT, staff=extension not in public)
                for extension, name in NAMES.items()
            ]
            for name, numbers in departments.items():
                office.change_department(db, name.lower(), name, numbers, hours="always")
        return {phone.extension: phone.secret for phone in made}
    finally:
        db.close()
