"""What a caller is led through between media legs: the menu, people, voicemail. Pure.

Every way ends at a person, a message or a goodbye, and what stands behind an answer needs no further answer
of ours: should we be gone by then, the carrier goes on by itself. May import: appliance.core.
"""

from appliance.core.dispositions import Disposition, Kind
from appliance.core.menu import Choice, DepartmentLine, chosen, chosen_department, spoken_digit
from appliance.core.staff import Office
from appliance.core.steps import (
    Ask,
    Assist,
    HangUp,
    MenuAnswered,
    Ring,
    Say,
    Step,
    Steps,
    TakeVoicemail,
)

MAIN = "main"
DEPARTMENTS = "departments"
MISSES_MOST = 2
CONNECTING = "One moment please, I am connecting you."
NOBODY = "Nobody is free to take your call right now."
THANKS = "Thank you. Your message has been recorded. Goodbye."
UNCONFIRMED = "I am sorry, I could not confirm your message. Please call again."
NO_MESSAGE = "Thank you for calling. Goodbye."
NOT_UNDERSTOOD = "I am sorry, I did not understand that."
BUSY = "All our lines are busy at the moment."


def voicemail(office: Office) -> Steps:
    """Take a message, whatever it takes."""
    staff = office.staff
    return (
        TakeVoicemail(staff.voicemail_prompt, staff.voicemail_longest_s),
        Say(NO_MESSAGE),
        HangUp(),
    )


def people(office: Office) -> Steps:
    """Ring the front desk, then take a message; needs no answer of ours."""
    return (*_ring(office.staff.people, office.staff.ring_s, report=False), *voicemail(office))


def _ring(numbers: tuple[str, ...], seconds: int, *, report: bool) -> Steps:
    return (Ring(numbers, seconds, report),) if numbers else ()


def assistant(office: Office, token: str) -> Steps:
    """Connect the caller with us; people stand behind it for every end that is not planned."""
    return (Assist(token), *people(office))


def greeted_menu(office: Office) -> Steps:
    """Greet, then ask."""
    return main_menu(office, office.staff.greeting_said())


def main_menu(office: Office, before: str = "") -> Steps:
    """Ask what the caller wants, twice; then ring people."""
    prompt = " ".join(entry.said for entry in office.staff.menu)
    first = f"{before} {prompt}".strip()
    hints = tuple(word for entry in office.staff.menu for word in entry.words)
    asked = (Ask(MAIN, first, hints), Ask(MAIN, prompt, hints))
    return (*asked, Say(CONNECTING), *people(office))


def department_menu(office: Office, before: str = "") -> Steps:
    """Ask for the department, twice; then ring people."""
    lines = office.departments[:9]
    said = " ".join(f"For {line.name}, press {place}." for place, line in enumerate(lines, 1))
    prompt = f"{said} To speak with a person, press 0."
    hints = tuple(word for line in lines for word in (line.name, *line.aliases))
    asked = (Ask(DEPARTMENTS, f"{before} {prompt}".strip(), hints), Ask(DEPARTMENTS, prompt, hints))
    return (*asked, Say(CONNECTING), *people(office))


def busy(office: Office) -> Steps:
    """No room for another conversation: people, then a message."""
    return (Say(BUSY), *people(office))


def transfer(line: DepartmentLine, office: Office, *, announced: bool = False) -> Steps:
    """Ring a department and hear how it went; without an answer of ours a message is taken."""
    if not line.numbers:
        return (Say(NOBODY), *voicemail(office))
    said = () if announced else (Say(CONNECTING),)
    return (*said, *_ring(line.numbers, office.staff.ring_s, report=True), *voicemail(office))


def to_people(office: Office) -> Steps:
    """Ring the front desk and hear how it went."""
    if not office.staff.people:
        return (Say(NOBODY), *voicemail(office))
    said = (Say(CONNECTING),)
    return (*said, *_ring(office.staff.people, office.staff.ring_s, report=True), *voicemail(office))


def after_ring(office: Office, result: str) -> Steps:
    """What follows when phones have rung: nothing after a talk, a message otherwise."""
    return (HangUp(),) if result == "answered" else (Say(NOBODY), *voicemail(office))


def after_leg(office: Office, disposition: Disposition) -> Steps:
    """What follows our media leg."""
    match disposition.kind:
        case Kind.PEOPLE:
            return to_people(office)
        case Kind.VOICEMAIL:
            return voicemail(office)
        case Kind.GOODBYE:
            return (HangUp(),)
        case Kind.TRANSFER:
            line = office.department(disposition.department)
            return transfer(line, office, announced=True) if line else to_people(office)


def menu_choice(office: Office, answer: MenuAnswered) -> Choice | DepartmentLine | None:
    """What the caller chose in a menu; a department's name counts in every menu."""
    if answer.menu == DEPARTMENTS:
        digit = answer.digits[:1] or spoken_digit(answer.speech)
        line = chosen_department(office.departments, digit, answer.speech)
        # A key of this menu is no key of the main one; 0 is a person in both.
        return line or chosen(office.staff.menu, "0" if digit == "0" else "", "" if digit else answer.speech)
    by_name = None if answer.digits else chosen_department(office.departments, "", answer.speech)
    spoken_key = chosen(office.staff.menu, answer.digits, answer.speech)
    return spoken_key or by_name


def not_understood(office: Office, menu: str, misses: int) -> Steps:
    """Ask again, or ring people when it was asked often enough."""
    if misses > MISSES_MOST:
        return to_people(office)
    ask = department_menu if menu == DEPARTMENTS else main_menu
    return ask(office, NOT_UNDERSTOOD)


def hours(office: Office) -> Steps:
    """Say the opening hours, then ask again."""
    said: Step = Say(office.staff.hours.said())
    return (said, *main_menu(office))


def thanks() -> Steps:
    """The message is kept."""
    return (Say(THANKS), HangUp())


def unconfirmed() -> Steps:
    """The message may be lost: say so."""
    return (Say(UNCONFIRMED), HangUp())
