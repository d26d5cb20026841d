"""0 in the dialplan: every place where a caller waits is known, and what 0 does there.

The places are read out of what is rendered: an application that takes time and is not in these tables fails.
"""

import re
from collections.abc import Iterator

import pytest

from appliance.core.menu import DepartmentLine
from appliance.core.staff import Office, StaffSettings
from ari_bridge.ami_events import PutOnHold, ZeroPressed, read
from ari_bridge.rendering import rendered
from tests.ari.test_rendering import PHONES, TRUNK, context, pbx

TAKES_TIME = (
    "Dial",
    "Record",
    "Read",
    "Playback",
    "BackGround",
    "WaitExten",
    "Wait",
    "Queue",
    "MusicOnHold",
    "Page",
)
NO_CALLER = {
    "attendant-asks": "a desk's phone rings, on a channel of its own",
    "attendant-screen": "a desk is asked",
    "attendant-size": "a channel that looks at a file",
    "attendant-self": "the box's own call",
    "attendant-on-call-rings": "somebody on call is rung",
    "attendant-on-call-asks": "somebody on call is asked",
    "attendant-refused": "a desk dialled what it may not",
    "attendant-code": "a desk dialled a code",
    "attendant-assistant": "a desk reaches the assistant by a channel that stays",
}
"""Contexts in which no caller is, or none who waits for a person."""
ZERO: dict[tuple[str, str], str] = {
    ("attendant", "Dial WebSocket"): "the box hears the key",
    ("attendant", "Read voicemail"): "leads to people",
    ("attendant", "Playback tone"): "a moment before the message, in which 0 leads to people",
    ("attendant", "Record"): "leads to people",
    ("attendant", "Dial Local"): "a moment in which the message is looked at",
    ("attendant", "Read message_kept"): "leads to people",
    ("attendant", "Playback not_kept"): "people ring next, whatever is pressed",
    ("attendant", "Read no_message"): "leads to people",
    ("attendant", "Playback fallback"): "people ring next, whatever is pressed",
    ("attendant", "Read fallback"): "people ring next, also by 0",
    ("attendant-ring", "Dial"): "leads on",
    ("attendant-outside", "Dial"): "leads on, for who was handed on",
    ("attendant-outside", "Playback no_line"): "a desk is told that its call cannot be had",
    ("attendant-inside", "Dial"): "two of the house; who is handed on rings by attendant-ring",
}


def places(dialplan: str) -> Iterator[tuple[str, str]]:
    """Where time passes, by context, application and what is said or dialled."""
    within = ""
    for line in dialplan.splitlines():
        if line.startswith("["):
            within = line.strip("[]")
        found = re.match(r"(?:exten = [^,]+,1| same = n(?:\([^)]+\))?),(\w+)\((.*)\)$", line)
        if found is None or found[1] not in TAKES_TIME or within in NO_CALLER:
            continue
        what = ""
        if found[1] in ("Playback", "Read"):
            what = re.split(r"[,&]", found[2].partition(",")[2] if found[1] == "Read" else found[2])[0]
            what = re.split(r"\$|,", what.rpartition("/")[2])[0]
        elif found[1] == "Dial" and (kind := re.match(r"(WebSocket|Local)/", found[2])):
            what = kind[1]
        yield within, f"{found[1]} {what}".strip()


def whole() -> list[str]:
    """The dialplan of a clinic that has everything, and of one with a single language."""
    staff = StaffSettings.model_validate(
        {"people": ["101"], "desk_first_s": 12, "caller_id": "+14155550100", "emergency_line": "+14155550119"}
    )
    line = DepartmentLine(slug="billing", name="Billing", numbers=("102",))
    plans = [pbx(TRUNK, office=Office(staff=staff, departments=(line,)), phones=PHONES), pbx()]
    return [rendered(plan)["extensions.conf"] for plan in plans]


def test_what_zero_does_is_known_of_every_place_where_a_caller_waits() -> None:
    found = {place for dialplan in whole() for place in places(dialplan)}
    assert found - ZERO.keys() == set()
    # `fallback` is said by either, as there are other languages or none.
    assert ZERO.keys() - found <= {("attendant", "Playback fallback"), ("attendant", "Read fallback")}


def test_the_contexts_without_a_caller_are_there() -> None:
    contexts = set(re.findall(r"^\[([^\]]+)\]$", whole()[0], re.MULTILINE))
    assert NO_CALLER.keys() <= contexts


def test_whatever_rings_for_a_caller_can_be_left_by_zero() -> None:
    for dialplan in whole():
        (ring,) = [line for line in context(dialplan, "attendant-ring").splitlines() if "Dial(" in line]
        assert "${MUSIC}dgi" in ring
        (outside,) = [line for line in context(dialplan, "attendant-outside").splitlines() if "Dial(" in line]
        assert '${IF($["${TOLD}" = ""]?:d)}i' in outside
        assert " same = n,Set(EXITCONTEXT=attendant-zero)" in context(dialplan, "attendant-begun")


def test_nobody_waits_for_the_same_phones_again() -> None:
    zero = context(whole()[0], "attendant-zero")
    assert '"${RANG}" = "front-desk"]?attendant,voicemail,1' in zero
    assert zero.index("voicemail,1") < zero.index("Goto(attendant,people,1)")


@pytest.mark.parametrize(
    ("event", "read_as"),
    [
        ({"Event": "Hold", "Uniqueid": "1.2", "Linkedid": "1.1"}, PutOnHold("1.1", on_hold=True)),
        ({"Event": "Unhold", "Uniqueid": "1.2", "Linkedid": "1.1"}, PutOnHold("1.1", on_hold=False)),
        # Who has put others on hold is not on hold.
        ({"Event": "Hold", "Uniqueid": "1.1", "Linkedid": "1.1"}, None),
        (
            {"Event": "DTMFEnd", "Uniqueid": "1.1", "Linkedid": "1.1", "Channel": "PJSIP/201-1", "Digit": "0"}
            | {"Direction": "Received"},
            ZeroPressed("1.1", "PJSIP/201-1"),
        ),
        (
            {"Event": "DTMFEnd", "Uniqueid": "1.1", "Linkedid": "1.1", "Digit": "0", "Direction": "Sent"},
            None,
        ),
        (
            {"Event": "DTMFEnd", "Uniqueid": "1.1", "Linkedid": "1.1", "Digit": "5", "Direction": "Received"},
            None,
        ),
        # A desk presses 0.
        (
            {"Event": "DTMFEnd", "Uniqueid": "1.2", "Linkedid": "1.1", "Digit": "0", "Direction": "Received"},
            None,
        ),
        ({"Event": "Hold", "Uniqueid": "1.2"}, None),
    ],
)
def test_holding_and_zero_are_read_of_who_began_the_call(
    event: dict[str, str], read_as: PutOnHold | ZeroPressed | None
) -> None:
    assert read(event) == read_as
