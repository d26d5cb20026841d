"""A clinic's own Asterisk, with the pieces that we print put in: the doctor, a call, and the self-call."""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.core.examined import Health
from appliance.core.settings import load
from appliance.core.staff import Office
from appliance.service.doctor import pbx as doctor
from appliance.service.pbx.sounds import lines
from appliance.store import office
from appliance.store.database import connect_readonly
from scripts.loopback_box import LoopbackBox
from tests.asterisk.baseline import baseline
from tests.asterisk.house import LOOK_AGAIN_S, rung_by_itself
from tests.asterisk.pbx import Pbx
from tests.asterisk.ports import Ports, free_ports
from tests.asterisk.tree import asterisk_tree
from tests.golden.clinic import until
from tests.peers.phone import Manner, Phone, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

DESK, CALLER, ASSISTANT = "301", "302", "8100"
WELL_S = 60.0
PASSWORD = "a-password-of-the-clinics-own"
PIECE = re.compile(r"^; ---- (\S+) \(FreePBX: \S+\)\n", re.MULTILINE)
ARI = ("res_stasis", "res_stasis_answer", "res_stasis_playback", "res_stasis_recording", "res_stasis_snoop")
MORE = (*ARI, *doctor.MODULES, "res_ari_model", "format_sln")


def clinics_own(ports: Ports) -> dict[str, str]:
    """An Asterisk that knows nothing of us, with two phones."""
    found = baseline(ports)
    found["ari.conf"] = "[general]\nenabled = yes\n"
    known = found["modules.conf"]
    found["modules.conf"] += "".join(f"load = {each}.so\n" for each in MORE if f" {each}.so" not in known)
    found["extensions.conf"] += "[from-internal]\ninclude => from-internal-custom\n"
    for number in (DESK, CALLER):
        found["pjsip.conf"] += (
            f"[{number}]\ntype = endpoint\ntransport = udp\ncontext = from-internal\ndisallow = all\n"
            f"allow = ulaw\nauth = {number}\naors = {number}\n"
            f"[{number}]\ntype = auth\nauth_type = userpass\nusername = {number}\npassword = {PASSWORD}\n"
            f"[{number}]\ntype = aor\nmax_contacts = 1\n"
        )
    return found


@dataclass
class Clinic:
    """A box beside a PBX that is not its own."""

    box: LoopbackBox
    pbx: Pbx
    ports: Ports
    stack: AsyncExitStack

    async def phone(self, number: str) -> Phone:
        phone = Phone(number, PASSWORD, server=("127.0.0.1", self.ports.sip))
        made = await self.stack.enter_async_context(phone)
        await made.register()
        return made

    async def well(self) -> None:
        """Wait until the doctor finds nothing: the sentences are spoken beside the calls, by and by."""
        async with asyncio.timeout(WELL_S):
            wrong = True
            while wrong:
                wrong = any(health is not Health.WELL for health, _ in (await self.found()).values())
                await asyncio.sleep(LOOK_AGAIN_S)

    async def found(self) -> dict[str, tuple[Health, str]]:
        looked = doctor.examined(load(self.box.config), self.decided(), self.box.local_base)
        return {each.part: (each.health, each.told) async for each in looked}

    def decided(self) -> Office:
        """What staff have decided."""
        db = connect_readonly(self.box.database)
        try:
            return office.load(db)
        finally:
            db.close()


def see(pbx: Pbx, folder: Path) -> None:
    """Let the PBX, which lives in a root of its own, see our folder where we see it."""
    place = Path(f"/proc/{pbx.pid}/root{folder}")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(f"/var/lib/asterisk/{folder.name}")


def put_in(printed: str, etc: Path) -> None:
    """What a person does with what is printed."""
    _, *pieces = PIECE.split(printed)
    for name, text in zip(pieces[::2], pieces[1::2], strict=True):
        if name != "http.conf":  # its web server is on already
            with (etc / name).open("a") as file:
                file.write(f"\n{text}")


@asynccontextmanager
async def clinic(folder: Path) -> AsyncIterator[Clinic]:
    async with AsyncExitStack() as stack:
        ports = stack.enter_context(free_ports())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            local_port = free.getsockname()[1]
        pbx = Pbx(folder / "pbx", clinics_own(ports), asterisk_tree())
        shared = folder / "pbx" / "lib" / "shared"
        asterisk = {
            "enabled": True,
            "existing": True,
            "folder": str(shared),
            "ami_port": ports.ami,
            "http_port": ports.http,
            "assistant_extension": ASSISTANT,
        }
        settings = {
            "twilio": {"account_sid": ""},
            "listen": {"local_port": local_port},
            "asterisk": asterisk,
        }
        box = LoopbackBox(folder / "box", staff={"people": [DESK], "ring_s": 5}, settings=settings)
        box.prepare()
        await stack.enter_async_context(pbx)
        put_in(await box.printed("asterisk", "render", "--existing"), pbx.etc)
        await stack.enter_async_context(box)
        await pbx.restart()
        see(pbx, shared)
        await pbx.cli("dialplan reload")
        await pbx.cli("moh reload")
        yield Clinic(box, pbx, ports, stack)


async def test_a_pbx_of_the_clinics_own_serves_with_the_pieces_put_in(tmp_path: Path) -> None:
    async with clinic(tmp_path) as house:
        await house.well()
        caller, desk = await house.phone(CALLER), await house.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.sound())
        call.press("0")
        taken = await desk.rung()
        await taken.answered()
        await call.hang_up()
        await taken.ended()

        told = await rung_by_itself(house.box)
        assert told["state"] == "ok", told
        assert len(desk.incoming) == 1
        # Nothing of the clinic's own was written.
        assert "attendant" not in (house.pbx.etc / "pjsip.conf").read_text()


async def test_without_the_pieces_the_doctor_names_what_is_missing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as house:
        for name, text in clinics_own(house.ports).items():
            (house.pbx.etc / name).write_text(text)
        await house.pbx.restart()
        # The sentences are spoken beside the calls.
        folder = house.pbx.folder / "lib/shared/etc/sounds"
        spoken = [folder / f"{name}.ulaw" for name in lines(house.decided())]
        await until(lambda: all(each.exists() for each in spoken), WELL_S)
        found = await house.found()
        assert {part for part, (health, _) in found.items() if health is Health.MISSING} == {
            "manager interface",
            "ARI",
        }
        assert "render --existing" in found["manager interface"][1]


async def test_the_doctor_names_an_extension_that_is_somebody_elses(tmp_path: Path) -> None:
    async with clinic(tmp_path) as house:
        part = "extension"
        assert (await house.found())[part] == (Health.WELL, f"{ASSISTANT} leads to the assistant")
        dialplan = house.pbx.etc / "extensions.conf"
        with dialplan.open("a") as file:
            file.write(
                f"[from-internal](+)\ninclude => laboratory\n[laboratory]\nexten => {ASSISTANT},1,Hangup()\n"
            )
        await house.pbx.cli("dialplan reload")
        health, told = (await house.found())[part]
        assert health is Health.MISSING
        assert "laboratory" in told
