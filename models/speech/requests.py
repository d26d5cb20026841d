"""What is asked on one connection: events in, whole requests out.

Sans-I/O. May import: appliance.core, models.speech, models.wyoming_wire, wyoming.event.
"""

from dataclasses import dataclass, field

from wyoming.event import Event

from appliance.core.errors import WireError
from models import wyoming_wire as wire
from models.speech.refused import Refused

RATE = 16000
BYTES_PER_S = RATE * wire.SAMPLE_BYTES
# The longest message that voicemail takes.
AUDIO_MOST_S = 600
TEXT_MOST = 4000
WITHIN_MOST_MS = 600_000


@dataclass(frozen=True, slots=True)
class Describe:
    """Say what can be done."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Answer."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Recognise:
    """Write down what is said."""

    pcm_16k: bytes
    language: str
    live: bool
    within_ms: int | None
    words: bool = False
    """Whether it is asked when each word is said."""


@dataclass(frozen=True, slots=True)
class Synthesise:
    """Say a text."""

    text: str
    language: str
    voice: str
    within_ms: int | None
    live: bool = True


Request = Describe | Ping | Recognise | Synthesise


@dataclass(slots=True)
class Held:
    """How much audio all connections hold together: a bound that no number of them gets around."""

    most: int
    now: int = 0

    def take(self, count: int) -> bool:
        """Hold so many more bytes, if there is room."""
        if self.now + count > self.most:
            return False
        self.now += count
        return True

    def release(self, count: int) -> None:
        """Hold them no more."""
        self.now -= count


@dataclass(slots=True)
class Requests:
    """The requests of one connection. Raises Refused for one that cannot be served, WireError for nonsense.

    Audio is held from its first stretch until `release`, which whoever got the request calls, and `close`.
    """

    held: Held
    _asked: Event | None = None
    _audio: bytearray | None = None
    _deaf: bool = False
    _holding: int = field(default=0)

    def take(self, event: Event) -> Request | None:
        """The request that this event completes, if it does."""
        match event.type:
            case "describe":
                return Describe()
            case "ping":
                return Ping(_word(event, "text") or None)
            case "synthesize":
                return _synthesise(event)
            case "transcribe":
                self._asked = event
                self._begin(None)
            case "audio-start":
                self._begin(bytearray())
                self._check(event)
            case "audio-chunk":
                self._more(event)
            case "audio-stop":
                return self._recognise()
        return None

    def release(self, request: Request) -> None:
        """Take note that a request was answered."""
        if isinstance(request, Recognise):
            self._give_back(len(request.pcm_16k))

    def close(self) -> None:
        """Let go of everything."""
        self._give_back(self._holding)

    def _begin(self, audio: bytearray | None) -> None:
        self._give_back(len(self._audio or b""))
        self._audio, self._deaf = audio, False

    def _more(self, event: Event) -> None:
        if self._deaf:
            return
        if self._audio is None:
            self._begin(bytearray())
        self._check(event)
        pcm = event.payload or b""
        audio = self._audio
        if audio is None:
            return
        if len(audio) + len(pcm) > AUDIO_MOST_S * BYTES_PER_S:
            raise self._refuse(Refused("too-long", f"audio is longer than {AUDIO_MOST_S} s"))
        if not self.held.take(len(pcm)):
            raise self._refuse(Refused("busy", "too much audio is held for others"))
        self._holding += len(pcm)
        audio += pcm

    def _check(self, event: Event) -> None:
        try:
            rate = wire.sound_rate(event)
        except WireError as exc:
            raise self._refuse(Refused("format", str(exc))) from exc
        if rate != RATE:
            raise self._refuse(Refused("format", f"audio has {rate} Hz and not {RATE}"))

    def _refuse(self, refused: Refused) -> Refused:
        """Hear nothing more of this utterance: one refusal is enough."""
        self._begin(None)
        self._deaf = True
        return refused

    def _recognise(self) -> Request | None:
        asked, audio, deaf = self._asked, self._audio, self._deaf
        self._asked, self._audio, self._deaf = None, None, False
        if deaf or audio is None:
            return None
        asked = asked or Event("transcribe")
        # Half a sample at the end says nothing.
        odd = len(audio) % wire.SAMPLE_BYTES
        pcm = bytes(audio[: len(audio) - odd])
        self._give_back(odd)
        words = asked.data.get("words") is True
        return Recognise(pcm, _word(asked, "language"), _live(asked), _within_ms(asked), words)

    def _give_back(self, count: int) -> None:
        self._holding -= count
        self.held.release(count)


def _synthesise(event: Event) -> Synthesise:
    try:
        text = wire.text_of(event)
    except WireError as exc:
        raise Refused("text", str(exc)) from exc
    if len(text) > TEXT_MOST:
        raise Refused("too-long", f"the text is longer than {TEXT_MOST} characters")
    if not text.strip():
        raise Refused("text", "there is no text to be spoken")
    voice = event.data.get("voice")
    named = Event("voice", voice if isinstance(voice, dict) else {})
    language, name = _word(named, "language"), _word(named, "name")
    return Synthesise(text, language, name, _within_ms(event), _live(event))


def _live(event: Event) -> bool:
    """Whether a call waits for it: so it is taken unless it is said to be otherwise."""
    return _word(event, "priority") != "background"


def _word(event: Event, key: str) -> str:
    """A short text of the event's data; empty when it says none."""
    value = event.data.get(key)
    return value if isinstance(value, str) and len(value) <= wire.TYPE_MOST else ""


def _within_ms(event: Event) -> int | None:
    value = event.data.get("within_ms")
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return round(min(max(value, 1), WITHIN_MOST_MS))
