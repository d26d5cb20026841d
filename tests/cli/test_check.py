"""`attendant check`: the settings file, and with --online the accounts, asked by the vendors' own clients."""

import asyncio
import base64
import threading
from collections.abc import Iterator
from dataclasses import dataclass
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


@pytest.fixture
def services() -> Iterator[Services]:
    """Both services on a real socket, in a thread of their own: the command has its own loop."""
    app = web.Application()
    app.add_routes(
        [
            web.get("/v1/models/{model}", _model),
            web.get("/2010-04-01/Accounts/{sid}.json", _account),
        ]
    )
    loop, ready = asyncio.new_event_loop(), threading.Event()
    runner, ports = web.AppRunner(app), list[int]()

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(runner.addresses[0][1])
        ready.set()

    def live() -> None:
        loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=live)
    thread.start()
    assert ready.wait(10)
    yield Services(f"http://127.0.0.1:{ports[0]}")
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


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


def test_good_accounts_are_accepted(typed: Typed, config: Path, services: Services) -> None:
    config.write_text(services.settings(config.parent / "data"))
    _secrets(config, "good-key", "good-token")
    result = typed("check", "--online")
    assert result.exit_code == 0, result.output
    assert "cloud: accepts the account." in result.output
    assert "twilio: accepts the account." in result.output


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
