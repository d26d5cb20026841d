"""The far end of the cloud's line: takes our messages, and does what it is told in the order it is told.

It keeps the rules that the protocol has (one answer at a time, an end for each beginning) and no others. What
we must never send is kept in `wrong`. Implements what the brain needs of a dialer and of a line.

May import: orjson, models.realtime.
"""

import asyncio
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import orjson

Event = dict[str, Any]
TAG = 0x40
"""The first answer sounds of bytes of this value, the next of the next."""
TAGS = 0x80
DELTA_MS = 900


@dataclass(slots=True)
class Answer:
    """An answer that is being given."""

    response_id: str
    tag: int
    item_id: str = ""
    items: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


class Service:
    """One session at a time; `act` does what a word says, if that can be now."""

    close_code: int | None = None

    def __init__(self, latency_s: float) -> None:
        self.latency_s = latency_s
        self.wrong: list[str] = []
        self.known: set[int] = set()
        """The tags of answers that we have heard of."""
        self.causes = 0
        """How many answers there was a cause for; what a session owes is owed by the next one again."""
        self.given = 0
        """How many were given to their end."""
        self.active: Answer | None = None
        self.behaves = False
        self.hushed_ms = -1
        self._begin_anew()
        self._answers = self._items = self._utterances = 0

    def _begin_anew(self) -> None:
        self.active = None
        self.speaking = self._set_up = False
        self._sent_ms: dict[str, int] = {}
        self._deleted: set[str] = set()
        self._truncated_items: set[str] = set()
        self._to_us: asyncio.Queue[tuple[float, Event | None]] = asyncio.Queue()
        self._asked: set[str] = set()
        self._told_active = ""

    # As a dialer and as a line -----------------------------------------------------------------------

    async def dial(self, _model: str) -> "Service":
        self._begin_anew()
        self.causes += 1
        self._say("session.created", session={"expires_at": 0})
        return self

    async def receive(self) -> bytes | None:
        at_s, event = await self._to_us.get()
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, at_s - loop.time()))
        if event is None:
            return None
        self._we_learn(event)
        return orjson.dumps(event)

    async def send(self, text: str) -> None:
        message = orjson.loads(text)
        if message["type"] == "input_audio_buffer.append":
            return
        if message["type"] == "response.create":
            if self._asked or self._told_active:
                self.wrong.append(f"asked while {self._asked or self._told_active} was under way")
            self._asked.add(message["event_id"])
        asyncio.get_running_loop().call_later(self.latency_s, self._take, message, self._to_us)

    def unacknowledged(self, _longest_ms: int) -> bool:
        return False

    async def close(self) -> None: ...

    def _we_learn(self, event: Event) -> None:
        """What we know of its state, as far as its words have reached us."""
        match event["type"]:
            case "response.created":
                self._told_active = event["response"]["id"]
                self._asked.clear()
                self.known.add(event["tag"])
            case "response.done":
                self._told_active = ""
            case "error":
                about = event["error"].get("event_id")
                self._asked = self._asked - {about} if about else set()

    # What it takes -----------------------------------------------------------------------------------

    def _take(self, message: Event, session: object) -> None:
        if session is not self._to_us:
            return
        match message["type"]:
            case "session.update":
                self._set_up = True
                self._say("session.updated", session={})
            case "response.create" if self.active:
                self._err("conversation_already_has_active_response", message["event_id"])
            case "response.create":
                self._begin()
            case "response.cancel" if self.active and message["response_id"] == self.active.response_id:
                self._end("cancelled")
            case "response.cancel":
                self._err("response_cancel_not_active")
            case "conversation.item.truncate":
                self._truncated(message["item_id"], message["audio_end_ms"])
            case "conversation.item.delete":
                if message["item_id"] in self._deleted:
                    self.wrong.append("deleted twice")
                self._deleted.add(message["item_id"])

    def _truncated(self, item_id: str, ms: int) -> None:
        if item_id in self._deleted:
            self.wrong.append("truncated what was deleted")
        if item_id not in self._sent_ms:
            self.wrong.append("truncated what never was")
        elif item_id in self._truncated_items:
            self.wrong.append("truncated twice")
        elif ms > self._sent_ms[item_id]:
            self.wrong.append(f"truncated to {ms} of {self._sent_ms[item_id]} ms")
        self._truncated_items.add(item_id)

    # What it does ------------------------------------------------------------------------------------

    def act(self, word: str) -> None:
        """Do this, if it can be done now."""
        if not self._set_up:
            return
        match word, self.active:
            case "speak" | "speak, and it goes on", _ if not self.speaking:
                self.speaking = True
                self._say("input_audio_buffer.speech_started", item_id="u")
                if word == "speak":
                    self._end("cancelled")
            case "hush" | "hush unanswered" | "hush in error", _ if self.speaking:
                self._hush(word)
            case "stray error", _:
                self._err("server_error")
            case "hang up", _:
                self._to_us.put_nowait((asyncio.get_running_loop().time(), None))
            case _, Answer() as answer:
                self._go_on(word, answer)

    def _go_on(self, word: str, answer: Answer) -> None:
        match word:
            case "sound":
                self._sound(answer)
            case "next item":
                self._close_item(answer)
            case "tool":
                self._items += 1
                answer.calls.append(f"call{self._items}")
            case "done":
                self._end("completed")
            case "server_error" | "rate_limit_exceeded":
                self._end("failed", word)

    def _hush(self, word: str) -> None:
        self.speaking = False
        self._utterances += 1
        self.causes += 1
        item_id = f"u{self._utterances}"
        self._say("input_audio_buffer.speech_stopped", item_id=item_id)
        self._say("input_audio_buffer.committed", item_id=item_id)
        kind = "conversation.item.input_audio_transcription.completed"
        self._say(kind, item_id=item_id, transcript="Are you open?")
        if word == "hush in error":
            self._err("server_error")
        elif word == "hush" and not self.active:
            self._begin()
        elif word == "hush":
            self._err("conversation_already_has_active_response")

    def _begin(self) -> None:
        self._answers += 1
        answer = Answer(f"r{self._answers}", TAG + self._answers % TAGS)
        self.active = answer
        self._say("response.created", response={"id": answer.response_id}, tag=answer.tag)
        bucket = {"name": "tokens", "limit": 100, "remaining": 0, "reset_seconds": 1.2}
        self._say("rate_limits.updated", rate_limits=[bucket])
        if self.behaves:
            self._sound(answer)
            self._end("completed")

    def _sound(self, answer: Answer) -> None:
        if not answer.item_id:
            self._items += 1
            answer.item_id = f"i{self._items}"
            answer.items.append(answer.item_id)
        audio = bytes([answer.tag]) * (DELTA_MS * 8)
        self._sent_ms[answer.item_id] = self._sent_ms.get(answer.item_id, 0) + DELTA_MS
        ids = {"response_id": answer.response_id, "item_id": answer.item_id}
        self._say("response.output_audio.delta", delta=b64encode(audio).decode(), **ids)

    def _close_item(self, answer: Answer) -> None:
        if answer.item_id:
            ids = {"response_id": answer.response_id, "item_id": answer.item_id}
            self._say("response.output_audio.done", **ids)
            self._say("response.output_audio_transcript.done", transcript="We are open.", **ids)
            self._say("response.output_item.done", item={"id": answer.item_id, "type": "message"})
            answer.item_id = ""

    def _end(self, status: str, code: str = "") -> None:
        answer, self.active = self.active, None
        if answer is None:
            return
        self._close_item(answer)
        if status == "completed":
            self.given += bool(answer.items or answer.calls)
            self.causes += bool(answer.calls)
        output: list[Event] = [{"type": "message", "id": item_id} for item_id in answer.items]
        output += [
            {"type": "function_call", "id": call, "call_id": call, "name": "get_hours", "arguments": "{}"}
            for call in answer.calls
        ]
        details = {"error": {"type": code, "code": code}} if code else None
        response = {"id": answer.response_id, "status": status, "output": output, "status_details": details}
        self._say("response.done", response=response)

    def _err(self, code: str, event_id: str | None = None) -> None:
        self._say("error", error={"type": code, "code": code, "event_id": event_id})

    def _say(self, kind: str, **fields: Any) -> None:
        at_s = asyncio.get_running_loop().time() + self.latency_s
        self._to_us.put_nowait((at_s, {"type": kind, **fields}))

    def settle(self) -> None:
        """Behave well from now on: finish what is begun, answer what is asked."""
        self.behaves = True
        if self.speaking:
            self._hush("hush unanswered" if self.active else "hush")
        if self.active:
            self._sound(self.active)
            self._end("completed")
