"""Messages at the command line: lists, one with its text, its recording as a file, dealt with or open."""

import json
from pathlib import Path

import pytest

from appliance.core.booking.calling_from import NumberFrom
from appliance.store import database, jobs, message_texts, messages
from appliance.store.message_texts import MessageText, TextState
from tests.cli.conftest import Typed

TEXT = MessageText(
    1,
    TextState.WRITTEN,
    text="This is Ana Ruiz. I can't breathe.",
    language="en",
    confidence=0.81,
    summary="I can't breathe.",
    urgency="emergency",
    because="I can't breathe.",
    name="Ana Ruiz",
    number="+12125550188",
    made_by="rules",
)


@pytest.fixture
def told(morning: Path) -> Path:
    """The morning's first message, written down."""
    db = database.connect(morning)
    message_texts.put(db, TEXT, "2026-11-24T16:20:00.000Z")
    db.close()
    return morning


def test_messages_are_listed_the_newest_first_with_what_they_say(typed: Typed, told: Path) -> None:
    heads, *lines = typed("messages", "list").output.splitlines()
    assert heads.split() == ["Id", "Left", "Kind", "From", "Name", "How", "What"]
    assert [line.split()[0] for line in lines] == ["4", "3", "2", "1"]
    assert "emergency  I can't breathe." in lines[-1]
    assert "still with the carrier" in "".join(lines)
    assert [line.split()[0] for line in typed("messages", "list", "--limit", "1").output.splitlines()] == [
        "Id",
        "4",
    ]
    (first,) = json.loads(typed("messages", "list", "--before", "2", "--json").output)
    assert first["text"]["text"] == TEXT.text


def test_hang_ups_are_left_out_unless_asked_for(typed: Typed, told: Path) -> None:
    db = database.connect(told)
    messages.keep_sound(db, 1, "RE1.wav", 100, hang_up=True)
    db.close()
    assert len(typed("messages", "list").output.splitlines()) == 4
    assert "hang-up" in typed("messages", "list", "--hang-ups").output


def test_what_the_caller_did_not_confirm_or_say_is_shown_as_such(typed: Typed, told: Path) -> None:
    db = database.connect(told)
    said = messages.Told(
        "Ana", "+13475550123", number_from=NumberFrom.CALLER_ID, words="call me", unheard="2026-12-04"
    )
    message_id = messages.add(
        db, call_sid="CA9", subject="x", body="Call", at="2026-11-24T16:20:00.000Z", caller=said
    )
    db.close()
    shown = [
        " ".join(line.split()) for line in typed("messages", "show", str(message_id)).output.splitlines()
    ]
    assert "Call back: +13475550123 (caller ID, not confirmed)" in shown
    assert {"Not heard: 2026-12-04", "Heard: call me"} <= {*shown}


def test_one_is_shown_with_all_that_was_said(typed: Typed, told: Path) -> None:
    lines = typed("messages", "show", "1").output.splitlines()
    assert "By machine: written in en, sure: 81%; read by rules" in lines
    assert "Urgency: emergency (I can't breathe.)" in lines
    assert "Number: +12125550188 (rang from it)" in lines
    assert lines[-1] == f"Said: {TEXT.text}"
    assert json.loads(typed("messages", "show", "1", "--json").output)["text"]["name"] == "Ana Ruiz"
    missing = typed("messages", "show", "99")
    assert (missing.exit_code, missing.stderr) == (1, "There is no message 99.\n")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (TextState.WAITING, "State: not written down yet: busy"),
        (TextState.FAILED, "State: cannot be written down: busy"),
        (TextState.NO_SPEECH, "State: nobody speaks in it"),
        (TextState.NOT_WRITTEN, "State: to be heard: busy"),
    ],
)
def test_how_far_it_is_is_said(typed: Typed, morning: Path, state: TextState, said: str) -> None:
    assert "State: not written down yet" in typed("messages", "show", "1").output
    db = database.connect(morning)
    message_texts.put(db, MessageText(1, state, problem="busy"), "2026-11-24T16:20:00.000Z")
    db.close()
    assert said in typed("messages", "show", "1").output.splitlines()


def test_one_is_written_down_again_by_hand(typed: Typed, morning: Path) -> None:
    done = typed("messages", "write", "1")
    assert done.exit_code == 0, done.output
    db = database.connect(morning)
    (job,) = jobs.page(db, kind="write_down")
    assert (job.key, job.state) == ("write_down:1", jobs.State.QUEUED)
    assert job.payload == {"message_id": 1, "again": True}
    db.execute("UPDATE message SET recording_path = NULL WHERE id = 1")
    db.close()
    assert typed("messages", "write", "1").stderr == "Message 1 has no recording on this box.\n"
    assert typed("messages", "write", "99").exit_code == 1


def test_one_is_exported_with_its_recording(typed: Typed, told: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    written = typed("messages", "export", "1", str(out)).output.splitlines()
    assert written == [str(out / "message-1.json"), str(out / "message-1.wav")]
    assert (out / "message-1.wav").read_bytes() == (told.parent / "recordings" / "RE1.wav").read_bytes()
    assert json.loads((out / "message-1.json").read_text())["text"]["summary"] == TEXT.summary
    (told.parent / "recordings" / "RE1.wav").unlink()
    gone = typed("messages", "export", "1", str(out))
    assert (gone.exit_code, "cannot be copied: No such file" in gone.stderr) == (1, True)


def test_one_is_dealt_with_and_open_again(typed: Typed, told: Path) -> None:
    assert typed("messages", "done", "1").output == "Message 1 is dealt with.\n"
    assert "Dealt with: " in typed("messages", "show", "1").output
    assert typed("messages", "done", "1", "--again").output == "Message 1 is open again.\n"
    assert "Dealt with" not in typed("messages", "show", "1").output
    assert typed("messages", "done", "99").exit_code == 1


def test_a_box_that_has_not_run_has_no_messages(typed: Typed) -> None:
    assert typed("messages", "list").exit_code == 1


def test_nothing_is_said_of_what_is_not_there(typed: Typed, told: Path) -> None:
    db = database.connect(told)
    db.execute("DELETE FROM message")
    db.close()
    assert typed("messages", "list").output == "There is no message yet.\n"
    assert typed("messages", "list", "--open").output == "There is no such message.\n"
