"""One session: it takes the client's events and sends the service's, and remembers both.

Sans-I/O; the socket is behind `Wire`. May import: every module here but line and server.
"""

import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Protocol

import orjson

from tests.peers.realtime.bell import Bell
from tests.peers.realtime.client_events import check_event
from tests.peers.realtime.conversation import Conversation
from tests.peers.realtime.faults import REPLY_FAULTS, Armed, Fault
from tests.peers.realtime.hearing import Hearing
from tests.peers.realtime.items import check_references, read_audio, read_item
from tests.peers.realtime.manner import manner_of
from tests.peers.realtime.refusals import Refused
from tests.peers.realtime.responses import Response
from tests.peers.realtime.script import Call, Cursor, Reply, Script, Turn
from tests.peers.realtime.session_object import (
    both_modalities,
    new_session,
    refuse_frozen,
    refuse_voice,
    updated,
)
from tests.peers.realtime.usage import Cache, RateLimits
from tests.peers.realtime.voices import Voices
from tests.peers.stopwatch import looks_so_far

Event = dict[str, Any]


class Wire(Protocol):
    """The socket of a session."""

    def push(self, frame: bytes) -> bool: ...
    def begin(self, steps: Iterator[float], name: str) -> Callable[[], None]: ...
    def act(self, fault: Fault) -> bool: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a session shares with the others of its peer."""

    script: Script
    cursor: Cursor
    voices: Voices
    bell: Bell
    tag: str
    """Keeps the ids of two peers apart."""
    record: int
    """So many events of each direction are remembered; 0 is none, and no audio either."""


class Session:
    """`received`, `sent`, `audio_in`, `audio_out`, `conversation` and `config` are there to be looked at."""

    def __init__(self, number: int, model: str, authorization: str, wire: Wire, around: Surroundings) -> None:
        self.number, self.authorization = number, authorization
        self.received: list[tuple[float, Event]] = []
        self.sent: list[tuple[float, Event]] = []
        self.audio_in = bytearray()
        self.audio_out: dict[str, bytearray] = {}
        """The audio sent of each item, whatever became of the item."""
        self.looks: list[int] = []
        """How often the peer's loop had looked at its sockets at each speech_started; see the stopwatch."""
        self.unscripted: list[str] = []
        """Occasions for which the script had no turn."""
        self.client_port = 0
        """From which port of its own the client came."""
        self.befallen: list[str] = []
        """The kinds of the faults that really happened to the client, in order."""
        self.closed = False
        self.close_code: int | None = None
        self.active: Response | None = None
        self.cursor, self.voices = around.cursor, around.voices
        self.keeps_audio = around.record > 0
        self.armed = Armed(around.script.faults)
        self._armed_turns: set[int] = set()
        self._around, self._wire = around, wire
        self._ids = self._responses = 0
        self._last_frame = b""
        self._beside: list[Response] = []
        self._since: str | None = None
        self._spoke = self._updated = False
        self._follow_up: list[Reply] = []
        self._turn: Turn | None = None
        self._cache, self._limits = Cache(), RateLimits()
        self.conversation = Conversation(self.new_id("conv"))
        expires_at = int(time.time() + around.script.expires_after_s)
        self.config = new_session(self.new_id("sess"), model, expires_at)
        self.hearing = Hearing(self)
        self._handlers: dict[str, Callable[[Event], None]] = {
            "session.update": self._update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": lambda event: self.hearing.clear(),
            "conversation.item.create": self._create_item,
            "conversation.item.truncate": self._truncate_item,
            "conversation.item.delete": self._delete_item,
            "conversation.item.retrieve": self._retrieve_item,
            "response.create": self._create_response,
            "response.cancel": self._cancel_response,
        }

    # What is sent

    def open(self) -> None:
        """The first word is the service's."""
        self.emit("session.created", session=deepcopy(self.config))
        self.point("created")
        self.begin(self._expire(), "expiry")

    def emit(self, kind: str, **fields: Any) -> bool:
        """Send an event; whether it goes out."""
        event: Event = {"type": kind, "event_id": self.new_id("event"), **fields}
        if self._around.script.extra_fields and kind.endswith(".delta"):
            event["obfuscation"] = "aB3xY"[: 1 + self._ids % 5]
        frame = orjson.dumps(event)
        goes_out = self._wire.push(frame)
        if goes_out:
            self._last_frame = frame
            self._remember(self.sent, event)
        return goes_out

    def repeat_last(self) -> None:
        """Send the last event once more, to the letter."""
        if self._wire.push(self._last_frame):
            self._remember(self.sent, orjson.loads(self._last_frame))

    def refuse(self, refused: Refused, event_id: str | None = None) -> bool:
        return self.emit("error", error=refused.body(event_id))

    def _remember(self, where: list[tuple[float, Event]], event: Event) -> None:
        if self._around.record:
            where.append((time.monotonic(), event))
            if len(where) > self._around.record:
                del where[: self._around.record // 2]
        self._around.bell.ring()

    def new_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}_{self._around.tag}{self.number:04d}{self._ids:06d}"

    def sent_of(self, kind: str) -> list[Event]:
        return [event for _, event in self.sent if event["type"] == kind]

    def received_of(self, kind: str) -> list[Event]:
        return [event for _, event in self.received if event.get("type") == kind]

    # What goes wrong

    def arm(self, turn: Turn | None) -> None:
        """Make the faults of a turn wait for their points; a turn is armed once."""
        if turn and turn.faults and (turn.repeat or id(turn) not in self._armed_turns):
            self._armed_turns.add(id(turn))
            self.armed.add(turn.faults)

    def point(self, name: str, deltas: int = 0) -> None:
        if name == "speech_started":
            self.looks.append(looks_so_far())
        for fault in self.armed.due(name, deltas):
            self.do(fault)

    def do(self, fault: Fault) -> None:
        """Let it go wrong now, or `after_ms`; what belongs to a response goes to the running or the next."""
        if fault.after_ms:
            self.begin(self._do_later(fault), f"fault {fault.kind}")
        elif fault.kind in REPLY_FAULTS:
            self._spoil(fault)
        elif fault.kind == "error":
            if self.refuse(Refused(fault.error_code, fault.message, None, fault.type)):
                self.befell("error")
        elif fault.kind == "session_expired":
            self._expired()
        elif fault.kind == "unknown_event":
            self.emit("response.output_gesture.delta", gesture="nod")
        elif fault.kind == "duplicate":
            self.repeat_last()
        elif not self.closed and self._wire.act(fault):
            self.befell(fault.kind)

    def _spoil(self, fault: Fault) -> None:
        """Let the response go wrong that runs, or the next, or all from now on."""
        if self.active:
            self.active.faults[fault.kind] = fault
        if not (self.active and fault.times):
            self.armed.add([fault])

    def befell(self, kind: str) -> None:
        """Remember that a fault has happened."""
        self.befallen.append(kind)

    def _do_later(self, fault: Fault) -> Iterator[float]:
        yield fault.after_ms / 1000
        self.do(replace(fault, after_ms=0))

    def _expire(self) -> Iterator[float]:
        yield self._around.script.expires_after_s
        self._expired()

    def _expired(self) -> None:
        message = "Your session hit the maximum duration of 60 minutes."
        self.refuse(Refused("session_expired", message))
        self._wire.act(Fault("close", code=1001, reason="session_expired"))

    def begin(self, steps: Iterator[float], name: str) -> Callable[[], None]:
        return self._wire.begin(steps, f"session {self.number} {name}")

    def ended(self, close_code: int | None) -> None:
        self.closed, self.close_code = True, close_code
        self._around.bell.ring()

    # What is received

    def take(self, frame: bytes | str) -> None:
        """One text frame of the client."""
        event_id = None
        try:
            try:
                event = orjson.loads(frame)
            except orjson.JSONDecodeError as wrong:
                message = f"Invalid event: failed to parse JSON value. {wrong}"
                raise Refused("invalid_json", message) from None
            if isinstance(event, dict):
                self._remember(self.received, event)
                event_id = event["event_id"] if isinstance(event.get("event_id"), str) else None
            self._handlers[check_event(event)["type"]](event)
        except Refused as refused:
            self.refuse(refused, event_id)

    def take_binary(self) -> None:
        message = "Expected a text WebSocket message; binary frames are not supported."
        self.refuse(Refused("invalid_event", message))

    def _update(self, event: Event) -> None:
        change = event["session"]
        heard = self.hearing.ears.clock_ms > 0
        refuse_frozen(self.config, change, spoke=self._spoke, heard=heard, speaking=self.active is not None)
        self.config = updated(self.config, change)
        self.hearing.configure()
        self.emit("session.updated", session=deepcopy(self.config))
        if not self._updated:
            self._updated = True
            self.point("updated")

    def _append(self, event: Event) -> None:
        audio = read_audio(event["audio"], "audio", self.hearing.ears.coding)
        if self.keeps_audio:
            self.audio_in += audio
        self.hearing.append(audio)

    def _commit(self, event: Event) -> None:
        self.hearing.commit()

    def _create_item(self, event: Event) -> None:
        item = read_item(event["item"], self.hearing.ears.coding, self.new_id, self.conversation)
        before = self.conversation.add(item, event.get("previous_item_id"))
        for kind in ("conversation.item.added", "conversation.item.done"):
            self.emit(kind, previous_item_id=before, item=item.render())
        if item.kind == "function_call_output":
            self.expect("tool_output")
        elif item.role == "user":
            self.expect("utterance")

    def _truncate_item(self, event: Event) -> None:
        about = {key: event[key] for key in ("item_id", "content_index", "audio_end_ms")}
        self.conversation.truncate(**about)
        self.emit("conversation.item.truncated", **about)

    def _delete_item(self, event: Event) -> None:
        self.conversation.delete(event["item_id"])
        self.emit("conversation.item.deleted", item_id=event["item_id"])

    def _retrieve_item(self, event: Event) -> None:
        item = self.conversation.retrieve(event["item_id"])
        self.emit("conversation.item.retrieved", item=item.render(with_audio=True))

    # Responses

    def _create_response(self, event: Event) -> None:
        asked = event.get("response") or {}
        if sorted(asked.get("output_modalities", ["audio"])) not in (["audio"], ["text"]):
            raise both_modalities("response.output_modalities")
        output = asked.get("audio", {}).get("output", {})
        refuse_voice(self.config, output, spoke=self._spoke, path="response.audio.output.voice")
        check_references(asked.get("input", []), self.conversation)
        if asked.get("conversation") == "none":
            occasion = "out_of_band"
        else:
            occasion = self._since or ("prompt" if self._responses else "greeting")
        self._respond(occasion, asked)

    def expect(self, occasion: str) -> None:
        """What the next response that is asked for will be an answer to."""
        self._since = occasion

    def respond_by_itself(self, occasion: str) -> None:
        """The voice detector wants a response; it may find one in its way."""
        try:
            self._respond(occasion, {})
        except Refused as refused:
            self.refuse(refused)

    def _respond(self, occasion: str, asked: Event) -> None:
        beside = occasion == "out_of_band"
        if self.active and not beside:
            message = (
                f"Conversation already has an active response in progress: {self.active.response_id}. "
                "Wait until the response is finished before creating a new one."
            )
            raise Refused("conversation_already_has_active_response", message)
        turn = self.cursor.take(occasion)
        if turn is None and beside:
            # Who only asks whether anybody is there.
            turn = Turn(on="out_of_band", replies=(Reply(say="Yes."),))
        elif turn is None:
            self.unscripted.append(occasion)
            turn = Turn(on="any", replies=(Reply(say=self._around.script.fallback),))
        self.arm(turn)
        if not beside:
            self._turn, self._follow_up, self._since = turn, list(turn.replies[1:]), None
        self._start(turn, turn.replies[0], asked)

    def _start(self, turn: Turn, reply: Reply, asked: Event) -> None:
        self.point("reply")
        self._responses += 1
        reply = _chosen(reply, asked.get("tool_choice", self.config["tool_choice"]))
        manner = manner_of(self, turn, asked, self._around.script, self._cache, self._limits)
        response = Response(self, reply, manner, self.armed.of_reply())
        if manner.in_conversation:
            self.active = response
            self.hearing.reply_begins()
        else:
            self._beside.append(response)
        response.begin()
        response.stop = self.begin(response.steps(), response.response_id)

    def over(self, response: Response) -> None:
        """A response was told to be done."""
        self._spoke = self._spoke or response.audio_ms > 0
        if response in self._beside:
            self._beside.remove(response)
        else:
            self.active = None
            self.hearing.reply_over(response.audio_ms)
        self.point("after")
        if (
            response.manner.in_conversation
            and response.status == "completed"
            and self._follow_up
            and self._turn
        ):
            self._start(self._turn, self._follow_up.pop(0), {})

    def _cancel_response(self, event: Event) -> None:
        wanted = event.get("response_id")
        running = [*self._beside, *([self.active] if self.active else [])]
        found = [response for response in running if wanted in (None, response.response_id)]
        if wanted is None:
            found = [self.active] if self.active else []
        if not found:
            raise Refused("response_cancel_not_active", "Cancellation failed: no active response found")
        found[0].cancel("client_cancelled")


def _chosen(reply: Reply, choice: Any) -> Reply:
    """The reply, in so far as the tool choice allows or demands it."""
    if choice == "none":
        return replace(reply, calls=())
    if isinstance(choice, dict) and all(call.name != choice["name"] for call in reply.calls):
        return Reply(calls=(Call(choice["name"]),))
    return reply
