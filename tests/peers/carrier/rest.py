"""The carrier's REST interface, as far as the box uses it: calls, messages, recordings, numbers.

May import: the standard library, aiohttp, orjson, this package.
"""

import asyncio
import hmac
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import orjson
from aiohttp import hdrs, web

from tests.peers.carrier import rest_views as views
from tests.peers.carrier.call import Document, PhoneCall
from tests.peers.carrier.messaging import Message, check_message
from tests.peers.carrier.network import API_VERSION, Network, VoiceRecording, new_sid
from tests.peers.carrier.recording_files import Download, DownloadFault, give
from tests.peers.carrier.rest_errors import Refused, RestFault
from tests.peers.carrier.sound_files import silent_mp3, wav

LONGEST_TWIML = 4000
E164 = r"\+[1-9][0-9]{6,14}"
Params = Mapping[str, str]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


SET_UP = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "fallback_url",
    "SmsUrl": "sms_url",
    "StatusCallback": "status_callback",
}
"""What of a number can be set up, by its name in REST."""


class Peer(Protocol):
    """What the interface needs of the peer."""

    network: Network
    calls: dict[str, PhoneCall]
    messages: list[Message]
    rest_faults: list[RestFault]
    rest_requests: list[tuple[str, str, dict[str, str]]]
    download_faults: list[DownloadFault]
    downloads: list[Download]
    opted_out: set[str]
    no_mobiles: set[str]

    def place(self, params: Params) -> PhoneCall: ...
    def deliver(self, message: Message) -> None: ...


class Rest:
    """The routes."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=1024 * 1024)
        base = f"/{API_VERSION}/Accounts/{self._peer.network.account.sid}"
        app.router.add_get(f"{base}.json", self._account)
        app.router.add_post(f"{base}/Calls.json", self._place)
        app.router.add_get(f"{base}/Calls.json", self._calls)
        app.router.add_get(f"{base}/Recordings.json", self._recordings)
        app.router.add_get(f"{base}/IncomingPhoneNumbers.json", self._numbers)
        app.router.add_post(f"{base}/IncomingPhoneNumbers/{{sid:PN[0-9a-f]+}}.json", self._set_up)
        app.router.add_get(f"{base}/Calls/{{sid:CA[0-9a-f]+}}.json", self._call)
        app.router.add_post(f"{base}/Calls/{{sid:CA[0-9a-f]+}}.json", self._update)
        app.router.add_post(f"{base}/Calls/{{sid:CA[0-9a-f]+}}/Recordings.json", self._record)
        app.router.add_post(f"{base}/Messages.json", self._text)
        app.router.add_get(f"{base}/Messages.json", self._messages)
        app.router.add_get(f"{base}/Messages/{{sid:SM[0-9a-f]+}}.json", self._message)
        app.router.add_get(f"{base}/Recordings/{{name:RE[0-9a-f]+}}{{kind:(\\.\\w+)?}}", self._recording)
        app.router.add_delete(f"{base}/Recordings/{{name:RE[0-9a-f]+}}{{kind:(\\.json)?}}", self._delete)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Faults, then the password, then the route; errors in the carrier's own form."""
        try:
            form = {name: str(value) for name, value in (await request.post()).items()}
            self._peer.rest_requests.append((request.method, request.path, form))
            fault = next((f for f in self._peer.rest_faults if f.takes(request.method, request.path)), None)
            if fault is not None and not fault.after:
                await self._befall(fault, request)
            self._authenticate(request)
            response = await handler(request)
            if fault is not None and fault.after:
                await self._befall(fault, request)
            return response
        except Refused as exc:
            return exc.response()
        except web.HTTPNotFound:
            return Refused(20404, f"The requested resource {request.path} was not found").response()
        except web.HTTPMethodNotAllowed:
            return Refused(20004, "Method not allowed", 405).response()

    async def _befall(self, fault: RestFault, request: web.Request) -> None:
        await asyncio.sleep(fault.delay_s)
        if fault.drop and request.transport is not None:
            request.transport.abort()
        if fault.code:
            raise Refused(fault.code)

    def _authenticate(self, request: web.Request) -> None:
        account = self._peer.network.account
        kind, _, coded = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        try:
            user, _, password = b64decode(coded, validate=True).decode().partition(":")
        except ValueError:
            raise Refused(20003) from None
        known = {account.sid: account.auth_token, **account.api_keys}.get(user, "")
        if kind.lower() != "basic" or not known or not hmac.compare_digest(known, password):
            raise Refused(20003)

    def _find(self, request: web.Request) -> PhoneCall:
        call = self._peer.calls.get(request.match_info["sid"])
        if call is None:
            raise Refused(20404, f"The requested resource {request.path} was not found")
        return call

    async def _call(self, request: web.Request) -> web.Response:
        return _json(views.call_view(self._find(request), self._peer.network))

    async def _calls(self, request: web.Request) -> web.Response:
        """The calls of the account, the newest first; or those that were rung for the one that is named."""
        network, parent = self._peer.network, self._peer.calls.get(request.query.get("ParentCallSid", ""))
        if "ParentCallSid" in request.query:
            rung = parent.rung if parent else []
            shown = [views.rung_view(each, parent, network) for each in reversed(rung) if parent]
        else:
            shown = [views.call_view(call, network) for call in reversed(self._peer.calls.values())]
        return _json(views.page_view(network, "Calls", shown, request.query))

    async def _numbers(self, request: web.Request) -> web.Response:
        """The numbers of the account and how each is set up."""
        network = self._peer.network
        shown = [
            views.number_view(place, called, number, network)
            for place, (called, number) in enumerate(network.numbers.items())
        ]
        return _json(views.page_view(network, "IncomingPhoneNumbers", shown, request.query))

    async def _set_up(self, request: web.Request) -> web.Response:
        """Another address for what is done with a number's calls or texts."""
        network, params = self._peer.network, await _form(request)
        place = int(request.match_info["sid"][2:], 16)
        if place >= len(network.numbers):
            raise Refused(20404, f"The requested resource {request.path} was not found")
        called, number = list(network.numbers.items())[place]
        given: dict[str, Any] = {own: params[theirs] for theirs, own in SET_UP.items() if theirs in params}
        network.numbers[called] = replace(number, **given)
        return _json(views.number_view(place, called, network.numbers[called], network))

    async def _recordings(self, request: web.Request) -> web.Response:
        """The recordings of the account, the newest first, from a time on."""
        network, since = self._peer.network, request.query.get("DateCreated>", "")
        since_s = datetime.fromisoformat(since).timestamp() if since else 0.0
        listed = sorted(network.recordings.values(), key=lambda each: each.created_at_s, reverse=True)
        shown = [views.recording_view(each, network) for each in listed if each.created_at_s >= since_s]
        return _json(views.page_view(network, "Recordings", shown, request.query))

    async def _place(self, request: web.Request) -> web.Response:
        params = await _form(request)
        if not params.get("To"):
            raise Refused(21201)
        if not re.fullmatch(E164, params["To"]):
            raise Refused(21211, f"The 'To' number {params['To'][:40]} is not a valid phone number")
        if not params.get("From"):
            raise Refused(21213)
        if params["From"] not in {*self._peer.network.numbers, *self._peer.network.verified_caller_ids}:
            raise Refused(21210)
        _document(params, "")
        return _json(views.call_view(self._peer.place(params), self._peer.network), 201)

    async def _account(self, _request: web.Request) -> web.Response:
        return _json(views.account_view(self._peer.network))

    async def _update(self, request: web.Request) -> web.Response:
        call, params = self._find(request), await _form(request)
        status = params.get("Status", "")
        if status not in ("", "completed", "canceled") or (status and ("Url" in params or "Twiml" in params)):
            raise Refused(20001, f"Invalid Status {status[:20]}")
        document = None if status else _document(params, call.number.voice_url)
        ringing_ends = status and call.status in ("queued", "ringing")
        if call.is_over or call.disposition or (call.status != "in-progress" and not ringing_ends):
            raise Refused(21220)
        if status == "canceled" and call.status == "in-progress":
            raise Refused(21220, "Call is in-progress. Cannot cancel.")
        call.take_update(document or "completed", params)
        return _json(views.call_view(call, self._peer.network))

    async def _record(self, request: web.Request) -> web.Response:
        call = self._find(request)
        if call.status != "in-progress":
            raise Refused(21220, "Requested resource is not eligible for recording")
        recording = VoiceRecording(new_sid("RE"), call.sid, b"", "StartCallRecordingAPI")
        self._peer.network.recordings[recording.sid] = recording
        call.live_recordings.append((recording, call.line.now_ms))
        return _json(views.recording_view(recording, self._peer.network), 201)

    async def _text(self, request: web.Request) -> web.Response:
        params = await _form(request)
        peer = self._peer
        check_message(params, set(peer.network.numbers), peer.opted_out, peer.no_mobiles)
        message = Message(
            new_sid("SM"),
            params["To"],
            params.get("From", ""),
            params["Body"],
            params.get("StatusCallback", ""),
            params.get("MessagingServiceSid", ""),
        )
        self._peer.deliver(message)
        return _json(views.message_view(message, self._peer.network), 201)

    async def _messages(self, request: web.Request) -> web.Response:
        """The texts of the account, the newest first; those to and from the numbers that are named."""
        query, network = request.query, self._peer.network
        shown = [
            views.message_view(each, network)
            for each in reversed(self._peer.messages)
            if query.get("To", each.to) == each.to and query.get("From", each.from_) == each.from_
        ]
        return _json(views.page_view(network, "Messages", shown, query))

    async def _message(self, request: web.Request) -> web.Response:
        sid = request.match_info["sid"]
        for message in self._peer.messages:
            if message.sid == sid:
                return _json(views.message_view(message, self._peer.network))
        raise Refused(20404)

    def _find_recording(self, request: web.Request) -> VoiceRecording:
        recording = self._peer.network.recordings.get(request.match_info["name"])
        if recording is None:
            raise Refused(20404, f"The requested resource {request.path} was not found")
        return recording

    async def _recording(self, request: web.Request) -> web.StreamResponse:
        recording, kind = self._find_recording(request), request.match_info["kind"]
        if kind == ".json":
            return _json(views.recording_view(recording, self._peer.network))
        if recording.status != "completed":
            raise Refused(20404, f"The requested resource {request.path} was not found")
        if kind == ".mp3":
            return web.Response(body=silent_mp3(len(recording.ulaw_8k) // 8), content_type="audio/mpeg")
        if kind in ("", ".wav"):
            peer = self._peer
            fault = next((each for each in peer.download_faults if each.takes()), None)
            return await give(request, recording.sid, wav(recording.ulaw_8k), fault, peer.downloads)
        raise Refused(20404)

    async def _delete(self, request: web.Request) -> web.Response:
        recording = self._find_recording(request)
        del self._peer.network.recordings[recording.sid]
        return web.Response(status=204)


async def _form(request: web.Request) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.post()).items()}


def _json(view: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(view), status=status, content_type="application/json")


def _document(params: Params, url: str) -> Document:
    """The TwiML that a request brings or points to: one of both."""
    if ("Url" in params) == ("Twiml" in params):
        raise Refused(21205, "Url xor Twiml is required")
    if "Twiml" in params:
        if len(params["Twiml"]) > LONGEST_TWIML:
            raise Refused(20001, f"Twiml is longer than {LONGEST_TWIML} characters")
        return Document(url, twiml=params["Twiml"])
    if not re.fullmatch(r"https?://[^\s/]+\S*", params["Url"]):
        raise Refused(21205)
    return Document(params["Url"], params.get("Method", "POST"), purpose="update")
