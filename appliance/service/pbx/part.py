"""The PBX as a part of the bridge process, put together.

May import: the standard library, aiohttp, appliance.core, appliance.service, appliance.store, ari_bridge,
models.local.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

from aiohttp import web

from appliance.core.dispositions import Disposition, Kind
from appliance.core.settings import Settings
from appliance.service.beside import Work
from appliance.service.local import LocalAssistant
from appliance.service.metrics import Metrics
from appliance.service.office_book import OfficeBook
from appliance.service.parts import Reading
from appliance.service.pbx import messages
from appliance.service.pbx.announcing import Announcer
from appliance.service.pbx.codes import DeskCodes
from appliance.service.pbx.house import House, known_secret
from appliance.service.pbx.keeper import PbxKeeper, decided, prepared
from appliance.service.pbx.lines import PbxLines
from appliance.service.pbx.on_call import ari_access
from appliance.service.pbx.told import PbxCalls
from appliance.service.pbx.trial import Trial
from appliance.service.pbx.trunk_hosts import TrunkHosts
from appliance.service.records import BridgeRecords
from appliance.service.self_call.asking import PATH
from appliance.service.self_call.board import OwnCalls
from appliance.service.self_call.caller import Ground, SelfCaller
from appliance.service.switchboard import ClinicSwitchboard, MakeCall
from appliance.store.reader import Reader
from ari_bridge import ami_events
from ari_bridge.ami_events import AmiEvent
from ari_bridge.arrival import arrived
from ari_bridge.code_server import CodeServer
from ari_bridge.control import Access, AsteriskControl
from ari_bridge.message_server import MessageServer
from ari_bridge.passwords import USER, Door, password
from ari_bridge.server import AsteriskServer, told


class PbxPart:
    """Media, control and configuration of the local Asterisk. Raises SettingsError when it cannot be."""

    def __init__(
        self,
        settings: Settings,
        switchboard: ClinicSwitchboard,
        records: BridgeRecords,
        reader: Reader,
        book: OfficeBook,
        codes: DeskCodes,
        local: LocalAssistant,
        make_call: MakeCall,
    ) -> None:
        asterisk, house = settings.asterisk, House.of(settings)
        access = Access(
            "127.0.0.1", asterisk.ami_port, USER, known_secret(settings, asterisk.ami_secret_file)
        )
        self.control = AsteriskControl(
            access, self._heard, self._begun, lambda message: ami_events.read(message, asterisk.country_code)
        )
        media_secret = known_secret(settings, asterisk.media_secret_file)
        self._code_server = CodeServer(codes, password(media_secret, Door.DIALPLAN))
        self._codes = codes
        own_calls = OwnCalls(switchboard, book.now, make_call)
        self._server = AsteriskServer(
            own_calls,
            self,
            media_secret,
            settings.limits,
            lambda started: arrived(started, asterisk.country_code),
        )
        recordings = settings.box.data_dir / "recordings"
        ari = ari_access(settings)
        self._self_caller = SelfCaller(
            Ground(settings, ari, own_calls, self.control, house, recordings, records, local, book.now),
            password(media_secret, Door.SELF_CALL),
        )
        self._lines = PbxLines(asterisk, self.control, lambda: reader.run(decided))
        self._calls = PbxCalls(
            switchboard,
            records,
            house,
            recordings,
            lambda: self.control,
            self._self_caller.heard,
            self._lines.told,
            asterisk.country_code,
        )

        async def safe(call_sid: str, place: str) -> bool:
            return await asyncio.to_thread(messages.safe, house, call_sid, place)

        self._message_server = MessageServer(safe, password(media_secret, Door.DIALPLAN))
        self._brief = switchboard.brief
        self._announcer = Announcer(house, local.mouth, switchboard.brief)
        trial = Trial(access, existing=asterisk.existing, trunk=bool(asterisk.trunk.host))
        self._keeper = PbxKeeper(settings, house, reader, local.mouth, self.control, trial, codes.greetings)
        self._trunk_hosts = TrunkHosts(asterisk.trunk, house, self._keeper.look_anew)

    async def _heard(self, event: AmiEvent) -> None:
        await self._calls.heard(event)

    async def _begun(self) -> None:
        self._keeper.unread = True
        self._lines.told()
        await self._calls.begun()

    def spoken(self, call_sid: str) -> str:
        """The language that a call is in, where it is not the clinic's own."""
        brief = self._brief(call_sid)
        return "" if brief is None else brief.language

    async def leave(self, call_sid: str, channel: str, disposition: Disposition, spoken: str) -> None:
        """Tell the dialplan where a call goes next, and have a desk told of it. Raises CarrierFailed."""
        if disposition.kind is Kind.TRANSFER:
            self._announcer.ask(call_sid, disposition.department)
        await self.control.leave(channel, told(disposition, spoken))

    async def bring_back(self, channel: str) -> bool:
        """Have a caller come back to us with whom nobody talks yet. Raises CarrierFailed."""
        return await self.control.bring_back(channel)

    async def open(self, stack: AsyncExitStack, app: web.Application, metrics: Metrics) -> None:
        """Serve the media on the loopback listener."""
        await stack.enter_async_context(self.control)
        app.add_routes([*self._server.routes(), *self._code_server.routes()])
        app.add_routes(self._message_server.routes())
        app.add_routes([web.post(PATH, self._self_caller.asked)])
        app.on_shutdown.append(self._server.close)
        told = "Media connections of the PBX that were refused"
        metrics.count("pbx_refused", told, lambda: self._server.refused)
        told = "Codes of desk phones that were refused"
        metrics.count("pbx_codes_refused", told, lambda: self._code_server.refused)
        dropped = "What the PBX told and we had no room for"
        metrics.count("pbx_events_dropped", dropped, lambda: self.control.dropped)
        metrics.show(
            "pbx_phone_reachable",
            "Whether a desk phone can be reached, by its extension",
            "phone",
            lambda: self._lines.phones,
        )
        told = "Whether calls can go over the trunk: 0 when it is not registered, or does not answer"
        metrics.show("pbx_trunk_up", told, "", lambda: self._lines.trunk_up)
        self._self_caller.shown(metrics)

    async def prepare(self, local_base: str) -> None:
        """Write the configuration, now that it is known where we listen."""
        await prepared(self._keeper, local_base)

    def works(self) -> Iterator[tuple[str, Work]]:
        """What runs beside the calls."""
        yield "pbx", self.control.run
        yield "pbx configuration", self._keeper.run
        yield "pbx trunk", self._trunk_hosts.run
        yield "pbx announcements", self._announcer.run
        yield "pbx messages", self._calls.run
        yield "pbx lines", self._lines.run
        yield "pbx old announcements", self._announcer.sweep
        yield "pbx old greetings", self._codes.sweep
        yield "self-call", self._self_caller.run

    def parts(self) -> dict[str, Reading]:
        """How it is, for health."""
        return {
            "pbx": self._keeper.part,
            "phones": self._lines.phones_part,
            "trunk": self._lines.trunk_part,
            "self-call": self._self_caller.part,
        }
