"""The public listener serves webhooks and pages of links, and nothing of the admin's or of the loopback's."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from flask import Flask

from admin.app import create_app
from appliance.core.settings import load
from scripts.loopback_box import LoopbackBox

LOOPBACK = ("/alive", "/healthz", "/metrics", "/rehearse", "/")
SERVED = ("/twilio/voice", "/twilio/status", "/twilio/media")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
VALUES = {"int": "1", "path": "a/b", "": "talk"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("public")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(folder: Path) -> AsyncIterator[LoopbackBox]:
    async with LoopbackBox(folder) as running:
        yield running


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every method and address that the admin answers, by its own map."""

    def value(found: re.Match[str]) -> str:
        return VALUES.get(found[1] or "", "talk")

    return [
        (method, re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", value, rule.rule))
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or set())
    ]


async def status(http: aiohttp.ClientSession, method: str, url: str) -> tuple[int, str]:
    async with http.request(method, url, allow_redirects=False) as answer:
        return answer.status, await answer.text()


@pytest.mark.asyncio(loop_scope="module")
async def test_none_of_the_admins_addresses_is_public(box: LoopbackBox) -> None:
    known = addresses(create_app(load(box.config)))
    assert len(known) > 150
    assert ("GET", "/bookings") in known
    async with aiohttp.ClientSession() as http:
        found = {
            (method, path, code)
            for method, path in known
            for code, text in [await status(http, method, box.public_base + path)]
            if code != 404 or "attendant.css" in text
        }
    assert not found


@pytest.mark.parametrize("path", LOOPBACK)
@pytest.mark.asyncio(loop_scope="module")
async def test_nor_is_what_is_for_the_box_itself(box: LoopbackBox, path: str) -> None:
    async with aiohttp.ClientSession() as http:
        assert (await status(http, "GET", box.public_base + path))[0] == 404


@pytest.mark.parametrize("path", SERVED)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_served_there_is_for_who_signs(box: LoopbackBox, path: str) -> None:
    """And the addresses above are not found because nothing would be."""
    method = "GET" if path.endswith("media") else "POST"
    async with aiohttp.ClientSession(headers=FORM if method == "POST" else None) as http:
        assert (await status(http, method, box.public_base + path))[0] == 403
