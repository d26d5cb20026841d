"""What callers of a language hear first, sentence by sentence, and its sound as far as it is rendered.

May import: the standard library, admin.tongue, appliance.core, models.local.
"""

import io
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from admin.tongue import later
from appliance.core import other_languages, ulaw
from appliance.core.language_words import LanguageWords
from appliance.core.menu import MenuEntry
from appliance.core.other_languages import Words
from appliance.core.settings import Settings
from appliance.core.staff import Office
from models.local.mouth import Voice
from models.local.prompt_cache import FOLDER, PromptCache
from models.local.rendered import rendered
from models.local.speech_client import SpeechClient
from models.local.voices import chain

RATE = 8000
USUAL = later("Nothing else was written for while it is closed: this is heard then, too.")
RECORDED = later("In place of it callers hear a recording that was spoken into a telephone.")
BORROWED = {
    "greeting": later("The greeting is the language's own sentence: none was written."),
    "emergency_notice": later("The emergency notice is the language's own: none was written."),
    "voicemail_prompt": later("The language's own sentence: none was written."),
    Words.LANGUAGE: later("The language's own sentence: none was written."),
    Words.CLINIC: later("The clinic's own words: the language has none for it, and none were written."),
}
"""What stands beside a sentence that staff have not written in its language."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that is said: `name` in addresses, what it is, its key in the menu, and the words.

    `notes` say in whose words it is, where they are not the clinic's, and what is heard in its place.
    """

    name: str
    what: str
    key: str
    text: str
    notes: tuple[str, ...] = ()


def heard(office: Office, code: str) -> list[Heard]:
    """What is said to callers in this language, in its order."""
    return [each for each in _heard(office, code) if each.text]


def _heard(office: Office, code: str) -> Iterator[Heard]:
    clinic, own = office.staff, other_languages.spoken_in(office, code)
    staff, notes = own.staff, _Notes(office, code)
    open_, closed = staff.greeting_said(), staff.greeting_said(closed=True)
    notice = notes.of("emergency_notice")
    first = (*notes.of("greeting"), *notice, *notes.usual("greeting_closed"))
    yield Heard("greeting", later("First of all"), "", open_, first)
    if closed != open_:
        yield Heard("greeting-closed", later("First of all, while closed"), "", closed, notice)
    for other, key in other_languages.keys(own):
        yield Heard(f"offer-{other}", later("Another language"), key, other_languages.offer(other, key)[0])
    for place, (entry, own_entry) in enumerate(zip(clinic.menu, staff.menu, strict=True)):
        told = notes.of_key(entry)
        yield Heard(f"menu-{place}", later("Key to press"), entry.digit, own_entry.said, told)
    usual, shut = staff.voicemail_words(), staff.voicemail_words(closed=True)
    before = (*notes.of("voicemail_prompt"), *notes.usual("voicemail_prompt_closed"))
    recorded = [(RECORDED,) if staff.voicemail_recording(closed=at) else () for at in (False, True)]
    yield Heard("message", later("Before a message"), "", usual, (*before, *recorded[0]))
    if shut != usual:
        yield Heard("message-closed", later("Before a message while closed"), "", shut, recorded[1])


@dataclass(frozen=True, slots=True)
class _Notes:
    """What stands beside sentences that staff have not written in a language, but in the clinic's own."""

    office: Office
    code: str

    @property
    def _written(self) -> LanguageWords | None:
        home = self.code == other_languages.home_of(self.office)
        return None if home else other_languages.written_in(self.office.staff, self.code)

    def of(self, name: str) -> tuple[str, ...]:
        """Of a sentence that the clinic says."""
        return (BORROWED[name],) if self._lacks(name) else ()

    def usual(self, name: str) -> tuple[str, ...]:
        """Of one for while it is closed, in place of which the usual one is heard."""
        return (USUAL,) if self._lacks(name) else ()

    def _lacks(self, name: str) -> bool:
        written = self._written
        said = bool(getattr(self.office.staff, name))
        return said and written is not None and name not in written.sentences

    def of_key(self, entry: MenuEntry) -> tuple[str, ...]:
        """Of an entry of the menu."""
        if (written := self._written) is None:
            return ()
        whose = other_languages.key_in(written, entry, self.code)[1]
        return (BORROWED[whose],) if whose in BORROWED else ()


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
