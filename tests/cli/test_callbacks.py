"""The callback list at the command line, from the morning's calls to the last of them done."""

from pathlib import Path

import orjson

from appliance.store import database, message_corrections, message_texts
from appliance.store.message_texts import MessageText, TextState
from tests.cli.conftest import Typed


def first(typed: Typed) -> int:
    tree = orjson.loads(typed("callbacks", "list", "--json").output)
    return int(tree["callbacks"][0]["id"])


def test_the_list_shows_who_is_to_be_called_back_and_why(typed: Typed, morning: Path) -> None:
    told = typed("callbacks", "list")
    assert (told.exit_code, told.output.splitlines()[0].split()) == (
        0, ["ID", "Caller", "Why", "Since", "Due", "Whose", "Tries"],
    )  # fmt: skip
    tree = orjson.loads(typed("callbacks", "list", "--json").output)
    assert len(tree["callbacks"]) == tree["counts"]["open"] > 0
    assert told.output.splitlines()[-1].startswith(f"{tree['counts']['open']} to be called back: ")


def test_an_entry_goes_from_taken_to_done_and_back(typed: Typed, morning: Path) -> None:
    entry = str(first(typed))
    assert typed("callbacks", "take", entry, "--as", "ana").output == f"Callback {entry} is ana's.\n"
    refused = typed("callbacks", "take", entry, "--as", "ben")
    assert (refused.exit_code, refused.stderr) == (1, f"Callback {entry} is ana's.\n")
    assert typed("callbacks", "take", entry, "--for", "ben", "--over").output.endswith("is ben's.\n")
    assert typed("callbacks", "note", entry, "wife", "answers", "--as", "ben").exit_code == 0
    assert typed("callbacks", "attempt", entry, "busy", "--again-in", "30").output.endswith("Tries: 1.\n")
    assert "Due: " in typed("callbacks", "snooze", entry, "60").output
    mine = orjson.loads(typed("callbacks", "list", "--owner", "ben", "--json").output)["callbacks"]
    assert [each["id"] for each in mine] == [int(entry)]
    told = typed("callbacks", "show", entry).output
    assert all(words in told for words in ("note by ben: wife answers", "attempt", "put off", "taken by ana"))
    done = typed("callbacks", "done", entry, "settled", "--as", "ben")
    assert done.output == f"Callback {entry} is done.\n"
    listed = typed("callbacks", "list", "--done").output.splitlines()
    assert entry in [line.split()[0] for line in listed if line]
    again = typed("callbacks", "attempt", entry)
    assert (again.exit_code, again.stderr) == (1, f"Callback {entry} is done, by ben: undo that first.\n")
    assert typed("callbacks", "undo", entry).output == f"Callback {entry} is open again.\n"
    assert typed("callbacks", "take", entry, "--give-back").output.endswith("is nobody's again.\n")


def test_an_entry_tells_what_machines_wrote_down_of_a_message(typed: Typed, morning: Path) -> None:
    db = database.connect(morning)
    (message, entry) = db.execute(
        "SELECT message_id, callback_id FROM callback_cause WHERE message_id IS NOT NULL LIMIT 1"
    ).fetchone()
    text = MessageText(message, TextState.WRITTEN, text="Please call.", summary="A call.", made_by="rules")
    message_texts.put(db, text, "2026-11-24T16:20:00.000Z")
    db.close()
    told = typed("callbacks", "show", str(entry)).output
    assert (f"(message {message})" in told, "By machine: A call." in told) == (True, True)
    tree = orjson.loads(typed("callbacks", "show", str(entry), "--json").output)
    assert "Please call." in [each["text"]["text"] for each in tree["messages"] if each["text"]]


def test_whom_to_call_is_the_number_that_was_said_and_what_staff_wrote_is_told(
    typed: Typed, morning: Path
) -> None:
    db = database.connect(morning)
    (message, entry, rang) = db.execute(
        """
        SELECT message_id, callback_id, number FROM callback_cause AS cause
        JOIN callback ON callback.id = callback_id WHERE message_id IS NOT NULL AND number <> '' LIMIT 1
        """
    ).fetchone()
    at, number = "2026-11-24T16:20:00.000Z", "+12125550123"
    message_corrections.add(db, message, by="Ben", at=at, text="Her bill.", name="Ana", number=number)
    db.close()
    assert f"Ana {number} (or {rang})" in typed("callbacks", "list").output
    told = typed("callbacks", "show", str(entry)).output
    assert f"Callback {entry}: Ana {number} (or {rang})" in told
    assert "Corrected by Ben: Her bill." in told
    tree = orjson.loads(typed("callbacks", "show", str(entry), "--json").output)
    assert (tree["number"], tree["said"]) == (rang, number)
    assert [each["correction"]["by"] for each in tree["messages"]] == ["Ben"]


def test_what_is_not_there_is_said_in_a_sentence(typed: Typed, morning: Path) -> None:
    for command in (["show", "999"], ["take", "999"], ["done", "999"], ["undo", "999"]):
        told = typed("callbacks", *command)
        assert (told.exit_code, told.stderr) == (1, "There is no callback 999.\n")
    assert typed("callbacks", "note", str(first(typed))).exit_code == 2


def test_a_box_that_has_not_run_has_no_list(typed: Typed) -> None:
    assert typed("callbacks", "list").exit_code == 1
