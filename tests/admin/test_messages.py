"""The list of messages, and recordings that are heard through it."""

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from appliance.core.booking.calling_from import NumberFrom
from appliance.core.settings import Settings
from appliance.store import message_texts, messages
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState
from models.recorded.keeping import Flac
from tests.admin import rows
from tests.admin.test_calls import text_of


@pytest.fixture
def recording(settings: Settings) -> bytes:
    """What the first message's recording holds."""
    return (settings.box.data_dir / "recordings" / "RE1.wav").read_bytes()


def test_the_list_shows_messages_the_newest_first(browser: FlaskClient) -> None:
    page = browser.get("/messages?part=all").text
    seen = text_of(page)
    assert seen.index("Call back before three") < seen.index("Dealt with Today") < seen.index("41 s")
    assert "(212) 555-0188 Message Today, 11:10 AM Call back before three" in seen
    assert "by ana" in seen
    assert "See the call" in seen
    assert "The recording is still with the carrier" in seen
    assert re.findall(r'<audio [^>]*src="([^"]+)"', page) == ["/messages/1/recording"]


def test_who_is_to_be_called_and_where_is_seen_at_once(browser: FlaskClient, db: Connection) -> None:
    rows.call_back(db, messages.Told("Ana Ruiz", "+13475550123", urgent=True, call_back=True))
    seen = text_of(browser.get("/messages").text)
    assert (
        "Ana Ruiz Urgent Call back Today, 11:12 AM Call back: (347) 555-0123 · rang from (212) 555-0188"
        in seen
    )
    assert "The name is the assistant's" not in seen


def test_a_name_that_the_caller_was_not_heard_to_say_is_marked(browser: FlaskClient, db: Connection) -> None:
    rows.call_back(db, messages.Told(rows.HOSTILE, "", name_heard=False))
    page = browser.get("/messages").text
    assert "The name is the assistant's: it is not in what the caller was heard to say." in text_of(page)
    assert "No number to call back." in text_of(page)
    assert rows.HOSTILE not in page


def test_what_the_caller_did_not_confirm_or_say_is_marked_beside_their_own_words(
    browser: FlaskClient, db: Connection
) -> None:
    told = messages.Told(
        "Ana",
        "+13475550123",
        number_from=NumberFrom.CALLER_ID,
        words=f"please call me {rows.HOSTILE}",
        unheard="2026-12-04, Miller",
    )
    rows.call_back(db, told)
    page = browser.get("/messages").text
    seen = text_of(page)
    assert "The number is the one that they rang from; they did not confirm it." in seen
    assert "Not in what the caller was heard to say: 2026-12-04, Miller" in seen
    assert "Worded by the assistant. What the caller was heard to say please call me" in seen
    assert rows.HOSTILE not in page


def test_a_recording_that_was_given_up_is_not_promised(browser: FlaskClient, db: Connection) -> None:
    messages.fetch_no_more(db, "RE2", "recording: status 404")
    seen = text_of(browser.get("/messages").text)
    assert "The recording cannot be fetched (tries: 1; recording: status 404)." in seen
    assert "still with the carrier" not in seen


def test_a_recording_is_played_from_the_call_too(browser: FlaskClient) -> None:
    page = browser.get("/calls/voice").text
    assert 'src="/messages/1/recording"' in page
    assert "See the call" not in page


def test_a_recording_is_sent_whole(browser: FlaskClient, recording: bytes) -> None:
    answer = browser.get("/messages/1/recording", buffered=True)
    assert answer.status_code == 200
    assert answer.data == recording
    assert answer.mimetype == "audio/wav"
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=100-", 100, 16043), ("bytes=-44", 16000, 16043)],
)
def test_a_part_of_a_recording_is_sent(
    browser: FlaskClient, recording: bytes, asked: str, first: int, last: int
) -> None:
    answer = browser.get("/messages/1/recording", buffered=True, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == recording[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(recording)}"


def test_a_part_that_is_not_there_is_refused(browser: FlaskClient) -> None:
    answer = browser.get("/messages/1/recording", buffered=True, headers={"Range": "bytes=99999-"})
    assert answer.status_code == 416


@pytest.mark.parametrize(
    "number", ["2", "3", "99", "0", "-1", "9" * 30, "1.0", "RE1.wav", "..%2f1", "%2e%2e"]
)
def test_where_there_is_no_recording_nothing_is_found(browser: FlaskClient, number: str) -> None:
    assert browser.get(f"/messages/{number}/recording").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../attendant.db",
        "/etc/passwd",
        "../secrets/admin_session_key",
        "..",
        ".",
        "out.wav",
        "../out.wav",
    ],
)
def test_only_files_of_the_folder_are_sent(
    browser: FlaskClient, settings: Settings, db: Connection, path: str
) -> None:
    outside = settings.box.data_dir / "out.wav"
    rows.tone(outside)
    os.symlink(outside, settings.box.data_dir / "recordings" / "out.wav")
    messages.keep_recording(db, "RE1", path)
    assert browser.get("/messages/1/recording", buffered=True).status_code == 404
    page = browser.get("/messages").text
    assert "<audio" not in page
    assert "The recording is not on this box any more." in page


def test_a_whole_path_in_the_folder_is_sent_too(
    browser: FlaskClient, settings: Settings, db: Connection, recording: bytes
) -> None:
    messages.keep_recording(db, "RE1", str(settings.box.data_dir / "recordings" / "RE1.wav"))
    assert browser.get("/messages/1/recording", buffered=True).data == recording


def test_static_files_do_not_lead_outside(stranger: FlaskClient, settings: Settings) -> None:
    assert Path(settings.database).is_file()
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"):
        assert stranger.get(path, buffered=True).status_code in (308, 404)
        assert b"create_app" not in stranger.get(path, follow_redirects=True, buffered=True).data


def test_the_list_is_paged_without_a_gap(browser: FlaskClient, db: Connection) -> None:
    for number in range(60):
        messages.add(db, call_sid="CAtalk", subject=f"n{number}", body="", at=rows.NOW)
    first = browser.get("/messages").text
    older = re.search(r'href="(/messages\?before=\d+)" rel="next"', first)
    assert older is not None
    second = browser.get(older.group(1)).text
    assert first.count("<h2>") == 50
    assert second.count("<h2>") == 13
    assert 'href="/messages">Newest' in second


@pytest.mark.parametrize(
    "path",
    [
        "/messages?before=-1", f"/messages?before={2**63}", "/messages?part=x", "/messages?kind=x",
        f"/messages?done={2**63}",
    ],
)  # fmt: skip
def test_no_page_stands_before_nonsense(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_a_box_without_messages_says_what_to_do(browser: FlaskClient, db: Connection) -> None:
    db.execute("DELETE FROM message")
    assert "No message waits" in browser.get("/messages").text
    assert "No messages before these" in browser.get("/messages?before=1").text


# What a machine made of it -----------------------------------------------------------------------------


def written(db: Connection, text: MessageText) -> None:
    message_texts.put(db, text, rows.NOW)


TEXT = MessageText(
    1,
    TextState.WRITTEN,
    text="This is Ana Ruiz. My son can't breathe.",
    language="en",
    confidence=0.87,
    summary="My son can't breathe.",
    urgency="emergency",
    because="My son can't breathe.",
    name="Ana Ruiz",
    number="+13475550123",
    number_said=True,
    made_by="rules",
)


def test_what_was_said_stands_with_it_and_is_marked_as_a_machines(
    browser: FlaskClient, db: Connection
) -> None:
    written(db, TEXT)
    messages.mark_urgent(db, 1)
    page = browser.get("/messages").text
    seen = text_of(page)
    assert "Ana Ruiz Emergency?" in seen
    assert "My son can't breathe. All that was said This is Ana Ruiz." in seen
    assert "Call back, as it was said: (347) 555-0123 · rang from" in seen
    assert "Written by a machine, and summed up by rules · sure: 87 %. Listen before you rely on it." in seen
    assert "All that was said" in text_of(browser.get("/calls/voice").text)


def test_a_summary_of_the_clouds_says_so(browser: FlaskClient, db: Connection) -> None:
    written(db, replace(TEXT, made_by="small-one", confidence=None, whole=False))
    seen = text_of(browser.get("/messages").text)
    assert "summed up by the cloud (small-one). Listen" in seen
    assert "It is longer than is kept: the end is missing." in seen


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MessageText(1, TextState.NO_SPEECH), "Nobody speaks in it."),
        (MessageText(1, TextState.WAITING, "unreachable"), "Not written down yet (unreachable)"),
        (MessageText(1, TextState.FAILED, "it is no sound"), "It cannot be written down: it is no sound."),
        (MessageText(1, TextState.WRITTEN, "nobody was understood"), "Nobody was understood: please listen."),
    ],
)
def test_how_far_a_message_is_is_said(
    browser: FlaskClient, db: Connection, text: MessageText, said: str
) -> None:
    assert "Not written down yet." in text_of(browser.get("/messages").text)
    written(db, text)
    assert said in text_of(browser.get("/messages").text)


def test_what_a_caller_says_is_never_markup(browser: FlaskClient, db: Connection) -> None:
    written(
        db, replace(TEXT, text=rows.HOSTILE, summary=rows.HOSTILE, because=rows.HOSTILE, name=rows.HOSTILE)
    )
    assert rows.HOSTILE not in browser.get("/messages").text


def test_who_hung_up_without_a_word_is_shown_only_when_asked_for(
    browser: FlaskClient, db: Connection
) -> None:
    messages.keep_sound(db, 1, "RE1.wav", 500, hang_up=True)
    assert 'src="/messages/1/recording"' not in browser.get("/messages").text
    page = browser.get("/messages?part=hang-ups").text
    assert 'src="/messages/1/recording"' in page
    assert "Hang-up" in text_of(page)


def test_a_recording_as_it_is_kept_is_played_in_parts(
    browser: FlaskClient, settings: Settings, db: Connection
) -> None:
    folder = settings.box.data_dir / "recordings"
    with Flac(folder / "RE1.flac", 8000) as kept:
        kept.add(np.arange(-8000, 8000, dtype=np.int16))
    messages.keep_recording(db, "RE1", "RE1.flac")
    sound = (folder / "RE1.flac").read_bytes()
    whole = browser.get("/messages/1/recording", buffered=True)
    assert (whole.status_code, whole.mimetype, whole.data) == (200, "audio/flac", sound)
    part = browser.get("/messages/1/recording", buffered=True, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, sound[100:200])
