"""A link offered as a text, to the caller's number or another.

It is one to book by, before a request is written down, or one to the clinic's page, where the documents do
not know.

It says what comes next and does nothing. May import: the standard library, appliance.core.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance.core.booking import agreeing
from appliance.core.booking.linking import ASK, About
from appliance.core.dialogue.asking import Step
from appliance.core.dialogue.following import Ask, Finished, Next, Wish
from appliance.core.dialogue.moves import LITERAL, Do, Say
from appliance.core.events import Understood

SEND = "send_booking_link"
LINKS = frozenset({SEND, "text_booking_link"})
"""The tools that text one: ours, and that of the cloud."""
OTHER_NUMBER = "3"
PAGE = str(About.CLINIC)


@dataclass(slots=True)
class Link:
    """What has become of it: `offered` once, and `texting` while another number is asked for."""

    about: str = str(About.APPOINTMENT)
    offered: bool = False
    texting: bool = False

    def instead(self, then: Next | None, number: str | None) -> Next | None:
        """The same; where a request would be written down, a link is offered before, once.

        To this number, or where it is empty to one that the caller gives; None where no links are texted.
        """
        if not isinstance(then, Wish) or number is None or self.offered:
            return then
        self.offered = True
        offer = Say("offer_link", (("number", number),)) if number else Say("offer_link_elsewhere")
        return Ask(Step.LINK, (*then.says, offer))

    def key(self, digit: str, number: str, language: str) -> Next | None:
        """A key; None when it means nothing here."""
        if digit == OTHER_NUMBER:
            return self._ask_number()
        return self._agreed(number, language, yes=digit == "1") if digit in "12" else None

    def said(self, wish: Understood, number: str, language: str) -> Next | None:
        """Words; None when they are neither a clear yes nor a no."""
        yes = agreeing.clear_yes(wish.text)
        return self._agreed(number, language, yes=yes) if yes or wish.intent == "no" else None

    def _agreed(self, number: str, language: str, *, yes: bool) -> Next:
        if yes and not number:
            return self._ask_number()
        return self.send(number, language) if yes else self._otherwise()

    def _otherwise(self, *says: Say) -> Next:
        """What is offered where no link is wanted, or none can be sent."""
        if self.about == PAGE:
            return Ask(Step.MESSAGE_OFFERED, (*says, Say("offer_message")))
        return Wish(says)

    def _ask_number(self) -> Ask:
        self.texting = True
        return Ask(Step.NUMBER, (Say("ask_number"),))

    def send(self, number: str, language: str) -> Do:
        """Text it to this number."""
        self.texting = False
        about = {"about": PAGE} if self.about == PAGE else {}
        return Do(SEND, {"phone": number, "language": language, **about})

    def told(self, output: Mapping[str, Any]) -> Next:
        """What the tool answered: what is said of it, and a request where it could not be sent."""
        said = str(output.get("say", "")) if output.get("why") != ASK else ""
        words = (Say(LITERAL, (("text", said),)),) if said else ()
        return Finished(words) if output.get("ok") else self._otherwise(*words)
