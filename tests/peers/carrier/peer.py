"""The carrier peer: rings the box, plays its TwiML, serves REST, and remembers everything.

May import: the standard library, aiohttp, this package.
"""

import asyncio
import sys
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from tests.peers.carrier import script
from tests.peers.carrier.call import PhoneCall
from tests.peers.carrier.caller import load_all
from tests.peers.carrier.inbound import STARTS, STOPS, answers, inbound
from tests.peers.carrier.messaging import Message
from tests.peers.carrier.network import Account, Destination, Faults, Network, Number, Pace
from tests.peers.carrier.plan import Step, as_plan
from tests.peers.carrier.recording_files import Download, DownloadFault
from tests.peers.carrier.requests import Answer, Request, RequestFailed, Requests, ask_once
from tests.peers.carrier.rest import Rest
from tests.peers.carrier.rest_errors import RestFault


class CarrierPeer:
    """Enter it and ring. What is set up may be changed at any time: numbers, destinations, addresses."""

    def __init__(
        self,
        *,
        numbers: Mapping[str, Number] | None = None,
        addresses: Mapping[str, str] | None = None,
        destinations: Mapping[str, Destination] | None = None,
        account: Account | None = None,
        pace: Pace = "instant",
        rest_port: int = 0,
        network: Network | None = None,
    ) -> None:
        self.network = network or Network(account=account or Account(), pace=pace)
        self.network.numbers.update(numbers or {})
        self.network.destinations.update(destinations or {})
        for public, local in (addresses or {}).items():
            self.network.addresses.add(public, local)
        self.calls: dict[str, PhoneCall] = {}
        self.messages: list[Message] = []
        self.rest_faults: list[RestFault] = []
        self.download_faults: list[DownloadFault] = []
        self.downloads: list[Download] = []
        self.rest_requests: list[tuple[str, str, dict[str, str]]] = []
        """Method, path and form of every REST request, in order."""
        self.opted_out: set[str] = set()
        self.no_mobiles: set[str] = set()
        self.message_outcome: tuple[str, int | None] = ("delivered", None)
        """The status that messages end in, and the error code with it."""
        self.rest_url = ""
        self._rest_port = rest_port
        self._stack = AsyncExitStack()
        self._tasks = asyncio.TaskGroup()

    @property
    def account(self) -> Account:
        return self.network.account

    async def __aenter__(self) -> Self:
        session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            middlewares=(ask_once,),
        )
        await self._stack.enter_async_context(session)
        self._requests = Requests(self.network, session)
        runner = web.AppRunner(Rest(self).application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", self._rest_port)
        await site.start()
        self.rest_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        await self._tasks.__aenter__()
        self._running: set[asyncio.Task[None]] = set()
        self._start(self.network.ticker.run(), "ticker")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._running:
            task.cancel()
        # What the body raised passes as it is; only a cancellation is for the group to judge.
        ours = (None, None, None) if kind is not asyncio.CancelledError else (kind, exc, trace)
        try:
            await self._tasks.__aexit__(*ours)
        finally:
            await self._stack.aclose()

    def _start(self, work: Coroutine[None, None, None], name: str) -> None:
        task = self._tasks.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def ring(
        self,
        *,
        caller: str,
        called: str,
        plan: str | Iterable[Step | str] = (),
        faults: Faults | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> PhoneCall:
        """Call one of our numbers; the call goes on by itself. `extra` are further webhook parameters."""
        steps = as_plan(plan)
        load_all(steps, self.network.speech_folder)
        call = PhoneCall(
            self.network,
            caller=caller,
            called=called,
            plan=steps,
            number=self.network.numbers[called],
            faults=faults,
            extra=extra,
        )
        self._begin(call, None)
        return call

    def place(self, params: Mapping[str, str]) -> PhoneCall:
        """A call that the box asked for by REST."""
        destination = self.network.destinations.get(params["To"], Destination.failed())
        number = Number(
            params.get("Url", ""),
            params.get("Method", "POST"),
            params.get("FallbackUrl", ""),
            status_callback=params.get("StatusCallback", ""),
            status_events=frozenset(params.get("StatusCallbackEvent", "completed").split()),
        )
        call = PhoneCall(
            self.network,
            caller=params["From"],
            called=params["To"],
            plan=destination.plan,
            number=number,
            direction="outbound-api",
        )
        call.status = "queued"
        call.first_twiml = params.get("Twiml", "")
        self._begin(call, destination)
        return call

    def _begin(self, call: PhoneCall, destination: Destination | None) -> None:
        self.calls[call.sid] = call
        self._start(self._hold(call, destination), call.sid)

    async def _hold(self, call: PhoneCall, destination: Destination | None) -> None:
        try:
            await script.hold(call, self.network, self._requests, destination)
        finally:
            call.close(sys.exception())

    def deliver(self, message: Message) -> None:
        """A message that REST accepted goes its way."""
        self.messages.append(message)
        self._start(self._deliver(message), message.sid)

    async def _deliver(self, message: Message) -> None:
        status, error_code = self.message_outcome
        for step in dict.fromkeys(("sent", status)):
            message.status = step
            message.error_code = error_code if step == status else None
            if not message.status_callback:
                continue
            try:
                await self.report(message)
            except RequestFailed as exc:
                message.error_code = exc.code

    async def report(self, message: Message, **changed: str) -> Answer:
        """Tell the box what has become of a text, with these parameters changed. Raises RequestFailed."""
        params = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "AccountSid": self.account.sid,
            "From": message.from_,
            "To": message.to,
            "MessageStatus": message.status,
            "SmsStatus": message.status,
            "ApiVersion": "2010-04-01",
            **({"ErrorCode": str(message.error_code)} if message.error_code else {}),
            **changed,
        }
        return await self._requests.send(Request(message.status_callback, params))

    async def text_us(
        self, sender: str, called: str, body: str, extra: Mapping[str, str] | None = None
    ) -> list[str]:
        """Somebody texts one of our numbers; the answers of the box that reach them.

        After a word that the carrier knows, it keeps to it by itself. Raises RequestFailed.
        """
        word = body.strip().upper()
        if word in STOPS:
            self.opted_out.add(sender)
        if word in STARTS:
            self.opted_out.discard(sender)
        answer = await self._requests.send(
            Request(
                self.network.numbers[called].sms_url, inbound(self.account.sid, sender, called, body, extra)
            )
        )
        return [] if sender in self.opted_out else answers(answer.body)
