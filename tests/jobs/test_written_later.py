"""Messages that nobody heard at first become text when somebody does, and long ones in little memory."""

from datetime import timedelta
from pathlib import Path

import pytest

from appliance.archive import moving
from appliance.core.callbacks import Cause
from appliance.core.dispositions import Outcome
from appliance.core.events import PhonesRang
from appliance.core.steps import CallOffered
from appliance.jobs import writing_down
from appliance.service.jobs import beginning
from appliance.store import (
    callback_rows,
    calls,
    database,
    events,
    jobs,
    message_corrections,
    times,
    voicemail,
)
from appliance.store.jobs import State
from appliance.store.message_texts import TextState
from models.local.speech_client import Recognised, SpeechClient
from tests.archive.bucketed import bucketed
from tests.archive.test_moving import Desk
from tests.jobs.office import CALL, RATE, Office, silence, wav
from tests.jobs.test_writing_down import Told
from tests.jobs.writing import ONE, SAID, SPOKEN, hearing, works
from tests.peers.s3 import S3Peer
from tests.speech.program import Program

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("by", ["night", "another", "staff", "a new start"])
async def test_what_nobody_heard_becomes_text_once_somebody_does(
    clinic: Office, speech: Program, by: str
) -> None:
    """Kept while nothing wrote messages down, and the file is not made twice."""
    clinic.recorded(SPOKEN)
    hearing(clinic, None)
    await works(clinic)
    before = clinic.text()
    assert (before.state, clinic.files()) == (TextState.NOT_WRITTEN, ["a1.1-0.flac"])
    sound = (clinic.recordings / "a1.1-0.flac").read_bytes()
    settings = clinic.settings()
    again = writing_down.writing_again(settings, speech.client, lambda: clinic.now)
    clinic.does(again, writing_down.writing_down(settings, speech.client, lambda: clinic.now))
    if by == "another":
        clinic.recorded(SPOKEN, "b.wav")
    with database.immediate(clinic.db):
        if by == "night":
            jobs.owe(clinic.db, jobs.Wanted(writing_down.AGAIN, "night"), now=clinic.now)
        elif by == "staff":
            assert voicemail.owe_text_anew(clinic.db, 1, now=clinic.now)
            assert not voicemail.owe_text_anew(clinic.db, 1, now=clinic.now)
    if by == "a new start":
        beginning.owe_missing(clinic.settings(speech={"recognition_uri": "tcp://127.0.0.1:9"}))
    became = await works(clinic)
    assert set(became) == {State.DONE}
    text, message = clinic.text(), clinic.message()
    assert (text.state, text.text) == (TextState.WRITTEN, "four eight")
    assert (text.sound_ms, text.stored_ms, text.kept) == (before.sound_ms, before.stored_ms, before.kept)
    assert message.recording_path == "a1.1-0.flac"
    assert (clinic.recordings / "a1.1-0.flac").read_bytes() == sound
    four, _ = text.words
    # In the call it was said two seconds after its beginning, of which half a second is kept.
    assert abs(four.start_ms - 500) < 500


async def test_one_that_lies_in_a_bucket_is_fetched_to_be_written_down(
    clinic: Office, speech: Program
) -> None:
    clinic.recorded(SPOKEN)
    hearing(clinic, None)
    await works(clinic)
    with S3Peer() as peer:
        settings, soon = bucketed(clinic.folder, peer, here_days=0), clinic.now + timedelta(days=1)
        moving.move(Desk(clinic.db), settings, clinic.recordings, lambda: None, soon)
        assert clinic.files() == []
        clinic.does(writing_down.writing_down(settings, speech.client, lambda: clinic.now))
        with database.immediate(clinic.db):
            voicemail.owe_text_anew(clinic.db, 1, now=clinic.now)
        assert await works(clinic) == [State.DONE]
    assert clinic.text().text == "four eight"
    assert clinic.files() == ["a1.1-0.flac"]


async def test_where_nothing_hears_still_nothing_is_owed(clinic: Office) -> None:
    clinic.recorded(SPOKEN)
    hearing(clinic, None)
    await works(clinic)
    beginning.owe_missing(clinic.settings(voicemail={"written_down": False}))
    again = writing_down.writing_again(clinic.settings(), None)
    clinic.does(again)
    with database.immediate(clinic.db):
        jobs.owe(clinic.db, jobs.Wanted(writing_down.AGAIN, "night"), now=clinic.now)
    assert await works(clinic) == [State.DONE]
    assert clinic.job("write_down:1").state is State.DONE


async def test_one_that_was_given_up_while_the_speech_program_was_away_is_text_when_it_is_back(
    clinic: Office, speech: Program, unused_tcp_port: int
) -> None:
    clinic.recorded(SPOKEN)
    clinic.recorded(b"RIFFnonsense" * 50, "b.wav")
    clinic.db.execute("UPDATE job SET tries = 3")
    hearing(clinic, SpeechClient(f"tcp://127.0.0.1:{unused_tcp_port}"))
    became = await works(clinic, timedelta(days=4))
    assert became.count(State.DEAD) == 2
    text = clinic.text()
    assert (text.state, "unreachable" in text.problem) == (TextState.NOT_WRITTEN, True)
    # No speech program is to blame for a file that is none.
    assert clinic.text(2).state is TextState.FAILED
    settings = clinic.settings()
    clinic.does(
        writing_down.writing_again(settings, speech.client, lambda: clinic.now),
        writing_down.writing_down(settings, speech.client, lambda: clinic.now),
    )
    with database.immediate(clinic.db):
        jobs.owe(clinic.db, jobs.Wanted(writing_down.AGAIN, "night"), now=clinic.now)
    assert await works(clinic) == [State.DONE, State.DONE]
    assert (clinic.text().state, clinic.text().text) == (TextState.WRITTEN, "four eight")
    assert clinic.job("write_down:2").state is State.DEAD


async def test_what_somebody_dropped_by_hand_is_left_alone(clinic: Office, speech: Program) -> None:
    clinic.recorded(SPOKEN)
    hearing(clinic, None)
    await works(clinic)
    with database.immediate(clinic.db):
        clinic.db.execute("UPDATE job SET state = 'dropped'")
        assert voicemail.owe_unheard(clinic.db, now=clinic.now) == 0


def faint(clinic: Office) -> None:
    """A call in which somebody says a word at the tone that nobody hears."""
    at = times.written(clinic.now)
    with database.immediate(clinic.db):
        calls.begin(clinic.db, "c1", CallOffered(CALL, "+14155550188", "+14155550199", "twilio"), at, "p1")
    clinic.recorded(wav(silence(1), ONE, silence(1)))
    with database.immediate(clinic.db):
        calls.end(clinic.db, "c1", at, Outcome.VOICEMAIL, "completed")
    hearing(clinic, Told(Recognised("", None, "en", speech=False)))


def listed(clinic: Office) -> list[Cause]:
    entries = callback_rows.open_page(clinic.db)
    return [why.cause for entry in entries for why in entry.causes if not why.void_why]


def outcome(clinic: Office) -> Outcome | None:
    call = calls.one(clinic.db, "c1")
    return None if call is None else call.outcome


@pytest.mark.parametrize("rang", [True, False])
async def test_a_faint_voice_taken_for_a_hang_up_is_a_message_once_somebody_hears_it(
    clinic: Office, rang: bool
) -> None:
    faint(clinic)
    if rang:
        events.add(clinic.db, "c1", 1, PhonesRang("front-desk", "no-answer", 0))
    await works(clinic)
    assert (clinic.text().state, clinic.message().hang_up) == (TextState.NO_SPEECH, True)
    assert listed(clinic) == ([Cause.TRANSFER] if rang else [])
    assert outcome(clinic) is (Outcome.UNANSWERED if rang else Outcome.ABANDONED)
    files = clinic.files()
    better = Told(Recognised("This is Ana Ruiz.", 0.6, "en", speech=True))
    hearing(clinic, better)
    with database.immediate(clinic.db):
        assert voicemail.owe_text_anew(clinic.db, 1, now=clinic.now, by_hand=True)
    assert await works(clinic) == [State.DONE]
    text = clinic.text()
    assert (text.state, text.text, text.name) == (TextState.WRITTEN, "This is Ana Ruiz.", "Ana Ruiz")
    assert (clinic.message().hang_up, clinic.files()) == (False, files)
    assert (listed(clinic), outcome(clinic)) == ([Cause.VOICEMAIL], Outcome.VOICEMAIL)
    with database.immediate(clinic.db):
        voicemail.taken_here(
            clinic.db,
            call_sid=CALL,
            name="a1.1-0.wav",
            seconds=3,
            at=times.written(clinic.now),
            now=clinic.now,
        )
    assert listed(clinic) == [Cause.VOICEMAIL]


async def test_a_text_is_heard_again_by_hand_alone_and_not_lost_by_it(clinic: Office) -> None:
    clinic.recorded(SPOKEN)
    ears = Told(
        *(Recognised(words, 0.5, "en", speech=True) for words in ("Call Anna Rose.", "This is Ana Ruiz.")),
        Recognised("", None, "en", speech=False),
    )
    hearing(clinic, ears)
    await works(clinic)
    with database.immediate(clinic.db):
        message_corrections.add(
            clinic.db, 1, by="Ben", at=times.written(clinic.now), text="Ana called.", name="Ana", number=""
        )
    for by_hand, said in (
        (False, "Call Anna Rose."),
        (True, "This is Ana Ruiz."),
        (True, "This is Ana Ruiz."),
    ):
        with database.immediate(clinic.db):
            voicemail.owe_text_anew(clinic.db, 1, now=clinic.now, by_hand=by_hand)
        assert await works(clinic) == [State.DONE]
        assert clinic.text().text == said
    assert ears.answers == []
    assert [each.text for each in message_corrections.of_message(clinic.db, 1)] == ["Ana called."]
    hearing(clinic, None)
    with database.immediate(clinic.db):
        voicemail.owe_text_anew(clinic.db, 1, now=clinic.now, by_hand=True)
    assert await works(clinic) == [State.DONE]
    assert clinic.text().text == "This is Ana Ruiz."


def two_hours(clinic: Office) -> None:
    """A recording of two hours with two words at its very end; on disk it takes next to nothing."""
    name, seconds = "long.wav", 7200
    clinic.recordings.mkdir()
    with (clinic.recordings / name).open("wb") as file:
        file.write(wav(silence(0))[:44])
        for place, size in ((4, 36 + seconds * 2 * RATE), (40, seconds * 2 * RATE)):
            file.seek(place)
            file.write(size.to_bytes(4, "little"))
        file.seek(44 + seconds * 2 * RATE - 2 * len(SAID))
        file.write(SAID.tobytes())
    with database.immediate(clinic.db):
        at = times.written(clinic.now)
        voicemail.taken_here(clinic.db, call_sid=CALL, name=name, seconds=seconds, at=at, now=clinic.now)


@pytest.mark.drill
async def test_two_hours_with_two_words_at_their_end_are_text_in_little_memory(
    clinic: Office, speech: Program
) -> None:
    two_hours(clinic)
    hearing(clinic, speech.client)
    Path("/proc/self/clear_refs").write_text("5")  # noqa: ASYNC240 -- begins to count anew
    before = memory_mb("VmRSS")
    assert await works(clinic) == [State.DONE]
    text = clinic.text()
    assert (text.state, text.text, text.whole) == (TextState.WRITTEN, "four eight", True)
    assert text.sound_ms == 7_200_000
    assert text.stored_ms is not None
    assert text.stored_ms < 3000
    # Where it is said in the call is known still, to the half second.
    assert abs(text.kept[-1].from_ms + text.kept[-1].ms - 7_200_000) < 500
    assert clinic.files() == ["long.flac"]
    assert memory_mb("VmHWM") - before < 64


def memory_mb(what: str) -> float:
    """What this process holds now, or the most that it held."""
    return int(Path("/proc/self/status").read_text().partition(f"{what}:")[2].split()[0]) / 1024
