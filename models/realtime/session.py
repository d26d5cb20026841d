"""One session of the Realtime service as a protocol: events in, facts and messages out. No I/O.

Two rules of the service shape it: only one answer may be under way, so one that is asked for meanwhile
waits for `response.done`; and the service interrupts itself when it detects speech, so that a cancel of ours
is sent only where it does not. An error counts for the answer that it can be about: not for one that the
caller has cut, nor for one under way, which says itself how it ends. Garbage is counted and never raises.

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
    ReplyWording,
    SpeechStarted,
    SpeechStopped,
    ToolCall,
    ToolsAsked,
    UsageMissed,
    UsageReported,
    UtteranceTaken,
)
from models.realtime import faults, formats, limits, messages
from models.realtime.faults import Action
from models.realtime.input_buffer import InputBuffer
from models.realtime.messages import SessionPlan
from models.realtime.prices import Prices, tokens_of

T = TypeVar("T")

GARBAGE_MOST = 50
UTTERANCE_MOST = 4000
REMEMBERED = 200
DOUBT_MS = 1000
"""So long our answer may still begin after an error that may have met it."""
WAITS_MOST = 2
"""So often in a row an answer waits for room; then the service is given up."""
SIGN_EVERY = 8


@dataclass(frozen=True, slots=True)
class ReplyAudio:
    """Audio of a reply, in the leg's coding."""

    response_id: str
    reply_id: str
    audio: bytes


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
        self._format = formats.Format(plan.audio, plan.leg)
        manual = plan.turn_detection == "manual"
        self._input = InputBuffer(self._format.per_ms, plan.silence_ms) if manual else None
        self._ready = False
        self.expires_at = 0.0
        self._active = ""
        self._asks = 0
        self._asked = ""
        self._must = False
        self._wanted: list[str | None] = []
        self._interrupted = ""
        self._retried = False
        self._waits = 0
        self._limits: Any = None
        self._pieces = 0
        self._received: dict[str, int] = {}
        self._over: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._parts: dict[str, str] = {}
        self._wordings: dict[str, str] = {}
        self._leaving = False
        self._unpaid: dict[str, bool] = {}
        """Answers and transcriptions of which no usage was told, and whether more of them is to come."""

    # What we want ------------------------------------------------------------------------------------

    def hear(self, audio: bytes, *, loud: bool = True) -> str:
        """What carries the caller's audio, given in the leg's coding. The outbox goes before it."""
        sent = self._format.to_service(audio)
        if self._input is not None and (run_up := self._input.take(sent, loud=loud)):
            self.outbox.append(messages.clear())
            sent = run_up
        return messages.append(sent)

    def ask_for_reply(self, instructions: str | None = None) -> None:
        """Have an answer made, now or right after the one under way."""
        self._ask(instructions, must=False)

    def _ask(self, instructions: str | None, *, must: bool) -> None:
        """`must`: an answer that the service began by itself meanwhile is none to what was just said."""
        if self._leaving:
            return
        if self._active or self._asked:
            self._wanted = [instructions]
            return
        self._must = must
        self._asks += 1
        self._asked = f"create-{self._asks}"
        self.outbox.append(messages.create_reply(self._asked, instructions))

    def say(self, *texts: str, ask: bool = False) -> None:
        """Send these messages, and ask for an answer behind them."""
        self.outbox += texts
        if ask:
            self._ask(None, must=True)

    def cancel(self) -> None:
        """Stop the answer under way, unless the service has stopped it itself."""
        self._wanted = []
        if self._active and self._active != self._interrupted:
            self._interrupted = self._active
            self.outbox.append(messages.cancel(self._active))

    def truncate(self, item_id: str, heard_ms: int) -> None:
        """Only this much of a reply was heard; never more than was received, which is an error there."""
        received_ms = self._received_ms(item_id)
        if received_ms:
            event_id = f"truncate-{item_id}"[:64]
            self.outbox.append(messages.truncate(item_id, min(heard_ms, received_ms), event_id))

    def delete(self, item_id: str) -> None:
        """Nothing of a reply was heard."""
        if item_id in self._received:
            self.outbox.append(messages.delete(item_id, f"delete-{item_id}"[:64]))

    def leave(self) -> None:
        """Nobody listens any more: stop what is under way, and whatever the service begins yet."""
        self._leaving = True
        self.cancel()

    @property
    def owes(self) -> bool:
        """Whether the service has still to tell what an answer or a transcription used."""
        return bool(self._asked) or any(self._unpaid.values())

    def missed(self) -> list[UsageMissed]:
        """What was used without its usage being told, now that nothing more will come."""
        never_told = [*self._unpaid, *filter(None, (self._asked,))]
        self._unpaid, self._asked = {}, ""
        return [UsageMissed(item_id) for item_id in never_told]

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
        item_id = _id(event, "item_id")
        if self.plan.transcription_model:
            _remember(self._unpaid, item_id, True)
        return [UtteranceTaken(item_id)]

    def _heard_part(self, event: Json) -> list[Output]:
        item_id = _id(event, "item_id")
        before = self._parts.get(item_id, "")
        text = (before + str(event["delta"]))[:UTTERANCE_MOST]
        _remember(self._parts, item_id, text)
        return [HeardPart(item_id, text)] if text != before else []

    def _heard(self, event: Json) -> list[Output]:
        item_id = _id(event, "item_id")
        self._parts.pop(item_id, None)
        self._unpaid.pop(item_id, None)
        outputs: list[Output] = [Heard(item_id, str(event["transcript"]).strip())]
        if event.get("usage"):
            outputs.append(self._usage(self.plan.transcription_model, "", event["usage"]))
        return outputs

    def _not_heard(self, event: Json) -> list[Output]:
        item_id = _id(event, "item_id")
        self._unpaid.pop(item_id, None)
        return [Heard(item_id, "")]

    def _reply_began(self, event: Json) -> list[Output]:
        self._active = _id(event["response"], "id")
        self._asked = ""
        _remember(self._unpaid, self._active, True)
        if self._leaving:
            self.cancel()
        return [ReplyBegan(self._active)]

    def _audio(self, event: Json) -> list[Output]:
        item_id = _id(event, "item_id")
        audio = b64decode(event["delta"], validate=True)
        _remember(self._received, item_id, self._received.get(item_id, 0) + len(audio))
        made = self._format.from_service(item_id, audio)
        return [ReplyAudio(_id(event, "response_id"), item_id, made)]

    def _audio_ended(self, event: Json) -> list[Output]:
        item_id = _id(event, "item_id")
        rest = self._format.rest(item_id)
        last: list[Output] = [ReplyAudio(_id(event, "response_id"), item_id, rest)] if rest else []
        return [*last, ReplyAudioEnded(item_id)]

    def _received_ms(self, item_id: str) -> int:
        """How much the service sent of a reply, by its own count."""
        return self._received.get(item_id, 0) // self._format.per_ms

    def _goes_on(self, event: Json) -> list[Output]:
        """Arguments of a tool come in: a sign of work, one in a few is enough."""
        self._pieces += 1
        return [ReplyGoesOn(_id(event, "response_id"))] if self._pieces % SIGN_EVERY == 1 else []

    def _wording(self, event: Json) -> list[Output]:
        item_id = _id(event, "item_id")
        text = (self._wordings.get(item_id, "") + str(event["delta"]))[:UTTERANCE_MOST]
        _remember(self._wordings, item_id, text)
        said = text.casefold()
        return [ReplyWording(item_id, text)] if any(word in said for word in self.plan.watched) else []

    def _worded(self, event: Json) -> list[Output]:
        _remember(self._words, _id(event, "item_id"), str(event["transcript"]).strip())
        return []

    def _item_done(self, event: Json) -> list[Output]:
        item_id = _id(event["item"], "id")
        words = self._words.pop(item_id, "")
        if event["item"].get("type") != "message" or not words:
            return []
        return [ReplyWorded(item_id, words, self._received_ms(item_id))]

    def _reply_done(self, event: Json) -> list[Output]:
        response = event["response"]
        response_id, status = _id(response, "id"), str(response["status"])
        if response_id in self._over:
            return []
        _remember(self._over, response_id, status)
        cut = response_id == self._interrupted
        if self._active in ("", response_id):
            # One of which no beginning was told may be the one that we asked for.
            self._active = self._asked = ""
        outputs = self._paid(response_id, response.get("usage"))
        made = response.get("output") or []
        spoke = any(item.get("type") == "message" for item in made)
        empty = status == "completed" and _made_nothing(made, self._received)
        outputs.append(ReplyEnded(response_id, "empty" if empty else status))
        if status == "completed" and not empty:
            self._retried, self._waits = False, 0
            outputs += _tools(response_id, made, spoke=spoke)
        elif empty and not cut:
            outputs += self._fault("empty_answer", Action.RETRY)
        elif status == "failed" or (status == "incomplete" and not spoke):
            outputs += self._failed(response.get("status_details") or {}, cut=cut)
        self._ask_what_waited()
        return outputs

    def _paid(self, response_id: str, usage: Any) -> list[Output]:
        """An answer is over: what it used, when that is told."""
        if not usage:
            _remember(self._unpaid, response_id, False)
            return []
        self._unpaid.pop(response_id, None)
        return [self._usage(self.plan.model, self.plan.prompt, usage)]

    def _ask_what_waited(self) -> None:
        if self._wanted and not (self._active or self._asked):
            waited, self._wanted = self._wanted, []
            self._ask(waited[0], must=True)

    def _failed(self, details: Json, *, cut: bool) -> list[Output]:
        error = details.get("error") or {}
        code = str(error.get("code") or details.get("reason") or "failed")
        action = faults.of_error(error.get("code"), error.get("type"))
        if action in (Action.HARMLESS, Action.RETRY, Action.WAIT) and cut:
            # Nobody waits for it any more.
            return [BrainErred(code, Action.HARMLESS)]
        return self._fault(code, Action.RETRY if action is Action.HARMLESS else action)

    def _error(self, event: Json) -> list[Output]:
        error = event["error"]
        code = str(error.get("code") or error.get("type") or "unknown")
        about = str(error.get("event_id") or "")
        if about.startswith(("truncate-", "delete-")):
            return [BrainErred(code, Action.HARMLESS)]
        if code == "conversation_already_has_active_response":
            return self._in_the_way(code, about)
        action = faults.of_error(error.get("code"), error.get("type"))
        if action in (Action.RETRY, Action.WAIT):
            if self._active or (about and about != self._asked):
                return [BrainErred(code, Action.HARMLESS)]
            # One that says nothing of what it is about may have met our request, or not.
            doubt_ms = DOUBT_MS if self._asked and not about else 0
            self._asked = ""
            return self._fault(code, action, doubt_ms)
        return self._fault(code, action)

    def _in_the_way(self, code: str, about: str) -> list[Output]:
        """Our request found an answer under way, or ours was in the way of the service's own wish."""
        ours = bool(about) and about == self._asked
        if ours:
            self._asked = ""
        if self._must or not ours:
            self._wanted = self._wanted or [None]
        return [BrainErred(code, Action.HARMLESS)]

    def _fault(self, code: str, action: Action, wait_ms: int = 0) -> list[Output]:
        """Once is tried again, and when there is no room twice; the next time in a row is one too many."""
        if action is Action.WAIT:
            self._waits += 1
            if self._waits <= WAITS_MOST:
                return [BrainErred(code, action, limits.wait_ms(self._limits))]
            action = Action.GIVE_UP
        if action is Action.RETRY:
            action = Action.REBUILD if self._retried else Action.RETRY
            self._retried = True
        if action in (Action.REBUILD, Action.GIVE_UP):
            return [SessionFault(code, action)]
        return [BrainErred(code, action, wait_ms)]

    def _limited(self, event: Json) -> list[Output]:
        self._limits = event.get("rate_limits")
        return []

    def _usage(self, model: str, prompt: str, usage: Any) -> UsageReported:
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
            prompt,
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
    "response.output_audio_transcript.delta": Session._wording,
    "response.output_audio_transcript.done": Session._worded,
    "response.output_item.done": Session._item_done,
    "response.done": Session._reply_done,
    "rate_limits.updated": Session._limited,
    "error": Session._error,
}
_ROUTES |= dict.fromkeys(
    (
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
        "response.output_text.delta",
        "response.output_text.done",
        "response.function_call_arguments.done",
    ),
    Session._ignored,
)
