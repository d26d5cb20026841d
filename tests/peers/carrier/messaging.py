"""Text messages that the box sends: what the carrier accepts, and what became of them.

Pure. May import: the standard library, this package's rest_errors.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.peers.carrier.rest_errors import Refused

LONGEST_BODY = 1600
INVALID_TO = "+15005550001"
"""The number that the carrier keeps for tests of this error."""
E164 = r"\+[1-9][0-9]{6,14}"
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_LONG = frozenset("^{}\\[~]|€")


@dataclass(slots=True)
class Message:
    """A text message, and where its way through the carrier has come to."""

    sid: str
    to: str
    from_: str
    body: str
    status_callback: str = ""
    messaging_service_sid: str = ""
    status: str = "queued"
    error_code: int | None = None
    created_at_s: float = field(default_factory=time.time)

    @property
    def segments(self) -> int:
        """How many are paid for."""
        if all(letter in GSM_7 or letter in GSM_7_LONG for letter in self.body):
            units = sum(2 if letter in GSM_7_LONG else 1 for letter in self.body)
            single, part = 160, 153
        else:
            units, single, part = len(self.body.encode("utf-16-le")) // 2, 70, 67
        return 1 if units <= single else -(-units // part)


def check_message(
    params: Mapping[str, str], our_numbers: set[str], opted_out: set[str], no_mobiles: set[str]
) -> None:
    """Refuse what the carrier refuses."""
    to, sender = params.get("To", ""), params.get("From", "")
    if not to:
        raise Refused(21604)
    if not re.fullmatch(E164, to) or to == INVALID_TO:
        raise Refused(21211, f"The 'To' number {to[:40]} is not a valid phone number")
    if not sender and not params.get("MessagingServiceSid"):
        raise Refused(21603)
    if sender and not re.fullmatch(E164, sender):
        raise Refused(21212, f"The 'From' number {sender[:40]} is not a valid phone number")
    if sender and sender not in our_numbers:
        raise Refused(21606)
    if not params.get("Body"):
        raise Refused(21602)
    if len(params["Body"]) > LONGEST_BODY:
        raise Refused(21617)
    if to in no_mobiles:
        raise Refused(21614)
    if to in opted_out:
        raise Refused(21610)
