"""What callers of a language hear first, sentence by sentence, and its sound as far as it is rendered.

May import: the standard library, admin.tongue, appliance.core, models.local.
"""

import io
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from admin.tongue import later
from appliance.core import other_languages, ulaw
from appliance.core.settings import Settings
from appliance.core.staff import Office
from models.local.mouth import Voice
from models.local.prompt_cache import FOLDER, PromptCache
from models.local.rendered import rendered
from models.local.speech_client import SpeechClient
from models.local.voices import chain

RATE = 8000


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that is said: `name` in addresses, what it is, its key in the menu, and the words."""

    name: str
    what: str
    key: str
    text: str


def heard(office: Office, code: str) -> list[Heard]:
    """What is said to callers in this language, in its order."""
    return [each for each in _heard(office, code) if each.text]


def _heard(office: Office, code: str) -> Iterator[Heard]:
    own = other_languages.spoken_in(office, code)
    staff = own.staff
    open_, closed = staff.greeting_said(), staff.greeting_said(closed=True)
    yield Heard("greeting", later("First of all"), "", open_)
    if closed != open_:
        yield Heard("greeting-closed", later("First of all, while closed"), "", closed)
    for other, key in other_languages.keys(own):
        yield Heard(f"offer-{other}", later("Another language"), key, other_languages.offer(other, key)[0])
    for place, entry in enumerate(staff.menu):
        yield Heard(f"menu-{place}", later("Key to press"), entry.digit, entry.said)
    usual, shut = staff.voicemail_words(), staff.voicemail_words(closed=True)
    yield Heard("message", later("Before a message"), "", usual)
    if shut != usual:
        yield Heard("message-closed", later("Before a message while closed"), "", shut)


def language_of(heard: Heard, code: str) -> str:
    """The language in which it is said: another one is offered in its own."""
    return heard.name.partition("-")[2] if heard.name.startswith("offer-") else code


@dataclass(frozen=True, slots=True)
class Sounds:
    """The sounds that the box has rendered ahead."""

    cache: PromptCache
    voices: Sequence[Voice]

    @classmethod
    def of(cls, settings: Settings) -> "Sounds":
        """Those of a box, by the voices that its settings name."""
        speech = settings.speech
        client = SpeechClient(speech.synthesis_at, live=False) if speech.synthesis_at else None
        return cls(PromptCache(settings.box.data_dir / FOLDER), chain(client, speech.voices))

    def rendered(self, text: str, code: str) -> bytes | None:
        """Its sound, µ-law at 8 kHz; None while it is not rendered, as after a change or without a voice."""
        return rendered(self.cache, self.voices, text, code)


def wav(sound: bytes) -> bytes:
    """A sound as browsers play it."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(ulaw.decode(sound).tobytes())
    return made.getvalue()
