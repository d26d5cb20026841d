"""What a caller leaves for the staff while it is being told: a message or a request, and whose it is. Pure.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.dialogue.asking import ASKED, SPOKEN
from appliance.core.dialogue.moves import Do
from appliance.core.spoken_message import name_said


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
    def whose(self) -> str:
        """The name of whoever leaves it; empty where it stands in the recording alone, or nowhere."""
        return (self.name or name_said(self.text))[:80]

    def kept(self) -> Do:
        """Have it kept for the staff."""
        said = self.text or SPOKEN
        told = {
            "subject": self.subject,
            "body": f'Asked: "{self.question}". {said}' if self.question else said,
            "name": self.whose,
            "number": self.number,
            "urgency": "urgent" if self.urgent else "normal",
            "recording": self.recording,
            "confirmed": "yes" if self.confirmed else "no",
        }
        return Do("take_spoken_message", told)
