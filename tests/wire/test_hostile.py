"""The corpus against the real bridge process, while a normal call is held; see README.md of this folder.

May import: aiohttp, appliance.store, scripts.loopback_box, tests.calls, tests.golden, tests.peers,
tests.wire.
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from appliance.store import calls, messages
from appliance.store.database import connect_readonly
from scripts.loopback_box import AUTH_TOKEN, CALLER, CLINIC
from tests.calls.stage import Stage, staged
from tests.golden.clinic import LOOK_AGAIN_S, until
from tests.peers.carrier import PhoneCall
from tests.peers.carrier.signature import sign
from tests.peers.carrier.timeline import Gap
from tests.peers.realtime import Session
from tests.peers.realtime.faults import read_fault
from tests.wire import raw
from tests.wire.samples import (
    MEDIA_URL,
    Sample,
    corpus,
    end_of,
    frames_of,
    new_call,
    request_of,
    signature_of,
    start,
    voice_form,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

# The held call's assistant talks without a pause, so that every gap in what is heard is one of ours.
SCRIPT = """
chunk_ms = 1000
[[turn]]
on = "greeting"
connection = 1
tone_ms = 85000

[[turn]]
on = "any"
tone_ms = 300
repeat = true
"""
ANSWER_S = 3.0
BODY_S = 6.0
START_S = 1
IDLE_MOST = 16
GROWS_MB = 150
# What a machine that is busy with something else may cost between two looks; nothing on one that is not.
MISSING_MOST_MS = 500
BEFORE_MS = 500
STOOD_STILL_MS = 40
SECOND_OF_AUDIO = b64encode(b"\x10\x90" * 4000).decode()


class Held:
    """The stage with a call on it."""

    def __init__(self, stage: Stage, phone: PhoneCall, first_mb: float) -> None:
        self.stage = stage
        self.phone = phone
        self.first_mb = first_mb
        self._seen_ms = 0

    @property
    def port(self) -> int:
        return self.stage.box.ports["public"]

    async def offered(self) -> tuple[str, str]:
        """Have a call offered as the carrier does; return its CallSid and its media token."""
        sid = new_call()
        form = voice_form(sid)
        url = f"{self.stage.box.public_base}/twilio/voice"
        headers = signature_of("/twilio/voice", form, "right")
        async with aiohttp.ClientSession() as http, http.post(url, data=form, headers=headers) as answer:
            found = re.search(r'name="token" value="([^"]+)"', await answer.text())
        assert found
        return sid, found[1]

    async def metric(self, name: str) -> float:
        url = f"{self.stage.box.local_base}/metrics"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            found = re.search(rf"^{name} (\S+)$", await answer.text(), re.MULTILINE)
        assert found
        return float(found[1])

    async def left_alone(self) -> None:
        """Wait until every other call has ended."""
        async with asyncio.timeout(10):
            for pause_s in iter(lambda: LOOK_AGAIN_S, None):
                if await self.metric("attendant_calls_live") == 1:
                    return
                await asyncio.sleep(pause_s)

    def undisturbed(self) -> None:
        """The call goes on, and nothing of it was missing since the last time."""
        assert not self.phone.is_over
        assert self.phone.stream.warnings == []
        missing = self.missing()
        assert sum(gap.length_ms for gap in missing) <= MISSING_MOST_MS, missing

    def missing(self) -> list[Gap]:
        """Gaps since the last time; not those before which the carrier's own clock stood still.

        The carrier runs in this process, on the same machine: when that is busy with something else, it is
        late itself and then plays several frames at once.
        """
        timeline = self.phone.stream.timeline
        gaps = [gap for gap in timeline.gaps(shorter_than_ms=60_000) if gap.start_ms >= self._seen_ms]
        self._seen_ms = len(timeline) * 20
        return [gap for gap in gaps if timeline.stood_still_ms(gap, BEFORE_MS) < STOOD_STILL_MS]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def held(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Held]:
    limits = {"calls_at_once": 60, "start_s": START_S}
    # People are rung when the cloud is lost, and nobody minds that the held caller says nothing.
    settings: dict[str, dict[str, Any]] = {"limits": limits, "local": {"enabled": False}}
    staff = {"caller_silence_s": 120}
    async with staged(tmp_path_factory.mktemp("box"), SCRIPT, staff=staff, settings=settings) as stage:
        phone = await stage.carrier.ring(caller=CALLER, called=CLINIC, plan="wait 200")
        session = await stage.cloud.session(1)
        await stage.cloud.wait_for(lambda: session.sent_of("response.output_audio.delta"))
        yield Held(stage, phone, resident_mb(stage.box.pid))


def resident_mb(pid: int) -> float:
    """The most memory that the process ever had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


def named(samples: list[Sample]) -> list[object]:
    return [pytest.param(sample, id=sample.name) for sample in samples]


@pytest.mark.parametrize("sample", named(corpus("webhook")))
async def test_a_webhook_ends_in_a_clear_refusal(held: Held, sample: Sample) -> None:
    loop = asyncio.get_running_loop()
    async with raw.connected(held.port) as connection:
        began = loop.time()
        await connection.send(request_of(sample, new_call()))
        assert await connection.status() == sample.get("expect"), sample.get("why")
        assert loop.time() - began < (BODY_S if sample.get("expect") == 408 else ANSWER_S)
    held.undisturbed()


async def answered(held: Held, request: bytes) -> int:
    async with raw.connected(held.port) as connection:
        await connection.send(request)
        return await connection.status()


@pytest.mark.parametrize("sample", named(corpus("replayed")))
async def test_a_webhook_sent_again_after_the_call_changes_nothing(held: Held, sample: Sample) -> None:
    """The same bytes, signature and all, once in the call and once when it is over and filed."""
    call_sid, _ = await held.offered()
    request = request_of(sample, call_sid)
    assert await answered(held, request) in (200, 204)
    assert await answered(held, end_of(call_sid)) == 204
    before = await until(lambda: filed(held.stage.box.database, call_sid))
    assert await answered(held, request) == sample.get("expect"), sample.get("why")
    # It went through the writer's hands before this one.
    other, _ = await held.offered()
    assert await answered(held, end_of(other)) == 204
    await until(lambda: filed(held.stage.box.database, other))
    assert await asyncio.to_thread(filed, held.stage.box.database, call_sid) == before
    held.undisturbed()


def filed(path: Path, call_sid: str) -> tuple[calls.Call, int] | None:
    """A call once it is filed, and how many messages it has."""
    db = connect_readonly(path)
    try:
        call = calls.by_sid(db, call_sid)
        return (call, len(messages.of_call(db, call.id))) if call and call.ended_at else None
    finally:
        db.close()


@pytest.mark.parametrize("sample", named(corpus("media")))
async def test_a_media_connection_ends_in_a_close(held: Held, sample: Sample) -> None:
    call_sid, token = await held.offered()
    how = sample.get("sign", "right")
    headers = {} if how == "none" else {"X-Twilio-Signature": media_signature(how)}
    if (upgrade := sample.get("upgrade")) is not None:
        headers["Upgrade"] = upgrade
    loop = asyncio.get_running_loop()
    expected = sample.get("expect")
    async with raw.connected(held.port) as connection:
        status = await raw.handshake(connection, "/twilio/media", headers)
        assert status == (expected if isinstance(expected, int) else 101)
        if status == 101:
            socket = raw.Socket(connection)
            began = loop.time()
            await socket.send(frames_of(sample, call_sid, token))
            code = await socket.close_code(sample.get("within_s") + START_S)
            assert code in expected, (sample.get("why"), code, held.stage.box.log_path.read_text()[-1500:])
            assert loop.time() - began < sample.get("within_s") + START_S
    held.undisturbed()


def media_signature(how: str) -> str:
    return sign(AUTH_TOKEN if how == "right" else "another token", MEDIA_URL)


async def test_a_token_is_good_once(held: Held) -> None:
    call_sid, token = await held.offered()
    headers = {"X-Twilio-Signature": media_signature("right")}
    begin = raw.frame(raw.OPCODES["text"], start(call_sid, token).encode())
    async with raw.connected(held.port) as first, raw.connected(held.port) as second:
        for connection in (first, second):
            assert await raw.handshake(connection, "/twilio/media", headers) == 101
        await first.send(begin)
        await held.stage.cloud.wait_for(lambda: not held.stage.cloud.sessions[-1].closed)
        await second.send(begin)
        assert await raw.Socket(second).close_code(ANSWER_S) == 1008
        await first.send(raw.frame(raw.OPCODES["close"], b"\x03\xe8"))
        assert await raw.Socket(first).close_code(ANSWER_S) == 1000
    held.undisturbed()


async def test_a_hundred_idle_sockets_are_capped_and_thrown_out(held: Held) -> None:
    headers = {"X-Twilio-Signature": media_signature("right")}
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(raw.connected(held.port)) for _ in range(100)]
        asked = (raw.handshake(connection, "/twilio/media", headers) for connection in connections)
        statuses = await asyncio.gather(*asked)
        assert (statuses.count(101), statuses.count(429)) == (IDLE_MOST, 100 - IDLE_MOST)
        let_in = [
            raw.Socket(connection) for connection, s in zip(connections, statuses, strict=True) if s == 101
        ]
        codes = await asyncio.gather(*(socket.close_code(START_S + 2) for socket in let_in))
        assert set(codes) == {1008}
    call_sid, _ = await held.offered()
    assert call_sid
    held.undisturbed()


async def befall(session: Session, sample: Sample) -> None:
    """Have the service say what the sample says."""
    for fault in sample.get("fault", []):
        session.do(read_fault(fault))
    for event in sample.get("event", []):
        fields = {key: value for key, value in event.items() if key not in ("type", "times")}
        for number in range(event.get("times", 1)):
            session.emit(event["type"], **filled(fields, number))
            # A flood from here must not hold up the carrier's clock, which beats on this loop too.
            await asyncio.sleep(0)


def filled(fields: dict[str, object], number: int) -> dict[str, object]:
    return {key: _filled(value, number) if isinstance(value, str) else value for key, value in fields.items()}


def _filled(text: str, number: int) -> str:
    return text.replace("@N@", str(number)).replace("@AUDIO@", SECOND_OF_AUDIO)


async def begun_call(stage: Stage) -> tuple[PhoneCall, Session]:
    """A call that was greeted, and its session."""
    count = len(stage.cloud.sessions)
    phone = await stage.carrier.ring(caller=CALLER, called=CLINIC, plan="wait 15\nhang up")
    return phone, await stage.cloud.session(count + 1)


async def became_of(stage: Stage, phone: PhoneCall, session: Session, sample: Sample) -> str:
    """Let the service say the sample; return what became of the call."""
    await stage.cloud.wait_for(lambda: session.sent_of("response.done"), 10)
    await befall(session, sample)
    await phone.done(30)
    if phone.dials:
        return "people"
    return "goes on" if phone.ended_well else str(phone.disposition)


def may_become(sample: Sample, became: str) -> str:
    """What is expected: this, where the sample allows it, else the first of what it does."""
    expected = sample.get("expect")
    allowed = [expected] if isinstance(expected, str) else expected
    return became if became in allowed else allowed[0]


async def test_a_hostile_service_costs_its_own_call_at_most(held: Held) -> None:
    """All samples at once, each in a call of its own."""
    samples = corpus("realtime")
    begun = [await begun_call(held.stage) for _ in samples]
    async with asyncio.TaskGroup() as tasks:
        ends = [
            tasks.create_task(became_of(held.stage, *call, sample), name=sample.name)
            for call, sample in zip(begun, samples, strict=True)
        ]
    became = {sample.name: end.result() for sample, end in zip(samples, ends, strict=True)}
    assert became == {sample.name: may_become(sample, became[sample.name]) for sample in samples}
    held.undisturbed()


async def test_the_call_that_was_held_meanwhile_has_no_gap_and_ends_well(held: Held) -> None:
    await held.left_alone()
    assert await held.metric("attendant_calls_failed_total") == 0

    grown_mb = resident_mb(held.stage.box.pid) - held.first_mb
    assert grown_mb < GROWS_MB
    held.undisturbed()
    held.phone.hang_up()
    await held.phone.done()
    assert held.phone.ended_well
