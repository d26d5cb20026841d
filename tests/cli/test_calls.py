"""The call log at the command line."""

from pathlib import Path

import pytest

from appliance.core.dispositions import HUNG_UP, PEOPLE, Outcome
from appliance.core.story import Speaker
from appliance.store import database, transcripts
from tests.admin import rows
from tests.cli.conftest import Typed


@pytest.mark.usefixtures("morning")
def test_the_list_is_a_table_the_newest_first(typed: Typed) -> None:
    lines = typed("calls").output.splitlines()
    assert " ".join(lines[0].split()) == "When Caller What became of it Length Cloud cost Call"
    assert [line.split()[-1] for line in lines[1:]] == [
        "now", "talk", "hostile", "voice", "billing", "hours", "yesterday", "old",
    ]  # fmt: skip
    assert "(212) 555-0188    Spoke with the assistant" in lines[2]
    assert len(typed("calls", "--limit", "3").output.splitlines()) == 4


@pytest.mark.usefixtures("morning")
def test_a_call_is_a_conversation(typed: Typed) -> None:
    shown = typed("call", "talk").output
    assert "Spoke with the assistant; 1 min; cloud cost $0.009\nWay: Main menu: Assistant\n" in shown
    assert "11:10:13 AM  Caller: Hi, do you take walk-ins" in shown
    assert "but from Monday to — the caller broke in here\n" in shown
    assert "Message: Call back before three\nEarache, her son." in shown
    assert "greeting after 0.7 s, at 6.9 s" in shown


@pytest.mark.usefixtures("morning")
def test_a_call_through_menus_tells_its_voicemail(typed: Typed) -> None:
    shown = typed("call", "voice").output
    assert "Way: Main menu: Voicemail\nLed on to: Voicemail\n" in shown
    assert "The assistant was not part of this call" in shown
    assert "Voicemail, 41 s: RE1.wav" in shown


def test_a_caller_who_hung_up_was_led_on_to_nobody(typed: Typed, morning: Path) -> None:
    db = database.connect(morning)
    rows.begin(db, "gone", "+12125550123", 10)
    rows.end(db, "gone", 9, Outcome.HANDLED, HUNG_UP, left=PEOPLE)
    db.close()
    shown = typed("call", "gone").output
    assert "Ended because: the caller hung up" in shown
    assert "Led on to" not in shown


@pytest.mark.usefixtures("morning")
def test_an_unknown_call_is_told(typed: Typed) -> None:
    done = typed("call", "no\x1b[2Jne")
    assert done.exit_code == 1
    assert "`attendant calls` lists their ids" in done.stderr
    assert "\x1b" not in done.stderr


def test_what_a_caller_says_does_nothing_to_the_terminal(typed: Typed, morning: Path) -> None:
    db = database.connect(morning)
    said = transcripts.TurnRow(
        "talk", 1, Speaker.CALLER, "\x1b]0;owned\x07 \x9b2J\u202e hi", True, False, rows.NOW
    )
    transcripts.write(db, said)
    db.close()
    shown = typed("call", "talk").output
    assert "�]0;owned� �2J� hi" in shown
    assert "\x1b" not in shown


def test_a_box_that_never_ran_says_so(typed: Typed, config: Path) -> None:
    done = typed("calls")
    assert done.exit_code == 1
    assert "it is made when the bridge first starts" in done.stderr
    assert not (config.parent / "data").exists()
    typed("staff", "set", "ring_s", "30")
    assert typed("calls").output == "No calls yet: ring the clinic's number.\n"
