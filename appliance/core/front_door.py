"""What a caller is led through between media legs: the menu, people, voicemail. Pure.

Every way ends at a person, a message, a goodbye, or at phones of which we are told how it went. Should we be
gone by then, or when the call comes in, the carrier goes on with the `fallback` that it was given once and
for all. May import: the standard library, appliance.core.
"""

import re
from dataclasses import replace

from appliance.core import other_languages
from appliance.core.dispositions import Disposition, Kind
from appliance.core.menu import PERSON, Choice, DepartmentLine, chosen, chosen_department, spoken_digit
from appliance.core.phones import outside
from appliance.core.staff import EMERGENCY_LINE, Office
from appliance.core.steps import (
    Ask,
    Assist,
    HangUp,
    MenuAnswered,
    Ring,
    Say,
    Steps,
    TakeVoicemail,
)
from appliance.core.tongue import called, named

MAIN = "main"
DEPARTMENTS = "departments"
MESSAGE = "message"
"""The words before a message, as a menu: a key ends them."""
MENUS = (MAIN, DEPARTMENTS, MESSAGE)
MISSES_MOST = 2
_PLACE = re.compile(r"\{([a-z_]+)\}")


def voicemail(office: Office, *before: Say) -> Steps:
    """Take a message, whatever it takes, with these words first; in all of them 0 leads to a person."""
    return _taken(office, replace(_message(office), menu=MESSAGE, before=before))


def at_the_tone(office: Office) -> Steps:
    """Take a message from a caller who has ended the words before it."""
    return _taken(office, replace(_message(office), prompt="", recording=""))


def _message(office: Office) -> TakeVoicemail:
    staff, closed = office.staff, not office.open_now
    return TakeVoicemail(
        staff.voicemail_words(closed=closed),
        staff.voicemail_longest_s,
        language=_spoken(office),
        recording=staff.voicemail_recording(closed=closed),
    )


def _taken(office: Office, message: TakeVoicemail) -> Steps:
    return (message, _said(office, "no_message"), HangUp())


def people(office: Office) -> Steps:
    """Ring the front desk, then take a message; needs no answer of ours."""
    rings = _ring(office.staff.people, office.staff.ring_s, report=False)
    return (*rings, *_taken(office, _message(office)))


def _people_after(office: Office, name: str) -> Steps:
    """Say so and ring the front desk, then take a message; who does nothing needs no answer of ours."""
    said, rings = _said(office, name), _ring(office.staff.people, office.staff.ring_s, report=False)
    return (said, *rings, *voicemail(office)) if rings else voicemail(office, said)


def _ring(numbers: tuple[str, ...], seconds: int, *, report: bool) -> Steps:
    reached = outside(numbers)
    return (Ring(reached, seconds, report),) if reached else ()


def assistant(office: Office, token: str) -> Steps:
    """Connect the caller with us; people stand behind it for every end that is not planned."""
    return (Assist(token), *people(office))


def _spoken(office: Office) -> str:
    """The language that the carrier has to be told: none while it is the clinic's own."""
    return office.staff.language if office.home else ""


def _said(office: Office, name: str) -> Say:
    return Say(office.staff.said(name), _spoken(office))


def greeted_menu(office: Office) -> Steps:
    """Greet, then ask."""
    if office.recording:
        return main_menu(office, office.staff.notice, office.recording)
    return main_menu(office, office.greeting_said())


def main_menu(office: Office, before: str = "", recording: str = "") -> Steps:
    """Ask what the caller wants, twice; then ring people."""
    return (*_asked(office, before, recording), *_people_after(office, "connecting"))


def _asked(office: Office, before: str = "", recording: str = "") -> tuple[Ask, Ask]:
    """The main menu, with its words for the first time and for the second."""
    prompt, spoken = " ".join(entry.said for entry in office.staff.menu), _spoken(office)
    others = other_languages.keys(office)
    offers = tuple(Say(*other_languages.offer(code, key)) for code, key in others)
    hints = tuple(word for entry in office.staff.menu for word in entry.words)
    hints += tuple(name for code, _ in others for name in sorted(called(code)))
    if office.home or not offers:
        # Who has chosen a language hears the way back at the end.
        again = Ask(MAIN, prompt, hints, behind=offers, language=spoken)
        return replace(again, prompt=f"{before} {prompt}".strip(), recording=recording), again
    lead = (Say(before), *offers) if before else offers
    again = Ask(MAIN, prompt, hints, before=offers)
    return replace(again, recording=recording, before=lead), again


def in_language(office: Office) -> Steps:
    """The menu once more, in a language just chosen: with the warning, which is new to who needs it."""
    return main_menu(office, office.staff.notice)


def department_menu(office: Office, before: str = "") -> Steps:
    """Ask for the department, twice; then ring people."""
    lines = office.departments[:9]
    entry = office.staff.said("department")
    said = [_filled(entry, department=line.name, key=str(place)) for place, line in enumerate(lines, 1)]
    prompt = " ".join([*said, office.staff.said("person")])
    hints = tuple(word for line in lines for word in (line.name, *line.aliases))
    spoken = _spoken(office)
    first = Ask(DEPARTMENTS, f"{before} {prompt}".strip(), hints, language=spoken)
    asked = (first, Ask(DEPARTMENTS, prompt, hints, language=spoken))
    return (*asked, *_people_after(office, "connecting"))


def busy(office: Office) -> Steps:
    """No room for another conversation: people, then a message."""
    return _people_after(office, "busy")


def transfer(line: DepartmentLine, office: Office, *before: Say, announced: bool = False) -> Steps:
    """Ring a department and hear how it went. We say what follows: what stood behind it would not be done."""
    if not outside(line.numbers):
        return _nobody(office, *before)
    said = () if announced else (_said(office, "connecting"),)
    return (*before, *said, *_ring(line.numbers, office.staff.ring_s, report=True))


def _nobody(office: Office, *before: Say) -> Steps:
    return voicemail(office, *before, _said(office, "nobody"))


def to_department(line: DepartmentLine, office: Office) -> Steps:
    """Ring a department that was chosen in a menu; when it is closed, say so and take a message."""
    shut = office.shut_said(line, office.staff.language)
    return voicemail(office, Say(shut, _spoken(office))) if shut else transfer(line, office)


def to_people(office: Office, *before: Say) -> Steps:
    """Ring the front desk and hear how it went; like `transfer`."""
    if not outside(office.staff.people):
        return _nobody(office, *before)
    rings = _ring(office.staff.people, office.staff.ring_s, report=True)
    return (*before, _said(office, "connecting"), *rings)


def after_ring(office: Office, result: str) -> Steps:
    """What follows when phones have rung: nothing after a talk, a message otherwise."""
    return (HangUp(),) if result == "answered" else _nobody(office)


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


def language_chosen(office: Office, answer: MenuAnswered) -> str:
    """The language that the caller would rather have: by its key in the menu, or by its name in any."""
    others = dict(other_languages.keys(office))
    digit = answer.digits[:1] or spoken_digit(answer.speech)
    if digit:
        return next((code for code, key in others.items() if answer.menu == MAIN and key == digit), "")
    return named(answer.speech, tuple(others))


def menu_choice(office: Office, answer: MenuAnswered, wish: str = "") -> Choice | DepartmentLine | None:
    """What the caller chose in a menu; a department's name counts in every menu.

    `wish` is what was found in the words outside of it: danger goes before everything, a person comes last.
    """
    if wish == "emergency":
        return Choice.DANGER
    return _chosen(office, answer) or (Choice.PEOPLE if wish == "person" else None)


def _chosen(office: Office, answer: MenuAnswered) -> Choice | DepartmentLine | None:
    digit = answer.digits[:1] or spoken_digit(answer.speech)
    if digit == PERSON:
        return Choice.PEOPLE
    if answer.menu == MESSAGE:
        return None
    if answer.menu == DEPARTMENTS:
        line = chosen_department(office.departments, digit, answer.speech)
        # A key of this menu is no key of the main one.
        return line or chosen(office.staff.menu, "", "" if digit else answer.speech)
    by_name = None if answer.digits else chosen_department(office.departments, "", answer.speech)
    spoken_key = chosen(office.staff.menu, answer.digits, answer.speech)
    return spoken_key or by_name


def danger(office: Office) -> Steps:
    """Say whom to call; then the on-call line rings, or, where there is none, the front desk."""
    # Digit by digit: not "nine hundred and eleven".
    number = " ".join(office.staff.emergency_number)
    said = Say(_filled(office.staff.said("emergency"), number=number), _spoken(office))
    on_call = office.department(EMERGENCY_LINE)
    if on_call is None:
        return to_people(office, said)
    return transfer(on_call, office, said)


def not_understood(office: Office, menu: str, misses: int) -> Steps:
    """Ask again, or ring people when it was asked often enough; who hurries to the tone gets there."""
    if menu == MESSAGE:
        return at_the_tone(office)
    if misses > MISSES_MOST:
        return to_people(office)
    ask = department_menu if menu == DEPARTMENTS else main_menu
    return ask(office, office.staff.said("not_understood"))


def hours(office: Office) -> Steps:
    """Say the opening hours and ask again, in one: the menu's keys count while the hours are said."""
    said = Say(office.hours_said(office.staff.language), _spoken(office))
    first, again = _asked(office)
    first = replace(first, before=(said, *first.before))
    return (first, again, *_people_after(office, "connecting"))


def thanks(office: Office) -> Steps:
    """The message is kept."""
    return (_said(office, "message_kept"), HangUp())


def kept_by_carrier(office: Office) -> Steps:
    """What the carrier does by itself behind a message that it took by itself.

    It says the same to all, and cannot tell who pressed 0 to end it: people are rung for whoever stays.
    """
    staff = office.staff
    rings = _ring(staff.people, staff.ring_s, report=False)
    if not rings:
        return thanks(office)
    return (Say(staff.said("kept_by_carrier")), *rings, Say(staff.said("no_message")), HangUp())


def unconfirmed(office: Office) -> Steps:
    """The message may be lost: say so."""
    return (_said(office, "message_lost"), HangUp())


def fallback(office: Office) -> Steps:
    """What the carrier does by itself whenever we do not answer: people, then a message.

    It may begin a call or come in the middle of one. And when the desk hangs up first after a talk, the next
    step comes as well: what is said there suits a caller who was helped and one whom nobody answered.
    """
    staff = office.staff
    sorry = _filled(staff.said("fallback"), business_name=staff.business_name)
    rings = _ring(staff.people, staff.ring_s, report=False)
    rung = (Say(staff.said("connecting")), *rings, Say(staff.said("talked"))) if rings else ()
    return (
        Say(f"{sorry} {staff.notice}".strip()),
        *rung,
        TakeVoicemail(staff.voicemail_prompt, staff.voicemail_longest_s, report=False),
        Say(staff.said("no_message")),
        HangUp(),
    )


def _filled(sentence: str, **words: str) -> str:
    """A sentence that staff may have written, with these words in the places that are theirs."""
    return _PLACE.sub(lambda place: words.get(place[1], place[0]), sentence)
