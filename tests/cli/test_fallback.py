"""`attendant fallback`: the two TwiML Bins, as the carrier would take them."""

from pathlib import Path

import pytest

from tests.cli.conftest import Typed
from tests.peers.carrier.twiml import Verb, parse

GOODBYE = "https://handler.twilio.com/twiml/EH" + "0" * 31 + "1"
DESK = "+14155550100"


@pytest.fixture
def twilio(config: Path) -> Path:
    """The settings file of a box with Twilio, and with the first Bin."""
    text = config.read_text()
    account = f'account_sid = "AC{"0" * 32}"\npublic_url = "https://box.example.com"'
    config.write_text(f'{text}[twilio]\n{account}\ngoodbye_url = "{GOODBYE}"\n')
    return config


def verbs(printed: str) -> tuple[Verb, ...]:
    return parse(printed.encode(), "text/xml")


def test_the_bin_that_answers_rings_the_clinics_people_and_takes_a_message(
    twilio: Path, typed: Typed
) -> None:
    for key, value in {"people": f'["{DESK}"]', "business_name": "Riverside", "ring_s": "30"}.items():
        assert typed("staff", "set", key, value).exit_code == 0
    printed = typed("fallback", "answer")
    assert (printed.exit_code, printed.stderr) == (0, "")
    said, _, dial, _, _, record, _, _ = verbs(printed.stdout)
    assert said.text.startswith("You have reached Riverside.")
    assert ([each.text for each in dial.children], dial.number("timeout", 0)) == ([DESK], 30)
    assert record.get("action") == GOODBYE


def test_the_bin_with_the_goodbye_is_printed_before_it_has_an_address(twilio: Path, typed: Typed) -> None:
    twilio.write_text(twilio.read_text().replace(GOODBYE, ""))
    printed = typed("fallback", "goodbye")
    assert [verb.name for verb in verbs(printed.stdout)] == ["Say", "Hangup"]
    refused = typed("fallback", "answer")
    assert refused.exit_code == 1
    assert "attendant fallback goodbye" in refused.output


def test_who_pressed_0_in_the_message_is_led_to_people_by_the_bin_with_the_goodbye(
    twilio: Path, typed: Typed
) -> None:
    assert typed("staff", "set", "people", f'["{DESK}"]').exit_code == 0
    record = next(verb for verb in verbs(typed("fallback", "answer").stdout) if verb.name == "Record")
    assert "0" in record.get("finishOnKey")
    said, dial, _, end = verbs(typed("fallback", "goodbye").stdout)
    assert "stay on the line" in said.text
    assert [each.text for each in dial.children] == [DESK]
    assert "action" not in dial.attributes
    assert end.name == "Hangup"


def test_without_people_it_says_that_no_phone_rings(twilio: Path, typed: Typed) -> None:
    printed = typed("fallback", "answer")
    assert "Dial" not in [verb.name for verb in verbs(printed.stdout)]
    assert "No phone rings" in printed.stderr


def test_without_twilio_there_is_nothing_to_print(typed: Typed) -> None:
    refused = typed("fallback", "goodbye")
    assert (refused.exit_code, refused.output) == (
        1,
        "Twilio is not set up: [twilio] account_sid is empty.\n",
    )


@pytest.mark.parametrize(
    ("key", "value", "changed"),
    [
        ("people", f'["{DESK}"]', ["goodbye", "answer"]),
        ("caller_id", DESK, ["goodbye", "answer"]),
        ("language", "es-US", ["goodbye", "answer"]),
        ("wording", '{"kept_by_carrier": "Bye."}', ["goodbye"]),
        ("wording", '{"message_kept": "Bye."}', []),
        ("wording", '{"busy": "Please hold."}', []),
        ("address", "1 Main Street", []),
    ],
)
def test_an_edit_says_which_bins_are_to_be_pasted_anew(
    twilio: Path, typed: Typed, key: str, value: str, changed: list[str]
) -> None:
    typed("staff", "set", "people", '["+14155550199"]')
    told = [f"    attendant fallback {name}" for name in changed]
    for done in (typed("staff", "set", key, value), typed("staff", "unset", key)):
        assert [line for line in done.output.splitlines() if "attendant fallback" in line] == told
        assert ("TwiML Bins" in done.output) is bool(changed)


def test_an_edit_says_nothing_of_bins_where_there_are_none(twilio: Path, typed: Typed) -> None:
    twilio.write_text(twilio.read_text().replace(GOODBYE, ""))
    assert "Bin" not in typed("staff", "set", "people", f'["{DESK}"]').output
