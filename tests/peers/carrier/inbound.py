"""Texts that come in: the carrier's webhook for them, the words it knows itself, and the box's answer.

Pure. May import: the standard library, this package.
"""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from tests.peers.carrier.network import API_VERSION, new_sid

STOPS = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"))
STARTS = frozenset(("START", "UNSTOP", "YES"))


def inbound(
    account_sid: str, sender: str, called: str, body: str, extra: Mapping[str, str] | None
) -> dict[str, str]:
    """The parameters of the webhook."""
    sid = new_sid("SM")
    return {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": account_sid,
        "From": sender,
        "To": called,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": API_VERSION,
        **(extra or {}),
    }


def answers(document: bytes) -> list[str]:
    """The texts that a document answers with."""
    root = ET.fromstring(document)  # noqa: S314 -- from the box under test
    if root.tag != "Response":
        raise ValueError(f"not TwiML: {root.tag}")
    return [each.text or "" for each in root.findall("Message")]
