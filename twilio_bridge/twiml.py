"""Steps in Twilio's own words: TwiML, with the addresses that Twilio asks next. No I/O.

`<Connect>` has no action: when our media leg ends for whatever reason, the verbs behind it run without an
answer of ours. Behind a `<Dial>` with an action nothing runs: an action that fails goes to the number's
fallback URL. Every address carries short time-outs (`#ct`, `#rt`), which Twilio obeys and does not send.
Source: Twilio's TwiML documentation. May import: twilio.twiml, appliance.core.
"""

import re
from dataclasses import dataclass
from typing import assert_never

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse

from appliance.core.errors import SettingsError
from appliance.core.settings import Twilio
from appliance.core.staff import StaffSettings
from appliance.core.steps import Ask, Assist, HangUp, Ring, Say, Step, Steps, TakeVoicemail

SILENCE_ENDS_RECORDING_S = 6
SHORTEST_S = 1
"""A Gather waits for whole seconds, and for one at the least."""
SAY_MOST = 4096
HINTS_MOST = 500
HINT_MOST = 100
BIN_MOST = 4000
"""Bytes of a TwiML Bin."""

# What XML 1.0 cannot hold (section 2.2), not even escaped: one such character and the document is refused.
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Twilio reaches us."""

    public_url: str
    connect_ms: int = 2000
    answer_ms: int = 4000
    goodbye: str = ""
    """Where Twilio finds the thanks for a message that it takes by itself: not with us."""

    @classmethod
    def of(cls, twilio: Twilio) -> "Addresses":
        """As the settings have them."""
        return cls(twilio.public_url, twilio.connect_ms, twilio.answer_ms, twilio.goodbye_url)

    def webhook(self, path_qs: str) -> str:
        """The address of a webhook, with its time-outs."""
        return f"{self.public_url}/twilio/{path_qs}#ct={self.connect_ms}&rt={self.answer_ms}"

    def sound(self, name: str) -> str:
        """Where a recording of the clinic is fetched."""
        return f"{self.public_url}/twilio/sound/{name}.wav"

    def media(self) -> str:
        """The address of the media WebSocket; it must not have a query."""
        return f"wss://{self.public_url.partition('://')[2]}/twilio/media"


@dataclass(frozen=True, slots=True)
class Wording:
    """How Twilio is to speak and whose number transferred calls show (empty: the caller's own)."""

    language: str = "en-US"
    caller_id: str = ""

    @classmethod
    def of(cls, staff: StaffSettings) -> "Wording":
        """As staff decided."""
        return cls(staff.language, staff.caller_id or "")


def document(steps: Steps, addresses: Addresses, wording: Wording) -> str:
    """The TwiML document of these steps."""
    return completed(VoiceResponse(), steps, addresses, wording)


def completed(response: VoiceResponse, steps: Steps, addresses: Addresses, wording: Wording) -> str:
    """A document that has begun already, with these steps behind."""
    for step in steps:
        _write(response, step, addresses, wording)
    return str(response)


def text(answer: str) -> str:
    """The TwiML document that answers a text; with nothing to say it answers none."""
    response = MessagingResponse()
    if answer:
        response.message(_NOT_XML.sub("", answer))
    return str(response)


def bin_document(steps: Steps, addresses: Addresses, wording: Wording) -> str:
    """The text of a TwiML Bin, which Twilio keeps. Raises SettingsError when it is longer than one may be."""
    # In a Bin two braces begin a template.
    text = document(steps, addresses, wording).replace("{{", "&#123;&#123;")
    if (size := len(text.encode())) > BIN_MOST:
        raise SettingsError(
            [f"This makes {size} bytes, and a TwiML Bin holds {BIN_MOST}: shorten the sentences in it."]
        )
    return text


def spoken(text: str) -> str:
    """What the carrier can speak of a text that staff wrote."""
    return _NOT_XML.sub(" ", text)[:SAY_MOST]


def _hints(words: tuple[str, ...]) -> str:
    return ", ".join(_NOT_XML.sub(" ", word)[:HINT_MOST] for word in words[:HINTS_MOST])


def _write(response: VoiceResponse, step: Step, addresses: Addresses, wording: Wording) -> None:
    match step:
        case Say():
            response.say(spoken(step.text), language=step.language or wording.language)
        case Ask():
            response.append(_gather(step, addresses, wording))
        case Assist():
            connect = Connect()
            connect.stream(url=addresses.media()).parameter(name="token", value=step.token)
            response.append(connect)
        case Ring():
            response.append(_dial(step, addresses, wording))
        case TakeVoicemail():
            _ask_for_message(response, step, addresses, wording)
            _record(response, step, addresses)
        case HangUp():
            response.hangup()
        case _:
            assert_never(step)


def _answer(step: Ask | TakeVoicemail, addresses: Addresses) -> str:
    """Where the answer to a menu is told."""
    turn = f"&turn={step.turn}" if step.turn else ""
    return addresses.webhook(f"menu?at={step.menu}{turn}")


def _ask_for_message(
    response: VoiceResponse, step: TakeVoicemail, addresses: Addresses, wording: Wording
) -> None:
    """What is said before the tone. Of keys a Gather alone is told, and it waits a second at the least."""
    verb: VoiceResponse | Gather = response
    if step.menu:
        action = _answer(step, addresses)
        verb = Gather(input="dtmf", num_digits=1, action=action, method="POST", timeout=SHORTEST_S)
        response.append(verb)
    for said in step.before:
        verb.say(spoken(said.text), language=said.language or wording.language)
    if step.recording:
        verb.play(addresses.sound(step.recording))
    elif step.prompt:
        verb.say(spoken(step.prompt), language=step.language or wording.language)


def _gather(step: Ask, addresses: Addresses, wording: Wording) -> Gather:
    gather = Gather(
        input="dtmf speech",
        num_digits=1,
        action=_answer(step, addresses),
        method="POST",
        timeout=step.wait_s,
        speech_timeout="auto",
        hints=_hints(step.hints),
        language=step.language or wording.language,
    )
    if step.recording:
        gather.play(addresses.sound(step.recording))
    for said in (*step.before, Say(step.prompt, step.language), *step.behind):
        gather.say(spoken(said.text), language=said.language or wording.language)
    return gather


def _dial(step: Ring, addresses: Addresses, wording: Wording) -> Dial:
    """What follows phones that need no answer of ours is not ours to say; how it went is told beside."""
    reported = {"action": addresses.webhook("next?after=ring"), "method": "POST"} if step.report else {}
    told = {
        "status_callback": addresses.webhook("phone"),
        "status_callback_method": "POST",
        "status_callback_event": "completed",
    }
    beside = {} if step.report else told
    shown = {"caller_id": wording.caller_id} if wording.caller_id else {}
    dial = Dial(timeout=step.seconds, answer_on_bridge=True, **reported, **shown)
    for number in step.numbers:
        dial.number(number, **beside)
    return dial


def _record(response: VoiceResponse, step: TakeVoicemail, addresses: Addresses) -> None:
    """It always has an action: without one Twilio asks for the same document again, and phones ring anew."""
    response.record(
        action=addresses.webhook("next?after=voicemail") if step.report else addresses.goodbye,
        method="POST",
        timeout=SILENCE_ENDS_RECORDING_S,
        finish_on_key="#0",
        max_length=step.longest_s,
        play_beep=True,
        recording_status_callback=addresses.webhook("recording"),
        recording_status_callback_method="POST",
        recording_status_callback_event="completed",
    )
