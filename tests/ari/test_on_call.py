"""The on-call rota over a PBX: the numbers that it can ring, what its dialplan tells, and who may tell it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from appliance.core.callbacks import Cause, Urgency
from appliance.core.errors import CarrierFailed
from appliance.core.hours import DAYS
from appliance.core.staff import Office, StaffSettings
from appliance.store import callback_causes, database, rota
from appliance.store.callback_causes import Reason
from appliance.store.rota import Ring
from ari_bridge.ari import AriAccess
from ari_bridge.on_call import PATH, PbxRinger
from ari_bridge.passwords import USER, Door, password
from ari_bridge.rendering import rendered
from tests.ari.stage import MEDIA_SECRET, Stage, staged
from tests.ari.test_rendering import TRUNK, context, pbx
from tests.golden.clinic import until
from tests.peers.pbx.ari import AriPeer

ANA, BEN, CALLER = "+14155550121", "+14155550122", "+14155550190"
PEOPLE = [{"name": "Ana", "number": ANA}, {"name": "Ben", "number": BEN}]
STAFF: dict[str, Any] = {
    "hours": dict.fromkeys(DAYS, ()),
    "escalation": [{"by": "rota", "which": "urgent"}],
    "on_call_rota": [{"people": PEOPLE}],
}
ARI_SECRET = "ari-of-the-test"


def rings(**asterisk: Any) -> list[tuple[str, str]]:
    office = Office(staff=StaffSettings.model_validate({"on_call_rota": [{"people": [*PEOPLE, PEOPLE[0]]}]}))
    text = context(rendered(pbx(asterisk, office=office))["extensions.conf"], "attendant-on-call")
    found = re.finditer(r"^exten = (.+),1,Gosub\(attendant-on-call-rings,s,1\((.*)\)\)$", text, re.MULTILINE)
    return [(each[1], each[2]) for each in found]


def test_it_rings_over_the_trunk_the_numbers_that_staff_entered_and_no_other() -> None:
    assert rings(**TRUNK) == [
        ("_X!", ""),
        ("14155550121", f"PJSIP/{ANA}@attendant-trunk"),
        ("14155550122", f"PJSIP/{BEN}@attendant-trunk"),
    ]


def test_a_pbx_of_the_clinics_own_dials_them_by_its_own_routes_and_without_a_way_out_nobody_is_rung() -> None:
    assert rings(existing=True)[1] == ("14155550121", f"Local/{ANA}@from-internal/n")
    assert rings() == [("_X!", "")]


class Telephones:
    """What the dialplan tells the bridge of the telephones that it has rung."""

    def __init__(self, stage: Stage, ari: AriPeer) -> None:
        self._stage = stage
        self._ari = ari

    async def tells(self, key: str = password(MEDIA_SECRET, Door.DIALPLAN), **form: str) -> tuple[int, str]:
        url, headers = (
            f"{self._stage.box.local_base}{PATH}",
            {"Authorization": aiohttp.encode_basic_auth(USER, key)},
        )
        async with aiohttp.ClientSession() as http, http.post(url, data=form, headers=headers) as answer:
            return answer.status, await answer.text()

    async def rung(self, count: int) -> tuple[str, str]:
        """What the PBX was asked to ring in this place, and the key by which it is told of."""
        placed = await until(lambda: self._ari.placed[count - 1 : count])
        return placed[0]["endpoint"], placed[0]["variables"]["__ATTENDANT_RING"]

    def became(self) -> list[Ring]:
        db = database.connect_readonly(self._stage.box.database)
        try:
            return [ring for run in rota.of_entry(db, 1) for ring in run.rings]
        finally:
            db.close()


@pytest_asyncio.fixture
async def phones(tmp_path: Path) -> AsyncIterator[Telephones]:
    secret = tmp_path / "ari"
    secret.touch(mode=0o600)
    secret.write_text(ARI_SECRET)
    async with AriPeer(ARI_SECRET) as ari:
        settings: dict[str, dict[str, Any]] = {
            "asterisk": {"http_port": ari.port, "ari_secret_file": str(secret)},
            "asterisk.trunk": {"host": "sip.example.net"},
            "cloud": {"enabled": False},
        }
        async with staged(tmp_path / "box", "", staff=STAFF, settings=settings) as stage:
            db = database.connect(stage.box.database)
            long_ago = datetime.now(UTC) - timedelta(hours=2)
            with database.immediate(db):
                callback_causes.note(
                    db, Reason("message 1", Cause.VOICEMAIL, long_ago, CALLER, Urgency.URGENT)
                )
            db.close()
            yield Telephones(stage, ari)


async def test_the_next_one_is_rung_until_somebody_presses_1(phones: Telephones) -> None:
    endpoint, first = await phones.rung(1)
    assert endpoint == "Local/14155550121@attendant-on-call/n"
    assert await phones.tells(do="over", of=first, result="NOANSWER") == (200, "")
    endpoint, second = await phones.rung(2)
    assert endpoint == "Local/14155550122@attendant-on-call/n"
    assert await phones.tells(do="answered", of=second) == (200, "urgent")
    assert await phones.tells(do="pressed", of=second, digit="9") == (200, "")
    assert await phones.tells(do="pressed", of=second, digit="1") == (200, "taken")
    # Told again, it is the same; and what comes late changes nothing.
    assert await phones.tells(do="pressed", of=second, digit="1") == (200, "taken")
    assert await phones.tells(do="over", of=second, result="ANSWER") == (200, "")
    assert await phones.tells(do="answered", of=first) == (200, "")
    assert [(ring.name, ring.became) for ring in phones.became()] == [("Ana", "no-answer"), ("Ben", "taken")]


async def test_a_mailbox_takes_nothing_and_who_cannot_is_not_asked_again(phones: Telephones) -> None:
    _, first = await phones.rung(1)
    assert await phones.tells(do="answered", of=first) == (200, "urgent")
    await phones.tells(do="over", of=first, result="ANSWER")
    _, second = await phones.rung(2)
    assert await phones.tells(do="pressed", of=second, digit="2") == (200, "declined")
    endpoint, _ = await phones.rung(3)
    assert endpoint == "Local/14155550121@attendant-on-call/n"
    assert [ring.became for ring in phones.became()] == ["no key", "declined", ""]


async def test_nobody_else_says_how_telephones_did(phones: Telephones) -> None:
    _, key = await phones.rung(1)
    assert await phones.tells("another", do="pressed", of=key, digit="1") == (401, "")
    for wrong in (
        {"do": "pressed", "of": key, "digit": "11"},
        {"do": "taken", "of": key},
        {"do": "answered", "of": f"{key}0"},
        {"do": "answered"},
        {"of": key},
    ):
        assert await phones.tells(**wrong) == (400, "")
    assert await phones.tells(do="answered", of="0" * 32) == (503, "")
    assert await phones.tells(do="over", of=key, more="x" * 4096) == (413, "")
    assert [ring.became for ring in phones.became()] == [""]


async def test_a_pbx_that_does_not_answer_may_ring_all_the_same() -> None:
    async with AriPeer(ARI_SECRET) as peer:
        ringer = PbxRinger(AriAccess(peer.base, USER, ARI_SECRET))
        peer.answers_with = 500
        with pytest.raises(CarrierFailed) as refused:
            await ringer.ring(ANA, "", "0" * 32, 25)
        assert not refused.value.unsure
    with pytest.raises(CarrierFailed) as away:
        await ringer.ring(ANA, "", "0" * 32, 25)
    assert away.value.unsure
