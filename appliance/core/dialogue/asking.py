"""What the local assistant asks, and when: the steps of its dialogue and how long each may wait.

May import: the standard library, appliance.core.
"""

from enum import Enum, auto

from appliance.core.events import Understood
from appliance.core.menu import spoken_key
from appliance.core.phase import DIGITS_MS, SENTENCE_MS, YES_OR_NO_MS

MISSES_TO_KEYS = 2
MISSES_TO_PERSON = 4
SILENCES_IN_CLOUD = ("nobody_heard", "nobody_heard_again", "offer_message")
BOOKING = {
    "book": "Appointment wanted",
    "move": "Appointment to be moved",
    "cancel": "Appointment to be cancelled",
}
ABOUT = "Appointment asked about"
SUBJECTS = {**BOOKING, "leave_message": "Message"}
"""What a message is about, by the wish that it comes of."""
PATIENT = "Who has an appointment"
"""What a recording is about in which somebody says who comes."""
ASKED = {
    BOOKING["book"]: "ask_booking",
    BOOKING["move"]: "ask_move",
    BOOKING["cancel"]: "ask_cancel",
    PATIENT: "ask_patient",
    ABOUT: "ask_message",
}
ASKED_FOR_PERSON = "the caller asked for a person"
MESSAGE = SUBJECTS["leave_message"]
SPOKEN = "Spoken; listen to the recording."
"""What is written of a message of which no word was understood."""
QUESTION = "Question"
CURT_WORDS = 3
"""In more words than these a caller who names the assistant may want something else."""
TOLD_MOST = 300
"""So many letters are read back to a caller; more of them take too long."""
DAY_MOST = 200
"""So many letters are looked through for the day that is asked about."""
TAKES = frozenset({"take_message", "take_spoken_message", "call_back"})
ANSWERS = "answer_question"


class Step(Enum):
    """What the caller was asked last."""

    OFFER = auto()
    DEPARTMENT = auto()
    MESSAGE_OFFERED = auto()
    MESSAGE = auto()
    MESSAGE_CHECK = auto()
    WHO = auto()
    NUMBER_KNOWN = auto()
    NUMBER = auto()
    NUMBER_CHECK = auto()
    URGENT = auto()
    VISIT = auto()
    WHEN = auto()
    OFFERS = auto()
    BOOK_CHECK = auto()
    LINK = auto()
    PATIENT_BORN = auto()
    PATIENT_BORN_CHECK = auto()
    BORN = auto()
    BORN_CHECK = auto()
    WHOSE = auto()
    WHICH = auto()
    THEIRS = auto()
    CANCEL_CHECK = auto()
    WAITING = auto()


COLLECTING = frozenset(
    {
        Step.MESSAGE,
        Step.MESSAGE_CHECK,
        Step.WHO,
        Step.NUMBER_KNOWN,
        Step.NUMBER,
        Step.NUMBER_CHECK,
        Step.URGENT,
        Step.OFFERS,
        Step.BOOK_CHECK,
        Step.PATIENT_BORN,
        Step.PATIENT_BORN_CHECK,
        Step.BORN,
        Step.BORN_CHECK,
        Step.WHOSE,
        Step.WHICH,
        Step.THEIRS,
        Step.CANCEL_CHECK,
        Step.WAITING,
    }
)
TAKEN_BACK = COLLECTING - {Step.MESSAGE, Step.WAITING, Step.THEIRS, Step.CANCEL_CHECK} | {
    Step.VISIT,
    Step.WHEN,
    Step.LINK,
}
"""Where something was begun that "never mind" takes back; what is being recorded is looked at as a whole.

Of an appointment that there is these words are an answer: it stays as it is.
"""
PAUSES_MS = {
    Step.MESSAGE_OFFERED: YES_OR_NO_MS,
    Step.MESSAGE_CHECK: YES_OR_NO_MS,
    Step.NUMBER_KNOWN: YES_OR_NO_MS,
    Step.NUMBER_CHECK: YES_OR_NO_MS,
    Step.URGENT: YES_OR_NO_MS,
    Step.BOOK_CHECK: YES_OR_NO_MS,
    Step.LINK: YES_OR_NO_MS,
    Step.PATIENT_BORN_CHECK: YES_OR_NO_MS,
    Step.BORN_CHECK: YES_OR_NO_MS,
    Step.CANCEL_CHECK: YES_OR_NO_MS,
    Step.NUMBER: DIGITS_MS,
    Step.PATIENT_BORN: DIGITS_MS,
    Step.BORN: DIGITS_MS,
    Step.WHOSE: DIGITS_MS,
}
OF_MESSAGE = frozenset(
    {Step.MESSAGE_OFFERED, Step.MESSAGE_CHECK, Step.NUMBER_KNOWN, Step.NUMBER_CHECK, Step.URGENT}
)
"""Where a yes or a no is all that a message needs."""
HEARD_FIRST = frozenset({Step.LINK, Step.URGENT})
"""Where a yes counts only once the question was heard; it may answer the one before."""
NAMELESS = "1"
"""The key for a message without a name."""
GATHERED = frozenset({Step.NUMBER, Step.PATIENT_BORN, Step.BORN, Step.WHOSE})
"""Where keys are digits of a number and none is a choice."""
KEYS_OF = {
    Step.VISIT: "0123456789*#",
    Step.WHEN: "01*#",
    Step.OFFERS: "01239*#",
    Step.BOOK_CHECK: "012*#",
    Step.WHICH: "0123456789*#",
    Step.THEIRS: "0123*#",
    Step.CANCEL_CHECK: "012*#",
}
"""Where a number may be of a time that the caller tells, and which of them are as good as keys."""
FOR_ASSISTANT = frozenset({"book", "move", "cancel", "question", "none", "unheard"})
"""What callers want of a menu that is better answered by the assistant, where there is one."""


def pause_ms(step: Step) -> int:
    """How long a silence ends the answer to what was asked."""
    return PAUSES_MS.get(step, SENTENCE_MS)


def key_said(step: Step, wish: Understood) -> str:
    """The key that the caller's words are as good as; empty for others: "at two" tells a time, and no key."""
    if wish.intent != "none" or len(wish.digits) != 1:
        return ""
    key, keys = wish.digits, KEYS_OF.get(step, "")
    told_a_time = bool(keys and wish.text) and (key not in keys or spoken_key(wish.text) != key)
    return "" if told_a_time else key
