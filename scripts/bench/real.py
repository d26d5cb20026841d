"""Attendant's own bridge as a subject: a box on loopback, announced calls, signed by the carrier.

May import: the standard library, aiohttp, scripts.loopback_box, and of the bench carrier, subject.
"""

import base64
import hashlib
import hmac
import re
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

from scripts.bench.carrier import Entry, call_sid
from scripts.bench.subject import Child, Lateness, SubjectFailed
from scripts.loopback_box import ACCOUNT_SID, AUTH_TOKEN, CALLER, CLINIC, PUBLIC_URL, ROOT, LoopbackBox

VOICE = "/twilio/voice"
STREAM = re.compile(r'<Stream\b[^>]*\burl="([^"]+)"')
PARAMETER = re.compile(r'<Parameter\b[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"')
BUCKET = re.compile(r'^attendant_loop_late_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)


def signature(url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature of a request (HMAC-SHA1 over the address and the sorted form)."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1)).decode()


OFF, ON = "bridge, detector off", "bridge, detector on"
BESIDE_SPEECH = "bridge, speech at work"
"""With recognition and synthesis flat out beside it: an ordinary process among others."""


class Attendant:
    """The bridge with everything it does, by one of the names above."""

    def __init__(self, name: str, cloud_url: str, *, calls: int, ca_file: Path | None = None) -> None:
        self.name = name
        self._scratch = TemporaryDirectory(prefix="attendant-bench-")
        cloud: dict[str, Any] = {"detector": name != OFF}
        if ca_file is not None:
            cloud["ca_file"] = str(ca_file)
        self._box = LoopbackBox(
            Path(self._scratch.name),
            cloud_url=cloud_url.rpartition("/")[0],
            settings={
                "cloud": cloud,
                "limits": {"calls_at_once": min(calls + 10, 500)},
                "box": {"log_level": "warning"},
            },
            staff={"front_door": "assistant"},
        )
        command = [sys.executable, "-m", "appliance.cli.main", "--config", str(self._box.config), "bridge"]
        self._child = Child(command, {"PYTHONPATH": str(ROOT)}, favoured=name != BESIDE_SPEECH)
        self._http: aiohttp.ClientSession | None = None
        self._buckets: dict[float, float] = {}

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    async def __aenter__(self) -> Self:
        self._box.prepare()
        await self._child.start()
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._child.stop)
            self._box.ports = await self._child.said()
            undo.pop_all()
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()
        await self._child.stop()
        self._scratch.cleanup()

    async def entry(self, number: int) -> Entry:
        """Ring: post the signed webhook, and read the stream out of its TwiML."""
        form = {
            "CallSid": call_sid(number),
            "AccountSid": ACCOUNT_SID,
            "ApiVersion": "2010-04-01",
            "From": CALLER,
            "To": CLINIC,
            "CallStatus": "ringing",
            "Direction": "inbound",
        }
        headers = {"X-Twilio-Signature": signature(PUBLIC_URL + VOICE, form)}
        async with self._client.post(self._box.public_base + VOICE, data=form, headers=headers) as answer:
            twiml = await answer.text()
        stream = STREAM.search(twiml)
        if stream is None:
            raise SubjectFailed(f"the webhook of call {number} got {answer.status}: {twiml[:200]}")
        address = urlsplit(stream[1])
        return Entry(
            port=self._box.ports["public"],
            path=address.path,
            host=address.netloc,
            headers={"X-Twilio-Signature": signature(stream[1], {})},
            account_sid=ACCOUNT_SID,
            parameters=dict(PARAMETER.findall(twiml)),
        )

    async def lateness(self) -> Lateness | None:
        """How late its beat was since this was last asked: the upper ends of the histogram's buckets."""
        async with self._client.get(self._box.local_base + "/metrics") as answer:
            page = await answer.text()
        seen = {float(limit): float(count) for limit, count in BUCKET.findall(page)}
        fresh = {limit: count - self._buckets.get(limit, 0.0) for limit, count in seen.items()}
        self._buckets = seen
        return lateness_of(fresh) if seen else None

    @property
    def _client(self) -> aiohttp.ClientSession:
        if self._http is None:
            raise SubjectFailed("not started")
        return self._http


def lateness_of(buckets: Mapping[float, float]) -> Lateness:
    """What a cumulative histogram says of median, 99th percentile and longest, each at most this."""
    limits = sorted(buckets)
    beats = buckets[limits[-1]]

    def under(share: float) -> float:
        return next((limit for limit in limits if buckets[limit] >= beats * share), limits[-1])

    return Lateness(under(0.5), under(0.99), under(1.0))
