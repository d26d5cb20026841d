"""A switchboard behind a real listener, with the carrier as a peer and a clock that tests move.

May import: appliance, twilio_bridge, tests.peers.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from appliance.core import front_door
from appliance.core.call import Call
from appliance.core.counters import Counters
from appliance.core.limits import Limits
from appliance.core.ports import Leg
from appliance.core.settings import Settings, Twilio
from appliance.service.filing import Filing
from appliance.service.greetings import Greetings
from appliance.service.known_call import KnownCall
from appliance.service.listening import listen_on
from appliance.service.office_book import OfficeBook
from appliance.service.on_call.rota import Rota
from appliance.service.records import BridgeRecords
from appliance.service.switchboard import ClinicSwitchboard
from appliance.service.texts.part import Texts
from appliance.store import calls
from appliance.store.call_log import StoredCallLog
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from models.local.mouth import Mouth
from models.local.prompt_cache import PromptCache
from tests.peers.carrier import Account, CarrierPeer, Destination, Faults, Number, PhoneCall
from twilio_bridge.rest import TwilioRest
from twilio_bridge.server import Clinic, TwilioServer
from twilio_bridge.signature import SignatureCheck
from twilio_bridge.twiml import Addresses, Wording

ACCOUNT, TOKEN = "AC" + "0" * 32, "t0ken"
CLINIC, CALLER, DESK = "+15550100001", "+15550100002", "+15550100010"
PUBLIC = "https://box.example.test"


@dataclass(slots=True)
class Hands:
    """The box's clock, which tests put on; the carrier's goes its way."""

    later: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def clock(self) -> float:
        return self.now().timestamp()

    def put_on(self, by: timedelta | float) -> None:
        self.later += by if isinstance(by, timedelta) else timedelta(seconds=by)


@dataclass(slots=True)
class Surgery:
    """All of it."""

    board: ClinicSwitchboard
    filing: Filing
    carrier: CarrierPeer
    server: TwilioServer
    texts: Texts
    rota: Rota
    url: str
    reader: Reader
    writer: Writer
    hands: "Hands"

    async def ring(self, plan: str, faults: Faults | None = None) -> PhoneCall:
        return await self.carrier.ring(caller=CALLER, called=CLINIC, plan=plan, faults=faults)

    async def kept(self, call_sid: str) -> calls.Call:
        """The call as it is on disk."""
        await self.writer.promise(lambda db: None)
        row = await self.reader.run(lambda db: calls.by_sid(db, call_sid))
        assert row is not None
        return row

    def asked(self, path: str) -> int:
        """How many REST requests had this in their path."""
        return sum(path in each for _, each, _ in self.carrier.rest_requests)


async def _nobody(_known: KnownCall, _leg: Leg) -> Call | None:
    return None


@asynccontextmanager
async def open_surgery(
    writer: Writer,
    reader: Reader,
    folder: Path,
    board_class: type[ClinicSwitchboard] = ClinicSwitchboard,
) -> AsyncIterator[Surgery]:
    """A surgery on this store."""
    async with AsyncExitStack() as stack:
        carrier = await stack.enter_async_context(CarrierPeer(account=Account(ACCOUNT, TOKEN)))
        settings = Twilio(account_sid=ACCOUNT, public_url=PUBLIC, api_url=carrier.rest_url, sms_from=CLINIC)
        rest = await stack.enter_async_context(TwilioRest(settings, TOKEN))
        mouth = Mouth((), PromptCache(folder))
        stack.callback(mouth.close)
        greetings = Greetings(folder / "greetings", lambda: mouth)
        book, records = OfficeBook(reader, greetings.ready), BridgeRecords(writer, reader)
        await book.now()  # should a read be late on a busy machine, this office serves
        board = board_class(
            book,
            StoredCallLog(writer, "p1"),
            records,
            _nobody,
            calls_at_once=8,
            assistant=True,
            counters=Counters(),
        )
        texts = Texts.of(Settings(twilio=settings), rest, writer, reader, book)
        rota = Rota(rest, writer, reader, book, CLINIC)
        server = TwilioServer(
            board,
            SignatureCheck(TOKEN, PUBLIC),
            Addresses(PUBLIC),
            rest,
            Limits(),
            Clinic(Wording, lambda: front_door.people(book.last), greetings.wav, texts.hearing, rota),
        )
        app = web.Application()
        app.add_routes(server.routes())
        url = f"http://127.0.0.1:{await listen_on(stack, app, '127.0.0.1', 0)}"
        hands = Hands()
        surgery = Surgery(
            board=board,
            filing=Filing(rest, board, reader, writer, now=hands.now),
            carrier=carrier,
            server=server,
            texts=texts,
            rota=rota,
            url=url,
            reader=reader,
            writer=writer,
            hands=hands,
        )
        texts.post.now = texts.hearing.now = rota.now = book.clock = hands.now
        board.now, board.clock = hands.now, hands.clock
        carrier.network.addresses.add(PUBLIC, url)
        carrier.network.numbers[CLINIC] = Number(
            f"{PUBLIC}/twilio/voice", status_callback=f"{PUBLIC}/twilio/status"
        )
        carrier.network.destinations[DESK] = Destination.no_answer()
        yield surgery
