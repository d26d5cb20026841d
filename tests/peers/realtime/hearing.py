"""What becomes of the caller's audio: speech events, committed items, transcripts, time-outs.

Sans-I/O. May import: ears, conversation, refusals, script.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from tests.peers.realtime.conversation import Conversation, Item
from tests.peers.realtime.ears import Ears, Started
from tests.peers.realtime.refusals import Refused
from tests.peers.realtime.responses import Response
from tests.peers.realtime.script import Cursor, Turn
from tests.peers.realtime.usage import CALLER_MS, text_tokens

SHORTEST_COMMIT_MS = 100
# A model that is paid by the minute tells the seconds that it heard, any other its tokens.
BILLED_BY_TIME = ("whisper-1", "gpt-realtime-whisper", "gpt-transcribe", "gpt-live-transcribe")


class Listener(Protocol):
    """What hearing needs of its session."""

    config: dict[str, Any]
    conversation: Conversation
    cursor: Cursor
    active: Response | None
    keeps_audio: bool

    def emit(self, kind: str, **fields: Any) -> bool: ...
    def new_id(self, prefix: str) -> str: ...
    def point(self, name: str, deltas: int = 0) -> None: ...
    def arm(self, turn: Turn | None) -> None: ...
    def expect(self, occasion: str) -> None: ...
    def respond_by_itself(self, occasion: str) -> None: ...
    def begin(self, steps: Iterator[float], name: str) -> Callable[[], None]: ...


class Hearing:
    """One session's ears and what it does about what they hear."""

    def __init__(self, session: Listener) -> None:
        self._session = session
        self._item_id: str | None = None
        self._quiet_since_ms = 0
        self._quiet_until_ms: int | None = None
        self.ears = Ears("audio/pcm", None)
        self.configure()

    @property
    def _input(self) -> dict[str, Any]:
        settings: dict[str, Any] = self._session.config["audio"]["input"]
        return settings

    def configure(self) -> None:
        """Take over the session's settings."""
        detection = self._input["turn_detection"]
        self.ears.configure(self._input["format"]["type"], detection)
        if not detection or detection.get("idle_timeout_ms") is None:
            self._quiet_until_ms = None

    def append(self, audio: bytes) -> None:
        for change in self.ears.feed(audio):
            if isinstance(change, Started):
                self._started(change.at_ms)
            else:
                self._stopped(change.at_ms)
        if self._quiet_until_ms is not None and self.ears.clock_ms >= self._quiet_until_ms:
            self._timed_out()

    def _started(self, at_ms: int) -> None:
        self._item_id = self._session.new_id("item")
        self._quiet_until_ms = None
        self._session.arm(self._session.cursor.coming())
        self._session.emit("input_audio_buffer.speech_started", audio_start_ms=at_ms, item_id=self._item_id)
        self._session.point("speech_started")
        if self._input["turn_detection"]["interrupt_response"] and self._session.active:
            self._session.active.cancel("turn_detected")

    def _stopped(self, at_ms: int) -> None:
        item_id = self._item_id or self._session.new_id("item")
        self._item_id = item_id
        self._session.emit("input_audio_buffer.speech_stopped", audio_end_ms=at_ms, item_id=item_id)
        self._session.point("speech_stopped")
        self._commit(self.ears.take(), self._session.cursor.hear())
        if self._input["turn_detection"]["create_response"]:
            self._session.respond_by_itself("utterance")

    def commit(self) -> None:
        """The client ends the utterance."""
        held_ms = self.ears.buffered_ms
        if held_ms < SHORTEST_COMMIT_MS:
            message = (
                "Error committing input audio buffer: buffer too small. Expected at least "
                f"{SHORTEST_COMMIT_MS}ms of audio, but buffer only has {held_ms:.2f}ms of audio."
            )
            raise Refused("input_audio_buffer_commit_empty", message)
        self._quiet_until_ms = None
        turn = self._session.cursor.hear()
        self._session.arm(turn)
        self._commit(self.ears.take(), turn)

    def clear(self) -> None:
        self.ears.take()
        self._item_id = None
        self._session.emit("input_audio_buffer.cleared")

    def reply_over(self, audio_ms: int) -> None:
        """A response is done; after its audio was played, the caller may be asked again."""
        detection = self._input["turn_detection"]
        if detection and detection.get("idle_timeout_ms") and not self.ears.speaking:
            self._quiet_since_ms = self.ears.clock_ms + audio_ms
            self._quiet_until_ms = self._quiet_since_ms + detection["idle_timeout_ms"]

    def reply_begins(self) -> None:
        self._quiet_until_ms = None

    def _timed_out(self) -> None:
        self._quiet_until_ms = None
        self._item_id = self._session.new_id("item")
        self._session.emit(
            "input_audio_buffer.timeout_triggered",
            audio_start_ms=self._quiet_since_ms,
            audio_end_ms=self.ears.clock_ms,
            item_id=self._item_id,
        )
        self._commit(self.ears.take(), Turn(on="timeout", heard=""))
        self._session.respond_by_itself("timeout")

    def _commit(self, audio: bytes, turn: Turn | None) -> None:
        item = Item(self._item_id or self._session.new_id("item"), "message", "user", content="input_audio")
        self._item_id = None
        item.audio_ms = len(audio) // self.ears.per_ms
        if self._session.keeps_audio:
            item.audio += audio
        before = self._session.conversation.last_id
        self._session.emit("input_audio_buffer.committed", previous_item_id=before, item_id=item.item_id)
        self._session.conversation.add(item)
        self._session.expect("utterance")
        for kind in ("conversation.item.added", "conversation.item.done"):
            self._session.emit(kind, previous_item_id=before, item=item.render())
        if self._input["transcription"]:
            self._session.begin(self._transcribe(item, turn), f"transcript {item.item_id}")

    def _transcribe(self, item: Item, turn: Turn | None) -> Iterator[float]:
        """The side channel: it runs beside the response, so its events land anywhere."""
        name = "conversation.item.input_audio_transcription"
        model = self._input["transcription"]["model"]
        ids: dict[str, Any] = {"item_id": item.item_id, "content_index": 0}
        yield (turn.heard_after_ms if turn else 0) / 1000
        if turn and turn.heard_error:
            error = {
                "type": "transcription_error",
                "code": turn.heard_error,
                "message": "The audio could not be transcribed.",
                "param": None,
            }
            self._session.emit(f"{name}.failed", **ids, error=error)
            return
        item.text = (turn.heard if turn else None) or ""
        for place, word in enumerate(item.text.split()):
            self._session.emit(f"{name}.delta", **ids, delta=f" {word}" if place else word)
            if turn and turn.heard_delta_ms:
                yield turn.heard_delta_ms / 1000
        usage = _transcript_usage(model, item)
        self._session.emit(f"{name}.completed", **ids, transcript=item.text, usage=usage)


def _transcript_usage(model: str, item: Item) -> dict[str, Any]:
    if model in BILLED_BY_TIME:
        return {"type": "duration", "seconds": round(item.audio_ms / 1000, 1)}
    heard, written = -(-item.audio_ms // CALLER_MS), text_tokens(item.text)
    return {
        "type": "tokens",
        "total_tokens": heard + written,
        "input_tokens": heard,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
        "output_tokens": written,
    }
