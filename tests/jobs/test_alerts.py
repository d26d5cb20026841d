"""What is wrong with the box is told once, and once when it is over; what comes and goes, not each time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import pytest
import pytest_asyncio

from appliance.core.settings import Settings
from appliance.core.staff_told import BoxNews
from appliance.core.troubles import Found, Trouble
from appliance.jobs import alerts
from appliance.service.jobs import outside
from appliance.store import database, jobs, texting, troubles
from appliance.store import office as decided
from tests.jobs.escalated import TUESDAY
from tests.jobs.office import Office, beside
from tests.peers.carrier import Account, CarrierPeer, Number, RestFault
from tests.peers.smtp import Fault, MailServer
from tests.peers.webhook import Receiver

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
ACCOUNT, TOKEN = "AC" + "0" * 32, "t0ken"
CLINIC, OWNER = "+15550100001", "+14155550199"
CLOUD = {Trouble.CLOUD: "timeout"}
WELL = Found(well=set(Trouble))


@pytest_asyncio.fixture
async def carrier() -> AsyncIterator[CarrierPeer]:
    async with CarrierPeer(account=Account(ACCOUNT, TOKEN), numbers={CLINIC: Number("https://x/v")}) as peer:
        yield peer


@dataclass
class Box:
    """A box that is looked at each minute."""

    office: Office
    settings: Settings

    def passes(self, minutes: float, found: Found = WELL) -> list[str]:
        """So much time, and at each minute a look; what became of the jobs that this brought."""
        before = len(self.office.became)
        for _ in range(int(minutes)):
            self.office.put_on(timedelta(minutes=1))
            alerts.look(self.office.db, self.settings.alerts, found, self.office.now)
            kind = alerts.alerting(self.settings, outside.texting(self.settings), lambda: self.office.now)
            self.office.does(kind).works(patience=timedelta())
        return self.office.became[before:]


def box_of(
    office: Office, server: MailServer, receiver: Receiver | None = None, rest_url: str = "", **told: Any
) -> Box:
    secrets = office.folder / "secrets"
    secrets.mkdir()
    for name, secret in (("webhook_secret", "quiet"), ("twilio_auth_token", TOKEN)):
        (secrets / name).touch(mode=0o600)
        (secrets / name).write_text(secret)
    office.now = TUESDAY
    twilio = {"account_sid": ACCOUNT, "public_url": "https://box.example", "sms_from": CLINIC}
    mail = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "box@clinic.example"}
    url = f"{receiver.url}/hook" if receiver else ""
    notify = {"webhook_url": url, "admin_url": "https://attendant.lan/"}
    sections: dict[str, dict[str, Any]] = {"mail": mail, "notify": notify, "alerts": told}
    if rest_url:
        sections["twilio"] = {**twilio, "api_url": rest_url}
    return Box(office, office.settings(**sections))


@pytest.fixture
def box(clinic: Office, server: MailServer) -> Box:
    return box_of(clinic, server, emails=["it@clinic.example"])


def subjects(server: MailServer) -> list[str]:
    # A long one is folded behind its name, as it may be.
    return [letter["Subject"].strip() for letter in server.taken]


DOWN = "The cloud cannot be reached: the box's own assistant talks to callers."


def test_a_trouble_is_told_once_and_once_that_it_is_over(box: Box, server: MailServer) -> None:
    box.passes(5, Found(CLOUD))
    assert server.taken == []
    box.passes(60, Found(CLOUD))
    (letter,) = server.taken
    assert (letter["To"], subjects(server)) == ("it@clinic.example", [DOWN])
    body = letter.get_content()
    assert "Since 2026-11-24 10:01." in body
    assert "timeout" in body
    assert "https://attendant.lan/" in body
    box.passes(13)
    assert len(server.taken) == 1
    box.passes(3)
    assert subjects(server) == [DOWN, f"It is over: {DOWN}"]
    assert "From 2026-11-24 10:01 to 2026-11-24 11:2" in server.taken[1].get_content()
    box.passes(600)
    assert len(server.taken) == 2


def test_what_passes_within_minutes_is_told_to_nobody(box: Box, server: MailServer) -> None:
    for _ in range(6):
        box.passes(4, Found(CLOUD))
        box.passes(30)
    assert server.taken == []
    assert troubles.announced(box.office.db) == []


def test_what_comes_and_goes_is_one_trouble_and_the_more_patiently_watched(
    box: Box, server: MailServer
) -> None:
    for _ in range(20):
        box.passes(6, Found(CLOUD))
        box.passes(10)
    assert subjects(server) == [DOWN]
    # Even one that stays away for a quarter of an hour each time is told ever more seldom.
    for _ in range(30):
        box.passes(20)
        box.passes(6, Found(CLOUD))
    assert len(server.taken) <= 6


def test_of_what_is_not_known_nothing_is_told(box: Box, server: MailServer) -> None:
    box.passes(10, Found(CLOUD))
    box.passes(60, Found())
    assert subjects(server) == [DOWN]
    box.passes(15)
    assert subjects(server)[1:] == [f"It is over: {DOWN}"]


def test_a_clock_that_was_set_back_keeps_nothing_open(box: Box, server: MailServer) -> None:
    box.passes(10, Found(CLOUD))
    box.office.now -= timedelta(days=400)
    box.passes(1)
    assert len(server.taken) == 2
    assert troubles.still(box.office.db) == []


def test_what_was_waited_for_already_is_told_at_once(box: Box, server: MailServer) -> None:
    box.passes(1, Found({Trouble.BACKUP: "the last backup is of Sunday"}))
    assert subjects(server) == ["The box is not backed up as it should be."]


async def test_each_receiver_is_told_by_its_own_way(
    clinic: Office, server: MailServer, receiver: Receiver, carrier: CarrierPeer
) -> None:
    to = {"emails": ["a@clinic.example", "b@clinic.example"], "texts": [OWNER], "webhook": True}
    box = box_of(clinic, server, receiver, carrier.rest_url, **to)
    await beside(clinic, lambda: (box.passes(7, Found(CLOUD)), box.passes(16)))
    assert (
        sorted(letter["To"] for letter in server.taken) == ["a@clinic.example"] * 2 + ["b@clinic.example"] * 2
    )
    assert [(text.to, text.from_) for text in carrier.messages] == [(OWNER, CLINIC)] * 2
    assert carrier.messages[0].body.endswith(DOWN)
    first, second = (orjson.loads(got.body) for got in receiver.got)
    assert (first["event"], first["trouble"], first["until"]) == ("box_trouble", "cloud", None)
    assert (second["event"], second["since"]) == ("box_well", first["since"])
    assert len(receiver.keys) == 2


def test_spanish_staff_are_told_in_spanish(box: Box, server: MailServer) -> None:
    with database.immediate(box.office.db):
        decided.set_value(box.office.db, "language", "es-US", at="2026-01-01T00:00:00.000Z", by="test")
    box.passes(1, Found({Trouble.BACKUP: "x"}))
    assert subjects(server) == ["No se hacen copias del equipo como se debe."]


def test_news_that_came_too_late_to_be_sent_is_told_with_its_end(box: Box, server: MailServer) -> None:
    server.faults.add(Fault.FULL)
    box.passes(10, Found(CLOUD))
    box.passes(16)
    server.faults.clear()
    box.office.works(patience=timedelta(hours=6))
    assert subjects(server) == [f"It is over: {DOWN}"]
    assert jobs.page(box.office.db, [jobs.State.DEAD]) == []


@pytest.mark.parametrize("fault", [RestFault(code=20500, after=True), RestFault(code=21614)])
async def test_a_text_that_the_carrier_may_have_or_refuses_is_not_sent_again(
    clinic: Office, server: MailServer, carrier: CarrierPeer, fault: RestFault
) -> None:
    box = box_of(clinic, server, rest_url=carrier.rest_url, texts=[OWNER])
    carrier.rest_faults.append(fault)
    await beside(clinic, lambda: box.passes(60, Found(CLOUD)))
    (job,) = jobs.page(box.office.db)
    assert (job.state, len(carrier.rest_requests)) == (jobs.State.DEAD, 1)


def test_a_carrier_that_is_not_reached_is_tried_again(clinic: Office, server: MailServer) -> None:
    box = box_of(clinic, server, rest_url="http://127.0.0.1:9", texts=[OWNER])
    box.passes(7, Found(CLOUD))
    (job,) = jobs.page(box.office.db)
    assert (job.state, job.error) == (jobs.State.WAITING, "not reached: ClientConnectorError")


def test_who_wants_no_texts_gets_none(clinic: Office, server: MailServer) -> None:
    box = box_of(clinic, server, texts=[OWNER])
    with database.immediate(box.office.db):
        texting.stop(box.office.db, OWNER, now=TUESDAY)
    box.passes(7, Found(CLOUD))
    (job,) = jobs.page(box.office.db)
    assert (job.state, "wants no texts" in job.error) == (jobs.State.DEAD, True)


def test_a_receiver_that_is_named_no_more_is_told_nothing(box: Box) -> None:
    alerts.look(box.office.db, box.settings.alerts, Found({Trouble.BACKUP: "x"}), TUESDAY)
    settings = box.office.settings()
    nobody = alerts.alerting(settings, outside.texting(settings), lambda: TUESDAY)
    box.office.does(nobody).works(patience=timedelta())
    (job,) = jobs.page(box.office.db)
    assert (job.state, "no more" in job.error) == (jobs.State.DEAD, True)


def test_each_trouble_has_its_words_in_both_languages() -> None:
    for trouble in Trouble:
        told = {
            language: BoxNews(trouble, "x", "then", "", "", language, "Clinic").subject
            for language in ("en", "es-US")
        }
        assert told["en"] != told["es-US"]
