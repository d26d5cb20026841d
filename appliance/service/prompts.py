"""What the box says by itself: its recorded sentences, and every text that its clinic will need.

May import: the standard library, appliance.core, appliance.languages, models.transcoding.
"""

from collections.abc import Iterator, Mapping

from appliance.core.coding import Coding
from appliance.core.dialogue.facts import offers
from appliance.core.other_languages import home_of, keys_beside, spoken, spoken_in
from appliance.core.staff import Office, StaffSettings
from appliance.languages import prompts as languages
from models.transcoding import transcoded


def load(language: str) -> dict[str, bytes]:
    """The recorded sentences of a language, by name; one whose file is missing is left out."""
    return dict(languages.prompts(language).recorded)


def in_coding(recorded: Mapping[str, bytes], coding: Coding) -> dict[str, bytes]:
    """The recorded sentences as a leg of this coding takes them. It computes: not for the event loop."""
    return {name: transcoded(sound, "ulaw_8k", coding) for name, sound in recorded.items()}


def texts(office: Office, language: str) -> list[str]:
    """Every text of a language that is known before a call: ours, and those filled by the clinic alone."""
    return list(dict.fromkeys(_texts(office, language)))


def _texts(office: Office, language: str) -> Iterator[str]:
    staff, said = office.staff, languages.prompts(language)
    if language in spoken(office):
        yield from _front_door(spoken_in(office, language).staff)
    yield staff.hours.said(language)
    if staff.emergency_number != "911":
        yield said.said("emergency", number=" ".join(staff.emergency_number))
    yield from said.sentences.values()
    for name in said.filled:
        if said.places(name) <= {"business_name"}:
            yield said.said(name, business_name=staff.business_name)
    for name, key in offers(office):
        yield said.said(name, key=key)
    for key in dict(keys_beside(staff, home_of(office))).values():
        # Of this language to others, and of another one's key back to it.
        yield said.said("offer_language", key=key)
    for key_number, line in enumerate(office.departments, 1):
        words = {"department": line.name, "key": str(key_number)}
        for name in said.filled:
            if "department" in said.places(name) <= words.keys():
                yield said.said(name, **words)


def _front_door(own: StaffSettings) -> Iterator[str]:
    """What callers of a language hear before anybody speaks with them."""
    for closed in (False, True):
        yield own.greeting_said(closed=closed)
        yield own.voicemail_words(closed=closed)
    yield from (entry.said for entry in own.menu if entry.said)
