"""Recording the clinic's greetings by Twilio: turns of such a call as TwiML, and the webhook that tells them.

May import: twilio.twiml, aiohttp, appliance.core, twilio_bridge.
"""

import logging
import re
from collections.abc import Awaitable, Callable

from aiohttp import web
from twilio.twiml.voice_response import Gather, VoiceResponse

from appliance.core.errors import AttendantError, WireError
from appliance.core.greeting_calls import GreetingDesk, Turn
from appliance.core.steps import Steps
from twilio_bridge import twiml, webhook
from twilio_bridge.twiml import Addresses, Wording, spoken

log = logging.getLogger(__name__)

HOOK = "greeting"
STEP = re.compile(r"[a-z]{1,16}")
PIN_S, KEY_S = 4, 8
"""How long a first key is waited for: before any other call goes on, and once somebody is known."""
LONGEST_S, SILENCE_S = 35, 5
PAUSE_S = 2

Door = Callable[[webhook.Form], Awaitable[Steps]]
"""What the call does that goes on as any other."""


class GreetingHooks:
    """The webhook of such calls, answered by their desk."""

    def __init__(
        self, desk: GreetingDesk, addresses: Addresses, wording: Callable[[], Wording], door: Door
    ) -> None:
        self._desk = desk
        self._addresses = addresses
        self._wording = wording
        self._door = door

    async def before(self, form: webhook.Form, steps: Steps) -> str | None:
        """The document that asks first, and then goes on with these steps; None where nobody is asked."""
        try:
            turn = await self._desk.begins(webhook.offered(form).caller)
        except AttendantError as exc:
            # A call is answered all the same.
            log.warning("nobody is asked for a greeting", extra={"problem": str(exc)})
            return None
        if turn is None:
            return None
        response = VoiceResponse()
        response.append(self._gather(turn, PIN_S))
        return self._with(response, steps)

    async def asked(self, form: webhook.Form, request: web.Request) -> web.Response:
        """A step of such a call is over."""
        step, call_sid = request.query.get("at", ""), webhook.call_sid(form)
        if not STEP.fullmatch(step):
            raise WireError("not a step of a greeting", step)
        if "RecordingSid" in form:
            turn = await self._desk.recorded(call_sid, webhook.voicemail_taken(form).recording_sid)
        else:
            caller = webhook.offered(form).caller
            turn = await self._desk.pressed(call_sid, caller, step, webhook.digits(form))
        return web.Response(text=await self._document(form, turn), content_type="text/xml")

    async def _document(self, form: webhook.Form, turn: Turn) -> str:
        response = VoiceResponse()
        address = self._addresses.webhook(f"{HOOK}?at={turn.step}")
        match turn.does:
            case "door":
                self._say(response, turn)
                return self._with(response, await self._door(form))
            case "keys":
                response.append(self._gather(turn, KEY_S))
                response.redirect(address, method="POST")
            case "record":
                self._say(response, turn)
                response.record(
                    action=address, method="POST", max_length=LONGEST_S, timeout=SILENCE_S, finish_on_key="#",
                    play_beep=True, trim="do-not-trim",
                )  # fmt: skip
                # Where nothing sounded there is no recording, and what stands behind it comes.
                response.redirect(address, method="POST")
            case "wait":
                response.pause(length=PAUSE_S)
                response.redirect(address, method="POST")
            case "end":
                self._say(response, turn)
                response.hangup()
        return str(response)

    def _gather(self, turn: Turn, wait_s: int) -> Gather:
        gather = Gather(
            input="dtmf",
            num_digits=turn.keys,
            finish_on_key="#",
            timeout=wait_s,
            action=self._addresses.webhook(f"{HOOK}?at={turn.step}"),
            method="POST",
        )
        self._say(gather, turn)
        return gather

    def _say(self, verb: VoiceResponse | Gather, turn: Turn) -> None:
        if turn.plays:
            verb.play(self._addresses.sound(turn.plays))
        for each in turn.said:
            verb.say(spoken(each.text), language=each.language or self._wording().language)

    def _with(self, response: VoiceResponse, steps: Steps) -> str:
        return twiml.completed(response, steps, self._addresses, self._wording())
