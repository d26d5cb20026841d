"""What is shown of each language: whether callers can have it, how it is heard and spoken, what it lacks.

Pure. May import: the standard library, admin.tongue, admin.words, appliance.core, appliance.languages.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from admin.tongue import Tongue, later
from admin.words import Words
from appliance.core import other_languages
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.core.wording import entry
from appliance.languages import complete
from appliance.languages.folders import codes, folder
from appliance.languages.prompts import prompts
from appliance.languages.tables import table

ENGLISH_ALONE = ".en"
"""How the names of weights end that have heard no other language."""

WITHOUT: Mapping[str, str] = {
    "phrases": later("Danger, and the wish for a person, are not found in what callers say: keys are left."),
    "intents": later("Without the cloud callers are understood by keys alone."),
    "numbers": later("Telephone numbers are taken by keys, not by voice."),
    "departments": later("Departments are found by the names that staff gave them alone."),
    "asking": later("Your documents are searched with words as they are spelt, and less surely."),
    "answers": later(
        "Questions for medical advice are not told from others, nor is a source that a model invents."
    ),
    "texts": later("Texts, what is said about them, and the page to book on are in English."),
    "wording": later("Numbers, dates and signs are read as the voice reads them."),
    "voicemail": later("Names, and what is urgent, are not found in messages."),
    "found": later("Times are not understood by voice: callers choose by key."),
    "theirs": later("Callers ask about an appointment that they have by key alone."),
    "link": later("A link to book by is offered, but callers do not have it by asking for it."),
    "recordings": later("Once no voice is left, a caller hears nothing."),
}
"""What callers go without, by what the language's folder leaves out."""


@dataclass(frozen=True, slots=True)
class Light:
    """One thing that a language needs, and how it stands: good, care, plain."""

    name: str
    tone: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language. `key` leads to it from the clinic's own, `offer` is how that is said; both may be empty.

    `problems` keep it from being spoken, in the words of whoever made it.
    """

    code: str
    name: str
    own: bool
    on: bool
    key: str
    offer: str
    greeting: str
    lights: tuple[Light, ...]
    lacks: tuple[str, ...]
    problems: tuple[str, ...]


@functools.cache
def problems(code: str) -> tuple[str, ...]:
    """What keeps a language from being spoken; looked for once, as folders are read once."""
    return tuple(complete.problems(code, folder(code)))


def spoken(office: Office, settings: Settings, words: Words) -> list[Spoken]:
    """The languages that there are: the clinic's own, those that callers can have, the others."""
    home, had = other_languages.home_of(office), other_languages.spoken(office)
    there = [code for code in dict.fromkeys((*had, *codes())) if code in codes()]
    return [_one(code, office, settings, words, own=code == home, on=code in had) for code in there]


def _one(code: str, office: Office, settings: Settings, words: Words, *, own: bool, on: bool) -> Spoken:
    if wrong := problems(code):
        return Spoken(code, code, own, on, "", "", "", (), (), wrong)
    key = dict(other_languages.keys(office)).get(code, "")
    return Spoken(
        code=code,
        name=words.language(code),
        own=own,
        on=on,
        key=key,
        offer=other_languages.offer(code, key)[0] if key else "",
        greeting=other_languages.spoken_in(office, code).staff.greeting_words(),
        lights=tuple(_lights(code, office, settings, words.tongue, own=own)),
        lacks=tuple(words.tongue(WITHOUT[name]) for name in complete.absent(folder(code))),
        problems=(),
    )


def _lights(code: str, office: Office, settings: Settings, tongue: Tongue, *, own: bool) -> Iterator[Light]:
    yield Light(tongue("Understanding"), *_understanding(code, settings, tongue))
    yield Light(tongue("Voice"), *_voice(code, settings, tongue))
    yield Light(tongue("Sentences of the box"), *_sentences(code, tongue))
    yield Light(tongue("Menu"), *_menu(code, office, tongue, own=own))
    yield Light(tongue("Greeting"), *_greeting(code, office, tongue, own=own))
    yield Light(tongue("Before a message"), *_before_a_message(code, office, tongue))


def _understanding(code: str, settings: Settings, tongue: Tongue) -> tuple[str, str]:
    speech = settings.speech
    if not settings.local.enabled:
        return "plain", tongue("The box's own assistant is switched off: the cloud alone understands it.")
    if not speech.recognition_at:
        return "care", tongue(
            "Nothing on this box recognises speech: without the cloud callers use the keys."
        )
    if speech.recognition_uri:
        return "good", tongue("The cloud understands it; without it, the recogniser that the settings name.")
    if speech.whisper.endswith(ENGLISH_ALONE) and code != "en":
        return "care", tongue(
            "The recogniser {name} understands English alone: take one for all languages.",
            name=speech.whisper,
        )
    return "good", tongue(
        "The cloud understands it; without it, the box's recogniser {name}.", name=speech.whisper
    )


def _voice(code: str, settings: Settings, tongue: Tongue) -> tuple[str, str]:
    voice = settings.speech.voices.get(code, "")
    if voice and settings.speech.synthesis_at:
        return "good", tongue("The cloud's own; the box speaks it with {name}.", name=voice)
    spare = prompts(code).voice
    return "care", tongue(
        "The cloud's own; the box has its spare voice alone, espeak-ng ({name}).", name=spare
    )


def _sentences(code: str, tongue: Tongue) -> tuple[str, str]:
    known = prompts(code)
    recorded, whole = len(known.recorded), len(known.sentences)
    if recorded == whole:
        return "good", tongue("All {count} are there as recordings, for when no voice is left.", count=whole)
    return "care", tongue("{recorded} of {count} are there as recordings.", recorded=recorded, count=whole)


def _menu(code: str, office: Office, tongue: Tongue, *, own: bool) -> tuple[str, str]:
    tag = str(table(code, "language")["tag"])
    silent = [
        each.digit for each in office.staff.menu
        if each.said and not own and entry(tag, str(each.choice), each.digit) is None
    ]  # fmt: skip
    if silent:
        return "care", tongue("Of these keys nothing is said in it: {keys}.", keys=", ".join(silent))
    return "good", tongue("Every key is said.")


def _greeting(code: str, office: Office, tongue: Tongue, *, own: bool) -> tuple[str, str]:
    if own and office.staff.greeting_recording.startswith(f"{code}-"):
        return "good", tongue("Recorded at a desk phone.")
    return "good", tongue("Your own words.") if own else tongue("The language's own words, with your name.")


def _before_a_message(code: str, office: Office, tongue: Tongue) -> tuple[str, str]:
    if code in office.staff.voicemail_recordings:
        return "good", tongue("Recorded at a desk phone.")
    return "plain", tongue("Spoken by the box; a person records it at a desk phone by *64.")
