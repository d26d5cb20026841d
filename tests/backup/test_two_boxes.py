"""Two real boxes before the carrier: calls go to the one that took over, and the other answers no more."""

import asyncio
import shutil
from pathlib import Path

import pytest

from appliance.backup import place
from appliance.backup.making import name_of
from appliance.core import settings as boot
from appliance.store import calls, database
from scripts.loopback_box import ACCOUNT_SID, AUTH_TOKEN, CALLER, CLINIC, PUBLIC_URL, BoxFailed, LoopbackBox
from tests.peers.carrier import Account, CarrierPeer, Number
from tests.peers.carrier.happenings import StreamStarted

SECOND_URL = "https://second.example.test"
STAFF = {"front_door": "assistant"}

pytestmark = pytest.mark.skipif(shutil.which("restic") is None, reason="Debian has restic in `restic`")


async def rung(carrier: CarrierPeer) -> str:
    """Somebody calls, is answered and hangs up; which call that was."""
    phone = await carrier.ring(caller=CALLER, called=CLINIC, plan="wait 120")
    await phone.journal.wait_for(StreamStarted, timeout_s=30)
    phone.hang_up()
    await phone.done(30)
    return phone.sid


def known(box: LoopbackBox, sid: str) -> bool:
    db = database.connect_readonly(box.database)
    try:
        return calls.by_sid(db, sid) is not None
    finally:
        db.close()


async def test_calls_come_to_the_box_that_took_over_and_the_other_ends(tmp_path: Path) -> None:
    carrier = CarrierPeer(account=Account(ACCOUNT_SID, AUTH_TOKEN))
    async with carrier:
        backup = {"repository": str(tmp_path / "repository")}
        first = LoopbackBox(
            tmp_path / "first", rest_url=carrier.rest_url, settings={"backup": backup}, staff=STAFF
        )
        async with first:
            carrier.network.addresses.add(PUBLIC_URL, first.public_base)
            carrier.network.numbers[CLINIC] = Number(
                f"{PUBLIC_URL}/twilio/voice#rc=2", status_callback=f"{PUBLIC_URL}/twilio/status"
            )
            earlier = await rung(carrier)
            settings = boot.load(first.config)
            place.password_made(settings)
            await asyncio.to_thread(place.to_be_made(settings).make)
            await first.printed("backup", "now")

            more = {
                "backup": backup,
                "twilio": {"public_url": SECOND_URL},
                "standby": {"follows": name_of(settings)},
            }
            second = LoopbackBox(tmp_path / "second", rest_url=carrier.rest_url, settings=more)
            keys = second.folder / "data" / "secrets"
            keys.mkdir(mode=0o700, parents=True)
            shutil.copy2(settings.secrets_dir / "backup_password", keys)
            second.ports = {"public": 0, "local": 0}
            second.keep_ports()
            await second.printed("standby", "follow")
            with pytest.raises(BoxFailed, match="stands ready for"):
                await second.start()

            # The line of the first one is dead: nobody can ask it anything, and it goes on.
            said = await second.printed("standby", "takeover")
            assert f"Twilio calls this box for {CLINIC}." in said
            number = carrier.network.numbers[CLINIC]
            assert number.voice_url == f"{SECOND_URL}/twilio/voice#rc=2"
            assert number.status_callback == f"{SECOND_URL}/twilio/status"
            await second.start()
            try:
                carrier.network.addresses.add(SECOND_URL, second.public_base)
                later = await rung(carrier)
                assert [known(second, sid) for sid in (earlier, later)] == [True, True]
                assert not known(first, later)

                # Its line is back, and its timer looks: it ends by itself, and does not come back.
                with pytest.raises(BoxFailed, match="Another box took over"):
                    await first.printed("standby", "look")
                async with asyncio.timeout(20):
                    assert await first.ended() == 0
                with pytest.raises(BoxFailed, match="Another box took over"):
                    await first.start()
            finally:
                await second.stop()
