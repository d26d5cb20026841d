"""`attendant check`: the settings file, and with --online the accounts, asked by the vendors' own clients."""

import asyncio
import base64
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from appliance import VERSION
from tests.cli.conftest import Typed

SID = "AC" + "1" * 32
MODEL = "gpt-realtime-2.1-mini"


@dataclass(frozen=True)
class Services:
    """The two services' REST sides, which know one key and one token."""

    url: str

    def settings(self, data_dir: Path) -> str:
        return (
            f'[box]\ndata_dir = "{data_dir}"\n'
            f'[twilio]\naccount_sid = "{SID}"\npublic_url = "https://box.example.test"\n'
            f'api_url = "{self.url}"\n'
            f'[cloud]\nurl = "{self.url.replace("http", "ws")}/v1/realtime"\n'
        )


async def _model(request: web.Request) -> web.Response:
    if request.headers.get("Authorization") != "Bearer good-key":
        error = {"message": "Incorrect API key", "type": "invalid_request_error", "code": "invalid_api_key"}
        return web.json_response({"error": error}, status=401)
    if request.match_info["model"] != MODEL:
        return web.json_response({"error": {"message": "no such model"}}, status=404)
    return web.json_response({"id": MODEL, "object": "model", "created": 1, "owned_by": "service"})


async def _account(request: web.Request) -> web.Response:
    expected = base64.b64encode(f"{SID}:good-token".encode()).decode()
    if request.headers.get("Authorization") != f"Basic {expected}":
        return web.json_response({"code": 20003, "message": "Authenticate", "status": 401}, status=401)
    return web.json_response({"sid": SID, "status": "active", "friendly_name": "Clinic"})


def _number(called: str, url: str, fallback: str = "") -> dict[str, object]:
    return {"phone_number": called, "voice_url": url, "voice_fallback_url": fallback}


def _numbers(
    listed: list[dict[str, object]], status: int
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_request: web.Request) -> web.Response:
        page = {"incoming_phone_numbers": listed, "page": 0, "page_size": 200, "next_page_uri": None}
        return web.json_response(page, status=status)

    return answer


@pytest.fixture
def listed() -> list[dict[str, object]]:
    """The numbers of the account; a test may add some."""
    bin_url = "https://handler.twilio.com/twiml/EH1"
    return [
        _number("+15550100001", "https://box.example.test/twilio/voice#ct=2000&rt=4000", bin_url),
        _number("+15550100002", "https://other.example/"),
        _number("+15550100003", ""),
    ]


@pytest.fixture
def listed_status() -> int:
    """How the service answers to the question for its numbers."""
    return 200


@pytest.fixture
def services(listed: list[dict[str, object]], listed_status: int) -> Iterator[Services]:
    """Both services on a real socket, in a thread of their own: the command has its own loop."""
    app = web.Application()
    app.add_routes(
        [
            web.get("/v1/models/{model}", _model),
            web.get("/2010-04-01/Accounts/{sid}.json", _account),
            web.get("/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json", _numbers(listed, listed_status)),
        ]
    )
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    runner, ports = web.AppRunner(app), list[int]()

    async def live() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(runner.addresses[0][1])
        ready.set()
        await over.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()))
    thread.start()
    assert ready.wait(10)
    yield Services(f"http://127.0.0.1:{ports[0]}")
    loop.call_soon_threadsafe(over.set)
    thread.join(10)
    loop.close()


def _secrets(config: Path, key: str, token: str) -> None:
    folder = config.parent / "data" / "secrets"
    folder.mkdir(mode=0o700, parents=True)
    for name, text in (("openai_api_key", key), ("twilio_auth_token", token)):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text)


def test_the_file_is_in_order(typed: Typed, config: Path) -> None:
    result = typed("check")
    assert result.exit_code == 0
    assert result.output == f"{config} is in order.\n"


TABLE = """
as_of = "2026-11-01"
[[model]]
names = ["talker"]
text_in = 1.0
text_cached = 1.0
text_out = 1.0
audio_in = 1.0
audio_cached = 1.0
audio_out = 1.0
shutdown = {{ talker = "{end:%Y-%m-%d}" }}
[per_minute]
writer = 0.01
"""


def _using(config: Path, models: str, ends_in_days: int = 3650) -> None:
    table = config.parent / "prices.toml"
    table.write_text(TABLE.format(end=datetime.now(UTC) + timedelta(days=ends_in_days)))
    config.write_text(
        f'[box]\ndata_dir = "{config.parent / "data"}"\n[cloud]\nprices_file = "{table}"\n{models}\n'
    )


def test_models_with_prices_are_not_spoken_of(typed: Typed, config: Path) -> None:
    _using(config, 'model = "talker"\ntranscription_model = "writer"')
    assert typed("check").output == f"{config} is in order.\n"


def test_a_model_without_a_price_is_told(typed: Typed, config: Path) -> None:
    _using(config, 'model = "newest"\ntranscription_model = ""')
    result = typed("check")
    assert result.exit_code == 0
    assert result.output.splitlines()[1:] == [
        "The model newest has no price in the table of 2026-11-01: what calls cost with it is unknown. "
        "Enter its price in a table of your own, [cloud] prices_file."
    ]


def test_a_model_is_not_spoken_of_where_the_cloud_is_off(typed: Typed, config: Path) -> None:
    _using(config, 'model = "newest"\nenabled = false')
    assert typed("check").output == f"{config} is in order.\n"


@pytest.mark.parametrize(("days", "said"), [(400, ""), (90, "will be shut down on"), (0, "was shut down on")])
def test_a_model_that_ends_soon_is_told(typed: Typed, config: Path, days: int, said: str) -> None:
    _using(config, 'model = "talker"\ntranscription_model = "writer"', days)
    told = typed("check").output.splitlines()[1:]
    assert [said in line for line in told] == ([True] if said else [])


def test_a_price_table_that_cannot_be_used_is_told(typed: Typed, config: Path) -> None:
    _using(config, 'model = "talker"')
    (config.parent / "prices.toml").write_text("model = 3")
    result = typed("check")
    assert result.exit_code == 1
    assert "cannot be used" in result.output


def test_good_accounts_are_accepted(typed: Typed, config: Path, services: Services) -> None:
    config.write_text(services.settings(config.parent / "data"))
    _secrets(config, "good-key", "good-token")
    result = typed("check", "--online")
    assert result.exit_code == 0, result.output
    assert "cloud: accepts the account." in result.output
    assert "twilio: accepts the account." in result.output


def test_a_number_at_which_a_dead_box_loses_callers_is_named(
    typed: Typed, config: Path, services: Services, listed: list[dict[str, object]]
) -> None:
    listed.append(_number("+15550100004", "https://box.example.test/twilio/voice"))
    config.write_text(services.settings(config.parent / "data"))
    _secrets(config, "good-key", "good-token")
    result = typed("check", "--online")
    assert result.exit_code == 1
    assert "twilio: Nothing is set for +15550100004 when the primary handler fails" in result.output


@pytest.mark.parametrize(
    ("sms_url", "said"),
    [
        ("https://box.example.test/twilio/sms", "twilio: accepts the account."),
        ("https://demo.twilio.com/", "twilio: Texts to +15550100004 do not come here"),
    ],
)
def test_texts_that_do_not_come_here_are_told(
    typed: Typed, config: Path, services: Services, listed: list[dict[str, object]], sms_url: str, said: str
) -> None:
    listed.append(_number("+15550100004", "") | {"sms_url": sms_url})
    told = services.settings(config.parent / "data")
    config.write_text(told.replace("[twilio]", '[twilio]\nsms_from = "+15550100004"'))
    _secrets(config, "good-key", "good-token")
    assert said in typed("check", "--online").output


@pytest.mark.parametrize("listed_status", [403])
def test_a_key_that_may_not_list_numbers_is_good_all_the_same(
    typed: Typed, config: Path, services: Services
) -> None:
    config.write_text(services.settings(config.parent / "data"))
    _secrets(config, "good-key", "good-token")
    assert "twilio: accepts the account." in typed("check", "--online").output


def test_bad_accounts_are_named_without_their_secrets(typed: Typed, config: Path, services: Services) -> None:
    config.write_text(services.settings(config.parent / "data"))
    _secrets(config, "sk-very-bad-key", "bad-token")
    result = typed("check", "--online")
    assert result.exit_code == 1
    assert "cloud: The cloud refuses the API key" in result.output
    assert "twilio: Twilio does not accept the account: status 401, code 20003." in result.output
    assert "sk-very-bad-key" not in result.output
    assert "bad-token" not in result.output


def test_a_model_that_the_key_does_not_have_is_named(typed: Typed, config: Path, services: Services) -> None:
    config.write_text(services.settings(config.parent / "data") + 'model = "gpt-of-yesterday"\n')
    _secrets(config, "good-key", "good-token")
    result = typed("check", "--online")
    assert result.exit_code == 1
    assert "no model gpt-of-yesterday" in result.output


def test_a_missing_secret_is_a_sentence(typed: Typed, config: Path, services: Services) -> None:
    config.write_text(services.settings(config.parent / "data"))
    result = typed("check", "--online")
    assert result.exit_code == 1
    assert "openai_api_key cannot be read" in result.output


def test_the_version_is_told_without_an_installation(typed: Typed) -> None:
    assert typed("--version").output.strip() == VERSION
