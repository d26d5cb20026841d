"""A recording as a picture and as phrases, and the shape of a conversation."""

import os
import re
from datetime import timedelta

import numpy as np
from flask.testing import FlaskClient

from admin.calls import shape
from admin.calls.shape import Shape, Stretch
from admin.messages import sound
from appliance.core.events import CallAnswered, Event, ReplyPlayed, ReplyQueued, SpeechStarted, SpeechStopped
from appliance.core.settings import Settings
from appliance.core.story import Speaker
from appliance.store import message_texts, messages, times
from appliance.store.database import Connection
from appliance.store.events import EventRow, written
from appliance.store.message_texts import MessageText, TextState, Word
from appliance.store.transcripts import TurnRow
from models.recorded.keeping import Flac
from tests.admin import rows
from tests.admin.test_calls import text_of


def words(text: str, gap_at: int = -1) -> tuple[Word, ...]:
    made, at = list[Word](), 500
    for place, each in enumerate(text.split()):
        at += 1000 if place == gap_at else 0
        made.append(Word(each, at, at + 250, 0.3 if each == "Ruiz" else 0.9))
        at += 300
    return tuple(made)


def write_down(db: Connection, text: str) -> None:
    said = MessageText(1, TextState.WRITTEN, text=text, language="en", words=words(text), made_by="rules")
    message_texts.put(db, said, rows.NOW)


def bars(path: str) -> list[int]:
    return [int(height) for height in re.findall(r"v(\d+)", path)]


def test_phrases_end_with_a_sentence_a_pause_or_enough_words() -> None:
    first, second = sound.phrases(words("This is Ana Ruiz. Please call"))
    assert [word for word, _ in first.words] == ["This", "is", "Ana", "Ruiz."]
    assert (first.from_ms, first.until_ms, first.at, first.seconds) == (500, 1650, "0:00", "0.5")
    assert second.from_ms == 1700
    assert [len(each.words) for each in sound.phrases(words("one two three", gap_at=2))] == [2, 1]
    assert [len(each.words) for each in sound.phrases(words("w " * 20))] == [14, 6]
    assert sound.phrases(()) == []


def test_words_of_which_the_machine_is_not_sure_are_marked() -> None:
    (phrase,) = sound.phrases(words("Ana Ruiz"))
    assert phrase.words == (("Ana", True), ("Ruiz", False))


def test_a_call_shows_its_recording_as_a_picture_with_its_words_by_the_time(
    browser: FlaskClient, db: Connection
) -> None:
    write_down(db, "Hello this is Ana Ruiz. Please call me back.")
    page = browser.get("/calls/voice").text
    assert 'data-sound="/messages/1/recording"' in page
    assert 'data-ms="1000"' in page
    assert 'href="/messages/1/recording#t=0.5"' in page
    assert "0:02 Please call me back." in text_of(page)
    assert len(bars(page)) == sound.BARS


def test_a_recording_without_words_is_a_picture_alone(browser: FlaskClient) -> None:
    page = browser.get("/calls/voice").text
    assert '<svg class="wave"' in page
    assert "Choose a time" not in page


def test_loud_is_high_and_silence_is_a_line(settings: Settings) -> None:
    path = settings.box.data_dir / "recordings" / "RE9.flac"
    with Flac(path, 8000) as file:
        loud = (np.sin(np.arange(8000) / 4) * 20000).astype(np.int16)
        file.add(np.concatenate([loud, np.zeros(8000, dtype=np.int16)]))
    drawn = sound.wave_of(path, 0)
    assert drawn is not None
    assert drawn.ms == 2000
    heights = bars(drawn.path)
    assert min(heights[:90]) > 50
    assert max(heights[110:]) == 2


def test_what_cannot_be_drawn_is_only_heard(browser: FlaskClient, settings: Settings, db: Connection) -> None:
    folder = settings.box.data_dir / "recordings"
    for name, held in (
        ("broken.wav", b"RIFF"),
        ("none.wav", b""),
        ("broken.flac", b"fLaC"),
        ("some.mp3", b"ID3"),
    ):
        (folder / name).write_bytes(held)
        messages.keep_recording(db, "RE1", name)
        page = browser.get("/calls/voice")
        assert page.status_code == 200
        assert "<audio" in page.text
        assert '<svg class="wave"' not in page.text


def test_a_file_that_changed_is_drawn_anew(browser: FlaskClient, settings: Settings) -> None:
    path = settings.box.data_dir / "recordings" / "RE1.wav"
    before = bars(browser.get("/calls/voice").text)
    held = bytearray(path.read_bytes())
    held[44:8000] = bytes(8000 - 44)
    path.write_bytes(held)
    os.utime(path, ns=(1, 1))
    assert bars(browser.get("/calls/voice").text) != before


def row(seq: int, at_ms: int, event: Event) -> EventRow:
    return EventRow("c1", seq, at_ms, type(event).__name__, written(event))


def test_the_shape_shows_who_spoke_when() -> None:
    events: list[tuple[int, Event]] = [
        (0, CallAnswered()),
        (1000, ReplyQueued("r1")),
        (1500, ReplyQueued("r2")),
        (3000, ReplyPlayed("r1", 2000)),
        (4000, ReplyPlayed("r2", 1000)),
        (5000, SpeechStarted()),
        (6000, SpeechStopped()),
        (9000, SpeechStarted()),
        (10_000, CallAnswered()),
    ]
    drawn = shape.shape([row(seq, at_ms, event) for seq, (at_ms, event) in enumerate(events, 1)])
    assert [(each.from_ms, each.until_ms) for each in drawn.attendant] == [(1000, 3000), (1500, 4000)]
    assert [(bar.x, bar.width) for bar in drawn.bars(Speaker.ATTENDANT)] == [(100, 300)]
    assert drawn.path(Speaker.CALLER) == "M500 6h100v20h-100zM900 6h100v20h-100z"
    assert drawn.bars(Speaker.KEYPAD) == []
    assert drawn.ms == 10_000
    assert not shape.shape([])


def test_a_turn_is_said_where_its_bars_are() -> None:
    began = times.read(rows.NOW)

    def turn(place: int, speaker: Speaker, ms: int) -> TurnRow:
        at = times.written(began + timedelta(milliseconds=ms))
        return TurnRow("c1", place, speaker, "…", True, False, at)

    turns = [
        turn(0, Speaker.ATTENDANT, 900),
        turn(1, Speaker.CALLER, 6000),
        turn(2, Speaker.KEYPAD, 7000),
        turn(3, Speaker.CALLER, 9700),
        turn(4, Speaker.ATTENDANT, 9000),
    ]
    lanes = ([Stretch(4000, 5000), Stretch(5200, 5900), Stretch(9500, 9900)], [Stretch(1000, 3000)])
    said = shape.stretches(turns, Shape(*lanes, 10_000), rows.NOW)
    assert said == {0: Stretch(1000, 3000), 1: Stretch(4000, 5900), 3: Stretch(9500, 9900)}
    assert shape.stretches([], Shape(*lanes, 10_000), rows.NOW) == {}


def test_a_turn_leads_to_the_picture_of_who_spoke_when(browser: FlaskClient) -> None:
    page = browser.get("/calls/talk").text
    assert re.findall(r'class="turn (\w+)" data-from="(\d+)" data-until="(\d+)"', page)[:2] == [
        ("attendant", "6900", "6900"),
        ("caller", "13500", "16100"),
    ]
    assert page.count('<a href="#shape">') == 7
    assert 'href="#shape"' not in browser.get("/calls/now").text


def test_a_call_shows_its_shape_only_where_somebody_spoke(browser: FlaskClient) -> None:
    assert '<figure class="shape"' in browser.get("/calls/talk").text
    assert '<figure class="shape"' not in browser.get("/calls/billing").text


def test_a_long_recording_keeps_no_page_waiting(browser: FlaskClient, db: Connection) -> None:
    db.execute("UPDATE message SET seconds = 3000 WHERE id = 1")
    assert '<svg class="wave"' not in browser.get("/calls/voice").text
