"""One response, from `response.created` to `response.done`, as events with pauses between them.

Sans-I/O: the pauses are yielded. May import: script, faults, conversation, usage, voices.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from tests.peers.realtime.conversation import Conversation, Item
from tests.peers.realtime.faults import Fault
from tests.peers.realtime.script import Call, Reply
from tests.peers.realtime.usage import Tokens, text_tokens, usage
from tests.peers.realtime.voices import Source, Voices

FOREVER_S = 3600.0
ARGUMENTS_PIECE = 6


class Speaker(Protocol):
    """What a response needs of its session."""

    conversation: Conversation
    voices: Voices
    audio_out: dict[str, bytearray]
    keeps_audio: bool

    def emit(self, kind: str, **fields: Any) -> bool: ...
    def befell(self, kind: str) -> None: ...
    def repeat_last(self) -> None: ...
    def new_id(self, prefix: str) -> str: ...
    def point(self, name: str, deltas: int = 0) -> None: ...
    def over(self, response: "Response") -> None: ...


@dataclass(frozen=True, slots=True)
class Manner:
    """How a response is given: the session's settings, with those of `response.create` over them."""

    in_conversation: bool
    modality: str
    format: dict[str, Any]
    voice: str
    most_tokens: int | str
    metadata: dict[str, str] | None
    chunk_ms: int
    call_pause_ms: int
    speedup: float
    asked: Tokens
    cached: Tokens
    rate_limits: list[dict[str, Any]]
    late_rate_limits: bool = False


class Response:
    """`begin()`, then the `steps()`: pauses in seconds. `cancel()` may come between any two."""

    def __init__(self, session: Speaker, reply: Reply, manner: Manner, faults: dict[str, Fault]) -> None:
        self.response_id = session.new_id("resp")
        self.status = "in_progress"
        self.deltas = 0
        self.audio_ms = 0
        self.faults = faults
        self.manner = manner
        self.stop: Callable[[], None] = lambda: None
        self._session, self._reply = session, reply
        self._details: dict[str, Any] | None = None
        self._usage: dict[str, Any] | None = None
        self._output: list[Item] = []
        self._open: Item | None = None
        self._part_open = False

    @property
    def in_progress(self) -> bool:
        return self.status == "in_progress"

    def begin(self) -> None:
        """Say that there is a response; `steps()` gives it."""
        if "no_created" not in self.faults:
            self._emit("response.created", response=self.render())
        if not self.manner.late_rate_limits:
            self._emit("rate_limits.updated", rate_limits=self._rate_limits())

    def _rate_limits(self) -> list[dict[str, Any]]:
        fail = self.faults.get("fail")
        if fail is None or not fail.reset_ms:
            return self.manner.rate_limits
        none_left = {"remaining": 0, "reset_seconds": fail.reset_ms / 1000}
        return [
            bucket | none_left if bucket["name"] == "tokens" else bucket for bucket in self.manner.rate_limits
        ]

    def steps(self) -> Iterator[float]:
        yield from self._items()
        if self.in_progress:
            yield from self._break(last=True)
        if self.in_progress:
            self.finish("completed")

    def _items(self) -> Iterator[float]:
        yield from self._break()
        if delay := self.faults.get("delay"):
            yield delay.ms / 1000
        for source in self._reply.sources():
            if self.in_progress:
                yield from self._message(source)
        for call in self._reply.calls:
            if self.in_progress:
                yield from self._call(call)

    def _message(self, source: Source) -> Iterator[float]:
        spoken = self.manner.modality == "audio"
        item = Item(self._session.new_id("item"), "message", "assistant", "in_progress")
        self._begin(item)
        item.content, item.text = ("output_audio" if spoken else "output_text"), ""
        self._part_open = True
        self._part_event("response.content_part.added", part=self._part(item))
        yield from self._speak(item, source) if spoken else self._write(item, source.words)
        if self.in_progress:
            self._end_item("completed")

    def _speak(self, item: Item, source: Source) -> Iterator[float]:
        coding = self.manner.format["type"]
        sound = self._session.voices.sound(source, coding)
        pieces = self._session.voices.pieces(source, coding, self.manner.chunk_ms)
        size = self.manner.chunk_ms * sound.per_ms
        for place, piece in enumerate(pieces):
            if not self.in_progress:
                if "late_deltas" not in self.faults:
                    return
                self._part_event("response.output_audio.delta", item=item, delta=piece)
            else:
                self._transcribe(item, source.words, (place + 1) / len(pieces))
                self._sound_out(item, piece, sound.coded[place * size : (place + 1) * size], sound.per_ms)
                yield from self._break()
            yield self._pause_s()

    def _sound_out(self, item: Item, piece: str, coded: bytes, per_ms: int) -> None:
        self.deltas += 1
        broken = self.faults.get("bad_audio")
        cut = piece[:-3] if broken and self.deltas > broken.after else piece
        self._part_event("response.output_audio.delta", delta=cut)
        # A length is known in whole milliseconds; a reply's last piece may be shorter than one.
        item.audio_ms += len(coded) // per_ms
        self.audio_ms += len(coded) // per_ms
        if self._session.keeps_audio:
            item.audio += coded
            self._session.audio_out.setdefault(item.item_id, bytearray()).extend(coded)
        self._session.point("delta", self.deltas)

    def _transcribe(self, item: Item, words: str, share: float) -> None:
        """Send the words that belong to this share of the audio; whole words."""
        done, upto = len(item.text or ""), round(len(words) * share)
        while upto < len(words) and words[upto] != " ":
            upto += 1
        if upto > done and not item.truncated:
            item.text = words[:upto]
            self._part_event("response.output_audio_transcript.delta", delta=words[done:upto])

    def _write(self, item: Item, words: str) -> Iterator[float]:
        for place, word in enumerate(words.split(" ")):
            if not self.in_progress:
                return
            piece = f" {word}" if place else word
            item.text = (item.text or "") + piece
            self.deltas += 1
            self._part_event("response.output_text.delta", delta=piece)
            self._session.point("delta", self.deltas)
            yield from self._break()
            yield 0.0

    def _call(self, call: Call) -> Iterator[float]:
        item = Item(self._session.new_id("item"), "function_call", status="in_progress", name=call.name)
        item.call_id = call.call_id or self._session.new_id("call")
        self._begin(item)
        for place in range(0, len(call.arguments), ARGUMENTS_PIECE):
            piece = call.arguments[place : place + ARGUMENTS_PIECE]
            # At least two deltas, or a client that takes the first for all would pass.
            for delta in (piece[:1], piece[1:]) if place == 0 else (piece,):
                if not self.in_progress:
                    return
                item.arguments += delta
                self._item_event("response.function_call_arguments.delta", call_id=item.call_id, delta=delta)
                yield self.manner.call_pause_ms / 1000
        if self.in_progress:
            self._end_item("completed")

    def _break(self, last: bool = False) -> Iterator[float]:
        """Do what was ordered to go wrong after so many deltas, or at the latest at the end."""
        reached = {kind: fault for kind, fault in self.faults.items() if last or self.deltas >= fault.after}
        if "hang" in reached:
            while True:
                yield FOREVER_S
        if fault := reached.get("fail"):
            error = {
                "type": fault.type,
                "code": fault.error_code or "server_error",
                "message": fault.message,
            }
            self._session.befell("fail")
            self.finish("failed", error=error)
        elif fault := reached.get("incomplete"):
            self.finish("incomplete", reason=fault.error_code or "content_filter")
        elif isinstance(self.manner.most_tokens, int) and self._said().total >= self.manner.most_tokens:
            self.finish("incomplete", reason="max_output_tokens")

    def _pause_s(self) -> float:
        trickle = self.faults.get("trickle")
        if trickle:
            self._session.befell("trickle")
        return self.manner.chunk_ms / 1000 / (trickle.speedup if trickle else self.manner.speedup)

    def cancel(self, reason: str) -> None:
        """End it before its time: `turn_detected` or `client_cancelled`."""
        self.finish("cancelled", reason=reason)
        if "late_deltas" not in self.faults:
            self.stop()

    def finish(self, status: str, reason: str | None = None, error: dict[str, Any] | None = None) -> None:
        """Close what is open and say that the response is over."""
        if not self.in_progress:
            return
        if self._open:
            self._end_item("completed" if status == "completed" else "incomplete")
        self.status = status
        if status != "completed":
            self._details = {"type": status} | ({"reason": reason} if reason else {"error": error})
        if status != "failed":
            self._usage = usage(self.manner.asked, self.manner.cached, self._said())
        self._session.point("done")
        self._emit("response.done", response=self.render())
        if self.manner.late_rate_limits:
            self._emit("rate_limits.updated", rate_limits=self._rate_limits())
        self._session.over(self)

    def _begin(self, item: Item) -> None:
        self._open = item
        self._output.append(item)
        self._emit(
            "response.output_item.added",
            response_id=self.response_id,
            output_index=len(self._output) - 1,
            item=item.render(),
        )
        if self.manner.in_conversation:
            before = self._session.conversation.add(item)
            self._emit("conversation.item.added", previous_item_id=before, item=item.render())

    def _end_item(self, status: str) -> None:
        item, self._open = self._open, None
        if item is None:
            return
        item.status = status
        self._end_content(item)
        place = self._output.index(item)
        shown = item.render()
        self._emit("response.output_item.done", response_id=self.response_id, output_index=place, item=shown)
        if self.manner.in_conversation and self._session.conversation.find(item.item_id):
            before = self._session.conversation.before(item)
            self._emit("conversation.item.done", previous_item_id=before, item=shown)

    def _end_content(self, item: Item) -> None:
        if item.kind == "function_call":
            self._item_event(
                "response.function_call_arguments.done",
                item=item,
                call_id=item.call_id,
                name=item.name,
                arguments=item.arguments,
            )
        elif self._part_open:
            self._part_open = False
            if item.content == "output_audio":
                self._part_event("response.output_audio.done", item=item)
                name, said = "response.output_audio_transcript.done", {"transcript": item.text or ""}
            else:
                name, said = "response.output_text.done", {"text": item.text or ""}
            self._part_event(name, item=item, **said)
            self._part_event("response.content_part.done", item=item, part=self._part(item))

    def _part(self, item: Item) -> dict[str, str]:
        if item.content == "output_audio":
            return {"type": "audio", "transcript": item.text or ""}
        return {"type": "text", "text": item.text or ""}

    def _part_event(self, kind: str, item: Item | None = None, **fields: Any) -> None:
        self._item_event(kind, item=item, content_index=0, **fields)

    def _item_event(self, kind: str, item: Item | None = None, **fields: Any) -> None:
        about = item or self._open
        if about is not None:
            place = self._output.index(about)
            ids = {"response_id": self.response_id, "item_id": about.item_id, "output_index": place}
            self._emit(kind, **ids, **fields)

    def _emit(self, kind: str, **fields: Any) -> None:
        self._session.emit(kind, **fields)
        if "duplicate_all" in self.faults:
            self._session.repeat_last()

    def _said(self) -> Tokens:
        texts = sum(
            text_tokens(item.text) + text_tokens(item.name) + text_tokens(item.arguments)
            for item in self._output
        )
        return Tokens(text=texts, audio=-(-self.audio_ms // 50))

    def render(self) -> dict[str, Any]:
        """The response as the protocol shows it."""
        manner = self.manner
        return {
            "object": "realtime.response",
            "id": self.response_id,
            "status": self.status,
            "status_details": self._details,
            "output": [item.render() for item in self._output] if not self.in_progress else [],
            "conversation_id": self._session.conversation.name if manner.in_conversation else None,
            "output_modalities": [manner.modality],
            "max_output_tokens": manner.most_tokens,
            "audio": {"output": {"format": manner.format, "voice": manner.voice}},
            "usage": self._usage,
            "metadata": manner.metadata,
        }
