"""The switch, with the real bridge and the carrier: calls are waited for, what is not well goes back."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from appliance.core import settings as boot
from appliance.core.dispositions import Outcome
from appliance.core.installed import COMPLETE
from appliance.service.update import gate
from appliance.service.update.switching import COPY, TakenBack, Tell, Update
from appliance.service.update.versions import Unsettled, UpdateFailed, Versions
from appliance.store import audit, calls, database, migrations
from scripts.loopback_box import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    CALLER,
    CLINIC,
    FRONT_DESK,
    PUBLIC_URL,
    ROOT,
    LoopbackBox,
)
from tests.peers.carrier import Account, CarrierPeer, Destination, Number
from tests.peers.carrier.happenings import StreamStarted

pytestmark = pytest.mark.drill

PROGRAM = """#!{python}
import sys, types
sys.path.insert(0, {root!r})
sys.argv[0] = "attendant"
import appliance
appliance.VERSION = {number!r}
from appliance.store import migrations
{more}
from appliance.cli.main import main
main()
"""
WITH_A_MIGRATION = """
change = types.ModuleType("x.m9999_of_the_next_version")
change.apply = lambda db: db.execute("CREATE TABLE of_the_next_version (id INTEGER PRIMARY KEY) STRICT")
migrations.migrate.__defaults__ = ((*migrations.CHANGES, change),)
"""
SICK_AT_WORK = """
if "bridge" in sys.argv and ".trial-" not in " ".join(sys.argv):
    sys.exit("sick")
"""
SICK_AT_ONCE = 'if "bridge" in sys.argv: raise RuntimeError("sick from the start")'


@dataclass
class Supervisor:
    """Runs what is current, as systemd does, but for beginning it anew when it dies."""

    versions: Versions
    config: Path
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    began: int = 0

    def restart(self) -> None:
        self.stop()
        self.began += 1
        command = self.versions.root / "current" / "bin" / "attendant"
        self.running.append(
            subprocess.Popen(
                [command, "--config", self.config, "bridge"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        )

    def up(self) -> None:
        """Wait until what was begun last takes calls."""
        said = self.running[-1].stdout
        assert said is not None
        assert said.readline()

    def stop(self) -> None:
        while self.running:
            process = self.running.pop()
            process.terminate()
            process.wait(30)
            if process.stdout:
                process.stdout.close()


@dataclass
class House:
    """A box of which versions lie on the disk, and the carrier before it."""

    carrier: CarrierPeer
    box: LoopbackBox
    versions: Versions
    supervisor: Supervisor

    def lay(self, number: str, more: str = "") -> str:
        name = f"{number}-x"
        command = self.versions.command(name)
        command.parent.mkdir(parents=True)
        command.write_text(PROGRAM.format(python=sys.executable, root=str(ROOT), number=number, more=more))
        command.chmod(0o755)
        (self.versions.folder(name) / COMPLETE).write_text(number)
        return name

    def update(self, tell: Tell = lambda _: None, wait_s: float = 60.0, start_s: float = 60.0) -> Update:
        settings = boot.load(self.box.config)
        return Update(
            self.versions,
            self.box.config,
            settings,
            self.supervisor,
            tell,
            wait_s,
            watch_s=1.5,
            start_s=start_s,
        )

    def answers(self) -> str:
        told = gate.ask(self.box.ports["local"])
        return told.version if told else ""


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    carrier = CarrierPeer(account=Account(ACCOUNT_SID, AUTH_TOKEN))
    async with carrier:
        box = LoopbackBox(
            folder, rest_url=carrier.rest_url, staff={"front_door": "assistant", "people": [FRONT_DESK]}
        )
        async with box:
            box.keep_ports()
            await box.stop()
            versions = Versions(folder / "opt")
            supervisor = Supervisor(versions, box.config)
            made = House(carrier, box, versions, supervisor)
            versions.switch(made.lay("0.9"))
            versions.switch(made.lay("1.0"))
            try:
                await asyncio.to_thread(supervisor.restart)
                await asyncio.to_thread(supervisor.up)
                carrier.network.addresses.add(PUBLIC_URL, box.public_base)
                status = f"{PUBLIC_URL}/twilio/status"
                carrier.network.numbers[CLINIC] = Number(f"{PUBLIC_URL}/twilio/voice", status_callback=status)
                carrier.network.destinations[FRONT_DESK] = Destination.answers(2.0, 5.0)
                yield made
            finally:
                await asyncio.to_thread(supervisor.stop)


async def test_what_is_well_stays_and_a_call_under_way_goes_on_to_its_end(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        new = made.lay("1.1", WITH_A_MIGRATION)
        phone = await made.carrier.ring(caller=CALLER, called=CLINIC, plan="wait 120")
        await phone.journal.wait_for(StreamStarted, timeout_s=30)
        with pytest.raises(UpdateFailed, match="none is cut for an update"):
            await asyncio.to_thread(made.update(wait_s=0.5).back)
        assert made.versions.current == "1.0-x"
        waited = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tell(line: str) -> None:
            if "Calls under way: 1" in line:
                loop.call_soon_threadsafe(waited.set)

        async with asyncio.TaskGroup() as tasks:
            updating = tasks.create_task(asyncio.to_thread(made.update(tell).to, new), name="update")
            await waited.wait()
            assert made.supervisor.began == 1, "nothing is begun anew while somebody talks"
            assert made.answers() == "1.0"
            phone.hang_up()
            await phone.done(30)
            await updating
        assert made.answers() == "1.1"
        assert (made.versions.current, made.versions.previous) == (new, "1.0-x")
        assert made.versions.unsettled is None
        assert made.supervisor.began == 2
        assert (tmp_path / "data" / COPY).exists()
        db = database.connect_readonly(made.box.database)
        row = calls.by_sid(db, phone.sid)
        assert row is not None
        assert row.outcome is not Outcome.INTERRUPTED
        assert [each.target for each in audit.page(db)] == [new]
        assert db.execute("SELECT count(*) FROM of_the_next_version").fetchone()[0] == 0
        db.close()
        again = await made.carrier.ring(caller=CALLER, called=CLINIC, plan=["wait 1", "hang up"])
        await again.done(60)
        assert again.journal.of(StreamStarted), "the new version takes calls"

        # Back: the version before reads what the new one has added to.
        await asyncio.to_thread(made.update().back)
        assert made.answers() == "1.0"
        assert made.versions.current == "1.0-x"
        assert migrations.pending(made.box.database) == ()


async def test_what_is_sick_is_taken_back_or_never_gets_there(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        with pytest.raises(UpdateFailed, match=r"does not come up: .*sick from the start"):
            await asyncio.to_thread(made.update().to, made.lay("1.2", SICK_AT_ONCE))
        assert made.supervisor.began == 1, "the one that runs was not touched"
        assert made.versions.current == "1.0-x"

        sick = made.lay("1.3", SICK_AT_WORK)
        with pytest.raises(TakenBack, match="bridge did not come up"):
            await asyncio.to_thread(made.update(start_s=6.0).to, sick)
        assert made.versions.current == "1.0-x"
        assert made.answers() == "1.0"

        # Killed between the switch and its judgement, the next update judges it.
        made.versions.unsettle(Unsettled(sick, "1.0-x"))
        made.versions.switch(sick)
        made.supervisor.stop()
        with pytest.raises(TakenBack, match="Begin anew when it runs"):
            await asyncio.to_thread(made.update().to, "1.0-x")
        assert made.versions.current == "1.0-x"
        assert made.versions.unsettled is None
