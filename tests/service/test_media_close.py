"""When the box stops, media connections are let go of together: one that takes nothing delays no other."""

import asyncio
from pathlib import Path

import aiohttp
import orjson
import pytest
from aiohttp import web

from appliance.core.ports import BringBack, Leg
from appliance.service.switchboard import ClinicSwitchboard
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.peers.carrier.signature import sign
from tests.service.surgery import PUBLIC, TOKEN, Surgery, open_surgery

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
START = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": "MZ1",
    "start": {
        "callSid": "CA" + "1" * 32,
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t"},
    },
}
STUCK = GOOD = 4
PIECE = b"\xff" * 256 * 1024
LONGEST_S = 15.0


class Flooding(ClinicSwitchboard):
    """Admits everybody and sends more than anybody takes."""

    def admit(self, token: str, call_sid: str) -> bool:
        return token == "t"

    async def hold(self, call_sid: str, leg: Leg, back: BringBack | None = None) -> None:
        while True:
            try:
                async with asyncio.timeout(0.3):
                    await leg.play(PIECE, "1")
            except TimeoutError:
                FULL.put_nowait(None)
                await asyncio.Event().wait()


FULL: asyncio.Queue[None] = asyncio.Queue()


async def _connect(http: aiohttp.ClientSession, surgery: Surgery) -> aiohttp.ClientWebSocketResponse:
    signed = sign(TOKEN, PUBLIC.replace("https", "wss") + "/twilio/media", [])
    url = surgery.url + "/twilio/media"
    return await http.ws_connect(url, headers={"X-Twilio-Signature": signed})


async def test_those_that_answer_are_closed_though_others_take_nothing(
    writer: Writer, reader: Reader, tmp_path: Path
) -> None:
    async with (
        open_surgery(writer, reader, tmp_path, Flooding) as surgery,
        aiohttp.ClientSession() as http,
        asyncio.timeout(LONGEST_S),
        asyncio.TaskGroup() as tasks,
    ):
        stuck = [await _connect(http, surgery) for _ in range(STUCK)]
        for socket in stuck:
            await socket.send_str(orjson.dumps(START).decode())
        for _ in stuck:
            await FULL.get()
        good = [await _connect(http, surgery) for _ in range(GOOD)]
        closing = tasks.create_task(surgery.server.close(web.Application()), name="close")
        for socket in good:
            said = await socket.receive()
            assert (said.type, said.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.GOING_AWAY)
        assert not closing.done()
        await closing
