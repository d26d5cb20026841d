"""What a caller leaves for the staff while it is being told: a message or a request, and whose it is. Pure.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.booking.saying import sentence
from appliance.core.dialogue.asking import ASKED, BOOKING, SPOKEN, TAKEN_BACK, Step
from appliance.core.dialogue.following import Finished, verbatim
from appliance.core.dialogue.moves import Do
from appliance.core.spoken_message import name_said
from appliance.core.taking_back import speaks_of_cancelling, takes_back


@dataclass(slots=True)
class Left:
    """A message as far as it was told. `text` is what was understood of it, `recording` where it is on disk.

    `question` is the one that we could not answer, `name` what the caller said when asked for it.
    """

    subject: str = ""
    text: str = ""
    recording: str = ""
    name: str = ""
    number: str = ""
    confirmed: bool = False
    """Whether the caller has said yes to the number."""
    urgent: bool = False
    question: str = ""

    @property
    def of_message(self) -> bool:
        """Whether it is a message, of which more is asked than of a request."""
        return self.subject not in ASKED

    @property
    def cancels(self) -> bool:
        """Whether it is that something is to be cancelled."""
        return self.subject == BOOKING["cancel"] or speaks_of_cancelling(self.text)

    @property
    def whose(self) -> str:
        """The name of whoever leaves it; empty where it stands in the recording alone, or nowhere."""
        return (self.name or name_said(self.text))[:80]

    def given_up(self, step: Step, text: str, *, kept: bool, cancels: bool) -> bool:
        """Whether these words take back what is being left, or name what was just `kept`.

        `cancels`: an appointment is to be cancelled.
        """
        if step is Step.OFFER:
            return kept and takes_back(text, named=True)
        return step in TAKEN_BACK and takes_back(text, cancels=cancels or self.cancels)

    def kept(self, *, sure: bool = True) -> Do:
        """Have it kept for the staff; what is not `sure` stands unless the last words take it back."""
        said = self.text or SPOKEN
        told = {
            "subject": self.subject,
            "body": f'Asked: "{self.question}". {said}' if self.question else said,
            "name": self.whose,
            "number": self.number,
            "urgency": "urgent" if self.urgent else "normal",
            "recording": self.recording,
            "confirmed": "yes" if self.confirmed else "no",
            "sure": "yes" if sure else "no",
        }
        return Do("take_spoken_message", told)


def names_nothing(step: Step, text: str, *, kept: bool) -> bool:
    """Whether these words would have something gone where no message was just `kept`."""
    return step is Step.OFFER and not kept and takes_back(text, named=True)


def nothing_kept(language: str) -> Finished:
    """The caller wants nothing of it any more, and is told that nothing of it stands."""
    return Finished(verbatim(sentence(language, "taken_back")))
