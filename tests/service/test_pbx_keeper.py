"""The configuration of a PBX: tried, kept when it was taken over, and never left lying when it was not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.core.settings import Asterisk, Box, Settings
from appliance.service.greetings import Greetings
from appliance.service.pbx.house import House
from appliance.service.pbx.keeper import PbxKeeper, decided
from appliance.service.pbx.trial import Trial
from appliance.store import database, office
from appliance.store.reader import Reader
from ari_bridge.ami_events import AmiEvent
from ari_bridge.control import Access, AsteriskControl
from ari_bridge.rendering import mark_of
from models.local.mouth import Mouth
from tests.golden.clinic import until
from tests.migrated import migrated
from tests.peers.pbx import ManagerPeer

SECRET = "ami-of-the-test"
BASE = "http://127.0.0.1:8081"
AT = "2026-01-01T00:00:00.000Z"


def no_mouth() -> Mouth:
    raise AssertionError("nothing is to be spoken")


@dataclass
class Ground:
    """A keeper, beside a PBX."""

    settings: Settings
    ami: ManagerPeer
    reader: Reader
    control: AsteriskControl
    house: House

    def keeper(self, again_s: float = 0.0) -> PbxKeeper:
        """A keeper as one begins."""
        trial = Trial(self.access(), existing=True)
        made = PbxKeeper(
            self.settings,
            self.house,
            self.reader,
            no_mouth,
            self.control,
            trial,
            Greetings(self.house.folder / "greetings", no_mouth),
            again_s=again_s,
        )
        made.local_base = BASE
        return made

    def access(self) -> Access:
        return Access("127.0.0.1", self.ami.port, "attendant", SECRET)

    def decide(self, ring_s: int) -> None:
        db = database.connect(self.settings.database)
        with database.immediate(db):
            office.set_value(db, "ring_s", ring_s, at=AT, by="the test")
        db.close()

    def lies_there(self) -> str:
        return (self.house.folder / "etc/extensions.conf").read_text()

    @property
    def reloads(self) -> int:
        """How often the dialplan was read anew."""
        return len([each for each in self.ami.actions if each.get("Module") == "pbx_config.so"])


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with AsyncExitStack() as stack:
        ami = await stack.enter_async_context(ManagerPeer(SECRET))
        settings = Settings(
            box=Box(data_dir=tmp_path), asterisk=Asterisk(enabled=True, existing=True, ami_port=ami.port)
        )
        migrated(settings.database)
        reader = Reader(settings.database)
        stack.push_async_callback(reader.close)

        async def heard(_event: AmiEvent) -> None: ...

        async def begun() -> None: ...

        access = Access("127.0.0.1", ami.port, "attendant", SECRET)
        control = await stack.enter_async_context(AsteriskControl(access, heard, begun))
        made = Ground(settings, ami, reader, control, House.of(settings))
        ami.etc = made.house.folder / "etc"
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        running = tasks.create_task(control.run(), name="control")
        stack.callback(running.cancel)
        await until(lambda: control.connected)
        yield made


async def test_what_is_taken_over_is_kept_and_not_read_again(ground: Ground) -> None:
    keeper = ground.keeper()
    await keeper.look()
    proven = ground.house.proven()
    assert proven is not None
    assert proven["extensions.conf"] == ground.lies_there() == ground.ami.dialplan
    assert (keeper.refused, keeper.unread, ground.reloads) == ("", False, 1)
    # Another login changes nothing when the PBX says that it has read just this, nor does another of us.
    keeper.unread = True
    await keeper.look()
    again = ground.keeper()
    await again.look()
    again.unread = True
    await again.look()
    assert ground.reloads == 1
    # One that has read something else is told to read.
    ground.ami.dialplan = ""
    again.unread = True
    await again.look()
    assert (ground.reloads, ground.ami.dialplan) == (2, ground.lies_there())


async def test_what_is_refused_gives_way_and_stays_away_from_whoever_begins_anew(ground: Ground) -> None:
    keeper = ground.keeper()
    await keeper.look()
    good = ground.lies_there()
    ground.ami.cannot_read = ",17,front-desk"
    ground.decide(ring_s=17)
    await keeper.look()
    assert keeper.refused == "it kept the dialplan that it had"
    assert ground.lies_there() == good == ground.ami.dialplan
    assert not keeper.part().well
    tried = ground.reloads
    await keeper.look()
    assert ground.reloads == tried
    # We begin anew: the good one lies there at once, and it is tried once more.
    again = ground.keeper()
    again.unread = False
    await again.install(await ground.reader.run(decided))
    assert ground.lies_there() == good
    ground.ami.cannot_read = "\0"
    await again.look()
    assert (again.refused, again.unread) == ("", False)
    assert ",17,front-desk" in ground.lies_there()
    assert ground.house.proven() == ground.house.installed()


async def test_a_trunk_that_the_pbx_does_not_have_is_missing(ground: Ground) -> None:
    await ground.keeper().look()
    mark, now = mark_of(ground.house.installed()), await ground.reader.run(decided)
    for trunk, missing in ((False, ""), (True, "the trunk is missing")):
        trial = Trial(ground.access(), existing=False, trunk=trunk)
        assert await trial.problem(mark, *now, reload=False) == missing


async def test_a_trial_that_was_cut_short_leaves_nothing(ground: Ground) -> None:
    await ground.keeper().look()
    good = ground.lies_there()
    # As when we are killed between writing and the verdict.
    (ground.house.folder / "etc/extensions.conf").write_text("half of a di")
    again = ground.keeper()
    await again.install(await ground.reader.run(decided))
    assert ground.lies_there() == good
    # What the PBX has read is not known then.
    assert again.unread


async def test_without_a_verdict_the_good_one_lies_there_and_the_next_trial_waits(ground: Ground) -> None:
    await ground.keeper().look()
    good, before = ground.lies_there(), ground.reloads
    ground.ami.refuses.add("Reload")
    ground.decide(ring_s=18)
    keeper = ground.keeper(again_s=60.0)
    for _ in range(3):
        await keeper.look()
    assert ground.reloads == before + 1
    assert ground.lies_there() == good
    assert (keeper.refused, keeper.unread) == ("", True)
    soon = ground.keeper()
    await soon.look()
    ground.ami.refuses.clear()
    await soon.look()
    assert ground.reloads == before + 3
    assert not soon.unread
    assert ",18,front-desk" in ground.lies_there()


async def test_what_lets_us_in_by_another_door_is_laid_out_untried(ground: Ground) -> None:
    await ground.keeper().look()
    ground.house.prove({"manager.conf": "another", "extensions.conf": "old"})
    await ground.keeper().install(await ground.reader.run(decided))
    assert ground.lies_there() == ground.ami.dialplan
