"""A real bridge on a box with something broken: what the carrier is answered, and what is said of it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from twilio.request_validator import RequestValidator

from appliance.store import database
from scripts.loopback_box import AUTH_TOKEN, CALLER, CLINIC, PUBLIC_URL, BoxFailed, LoopbackBox

CALL = "CA" + "b" * 32
FORM = {"CallSid": CALL, "From": CALLER, "To": CLINIC, "CallStatus": "ringing", "Direction": "inbound"}


async def answered(box: LoopbackBox) -> str:
    """What a caller who rings now gets, as TwiML."""
    path = "/twilio/voice"
    signature = RequestValidator(AUTH_TOKEN).compute_signature(f"{PUBLIC_URL}{path}", FORM)
    headers = {"X-Twilio-Signature": signature}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{box.public_base}{path}", data=FORM, headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def part(box: LoopbackBox, name: str) -> dict[str, object]:
    async with aiohttp.ClientSession() as http, http.get(f"{box.local_base}/healthz") as answer:
        found: dict[str, object] = (await answer.json())["parts"][name]
        return found


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Have somebody else write in the database all the time."""
    holds, over = threading.Event(), threading.Event()

    def hold() -> None:
        db = database.connect(path)
        with database.immediate(db):
            holds.set()
            over.wait(30)
        db.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(10)
    try:
        yield
    finally:
        over.set()
        holder.join()


async def test_without_the_clouds_key_callers_are_served_and_health_says_so(tmp_path: Path) -> None:
    async with LoopbackBox(tmp_path, cloud_url="ws://127.0.0.1:9/v1", api_key="") as box:
        assert "<Gather" in await answered(box)
        assert (await part(box, "cloud"))["state"] == "no key"


async def test_without_twilios_token_nothing_of_the_carrier_is_served_and_health_says_why(
    tmp_path: Path,
) -> None:
    box = LoopbackBox(tmp_path)
    box.prepare()
    (tmp_path / "data" / "secrets" / "twilio_auth_token").unlink()
    await box.start()
    try:
        assert await part(box, "twilio") == {"state": "no token", "well": False}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{box.public_base}/twilio/voice", data=FORM) as answer,
        ):
            assert answer.status == 404
        assert "twilio_auth_token cannot be read" in box.log_path.read_text()
    finally:
        await box.stop()


async def test_a_damaged_database_is_not_written_to_and_said(tmp_path: Path) -> None:
    box = LoopbackBox(tmp_path)
    box.prepare()
    damaged = bytearray(box.database.read_bytes())
    damaged[100:4000] = b"\xff" * 3900
    box.database.write_bytes(damaged)
    with pytest.raises(BoxFailed, match="damaged"):
        await box.start()
    assert box.database.read_bytes() == damaged


async def test_a_caller_is_answered_while_somebody_else_holds_the_database(tmp_path: Path) -> None:
    async with LoopbackBox(tmp_path) as box:
        with locked(box.database):
            assert "<Response>" in await answered(box)
        db = database.connect_readonly(box.database)
        rows = [row[0] for row in db.execute("SELECT call_sid FROM call_log")]
        db.close()
    assert rows in ([CALL], [])
    assert all(json.loads(line) for line in box.log_path.read_text().splitlines() if line.startswith("{"))
