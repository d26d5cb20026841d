"""Twilio's side of the public listener: signed webhooks and the media WebSocket.

Nothing is done before a request is known to be Twilio's; what is wrong ends in a clear 4xx or a close.
May import: appliance.core, twilio_bridge, aiohttp, multidict.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from weakref import WeakSet

import aiohttp
from aiohttp import web
from multidict import MultiDictProxy

from appliance.core import about
from appliance.core.errors import AttendantError, CarrierFailed, WireError
from appliance.core.greeting_calls import GreetingDesk
from appliance.core.limits import Limits
from appliance.core.on_call import OnCallDesk
from appliance.core.ports import Switchboard
from appliance.core.steps import HangUp, Steps
from appliance.core.texts import TextDesk
from twilio_bridge import twiml, webhook
from twilio_bridge.greeting import HOOK as GREETING
from twilio_bridge.greeting import GreetingHooks
from twilio_bridge.leg import TwilioLeg
from twilio_bridge.media_stream import MESSAGE_MOST, StreamReader, StreamStarted
from twilio_bridge.on_call import OnCallHooks
from twilio_bridge.rest import TwilioRest
from twilio_bridge.signature import SignatureCheck
from twilio_bridge.twiml import Addresses, Wording

log = logging.getLogger(__name__)

FORM_MOST = 64 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"
FORM_S = 3.0
FIELDS_MOST = 200
UNCLAIMED_MOST = 16
CLOSE_S = 3.0
HERE = "/twilio/here"
"""Where the box's own doctor comes to see what arrives of what is signed."""
UNSIGNED = "not signed by the carrier"
ASKING = frozenset({"voice", "menu", "next", GREETING})

FormValue = str | bytes | bytearray | web.FileField
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Answer = Callable[[webhook.Form, web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Clinic:
    """What is the clinic's own: how to speak, who the people are, its recordings, texts, rota, greetings."""

    wording: Callable[[], Wording]
    people: Callable[[], Steps]
    sound: Callable[[str], Awaitable[bytes | None]]
    texts: TextDesk
    on_call: OnCallDesk | None = None
    greetings: GreetingDesk | None = None


class TwilioServer:
    """The routes under /twilio. Counts what it refuses."""

    def __init__(
        self,
        switchboard: Switchboard,
        check: SignatureCheck,
        addresses: Addresses,
        rest: TwilioRest,
        limits: Limits,
        clinic: Clinic,
    ) -> None:
        self._switchboard = switchboard
        self._check = check
        self._addresses = addresses
        self._rest = rest
        self._limits = limits
        self._clinic = clinic
        self._unclaimed = 0
        self._stopping = False
        self._open: WeakSet[web.WebSocketResponse] = WeakSet()
        desk = clinic.greetings
        self._greeting = GreetingHooks(desk, addresses, clinic.wording, self._door) if desk else None
        self.refused = 0
        self.out_of_order = 0

    def routes(self) -> Iterable[web.RouteDef]:
        """What the public listener serves."""
        answers: dict[str, Answer] = {
            "voice": self._voice,
            "menu": self._menu,
            "next": self._next,
            "status": self._status,
            "phone": self._phone,
            "recording": self._recording,
            "sms": self._text,
            "text": self._text_status,
        }
        if self._clinic.on_call is not None:
            answers |= OnCallHooks(self._clinic.on_call, self._addresses).answers()
        if self._greeting is not None:
            answers[GREETING] = self._greeting.asked
        posts = [
            web.post(f"/twilio/{name}", self._webhook(answer, asks=name in ASKING))
            for name, answer in answers.items()
        ]
        sound = web.get(r"/twilio/sound/{name:[a-z0-9-]{1,80}}.wav", self._recorded)
        return [*posts, sound, web.get("/twilio/media", self._media), web.get(HERE, self._here)]

    async def close(self, _app: web.Application) -> None:
        """Let go of the media connections; their calls end as the carrier's TwiML says."""
        self._stopping = True
        try:
            async with asyncio.timeout(CLOSE_S), asyncio.TaskGroup() as tasks:
                for ws in tuple(self._open):
                    tasks.create_task(_let_go(ws), name="close a media connection")
        except TimeoutError:
            log.warning("not every media connection was closed in time")

    # Webhooks ------------------------------------------------------------------------------------------

    def _webhook(self, answer: Answer, *, asks: bool) -> Handler:
        """A handler; one that asks what comes next is led to people when all else fails."""

        async def handle(request: web.Request) -> web.StreamResponse:
            form = await self._form(request)
            texts = {name: value for name, value in form.items() if isinstance(value, str)}
            if len(form) > FIELDS_MOST or len(texts) != len(set(form)):
                raise self._refuse(web.HTTPBadRequest(text="not a webhook's form"))
            signature = request.headers.get("X-Twilio-Signature")
            if not self._check.webhook(request.raw_path, form, signature):
                raise self._refuse(web.HTTPForbidden(text=UNSIGNED))
            with about.call(call_sid=webhook.subject(texts)):
                return await self._answered(answer, texts, request, asks=asks)

        return handle

    async def _answered(
        self, answer: Answer, form: webhook.Form, request: web.Request, *, asks: bool
    ) -> web.Response:
        try:
            return await answer(form, request)
        except WireError as exc:
            raise self._refuse(web.HTTPBadRequest(text=str(exc))) from exc
        except AttendantError as exc:
            log.error("webhook not answered as it should be", extra={"problem": str(exc)})
            return self._twiml(self._clinic.people()) if asks else web.Response(status=503)

    async def _form(self, request: web.Request) -> MultiDictProxy[FormValue]:
        """The form of a request. Raises a 4xx for what the carrier does not send."""
        if (request.content_length or 0) > FORM_MOST:
            raise self._refuse(web.HTTPRequestEntityTooLarge(FORM_MOST, request.content_length or 0))
        if request.content_type != FORM_TYPE or "Content-Encoding" in request.headers:
            raise self._refuse(web.HTTPUnsupportedMediaType(text="not a plain form"))
        try:
            async with asyncio.timeout(FORM_S):
                return await request.post()
        except TimeoutError as exc:
            raise self._refuse(web.HTTPRequestTimeout(text="the form did not come")) from exc
        except (ValueError, LookupError) as exc:
            raise self._refuse(web.HTTPBadRequest(text="not a form")) from exc

    def _refuse(self, error: web.HTTPException) -> web.HTTPException:
        self.refused += 1
        return error

    def _twiml(self, steps: Steps) -> web.Response:
        if not steps:
            raise self._refuse(web.HTTPConflict(text="the call is over"))
        text = twiml.document(steps, self._addresses, self._clinic.wording())
        return web.Response(text=text, content_type="text/xml")

    async def _voice(self, form: webhook.Form, _request: web.Request) -> web.Response:
        steps = await self._door(form)
        asked = await self._greeting.before(form, steps) if self._greeting is not None and steps else None
        return self._twiml(steps) if asked is None else web.Response(text=asked, content_type="text/xml")

    async def _door(self, form: webhook.Form) -> Steps:
        return await self._switchboard.offer(webhook.offered(form))

    async def _menu(self, form: webhook.Form, request: web.Request) -> web.Response:
        asked = request.query
        answer = webhook.menu_answered(form, asked.get("at", ""), asked.get("turn", ""))
        return self._twiml(await self._switchboard.menu(answer))

    async def _next(self, form: webhook.Form, request: web.Request) -> web.Response:
        """What comes next; once the caller has hung up only how it went matters, and not the answer."""
        gone = form.get("CallStatus") == "completed"
        match request.query.get("after"):
            case "ring":
                steps = await self._switchboard.rang(webhook.ring_ended(form))
            case "voicemail":
                steps = await self._switchboard.voicemail(webhook.voicemail_taken(form))
            case _:
                steps = () if gone else await self._switchboard.next(webhook.call_sid(form))
        return self._twiml((HangUp(),) if gone else steps)

    async def _status(self, form: webhook.Form, _request: web.Request) -> web.Response:
        ended = webhook.call_ended(form)
        if ended is not None:
            await self._switchboard.ended(ended)
        return web.Response(status=204)

    async def _phone(self, form: webhook.Form, _request: web.Request) -> web.Response:
        rang = webhook.phone_done(form)
        if rang is not None:
            await self._switchboard.rang_aside(rang)
            if rang.result == "answered":
                await self._talked(rang.call_sid)
        return web.Response(status=204)

    async def _talked(self, call_sid: str) -> None:
        """End a call whose caller has spoken with a person: the static TwiML would go on to voicemail."""
        try:
            await self._rest.hang_up(call_sid)
        except CarrierFailed as exc:
            log.info("the call goes on after a talk", extra={"problem": str(exc)})

    async def _recording(self, form: webhook.Form, _request: web.Request) -> web.Response:
        if form.get("RecordingStatus") == "completed":
            await self._switchboard.recorded(webhook.voicemail_taken(form))
        return web.Response(status=204)

    async def _text(self, form: webhook.Form, _request: web.Request) -> web.Response:
        """Somebody texts us; the carrier sends the answer."""
        received = webhook.text_received(form)
        answer = "" if received is None else await self._clinic.texts.received(received)
        return web.Response(text=twiml.text(answer), content_type="text/xml")

    async def _text_status(self, form: webhook.Form, request: web.Request) -> web.Response:
        await self._clinic.texts.reported(webhook.text_reported(form, request.query.get("of", "")))
        return web.Response(status=204)

    async def _recorded(self, request: web.Request) -> web.Response:
        """A greeting that every caller hears; who does not know its name finds nothing here."""
        wav = await self._clinic.sound(request.match_info["name"])
        if wav is None:
            raise self._refuse(web.HTTPNotFound(text="no such recording"))
        return web.Response(body=wav, content_type="audio/wav")

    async def _here(self, request: web.Request) -> web.StreamResponse:
        """Say that a request, or a handshake, came as it was signed; it changes nothing."""
        if not self._check.upgrade(request.path, request.headers.get("X-Twilio-Signature")):
            raise self._refuse(web.HTTPForbidden(text=UNSIGNED))
        ws = web.WebSocketResponse(compress=False, timeout=CLOSE_S)
        if not ws.can_prepare(request).ok:
            return web.Response(status=204)
        await ws.prepare(request)
        await ws.close()
        return ws

    # Media ---------------------------------------------------------------------------------------------

    async def _media(self, request: web.Request) -> web.StreamResponse:
        """Take a media connection: nothing happens before its token is known to be its call's."""
        if not self._check.upgrade(request.path, request.headers.get("X-Twilio-Signature")):
            raise self._refuse(web.HTTPForbidden(text=UNSIGNED))
        if self._unclaimed >= UNCLAIMED_MOST:
            raise self._refuse(web.HTTPTooManyRequests(text="too many connections wait for their start"))
        ws = web.WebSocketResponse(compress=False, max_msg_size=MESSAGE_MOST, timeout=2.0)
        if not ws.can_prepare(request).ok:
            raise self._refuse(web.HTTPBadRequest(text="not a WebSocket handshake"))
        await ws.prepare(request)
        self._open.add(ws)
        reader = StreamReader()
        call_sid = await self._claimed(ws, reader)
        if call_sid is None:
            self.refused += 1
            await ws.close(code=aiohttp.WSCloseCode.POLICY_VIOLATION)
            return ws
        next_url = self._addresses.webhook("next")
        leg = TwilioLeg(ws, reader, lambda: self._rest.redirect(call_sid, next_url), lambda: self._stopping)
        try:
            with about.call(call_sid=call_sid):
                await self._switchboard.hold(call_sid, leg, lambda: self._bring_back(call_sid))
        finally:
            self.out_of_order += reader.out_of_order
        return ws

    async def _bring_back(self, call_sid: str) -> bool:
        """Have the carrier ask us what comes next, unless the caller talks with a person by now."""
        if await self._rest.talks(call_sid):
            return False
        await self._rest.redirect(call_sid, self._addresses.webhook("next"))
        return True

    async def _claimed(self, ws: web.WebSocketResponse, reader: StreamReader) -> str | None:
        """The call that this connection proves to belong to, within the time for it."""
        self._unclaimed += 1
        try:
            async with asyncio.timeout(self._limits.start_s):
                while True:
                    message = await ws.receive()
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        return None
                    said = reader.read(message.data)
                    if isinstance(said, StreamStarted):
                        token = said.parameters.get("token", "")
                        return said.call_sid if self._switchboard.admit(token, said.call_sid) else None
        except (TimeoutError, WireError) as exc:
            log.warning("media connection refused", extra={"problem": str(exc) or "no start in time"})
            return None
        finally:
            self._unclaimed -= 1


async def _let_go(ws: web.WebSocketResponse) -> None:
    try:
        await ws.close(code=aiohttp.WSCloseCode.GOING_AWAY)
    except (aiohttp.ClientError, ConnectionError, RuntimeError):
        return
