"""The bridge process: builds every part, listens, and lets go of all of it in order.

May import: everything below appliance.cli.
"""

import asyncio
import faulthandler
import logging
import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import orjson
import uvloop
from aiohttp import web

from appliance.core import front_door
from appliance.core.call import Call, CallParts
from appliance.core.coding import Coding
from appliance.core.counters import Counters
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.events import COST_CAP
from appliance.core.files import umask_in
from appliance.core.phase import Patience
from appliance.core.ports import Leg
from appliance.core.pulse import Pulse
from appliance.core.rehearsal import CARRIER as REHEARSAL
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings
from appliance.core.story import Story, Turn
from appliance.jobs.bell import Bell, Ringer
from appliance.languages.prompts import codes
from appliance.service import logs, parts, prompts
from appliance.service.answers import Answers
from appliance.service.backing import Backing
from appliance.service.beside import Beside, Work
from appliance.service.booking.part import Bookings
from appliance.service.desk import toolbox
from appliance.service.disk import Disk
from appliance.service.filing import Filing
from appliance.service.greeting_calls import GreetingCalls
from appliance.service.greetings import FOLDER as GREETINGS
from appliance.service.greetings import Greetings
from appliance.service.health import Health
from appliance.service.known_call import KnownCall
from appliance.service.listening import listen_on
from appliance.service.local import LocalAssistant
from appliance.service.metrics import Metrics
from appliance.service.office_book import OfficeBook
from appliance.service.on_call.rota import Rota
from appliance.service.parts import Part, Reading, fixed
from appliance.service.pbx import on_call
from appliance.service.pbx.codes import DeskCodes
from appliance.service.pbx.house import House
from appliance.service.pbx.part import PbxPart
from appliance.service.process import allow_connections, spare_the_loop
from appliance.service.records import BridgeRecords
from appliance.service.rehearsal.part import RehearsalPart
from appliance.service.rehearsal.room import Outside
from appliance.service.requests import Requests
from appliance.service.session_plans import session_plans
from appliance.service.switchboard import ClinicSwitchboard
from appliance.service.texts.part import Texts
from appliance.service.watchdog import Watchdog
from appliance.store import calls
from appliance.store.call_log import StoredCallLog
from appliance.store.migrations import migrate
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from ari_bridge.arrival import CARRIER
from models.breaker import Breaker
from models.local.brain import LocalBrain
from models.local.detector import Judge, ListeningRoom
from models.local.loudness import Loudness
from models.local.silero import DetectorBroken, Silero, shipped_weights
from models.purse import Purse
from models.realtime import prices
from models.realtime.brain import RealtimeBrain
from models.realtime.dial import Dialer
from models.realtime.messages import SessionPlan
from models.standby import Standby
from models.transcoding import Transcoder
from twilio_bridge.rest import TwilioRest
from twilio_bridge.server import FORM_MOST, Clinic, TwilioServer
from twilio_bridge.signature import SignatureCheck
from twilio_bridge.twiml import Addresses, Wording

log = logging.getLogger(__name__)

TIDY_S = 30.0
WITHOUT_MENU = frozenset({CARRIER, REHEARSAL})
"""Where no carrier has a menu: it is spoken by us."""
REBUILD_S, REBUILD_ALONE_S = 1.2, 4.0
"""How long a broken session may take to be made anew: with the local assistant behind it, and without."""


class Bridge:
    """All parts of the bridge process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._counters = Counters()
        self._parts: dict[str, Reading] = {}
        self._beside = Beside()
        self._disk = Disk(settings.box.data_dir, settings.asterisk_dir)
        self._purse = Purse(self._today)
        self._dialer: Dialer | None = None
        self._prices = prices.load(settings.cloud.prices_file)
        self._prompts: dict[tuple[str, Coding], dict[str, bytes]] = {
            (code, "ulaw_8k"): prompts.load(code) for code in codes()
        }
        self._filing: Filing | None = None
        self._pbx: PbxPart | None = None
        self._texts: Texts | None = None
        self._rota: Rota | None = None
        self._breaker = Breaker(self._probe_cloud)
        self.listening = asyncio.Event()
        """Set when calls are taken; from then on the switchboard is there."""

    async def run(self) -> None:
        """Serve until asked to stop."""
        async with AsyncExitStack() as stack:
            await self._open_store(stack)
            metrics = Metrics(self._counters, self._writer)
            self._pulse = Pulse(metrics.loop_late)
            self._pulse.start()
            stack.callback(self._pulse.stop)
            await self._open_cloud(stack)
            self._open_detector(stack, metrics)
            self._local = LocalAssistant(self._settings)
            await self._local.open(stack)
            self._parts |= self._local.parts()
            self._answers = await Answers.opened(stack, self._settings, self._local, self._writer)
            self._parts["documents"] = self._answers.part
            self._bookings = await Bookings.opened(stack, self._settings, self._writer, self._reader)
            tasks, disk = self._beside.part, self._disk.part
            self._parts |= {"tasks": tasks, "calendars": self._bookings.part, "disk": disk}
            metrics.show("disk_free_bytes", "Room on the disk of messages and books", "", self._disk.shown)
            metrics.failures(self._beside.failures)
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
        ringer = Ringer(Bell(self._settings))
        stack.push_async_callback(asyncio.to_thread, ringer.close)
        self._records.owed = ringer.ring
        self._call_log = StoredCallLog(self._writer, self._process)

    async def _open_cloud(self, stack: AsyncExitStack) -> None:
        cloud = self._settings.cloud
        if not cloud.enabled:
            self._parts["cloud"] = fixed("off")
            return
        key = parts.secret(self._settings, cloud.key_file, "no cloud assistant")
        if key is None:
            self._parts["cloud"] = fixed("no key", well=False)
            return
        for warning in self._model_warnings():
            log.warning(warning)
        self._dialer = await stack.enter_async_context(Dialer(cloud, key))
        self._parts["cloud"] = lambda: parts.cloud(self._breaker, capped=self._purse.empty)

    def _model_warnings(self) -> list[str]:
        """What is known today of the end of the models that are in use."""
        cloud, today = self._settings.cloud, datetime.now(UTC).date()
        warnings = (self._prices.warning(model, today) for model in (cloud.model, cloud.transcription_model))
        return [warning for warning in warnings if warning]

    async def _probe_cloud(self) -> None:
        """See that a session can be had. Raises DialFailed."""
        if self._dialer is not None:
            await self._dialer.probe(self._settings.cloud.model)

    def _open_detector(self, stack: AsyncExitStack, metrics: Metrics) -> None:
        judge, state = ear(shipped_weights())
        wanted = self._settings.cloud.detector
        always = wanted and not isinstance(judge, Loudness)
        self._room = room = ListeningRoom(judge, self._pulse, always=always)
        room.start()
        stack.callback(room.stop)
        told = "Stretches of a line that our own ear left out, as too many waited"
        metrics.count("detector_stretches_dropped", told, lambda: room.skipped)
        metrics.count("detector_faults", "Stretches of a line that could not be judged", lambda: room.faults)
        fit = Part("off" if state == "ok" and not wanted else state, state == "ok")
        self._parts["detector"] = lambda: fit if room.alive else Part("dead", False)

    # Calls ---------------------------------------------------------------------------------------------

    def _backing(self) -> Backing:
        """What stands behind the calls of patients."""
        return Backing(self._records, self._bookings, self._texts, self._answers, self._call_log)

    async def _make_call(self, known: KnownCall, leg: Leg, behind: Backing | None = None) -> Call | None:
        """Put a call together; None when there is nobody to talk with. `behind` is that of a rehearsal."""
        settings, recorded = self._settings, known.greeted_by_recording
        behind = behind or self._backing()
        ours = known.aside is not None
        spare = settings.local.enabled or ours
        if self._dialer is None and not spare:
            return None
        capped = ours or await self._capped(known.office.staff)
        if capped and not spare:
            return None
        cloud, language = settings.cloud, known.language
        texts, ear = behind.texts, self._room.always or behind.typed is not None
        links = texts is not None and texts.offers(known.office)
        plans = session_plans(cloud, known.office, leg.coding, detector=ear, greeted=recorded, links=links)
        menu = self._begins_with_menu(known) and not capped
        link, page = (None, "") if texts is None else texts.offered_to(known)
        facts = known.facts(assistant=menu, link=link, page=page)
        patience = Patience(
            first_audio_ms=cloud.first_audio_ms,
            reply_due_ms=cloud.reply_due_ms,
            probe_ms=cloud.probe_ms,
            longest_ms=settings.limits.call_longest_s * 1000,
            no_input_cloud_ms=known.office.staff.caller_silence_s * 1000,
            stop_ms=known.office.staff.turn_silence_ms,
        )
        return Call(
            CallParts(
                call_id=known.call_id,
                leg=leg,
                brain=self._assistant(known, plans, behind, spare=spare, capped=capped, menu=menu),
                conversation=behind.conversation(
                    behind.patience(patience),
                    manual_turns=plans[language].turn_detection == "manual",
                    dialogue=Dialogue(facts, language),
                    story=Story([*known.story]),
                    watch=self._local.watch(),
                ),
                toolbox=toolbox(known, behind.records, behind.bookings, texts, behind.answers),
                log=known.aside or behind.log,
                pulse=self._pulse,
                prompts={code: await self._recorded(code, leg.coding) for code in codes()},
                silence_held_ms=cloud.silence_held_ms,
                detector=self._room.detector if behind.typed is None else None,
                narrow=None if leg.coding == "ulaw_8k" else Transcoder(leg.coding, "ulaw_8k").feed,
            )
        )

    async def _recorded(self, language: str, coding: Coding) -> dict[str, bytes]:
        """The recorded sentences as a leg takes them, brought over once for all calls."""
        if (language, coding) not in self._prompts:
            plain = self._prompts[language, "ulaw_8k"]
            self._prompts[language, coding] = await asyncio.to_thread(prompts.in_coding, plain, coding)
        return self._prompts[language, coding]

    async def _capped(self, staff: StaffSettings) -> bool:
        """Whether the cloud has cost as much today as the clinic allows."""
        cap_usd = staff.daily_cost_cap_usd
        if not cap_usd or self._dialer is None:
            return False
        began = staff.day_began(datetime.now(UTC))
        spent_usd = await self._records.spent_usd(began)
        self._purse.found(began, spent_usd)
        if spent_usd < cap_usd:
            return False
        log.info("the day's cost cap is reached", extra={"spent_usd": round(spent_usd, 2)})
        return True

    def _today(self) -> tuple[datetime, float]:
        staff = self._book.last.staff
        return staff.day_began(datetime.now(UTC)), staff.daily_cost_cap_usd

    def _begins_with_menu(self, known: KnownCall) -> bool:
        """Whether the local assistant begins, with the cloud behind its menu: where no carrier has a menu."""
        wanted = known.offer.carrier in WITHOUT_MENU and known.office.staff.front_door == "menu"
        spare = self._settings.local.enabled
        return wanted and spare and self._dialer is not None and self._breaker.closed and not known.story

    def _assistant(
        self,
        known: KnownCall,
        plans: Mapping[str, SessionPlan],
        behind: Backing,
        *,
        spare: bool,
        capped: bool,
        menu: bool,
    ) -> Standby:
        """The cloud with the local assistant behind it, or before it."""
        language, office, breaker = known.language, known.office, behind.breaker(self._breaker)
        dialer, cloud, plan = self._dialer, self._settings.cloud, plans[language]
        least, documents = office.staff.kb_min_confidence, behind.answers.documents
        able = behind.faculties(self._local.faculties(office.departments, least, documents))
        local = LocalBrain(known.call_id, able, language, plan.leg)
        without = COST_CAP if capped else "no cloud"
        if dialer is None or capped:
            return Standby(local, None, breaker, spare=spare, without=without)
        rebuild_s = REBUILD_S if spare else REBUILD_ALONE_S

        def make(story: tuple[Turn, ...], spoken: str) -> RealtimeBrain:
            first = plans.get(spoken, plan)
            brain = RealtimeBrain(dialer, first, self._prices, cloud, self._pulse, story, rebuild_s, plans)
            brain.counters, brain.typed = self._counters, behind.typed or brain.typed
            return brain

        return Standby(local, make, breaker, spare=spare, story=known.story, menu=menu, purse=self._purse)

    # Listeners -----------------------------------------------------------------------------------------

    async def _serve(self, stack: AsyncExitStack, metrics: Metrics) -> None:
        settings = self._settings
        self._greetings = Greetings(settings.box.data_dir / GREETINGS, self._local.mouth)
        self._book = OfficeBook(self._reader, self._greetings.ready)
        await self._local.rehearse(await self._book.now())
        self.switchboard = switchboard = ClinicSwitchboard(
            self._book,
            self._call_log,
            self._records,
            self._make_call,
            calls_at_once=settings.limits.calls_at_once,
            assistant=self._dialer is not None or settings.local.enabled,
            counters=self._counters,
            wish=self._local.wish,
        )
        public = await self._public_app(stack, switchboard, metrics)
        health = Health(self._pulse, self._writer, self._counters, metrics, self._parts)
        if self._dialer is not None:
            health.warnings["cloud"] = self._model_warnings
        told = "How long the calls have gone without the cloud; 0 when they have it"
        metrics.show("cloud_down_seconds", told, "", lambda: {"": self._breaker.down_s or 0.0})
        local = web.Application()
        local.add_routes(health.routes())
        self._rehearsals = RehearsalPart(
            Outside(settings, self._bookings, self._answers, lambda: self._texts),
            self._writer,
            self._make_call,
            self._counters,
        )
        self._rehearsals.open(local, metrics)
        if settings.asterisk.enabled:
            await self._open_pbx(stack, switchboard, local, metrics)
        listen = settings.listen
        ports = {
            "public": await listen_on(stack, public, listen.public_host, listen.public_port),
            "local": await listen_on(stack, local, "127.0.0.1", listen.local_port),
        }
        # Calls come from now on, so that we are watched from now on; what is spoken for a PBX takes its time.
        watchdog = Watchdog(os.environ, self._pulse, lambda: self._writer.alive)
        stack.callback(watchdog.end)
        watchdog.begin()
        if self._pbx is not None:
            await self._pbx.prepare(f"http://127.0.0.1:{ports['local']}")
        metrics.frozen(spare_the_loop())
        log.info("listening", extra=ports)
        print(orjson.dumps(ports).decode(), flush=True)
        self.listening.set()
        async with asyncio.TaskGroup() as tasks:
            beside = [
                tasks.create_task(self._beside.keep(name, work), name=name)
                for name, work in self._works(switchboard)
            ]
            await _asked_to_stop()
            for task in beside:
                task.cancel()

    async def _open_pbx(
        self, stack: AsyncExitStack, switchboard: ClinicSwitchboard, local: web.Application, metrics: Metrics
    ) -> None:
        """Serve a local PBX; where Twilio does not ring who is on call, it does."""
        settings = self._settings
        codes = DeskCodes(House.of(settings), self._writer, self._greetings)
        if self._rota is None:
            ringer = on_call.ringer(settings)
            self._rota = Rota(ringer, self._writer, self._reader, self._book, "")
            local.add_routes(on_call.routes(settings, self._rota))
        self._pbx = PbxPart(
            settings,
            switchboard,
            self._records,
            self._reader,
            self._book,
            codes,
            self._local,
            self._make_call,
        )
        await self._pbx.open(stack, local, metrics)
        self._parts |= self._pbx.parts()

    def _works(self, switchboard: ClinicSwitchboard) -> Iterator[tuple[str, Work]]:
        """What runs beside the calls."""

        async def tidy() -> None:
            while True:
                await asyncio.sleep(TIDY_S)
                await switchboard.file_silent()

        yield "breaker", self._breaker.run
        yield "appointments", self._bookings.forgetting()
        yield "silent calls", tidy
        yield "disk", self._disk.run
        yield "rehearsals", self._rehearsals.run
        folder = self._settings.box.data_dir
        yield "requests", Requests(folder, self._writer, self._reader, switchboard.known).run
        if self._filing is not None:
            yield "filing", self._filing.run
        if self._texts is not None:
            yield "texts", self._texts.posting(self._book)
        if self._rota is not None:
            yield "on-call rota", self._rota.run
        if self._pbx is not None:
            yield from self._pbx.works()

    async def _public_app(
        self, stack: AsyncExitStack, switchboard: ClinicSwitchboard, metrics: Metrics
    ) -> web.Application:
        twilio = self._settings.twilio
        app = web.Application(client_max_size=FORM_MOST)
        app.add_routes(self._bookings.routes())
        if not twilio.account_sid:
            self._parts["twilio"] = fixed("off")
            return app
        token = parts.secret(self._settings, twilio.auth_token_file, "no calls by Twilio")
        if token is None:
            self._parts["twilio"] = fixed("no token", well=False)
            return app
        self._rest = await stack.enter_async_context(TwilioRest(twilio, token))
        addresses = Addresses.of(twilio)
        self._texts = Texts.of(self._settings, self._rest, self._writer, self._reader, self._book)
        self._rota = Rota(self._rest, self._writer, self._reader, self._book, twilio.sms_from)
        server = TwilioServer(
            switchboard,
            SignatureCheck(token, twilio.public_url),
            addresses,
            self._rest,
            self._settings.limits,
            Clinic(
                self._wording,
                lambda: front_door.people(self._book.last),
                self._greetings.wav,
                self._texts.hearing,
                self._rota,
                GreetingCalls.of(self._settings, self._rest, self._writer, self._greetings, self._book.now),
            ),
        )
        self._filing = Filing(self._rest, switchboard, self._reader, self._writer)
        app.add_routes([*server.routes(), *self._bookings.pages(self._book, self._texts.phone)])
        told = "Messages of the carrier that came late or twice"
        metrics.count("media_messages_dropped", told, lambda: server.out_of_order)
        metrics.count("requests_refused", "Requests refused at the public listener", lambda: server.refused)
        post = self._texts.post
        metrics.count("texts_sent", "Texts that the carrier took", lambda: post.sent)
        metrics.count(
            "texts_not_taken", "Texts that it did not, or not to our knowledge", lambda: post.not_taken
        )
        app.on_shutdown.append(server.close)
        self._parts["twilio"] = lambda: parts.carrier(self._rest.standing)
        return app

    def _wording(self) -> Wording:
        return Wording.of(self._book.last.staff)


async def _asked_to_stop() -> None:
    """Return when a signal asks us to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    log.info("stopping")


def ear(weights: Path | None) -> tuple[Judge, str]:
    """What tells speech from the rest, and how it is: the network, or loudness where that cannot be used."""
    try:
        if weights is not None:
            return Silero(weights), "ok"
        log.error("no ear of our own: faster-whisper, which brings its network, is not installed")
    except DetectorBroken as exc:
        log.error("no ear of our own", extra={"problem": str(exc)})
    return Loudness(), "broken"


def run(settings: Settings) -> None:
    """Run the bridge until it is told to stop. Raises AttendantError when it cannot begin."""
    logs.begin(settings.box.log_level)
    settings.box.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.umask(umask_in(settings.box.data_dir))
    allow_connections()
    # A watchdog ends us by SIGABRT: the log then says where we hung.
    faulthandler.enable()
    uvloop.run(Bridge(settings).run())
