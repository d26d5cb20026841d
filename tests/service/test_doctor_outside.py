"""What the doctor says of what is outside of the box, by peers that speak what each really speaks."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.resolver import AsyncResolver

from appliance.core.examined import Examined, Health, well
from appliance.core.settings import Settings, checked
from appliance.service.doctor import accounts, clock, cloud, names, packages, ports, whole
from appliance.store import database, visits
from scripts.loopback_box import ACCOUNT_SID, AUTH_TOKEN, CLINIC
from tests.migrated import migrated
from tests.peers.carrier import Account, CarrierPeer, Number
from tests.peers.google import GooglePeer
from tests.peers.names import NameServer
from tests.peers.realtime import Fault, RealtimePeer, Script
from tests.peers.smtp import Fault as MailFault
from tests.peers.smtp import MailServer

# The vendor's client still asks aiohttp for a password in its old way.
pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
URL = "https://box.example.com"
VOICE = f"{URL}/twilio/voice#ct=2000&rt=4000"
BIN = "https://handler.twilio.com/twiml/EH1"


def settings_of(folder: Path, **sections: Any) -> Settings:
    """A box that asks nobody but whom the sections name."""
    tree: dict[str, Any] = {"box": {"data_dir": str(folder)}, "cloud": {"enabled": False}}
    return checked({**tree, **sections}, "the test")


def kept(folder: Path, name: str, secret: str) -> None:
    (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
    path = folder / "secrets" / name
    path.touch(mode=0o600)
    path.write_text(secret)


async def told(look: AsyncIterator[Examined]) -> dict[str, tuple[Health, str]]:
    return {each.part: (each.health, each.told) async for each in look}


@asynccontextmanager
async def serving(answer: Any) -> AsyncIterator[str]:
    """A web server that answers everything so; its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("ahead_s", "health"), [(0, Health.WELL), (2, Health.WELL), (-30, Health.MISSING), (3600, Health.MISSING)]
)
async def test_the_clock_is_held_against_a_service(tmp_path: Path, ahead_s: int, health: Health) -> None:
    async def answer(_: web.Request) -> web.Response:
        at = datetime.now(UTC) + timedelta(seconds=ahead_s)
        return web.Response(status=401, headers={"Date": format_datetime(at, usegmt=True)})

    async with serving(answer) as url:
        twilio = {"account_sid": ACCOUNT_SID, "public_url": URL, "api_url": url}
        found = await told(clock.examined(settings_of(tmp_path, twilio=twilio)))
    assert found["clock"][0] is health
    assert ("timedatectl" in found["clock"][1]) is (health is Health.MISSING)


async def test_without_anybody_to_ask_systemds_word_counts(tmp_path: Path) -> None:
    settings, word = settings_of(tmp_path), tmp_path / "synchronized"
    assert (await told(clock.examined(settings, word)))["clock"][0] is Health.NOTE
    word.touch()
    assert (await told(clock.examined(settings, word)))["clock"][0] is Health.WELL


MAIL = {"host": "mail.clinic.example", "sender": "box@clinic.example"}


async def _looked_up(server: NameServer, settings: Settings) -> tuple[Health, str]:
    resolver = AsyncResolver(nameservers=[f"127.0.0.1:{server.port}"], timeout=0.2, tries=1)
    return (await told(names.examined(settings, resolver)))["name servers"]


async def test_names_that_are_not_found_are_named(tmp_path: Path) -> None:
    kept(tmp_path, "openai_api_key", "sk-test")
    settings = settings_of(tmp_path, mail=MAIL, cloud={"url": "wss://api.cloud.example/v1/realtime"})
    async with NameServer({"api.cloud.example": "192.0.2.1", "mail.clinic.example": "192.0.2.2"}) as server:
        assert (await _looked_up(server, settings))[0] is Health.WELL
        del server.known["mail.clinic.example"]
        health, sentence = await _looked_up(server, settings)
        assert (health, sentence.startswith("mail.clinic.example not found")) == (Health.MISSING, True)
        server.mute = True
        health, sentence = await _looked_up(server, settings)
    assert (health, sentence.startswith("none of api.cloud.example, mail.")) == (Health.MISSING, True)


async def test_addresses_need_no_name_server(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, cloud={"url": "ws://127.0.0.1:9/v1/realtime"})
    assert await told(names.examined(settings)) == {}


async def test_a_session_with_the_cloud_is_really_opened(tmp_path: Path) -> None:
    kept(tmp_path, "openai_api_key", "sk-test")
    async with RealtimePeer(Script()) as peer:
        found = await told(cloud.examined(settings_of(tmp_path, cloud={"url": f"{peer.url}/realtime"})))
        assert len(peer.sessions) == 1
    assert found["cloud session"][0] is Health.WELL
    assert found["cloud prices"][0] is Health.WELL


@pytest.mark.parametrize(
    ("key", "script", "says"),
    [
        ("sk-other", Script(), "it refuses the key"),
        (
            "sk-test",
            Script(connect=(Fault("refuse_event", at="connect", code="insufficient_quota"),)),
            "the account's credit is used up",
        ),
        ("sk-test", Script(connect=(Fault("silence", at="connect"),)), "says nothing"),
    ],
)
async def test_why_there_is_no_session_is_told_with_what_to_do(
    tmp_path: Path, key: str, script: Script, says: str
) -> None:
    kept(tmp_path, "openai_api_key", key)
    async with RealtimePeer(script, rejects="event") as peer:
        found = await told(cloud.examined(settings_of(tmp_path, cloud={"url": f"{peer.url}/realtime"})))
    assert found["cloud session"][0] is Health.MISSING
    assert says in found["cloud session"][1]
    assert key not in found["cloud session"][1]


async def test_a_model_without_a_price_is_warned_of(tmp_path: Path) -> None:
    found = await told(cloud.examined(settings_of(tmp_path, cloud={"model": "newest"})))
    assert found["cloud prices"][0] is Health.NOTE
    assert "newest has no price" in found["cloud prices"][1]


@asynccontextmanager
async def carrier(folder: Path, number: Number) -> AsyncIterator[Settings]:
    """A box whose account has this number."""
    kept(folder, "twilio_auth_token", AUTH_TOKEN)
    account = Account(ACCOUNT_SID, AUTH_TOKEN)
    async with CarrierPeer(account=account, numbers={CLINIC: number}) as peer:
        twilio = {"account_sid": ACCOUNT_SID, "public_url": URL, "api_url": peer.rest_url}
        yield settings_of(folder, twilio=twilio)


@pytest.mark.parametrize(
    ("number", "part", "says"),
    [
        (Number(VOICE, fallback_url=BIN), "", ""),
        (Number("https://other.example/"), "Twilio numbers", f"to POST {URL}/twilio/voice"),
        (Number(f"{URL}/voice", fallback_url=BIN), "Twilio numbers", f"has POST {URL}/voice"),
        (Number(VOICE, voice_method="GET", fallback_url=BIN), "Twilio numbers", "has GET"),
        (Number(VOICE), "Twilio", "when the primary handler fails"),
    ],
)
async def test_where_a_numbers_calls_go_is_told(tmp_path: Path, number: Number, part: str, says: str) -> None:
    async with carrier(tmp_path, number) as settings:
        found = await told(accounts.twilio(settings))
    assert {name for name, (health, _) in found.items() if health is not Health.WELL} == {part} - {""}
    if part:
        assert says in found[part][1]


async def test_an_account_that_is_refused_is_told_once(tmp_path: Path) -> None:
    async with carrier(tmp_path, Number(VOICE)) as settings:
        kept(tmp_path, "twilio_auth_token", "another")
        found = await told(accounts.twilio(settings))
    assert [*found] == ["Twilio"]
    assert found["Twilio"][0] is Health.MISSING
    assert "another" not in found["Twilio"][1]


async def test_each_calendar_is_asked_whether_it_can_be_written(tmp_path: Path) -> None:
    with GooglePeer(tmp_path) as google:
        google.diary.share("lee@clinic.example")
        kept(tmp_path, "google_key.json", json.dumps(google.key))
        settings = settings_of(tmp_path, google={"api_url": google.url, "ca_file": str(google.ca_file)})
        migrated(settings.database)
        providers = [
            {"slug": "lee", "name": "Dr. Lee", "calendar": "google:lee@clinic.example"},
            {"slug": "wu", "name": "Dr. Wu", "calendar": "google:wu@clinic.example"},
        ]
        visit = {"slug": "check-up", "name": "Check-up", "aliases": [], "minutes": 30}
        db = database.connect(settings.database)
        with database.immediate(db):
            wanted = visits.checked({"provider": providers, "visit": [visit]})
            visits.replace(db, wanted, now=datetime.now(UTC))
        db.close()
        found = await told(accounts.of_calendars(settings))
    assert [*found] == ["calendar google:wu@clinic.example"]
    assert "share it with the service account" in found["calendar google:wu@clinic.example"][1]


async def test_a_mail_server_is_asked_whether_it_takes_the_account(tmp_path: Path) -> None:
    with MailServer(account=("box", "quiet")).running() as server:
        kept(tmp_path, "mail_password", "quiet")
        told_of = {"host": "127.0.0.1", "port": server.port, "security": "none", "user": "box"}
        settings = settings_of(tmp_path, mail={**told_of, "sender": "box@clinic.example"})
        assert (await told(accounts.post(settings)))["mail server"][0] is Health.WELL
        server.faults.add(MailFault.WRONG_ACCOUNT)
        health, sentence = (await told(accounts.post(settings)))["mail server"]
    assert (health, "does not accept the account" in sentence) == (Health.MISSING, True)
    assert server.taken == []


async def test_a_port_that_somebody_else_has_is_named(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="Welcome!")

    async with serving(answer) as url:
        port = int(url.rpartition(":")[2])
        settings = settings_of(tmp_path, listen={"local_port": port, "worker_port": 9})
        health, sentence = (await told(ports.examined(settings)))["ports"]
    assert health is Health.MISSING
    assert f"somebody else answers at port {port} of the bridge" in sentence
    assert "ss -ltnp" in sentence


async def test_two_of_ours_that_want_the_same_port_are_named(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, listen={"local_port": 9, "worker_port": 9})
    assert (
        "[listen] local_port and [listen] worker_port are both 9"
        in ((await told(ports.examined(settings)))["ports"][1])
    )


async def test_a_port_for_telephones_at_which_nobody_is_is_named(tmp_path: Path) -> None:
    listen = {"local_port": 9, "worker_port": 10}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phones:
        phones.bind(("127.0.0.1", 0))
        pbx = {"enabled": True, "sip_port": phones.getsockname()[1]}
        settings = settings_of(tmp_path, listen=listen, asterisk=pbx)
        assert (await told(ports.examined(settings)))["ports"][0] is Health.WELL
    assert "no telephone can register" in (await told(ports.examined(settings)))["ports"][1]


def test_what_is_set_has_its_packages_and_programs(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, backup={"repository": "/mnt/backup/attendant"})
    (look,) = packages.examined(settings)
    assert (look.part, look.health) == ("packages", Health.WELL)


def test_what_is_set_and_not_installed_is_named_with_what_needs_it(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, backup={"repository": "sftp:ana@nas.lan:/box"})
    lost = {"documents": ("no_such_package",), "[cloud]": ("none_either",)}
    (look, program) = packages.examined(settings, lost, str(tmp_path))
    assert (look.part, look.health) == ("packages", Health.MISSING)
    assert look.told.startswith("no_such_package (for documents): install anew"), "and the cloud is off"
    assert (program.part, program.health) == ("ssh", Health.MISSING)
    assert "[backup] repository needs it: `apt install ssh`" in program.told


async def test_a_look_that_breaks_off_costs_nobody_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async def look() -> AsyncIterator[Examined]:
        yield well("found before")
        raise KeyError("what nobody thought of")

    found = await told(whole.whatever_comes("names", look()))
    assert found["found before"] == (Health.WELL, "")
    assert found["names"][0] is Health.NOTE
    assert "the log has it" in found["names"][1]
    assert caplog.records[-1].exc_info is not None


async def test_nobody_outside_is_asked_by_a_box_that_uses_nobody(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    migrated(settings.database)
    assert [*await told(whole.outside(settings))] == ["clock"]
