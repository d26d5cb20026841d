"""A stage for calls of a PBX: the real bridge, with the PBX and the realtime service as peers.

May import: scripts.loopback_box, appliance.store, tests.peers.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from appliance.store import calls
from appliance.store.database import connect_readonly
from ari_bridge.passwords import Door, basic, password
from scripts.loopback_box import API_KEY, LoopbackBox
from tests.golden.clinic import until
from tests.peers.pbx import ManagerPeer, PbxCall
from tests.peers.realtime import RealtimePeer, Script

T = TypeVar("T")
AMI_SECRET, MEDIA_SECRET = "ami-of-the-test", "media-of-the-test"
HELD_S, LOOK_AGAIN_S = 10.0, 0.05
CALL, CHANNEL, CALLER = "a0-1700000000.1", "PJSIP/101-00000001", "+15550100002"


@dataclass(frozen=True, slots=True)
class Stage:
    """What a call is played on."""

    box: LoopbackBox
    ami: ManagerPeer
    cloud: RealtimePeer

    @property
    def url(self) -> str:
        """Where the PBX connects for the media."""
        return f"ws://127.0.0.1:{self.box.ports['local']}/asterisk/media"

    def call(self, *, rang: str = "", call: str = CALL, coding: str = "ulaw", **more: str) -> PbxCall:
        """A call that arrives."""
        variables = {
            "__ATTENDANT_CALL": call,
            "__ATTENDANT_CHANNEL": CHANNEL,
            "__ATTENDANT_CALLER": CALLER,
            "__ATTENDANT_CALLED": "+15550100001",
            "__ATTENDANT_RANG": rang,
            **more,
        }
        return PbxCall(self.url, MEDIA_SECRET, variables, coding=coding)

    def kept(self, read: Callable[[calls.WholeCall], T], call: str = CALL) -> T | None:
        """Something of a call as it is kept; None when there is no such call."""
        db = connect_readonly(self.box.database)
        try:
            row = calls.by_sid(db, call)
            whole = None if row is None else calls.whole(db, row.id)
            return None if whole is None else read(whole)
        finally:
            db.close()

    async def filed(self, call: str = CALL) -> calls.WholeCall:
        """The call, once it is filed."""

        def ended(whole: calls.WholeCall) -> calls.WholeCall | None:
            return whole if whole.call.ended_at is not None else None

        found = await until(lambda: self.kept(ended, call))
        assert found is not None
        return found

    async def nobody_held(self) -> None:
        """Wait until no call is with us any more."""
        async with asyncio.timeout(HELD_S), aiohttp.ClientSession() as http:
            live = 1
            while live:
                async with http.get(f"{self.box.local_base}/healthz") as answer:
                    live = (await answer.json())["parts"]["calls"]["live"]
                await asyncio.sleep(LOOK_AGAIN_S)

    async def asked_next(self, call: str = CALL) -> str:
        """What the dialplan is told when it finds nothing left, and asks."""
        where, which = f"{self.box.local_base}/asterisk/next", {"call": call}
        knows = {"Authorization": basic(password(MEDIA_SECRET, Door.DIALPLAN))}
        async with aiohttp.ClientSession(headers=knows) as http, http.get(where, params=which) as answer:
            return await answer.text()

    def over(self, call: str = CALL, seconds: int = 5) -> None:
        """The dialplan says that the call is over."""
        self.ami.tell(UserEvent="Attendant", Did="over", Call=call, Seconds=str(seconds))


@asynccontextmanager
async def staged(
    folder: Path,
    script: str,
    *,
    staff: Mapping[str, Any] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    **manner: Any,
) -> AsyncIterator[Stage]:
    """A stage with this script for the assistant."""
    cloud = RealtimePeer(Script.parse(script), key=API_KEY, **manner)
    async with cloud, ManagerPeer(AMI_SECRET) as ami:
        given: dict[str, dict[str, Any]] = {
            "twilio": {"account_sid": ""},
            "asterisk": {"enabled": True, "ami_port": ami.port},
        }
        for section, values in (settings or {}).items():
            given.setdefault(section, {}).update(values)
        box = LoopbackBox(
            folder, cloud_url=cloud.url, staff={"front_door": "assistant", **(staff or {})}, settings=given
        )
        secrets = folder / "data" / "secrets"
        secrets.mkdir(mode=0o700, parents=True)
        for name, text in (("asterisk_ami", AMI_SECRET), ("asterisk_media", MEDIA_SECRET)):
            (secrets / name).touch(mode=0o600)
            (secrets / name).write_text(text)
        async with box:
            await ami.wait_for(lambda: ami.logged_in)
            yield Stage(box, ami, cloud)
