"""One session of the Realtime service as a protocol: events in, facts and messages out. No I/O.

Two rules of the service shape it: only one answer may be under way, so one that is asked for meanwhile
waits for `response.done`; and the service interrupts itself when it detects speech, so that a cancel of ours
is sent only where it does not. Garbage is counted and never raises.

Source: the GA protocol as of openai-python 3.54. May import: appliance.core, orjson.
"""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from appliance.core.events import (
    BrainAlive,
    BrainErred,
    Event,
    Heard,
    HeardPart,
    ReplyBegan,
    ReplyEnded,
    ReplyGoesOn,
    ReplyWorded,
    SpeechStarted,
    SpeechStopped,
    ToolCall,
    ToolsAsked,
    UsageReported,
    UtteranceTaken,
)
from appliance.core.ulaw import BYTES_PER_MS
from models.realtime import faults, formats, messages
from models.realtime.faults import Action
from models.realtime.messages import SessionPlan
from models.realtime.prices import Prices, tokens_of

T = TypeVar("T")

GARBAGE_MOST = 50
UTTERANCE_MOST = 4000
REMEMBERED = 200
SIGN_EVERY = 8


@dataclass(frozen=True, slots=True)
class ReplyAudio:
    """Audio of a reply."""

    response_id: str
    reply_id: str
    ulaw_8k: bytes


@dataclass(frozen=True, slots=True)
class ReplyAudioEnded:
    """No more audio of this reply will come."""

    reply_id: str


@dataclass(frozen=True, slots=True)
class SessionReady:
    """The session is set up as planned."""


@dataclass(frozen=True, slots=True)
class SessionFault:
    """The session is of no more use: build a new one, or give up."""

    code: str
    action: Action


Output = Event | ReplyAudio | ReplyAudioEnded | SessionReady | SessionFault
Json = dict[str, Any]


class Session:
    """The state of one session. What is to be sent gathers in `outbox`, in order.

    `expires_at` is when the service will end it, in seconds since 1970; 0 when it did not say.
    """

    def __init__(self, plan: SessionPlan, prices: Prices) -> None:
        self.plan = plan
        self.outbox: list[str] = []
        self.garbage = 0
        self.unknown = 0
        self._prices = prices
        self._format = formats.of(plan.audio)
        self._ready = False
        self.expires_at = 0.0
        self._active = ""
        self._asked = False
        self._wanted: list[str | None] = []
        self._interrupted = ""
        self._retried = False
        self._pieces = 0
        self._received: dict[str, int] = {}
        self._words: dict[str, str] = {}
        self._parts: dict[str, str] = {}

    # What we want ------------------------------------------------------------------------------------

    def hear(self, ulaw_8k: bytes) -> str:
        """The message that carries the caller's audio."""
        return messages.append(self._format.to_service(ulaw_8k))

    def ask_for_reply(self, instructions: str | None = None) -> None:
        """Have an answer made, now or right after the one under way."""
        if self._active or self._asked:
            self._wanted = [instructions]
            return
        self._asked = True
        self.outbox.append(messages.create_reply(instructions))

    def say(self, *texts: str, ask: bool = False) -> None:
        """Send these messages, and ask for an answer behind them."""
        self.outbox += texts
        if ask:
            self.ask_for_reply()

    def cancel(self) -> None:
        """Stop the answer under way, unless the service has stopped it itself."""
        self._wanted = []
        if self._active and self._active != self._interrupted:
            self._interrupted = self._active
            self.outbox.append(messages.cancel(self._active))

    def truncate(self, item_id: str, heard_ms: int) -> None:
        """Only this much of a reply was heard; never more than was received, which is an error there."""
        received_ms = self._received.get(item_id, 0) // BYTES_PER_MS
        if received_ms:
            event_id = f"truncate-{item_id}"[:64]
            self.outbox.append(messages.truncate(item_id, min(heard_ms, received_ms), event_id))

    def delete(self, item_id: str) -> None:
        """Nothing of a reply was heard."""
        if item_id in self._received:
            self.outbox.append(messages.delete(item_id, f"delete-{item_id}"[:64]))

    # What the service says ---------------------------------------------------------------------------

    def feed(self, text: str | bytes) -> list[Output]:
        """Take one message of the service."""
        try:
            event = orjson.loads(text)
            route = _ROUTES.get(event["type"])
            if route is None:
                self.unknown += 1
                return []
            return route(self, event)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
            self.garbage += 1
            if self.garbage < GARBAGE_MOST:
                return []
            return [SessionFault("garbage", Action.REBUILD)]

    def _created(self, event: Json) -> list[Output]:
        self.expires_at = float(event["session"].get("expires_at") or 0)
        self.outbox.append(messages.setup(self.plan, "setup"))
        return []

    def _updated(self, _event: Json) -> list[Output]:
        if self._ready:
            return [BrainAlive()]
        self._ready = True
        return [SessionReady()]

    def _speech_started(self, _event: Json) -> list[Output]:
        self._interrupted = self._active or self._interrupted
        self._wanted = []
        return [SpeechStarted()]

    def _speech_stopped(self, _event: Json) -> list[Output]:
        return [SpeechStopped()]

    def _committed(self, event: Json) -> list[Output]:
        return [UtteranceTaken(_id(event, "item_id"))]

    def _heard_part(self, event: Json) -> list[Output]:
        item_id = _id(event, "item_id")
        before = self._parts.get(item_id, "")
        text = (before + str(event["delta"]))[:UTTERANCE_MOST]
        _remember(self._parts, item_id, text)
        return [HeardPart(item_id, text)] if text != before else []

    def _heard(self, event: Json) -> list[Output]:
        item_id = _id(event, "item_id")
        self._parts.pop(item_id, None)
        outputs: list[Output] = [Heard(item_id, str(event["transcript"]).strip())]
        if event.get("usage"):
            outputs.append(self._usage(self.plan.transcription_model, event["usage"]))
        return outputs

    def _not_heard(self, event: Json) -> list[Output]:
        return [Heard(_id(event, "item_id"), "")]

    def _reply_began(self, event: Json) -> list[Output]:
        self._active = _id(event["response"], "id")
        self._asked = False
        return [ReplyBegan(self._active)]

    def _audio(self, event: Json) -> list[Output]:
        item_id = _id(event, "item_id")
        audio = self._format.from_service(b64decode(event["delta"], validate=True))
        _remember(self._received, item_id, self._received.get(item_id, 0) + len(audio))
        return [ReplyAudio(_id(event, "response_id"), item_id, audio)]

    def _audio_ended(self, event: Json) -> list[Output]:
        return [ReplyAudioEnded(_id(event, "item_id"))]

    def _goes_on(self, event: Json) -> list[Output]:
        """Arguments of a tool come in: a sign of work, one in a few is enough."""
        self._pieces += 1
        return [ReplyGoesOn(_id(event, "response_id"))] if self._pieces % SIGN_EVERY == 1 else []

    def _worded(self, event: Json) -> list[Output]:
        _remember(self._words, _id(event, "item_id"), str(event["transcript"]).strip())
        return []

    def _item_done(self, event: Json) -> list[Output]:
        item_id = _id(event["item"], "id")
        words = self._words.pop(item_id, "")
        if event["item"].get("type") != "message" or not words:
            return []
        return [ReplyWorded(item_id, words, self._received.get(item_id, 0) // BYTES_PER_MS)]

    def _reply_done(self, event: Json) -> list[Output]:
        response = event["response"]
        response_id, status = _id(response, "id"), str(response["status"])
        self._asked = False
        if response_id == self._active:
            self._active = ""
        outputs: list[Output] = []
        if response.get("usage"):
            outputs.append(self._usage(self.plan.model, response["usage"]))
        made = response.get("output") or []
        spoke = any(item.get("type") == "message" for item in made)
        empty = status == "completed" and _made_nothing(made, self._received)
        outputs.append(ReplyEnded(response_id, "empty" if empty else status))
        if status == "completed" and not empty:
            self._retried = False
            outputs += _tools(response_id, made, spoke=spoke)
        elif empty:
            outputs += self._fault("empty_answer", Action.RETRY)
        elif status == "failed" or (status == "incomplete" and not spoke):
            outputs += self._failed(response.get("status_details") or {})
        self._ask_what_waited()
        return outputs

    def _ask_what_waited(self) -> None:
        if self._wanted and not self._active:
            waited, self._wanted = self._wanted, []
            self.ask_for_reply(waited[0])

    def _failed(self, details: Json) -> list[Output]:
        error = details.get("error") or {}
        code = str(error.get("code") or details.get("reason") or "failed")
        action = faults.of_error(error.get("code"), error.get("type"))
        return self._fault(code, Action.RETRY if action is Action.HARMLESS else action)

    def _error(self, event: Json) -> list[Output]:
        error = event["error"]
        code = str(error.get("code") or error.get("type") or "unknown")
        if code == "conversation_already_has_active_response":
            self._asked, self._wanted = False, self._wanted or [None]
        if str(error.get("event_id") or "").startswith(("truncate-", "delete-")):
            return [BrainErred(code, Action.HARMLESS)]
        return self._fault(code, faults.of_error(error.get("code"), error.get("type")))

    def _fault(self, code: str, action: Action) -> list[Output]:
        """Once is tried again; the second time in a row the session is renewed."""
        if action is Action.RETRY:
            action = Action.REBUILD if self._retried else Action.RETRY
            self._retried = True
            self._asked = False
        if action in (Action.REBUILD, Action.GIVE_UP):
            return [SessionFault(code, action)]
        return [BrainErred(code, action)]

    def _usage(self, model: str, usage: Any) -> UsageReported:
        tokens = tokens_of(usage)
        return UsageReported(
            model,
            tokens.text_in,
            tokens.text_cached,
            tokens.audio_in,
            tokens.audio_cached,
            tokens.text_out,
            tokens.audio_out,
            self._prices.cost_of_usage(model, usage),
        )

    def _ignored(self, _event: Json) -> list[Output]:
        return []


def _tools(response_id: str, made: list[Json], *, spoke: bool) -> list[Output]:
    """The tools of a completed answer, all of them at once."""
    calls = tuple(
        ToolCall(_id(item, "call_id"), str(item["name"]), str(item.get("arguments") or "{}"))
        for item in made
        if item.get("type") == "function_call"
    )
    return [ToolsAsked(response_id, calls, spoke)] if calls else []


def _made_nothing(made: list[Json], received: dict[str, int]) -> bool:
    """Whether an answer holds neither a tool nor a sound."""
    return not any(item.get("type") == "function_call" or received.get(_id(item, "id")) for item in made)


def _id(event: Json, key: str) -> str:
    found = event[key]
    if not isinstance(found, str) or not 0 < len(found) <= 128:
        raise ValueError(key)
    return found


def _remember(table: dict[str, T], key: str, value: T) -> None:
    """Keep a value; the oldest goes when there are too many."""
    table[key] = value
    if len(table) > REMEMBERED:
        del table[next(iter(table))]


_ROUTES: dict[str, Callable[[Session, Json], list[Output]]] = {
    "session.created": Session._created,
    "session.updated": Session._updated,
    "input_audio_buffer.speech_started": Session._speech_started,
    "input_audio_buffer.speech_stopped": Session._speech_stopped,
    "input_audio_buffer.committed": Session._committed,
    "conversation.item.input_audio_transcription.delta": Session._heard_part,
    "conversation.item.input_audio_transcription.completed": Session._heard,
    "conversation.item.input_audio_transcription.failed": Session._not_heard,
    "response.created": Session._reply_began,
    "response.output_audio.delta": Session._audio,
    "response.function_call_arguments.delta": Session._goes_on,
    "response.output_audio.done": Session._audio_ended,
    "response.output_audio_transcript.done": Session._worded,
    "response.output_item.done": Session._item_done,
    "response.done": Session._reply_done,
    "error": Session._error,
}
_ROUTES |= dict.fromkeys(
    (
        "rate_limits.updated",
        "conversation.created",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.created",
        "conversation.item.truncated",
        "conversation.item.deleted",
        "conversation.item.retrieved",
        "conversation.item.input_audio_transcription.segment",
        "input_audio_buffer.cleared",
        "input_audio_buffer.timeout_triggered",
        "response.output_item.added",
        "response.content_part.added",
        "response.content_part.done",
        "response.output_audio_transcript.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.function_call_arguments.done",
    ),
    Session._ignored,
)
