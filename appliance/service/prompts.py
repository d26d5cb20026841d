"""What the box says by itself: its recorded sentences, and every text that its clinic will need.

May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Iterator

from appliance.core.menu import Choice
from appliance.core.staff import Office
from appliance.languages import prompts as languages

OFFERS = {
    "offer_hours": "1",
    "offer_department": "2",
    "offer_leave_message": "3",
    "offer_book": "4",
    "offer_question": "5",
    "offer_language": "8",
    "offer_person": "0",
}
"""The key of each offer, where the clinic's menu has no key for the same thing."""

IN_MENU = {
    Choice.HOURS: "offer_hours",
    Choice.DEPARTMENTS: "offer_department",
    Choice.VOICEMAIL: "offer_leave_message",
    Choice.PEOPLE: "offer_person",
}


def load(language: str) -> dict[str, bytes]:
    """The recorded sentences of a language, by name; one whose file is missing is left out."""
    return dict(languages.prompts(language).recorded)


def offers(office: Office) -> dict[str, str]:
    """The key of each offer of the local assistant."""
    menu = {IN_MENU[entry.choice]: entry.digit for entry in office.staff.menu if entry.choice in IN_MENU}
    return OFFERS | menu


def texts(office: Office, language: str) -> list[str]:
    """Every text of a language that is known before a call: ours, and those filled by the clinic alone."""
    return list(dict.fromkeys(_texts(office, language)))


def _texts(office: Office, language: str) -> Iterator[str]:
    staff, said = office.staff, languages.prompts(language)
    if staff.language.partition("-")[0] == language:
        yield staff.greeting_said()
    yield from said.sentences.values()
    for name in said.filled:
        if said.places(name) <= {"business_name"}:
            yield said.said(name, business_name=staff.business_name)
    for name, key in offers(office).items():
        yield said.said(name, key=key)
    for key_number, line in enumerate(office.departments, 1):
        words = {"department": line.name, "key": str(key_number)}
        for name in said.filled:
            if "department" in said.places(name) <= words.keys():
                yield said.said(name, **words)
