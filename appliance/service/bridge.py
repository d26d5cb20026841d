"""The bridge process: builds every part, listens, and lets go of all of it in order.

May import: everything below appliance.cli.
"""

import asyncio
import logging
import os
import resource
import secrets
import signal
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Literal

import orjson
import uvloop
from aiohttp import web

from appliance.core import front_door
from appliance.core.call import Call, CallParts
from appliance.core.conversation import Conversation
from appliance.core.counters import Counters
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.errors import SettingsError
from appliance.core.phase import Patience
from appliance.core.ports import Leg
from appliance.core.pulse import Pulse
from appliance.core.settings import Settings
from appliance.core.staff import Office, StaffSettings
from appliance.service import logs, prompts
from appliance.service.health import Health
from appliance.service.local import LocalAssistant
from appliance.service.metrics import Metrics
from appliance.service.office_book import OfficeBook
from appliance.service.recordings import RecordingFetcher
from appliance.service.records import BridgeRecords
from appliance.service.switchboard import ClinicSwitchboard, KnownCall
from appliance.store import calls
from appliance.store.call_log import StoredCallLog
from appliance.store.migrations import migrate
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from appliance.tools.tool import Desk
from appliance.tools.toolbox import TOOLS, Clinic
from models import prompt
from models.breaker import Breaker
from models.local.brain import LocalBrain
from models.local.detector import ListeningRoom
from models.local.silero import Silero, shipped_weights
from models.realtime import prices
from models.realtime.brain import RealtimeBrain
from models.realtime.dial import Dialer
from models.realtime.messages import SessionPlan
from models.standby import Standby
from twilio_bridge.rest import TwilioRest
from twilio_bridge.server import FORM_MOST, TwilioServer
from twilio_bridge.signature import SignatureCheck
from twilio_bridge.twiml import Addresses, Wording

log = logging.getLogger(__name__)

TIDY_S = 30.0
STOP_S = 5.0
HEADERS_S = 5.0
REBUILD_S, REBUILD_ALONE_S = 1.2, 4.0
"""How long a broken session may take to be made anew: with the local assistant behind it, and without."""


class Bridge:
    """All parts of the bridge process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._counters = Counters()
        self._parts: dict[str, str] = {}
        self._dialer: Dialer | None = None
        self._room: ListeningRoom | None = None
        self._prices = prices.load(settings.cloud.prices_file)
        self._prompts = prompts.load("en-US")
        self._fetcher: RecordingFetcher | None = None
        self._breaker = Breaker(self._probe_cloud)

    async def run(self) -> None:
        """Serve until asked to stop."""
        async with AsyncExitStack() as stack:
            await self._open_store(stack)
            metrics = Metrics(self._counters, self._writer)
            self._pulse = Pulse(metrics.loop_late)
            self._pulse.start()
            stack.callback(self._pulse.stop)
            await self._open_cloud(stack)
            self._open_detector(stack)
            self._local = LocalAssistant(self._settings)
            await self._local.open(stack)
            await self._serve(stack, metrics)

    async def _open_store(self, stack: AsyncExitStack) -> None:
        path = self._settings.database
        await asyncio.to_thread(migrate, path)
        self._writer = Writer(path)
        stack.push_async_callback(self._writer.close)
        self._reader = Reader(path)
        stack.push_async_callback(self._reader.close)
        self._process = secrets.token_hex(6)
        swept = await self._writer.promise(lambda db: calls.sweep(db, self._process))
        if swept:
            log.warning("calls were interrupted by an earlier end", extra={"count": len(swept)})
        self._records = BridgeRecords(self._writer, self._reader)
        self._call_log = StoredCallLog(self._writer, self._process)

    async def _open_cloud(self, stack: AsyncExitStack) -> None:
        cloud = self._settings.cloud
        if not cloud.enabled:
            self._parts["cloud"] = "off"
            return
        try:
            key = self._settings.secret(cloud.key_file)
        except SettingsError as exc:
            self._parts["cloud"] = "no key"
            log.warning("no cloud assistant", extra={"problem": str(exc)})
            return
        for model in (cloud.model, cloud.transcription_model):
            if warning := self._prices.warning(model, datetime.now(UTC).date()):
                log.warning(warning)
        self._dialer = await stack.enter_async_context(Dialer(cloud, key))
        self._parts["cloud"] = "configured"

    async def _probe_cloud(self) -> None:
        """Open a session and close it. Raises DialFailed."""
        if self._dialer is not None:
            line = await self._dialer.dial(self._settings.cloud.model)
            await line.close()

    def _open_detector(self, stack: AsyncExitStack) -> None:
        weights = shipped_weights() if self._settings.cloud.detector else None
        if weights is None:
            self._parts["detector"] = "off: the cloud ends the turns"
            return
        self._room = ListeningRoom(Silero(weights), self._pulse)
        self._room.start()
        stack.callback(self._room.stop)
        self._parts["detector"] = "ok"

    def _deaf(self) -> bool:
        return self._room is not None and not self._room.alive

    # Calls ---------------------------------------------------------------------------------------------

    async def _make_call(self, known: KnownCall, leg: Leg) -> Call | None:
        """Put a call together; None when there is nobody to talk with."""
        settings, plan = self._settings, self._session_plan(known.office)
        if self._dialer is None and not settings.local.enabled:
            return None
        cloud, language = settings.cloud, known.office.staff.language.partition("-")[0]
        patience = Patience(
            first_audio_ms=cloud.first_audio_ms,
            reply_due_ms=cloud.reply_due_ms,
            probe_ms=cloud.probe_ms,
            longest_ms=settings.limits.call_longest_s * 1000,
            no_input_cloud_ms=known.office.staff.caller_silence_s * 1000,
        )
        return Call(
            CallParts(
                call_id=known.call_id,
                leg=leg,
                brain=self._assistant(known, plan, language),
                conversation=Conversation(
                    patience,
                    manual_turns=plan.turn_detection == "manual",
                    dialogue=Dialogue(Facts.of(known.office, known.offer.caller), language),
                    watch=self._local.watch(),
                ),
                toolbox=self._toolbox(known),
                log=self._call_log,
                pulse=self._pulse,
                prompts=self._prompts,
                silence_held_ms=cloud.silence_held_ms,
                detector=self._room.detector if self._room else None,
            )
        )

    def _assistant(self, known: KnownCall, plan: SessionPlan, language: str) -> Standby:
        """The cloud with the local assistant behind it."""
        dialer, cloud, spare = self._dialer, self._settings.cloud, self._settings.local.enabled
        local = LocalBrain(known.call_id, self._local.faculties(known.office.departments), language)
        make = (
            None
            if dialer is None
            else lambda story: RealtimeBrain(
                dialer, plan, self._prices, cloud, self._pulse, story, REBUILD_S if spare else REBUILD_ALONE_S
            )
        )
        return Standby(local, make, self._breaker, spare=spare)

    def _session_plan(self, office: Office) -> SessionPlan:
        cloud, staff = self._settings.cloud, office.staff
        return SessionPlan(
            model=cloud.model,
            voice=staff.assistant_voice,
            instructions=prompt.instructions(office),
            tools=tuple(tool.schema() for tool in TOOLS if tool.offered),
            transcription_model=cloud.transcription_model,
            languages=(staff.language.partition("-")[0],),
            keywords=tuple(line.name for line in office.departments),
            turn_detection=turn_detection(staff, detector=self._room is not None),
            silence_ms=staff.turn_silence_ms,
            audio=cloud.audio,
            max_output_tokens=cloud.max_output_tokens,
        )

    def _toolbox(self, known: KnownCall) -> Clinic:
        offer, records = known.offer, self._records

        async def keep(subject: str, body: str, recording: str) -> None:
            await records.message(offer.call_sid, subject, body, recording)

        desk = Desk(offer.call_sid, offer.caller, known.office, keep)
        return Clinic(desk, lambda name, meta: records.intent(known.call_id, name, meta))

    # Listeners -----------------------------------------------------------------------------------------

    async def _serve(self, stack: AsyncExitStack, metrics: Metrics) -> None:
        settings = self._settings
        self._book = OfficeBook(self._reader)
        await self._local.rehearse(await self._book.now())
        switchboard = ClinicSwitchboard(
            self._book,
            self._call_log,
            self._records,
            self._make_call,
            calls_at_once=settings.limits.calls_at_once,
            assistant=self._dialer is not None or settings.local.enabled,
            counters=self._counters,
        )
        public = await self._public_app(stack, switchboard)
        health = Health(self._pulse, self._writer, self._counters, metrics, self._parts, self._deaf)
        local = web.Application()
        local.add_routes(health.routes())
        listen = settings.listen
        ports = {
            "public": await listen_on(stack, public, listen.public_host, listen.public_port),
            "local": await listen_on(stack, local, "127.0.0.1", listen.local_port),
        }
        log.info("listening", extra=ports)
        print(orjson.dumps(ports).decode(), flush=True)
        async with asyncio.TaskGroup() as tasks:
            beside = [tasks.create_task(self._breaker.run(), name="breaker")]
            if self._fetcher is not None:
                beside.append(tasks.create_task(self._fetcher.run(), name="recordings"))
            await self._until_stopped(switchboard)
            for task in beside:
                task.cancel()

    async def _public_app(self, stack: AsyncExitStack, switchboard: ClinicSwitchboard) -> web.Application:
        twilio = self._settings.twilio
        app = web.Application(client_max_size=FORM_MOST)
        if not twilio.account_sid:
            self._parts["twilio"] = "off"
            return app
        token = self._settings.secret(twilio.auth_token_file)
        self._rest = await stack.enter_async_context(TwilioRest(twilio, token))
        addresses = Addresses(twilio.public_url, twilio.connect_ms, twilio.answer_ms)
        server = TwilioServer(
            switchboard,
            SignatureCheck(token, twilio.public_url),
            addresses,
            self._rest,
            self._settings.limits,
            self._wording,
            lambda: front_door.people(self._book.last),
        )
        folder = self._settings.box.data_dir / "recordings"
        self._fetcher = RecordingFetcher(self._rest, self._reader, self._records, folder)
        self._records.recording_ready = self._fetcher.ring
        app.add_routes(server.routes())
        app.on_shutdown.append(server.close)
        self._parts["twilio"] = "configured"
        return app

    def _wording(self) -> Wording:
        staff = self._book.last.staff
        return Wording(staff.language, staff.caller_id or "")

    async def _until_stopped(self, switchboard: ClinicSwitchboard) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        while not stop.is_set():
            try:
                async with asyncio.timeout(TIDY_S):
                    await stop.wait()
            except TimeoutError:
                await switchboard.file_silent()
        log.info("stopping")


def turn_detection(staff: StaffSettings, *, detector: bool) -> Literal["server", "semantic", "manual"]:
    """Who says when the caller has finished: we only where we have an ear of our own for it."""
    if staff.turn_detection == "manual" and not detector:
        log.warning("turns cannot be ended by us without the detector: the cloud ends them")
        return "server"
    return staff.turn_detection


def allow_connections() -> None:
    """Hold as many connections as the system lets us: the usual soft limit is meant for `select`."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError) as exc:
        log.warning("the limit of open files stays", extra={"problem": str(exc)})


async def listen_on(
    stack: AsyncExitStack, app: web.Application, host: str, port: int, headers_s: float = HEADERS_S
) -> int:
    """Serve an application; return its port. Raises SettingsError when the port cannot be had.

    A connection on which no whole request has come for `headers_s` is closed.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=STOP_S,
        handle_signals=False,
        # It counts from the connection's beginning, and until the headers of a request are whole.
        keepalive_timeout=headers_s,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, host, port, backlog=256)
    try:
        await site.start()
    except OSError as exc:
        raise SettingsError([f"[listen] {host}:{port} cannot be listened on: {exc.strerror}."]) from exc
    address = runner.addresses[0]
    return int(address[1])


def run(settings: Settings) -> None:
    """Run the bridge until it is told to stop. Raises AttendantError when it cannot begin."""
    logs.begin(settings.box.log_level)
    settings.box.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.umask(0o077)
    allow_connections()
    uvloop.run(Bridge(settings).run())
