"""The on-call rota by Twilio: what is said to a telephone that we rang, and the webhooks that tell of it.

A key is asked for twice, and nothing else is taken for a yes: a mailbox that answers hears it, and no more.
May import: twilio.twiml, aiohttp, appliance.core, twilio_bridge.
"""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from twilio.twiml.voice_response import Gather, VoiceResponse

from appliance.core.errors import WireError
from appliance.core.on_call import Asked, OnCallDesk
from twilio_bridge import webhook
from twilio_bridge.twiml import Addresses, spoken

WAIT_S = 6
ASKED_TIMES = 2
ASK, PRESSED, OVER = "on-call", "on-call-pressed", "on-call-over"

Answer = Callable[[webhook.Form, web.Request], Awaitable[web.Response]]


def question(asked: Asked | None, key: str, addresses: Addresses) -> str:
    """The TwiML for who took the call; nothing is said when it is not needed any more."""
    response = VoiceResponse()
    for each in [asked] * ASKED_TIMES if asked is not None else []:
        gather = Gather(
            input="dtmf",
            num_digits=1,
            timeout=WAIT_S,
            action=addresses.webhook(f"{PRESSED}?of={key}"),
            method="POST",
        )
        gather.say(spoken(each.said), language=each.language)
        gather.say(spoken(each.ask), language=each.language)
        response.append(gather)
    response.hangup()
    return str(response)


class OnCallHooks:
    """The webhooks of the rota, answered by its desk."""

    def __init__(self, desk: OnCallDesk, addresses: Addresses) -> None:
        self._desk = desk
        self._addresses = addresses

    def answers(self) -> Mapping[str, Answer]:
        """What is answered, by the names under /twilio/."""
        return {ASK: self._ask, PRESSED: self._pressed, OVER: self._over}

    async def _ask(self, _form: webhook.Form, request: web.Request) -> web.Response:
        key = _key(request)
        return _xml(question(await self._desk.answered(key), key, self._addresses))

    async def _pressed(self, form: webhook.Form, request: web.Request) -> web.Response:
        key = _key(request)
        answered = await self._desk.pressed(key, webhook.digits(form))
        if answered is None:
            return _xml(question(await self._desk.answered(key), key, self._addresses))
        response = VoiceResponse()
        response.say(spoken(answered.said), language=answered.language)
        response.hangup()
        return _xml(str(response))

    async def _over(self, form: webhook.Form, request: web.Request) -> web.Response:
        key, status = _key(request), webhook.call_status(form)
        if status in webhook.FINAL:
            await self._desk.over(key, status)
        return web.Response(status=204)


def _key(request: web.Request) -> str:
    key = request.query.get("of", "")
    if not webhook.TEXT_KEY.fullmatch(key):
        raise WireError("not a telephone that we rang", key)
    return key


def _xml(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml")
