"""The yardstick: the shortest bridge that a competent developer writes with aiohttp and orjson.

One message in, one message out, nothing decoded, no turns, no marks, no clock. `python -m
scripts.bench.minimal CLOUD_URL [--ca FILE] [--uvloop]` prints its port. May import: the standard library,
aiohttp, orjson, uvloop, and of the bench probe.
"""

import argparse
import asyncio
import ssl

import aiohttp
import orjson
import uvloop
from aiohttp import web

from scripts.bench.probe import Probe

CLOUD = web.AppKey("CLOUD", str)
TLS = web.AppKey("TLS", ssl.SSLContext)
HTTP = web.AppKey("HTTP", aiohttp.ClientSession)


async def media(request: web.Request) -> web.WebSocketResponse:
    """Carry one call."""
    leg = web.WebSocketResponse(compress=False)
    await leg.prepare(request)
    started = asyncio.get_running_loop().create_future()
    cloud = request.app[HTTP].ws_connect(request.app[CLOUD], ssl=request.app[TLS], max_msg_size=0)
    async with cloud as brain, asyncio.TaskGroup() as tasks:
        back = tasks.create_task(to_leg(brain, leg, started), name="to the leg")
        await to_brain(leg, brain, started)
        back.cancel()
    return leg


async def to_brain(
    leg: web.WebSocketResponse, brain: aiohttp.ClientWebSocketResponse, started: asyncio.Future[str]
) -> None:
    """Send each frame of the caller to the cloud."""
    async for message in leg:
        event = orjson.loads(message.data)
        if event["event"] == "media":
            append = {"type": "input_audio_buffer.append", "audio": event["media"]["payload"]}
            await brain.send_str(orjson.dumps(append).decode())
        elif event["event"] == "start":
            started.set_result(event["start"]["streamSid"])
        elif event["event"] == "stop":
            break


async def to_leg(
    brain: aiohttp.ClientWebSocketResponse, leg: web.WebSocketResponse, started: asyncio.Future[str]
) -> None:
    """Send each piece of the reply to the caller."""
    stream = await started
    async for message in brain:
        event = orjson.loads(message.data)
        if event["type"] == "response.output_audio.delta":
            out = {"event": "media", "streamSid": stream, "media": {"payload": event["delta"]}}
            await leg.send_str(orjson.dumps(out).decode())


async def serve(options: argparse.Namespace) -> None:
    """Answer calls until told to stop."""
    app = web.Application()
    app[CLOUD] = options.cloud
    app[TLS] = ssl.create_default_context(cafile=options.ca)
    app.router.add_get("/media", media)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http, Probe() as probe:
        app[HTTP] = http
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=512)
        await site.start()
        probe.say(port=runner.addresses[0][1])
        await probe.told_to_stop()
        await runner.cleanup()


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cloud")
    parser.add_argument("--ca")
    parser.add_argument("--uvloop", action="store_true")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if options.uvloop else None) as runner:
        runner.run(serve(options))


if __name__ == "__main__":
    main()
