"""Names of the cloud: asked for anew each time, and remembered while no name server answers."""

import asyncio
import time

import pytest

from models.realtime.names import ASK_S, RememberingResolver
from tests.peers.names import NameServer

CLOUD = "api.cloud.example"


async def test_what_was_known_serves_while_the_name_server_is_dead() -> None:
    async with NameServer({CLOUD: "192.0.2.1"}, lives_s=0) as server:
        resolver = RememberingResolver([f"127.0.0.1:{server.port}"])
        try:
            first = await resolver.resolve(CLOUD, 443)
            assert [each["host"] for each in first] == ["192.0.2.1"]
            server.mute, asked = True, len(server.asked)
            began = time.monotonic()
            assert await resolver.resolve(CLOUD, 443) == first
            assert len(server.asked) > asked, "the answer is not that of a cache"
            with pytest.raises(OSError, match=r"no address for other\.cloud\.example"):
                await resolver.resolve("other.cloud.example", 443)
            assert time.monotonic() - began < 10 * ASK_S
            server.mute, server.known[CLOUD] = False, "192.0.2.2"
            assert [each["host"] for each in await resolver.resolve(CLOUD, 443)] == ["192.0.2.2"]
        finally:
            await resolver.close()


async def test_who_waits_for_a_name_keeps_nobody_else_waiting() -> None:
    async with NameServer({}) as server:
        server.mute = True
        resolver = RememberingResolver([f"127.0.0.1:{server.port}"])
        try:
            asked = asyncio.gather(
                *(resolver.resolve(f"{n}.example") for n in range(40)), return_exceptions=True
            )
            began = time.monotonic()
            await asyncio.to_thread(time.monotonic)
            assert time.monotonic() - began < ASK_S
            assert all(isinstance(each, OSError) for each in await asked)
        finally:
            await resolver.close()
