"""What the bridge decides when it puts a call together."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp import web

from appliance.core.staff import StaffSettings
from appliance.service.bridge import listen_on, turn_detection


@pytest.mark.parametrize(
    ("wanted", "detector", "used"),
    [
        ("manual", True, "manual"),
        ("manual", False, "server"),
        ("semantic", False, "semantic"),
        ("server", True, "server"),
    ],
)
def test_turns_are_ended_by_us_only_with_a_detector(wanted: str, used: str, *, detector: bool) -> None:
    staff = StaffSettings.model_validate({"turn_detection": wanted})
    assert turn_detection(staff, detector=detector) == used


@pytest.mark.parametrize("sent", [b"", b"POST /twilio/voice HTTP/1.1\r\nHost: x\r\n"])
async def test_a_request_that_does_not_become_whole_is_let_go(sent: bytes) -> None:
    async with AsyncExitStack() as stack:
        port = await listen_on(stack, web.Application(), "127.0.0.1", 0, headers_s=0.2)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
