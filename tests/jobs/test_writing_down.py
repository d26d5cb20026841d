"""Spoken messages become text by the real speech program, that hears digits, or end in a clear state."""

from datetime import timedelta
from pathlib import Path

import pytest

from appliance.jobs import work
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import registry
from appliance.jobs.turns import Turns
from appliance.store import database, job_leases, messages, voicemail
from appliance.store.job_leases import Moment
from appliance.store.jobs import State
from appliance.store.message_texts import TextState
from models.local.speech_client import Recognised, SaidWord, SpeechClient
from tests.jobs.office import CALL, Office, noise, silence, tones, wav
from tests.jobs.writing import ONE, SAID, SPOKEN, hearing, works
from tests.models.recorded import corpus
from tests.small_disk import filled, free, small_disk
from tests.speech.program import Program

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_digits_that_were_recorded_are_written_down(clinic: Office, speech: Program) -> None:
    clinic.recorded(SPOKEN)
    hearing(clinic, speech.client)
    assert await works(clinic) == [State.DONE]
    text, message = clinic.text(), clinic.message()
    assert (text.state, text.text, text.made_by) == (TextState.WRITTEN, "four eight", "rules")
    assert text.confidence is not None
    assert text.confidence > 0.5
    assert (message.recording_path, message.hang_up) == ("a1.1-0.flac", False)
    assert text.original is None
    assert clinic.files() == ["a1.1-0.flac"]
    assert text.sound_ms == len(SPOKEN[44:]) // 16
    assert text.stored_ms is not None
    assert message.seconds == round(text.stored_ms / 1000)


async def test_words_are_said_when_they_are_said_in_what_is_kept(clinic: Office, speech: Program) -> None:
    clinic.recorded(wav(silence(3), SAID, silence(4), corpus.hum(1), silence(2)))
    hearing(clinic, speech.client)
    await works(clinic)
    text = clinic.text()
    four, eight = text.words
    assert (four.text, eight.text) == ("four", "eight")
    first, second = text.kept
    assert abs(first.from_ms - 2500) < 200
    # Each is said where it lies in the file that is kept, the tone that nobody speaks behind it.
    begin = first.at_ms + 3000 - first.from_ms
    assert abs(four.start_ms - begin) < 500
    assert abs(eight.start_ms - begin - 480) < 500
    assert four.end_ms <= eight.start_ms < eight.end_ms <= second.at_ms
    assert all(word.confidence is not None and word.confidence > 0.5 for word in text.words)


@pytest.mark.parametrize(
    "sound",
    [
        wav(silence(4)),
        wav(noise(4, 4)),
        wav(noise(5, 3000)),
        wav(tones(6)),
        wav(corpus.hum(3)),
        wav(silence(0.05)),
        corpus.wav(b""),
        b"",
    ],
    ids=["silence", "a line", "noise", "music", "a tone", "a click", "no data", "no file"],
)
async def test_where_nobody_speaks_there_is_no_text_and_no_message(
    clinic: Office, speech: Program, sound: bytes
) -> None:
    clinic.recorded(sound)
    hearing(clinic, speech.client)
    assert await works(clinic) == [State.DONE]
    assert (clinic.text().state, clinic.text().text) == (TextState.NO_SPEECH, "")
    assert clinic.message().hang_up
    assert messages.page(clinic.db) == []


async def test_words_between_noise_and_music_are_all_that_is_written(clinic: Office, speech: Program) -> None:
    clinic.recorded(wav(noise(3, 400), silence(1), SAID, silence(1), tones(4, loud=2000)))
    hearing(clinic, speech.client)
    await works(clinic)
    assert clinic.text().text == "four eight"


async def test_a_long_one_is_heard_in_windows(clinic: Office, speech: Program) -> None:
    clinic.recorded(wav(SAID, noise(40, 60), SAID, noise(40, 60), SAID))
    hearing(clinic, speech.client, silence_cut=False)
    assert await works(clinic) == [State.DONE]
    text = clinic.text()
    assert text.text == "four eight four eight four eight"
    starts = [word.start_ms // 1000 for word in text.words]
    assert starts == [0, 0, 40, 41, 81, 82]


async def test_one_that_is_longer_than_is_kept_says_so(clinic: Office, speech: Program) -> None:
    clinic.recorded(wav(SAID, silence(70), ONE))
    hearing(clinic, speech.client, longest_s=60)
    await works(clinic)
    assert (clinic.text().text, clinic.text().whole, clinic.text().sound_ms) == ("four eight", False, 60_000)


@pytest.mark.parametrize("name", [name for name, (_, state) in corpus.HOSTILE.items() if state != "empty"])
async def test_a_hostile_file_ends_in_a_clear_state_and_stays_as_it_is(
    clinic: Office, speech: Program, name: str
) -> None:
    sound, _ = corpus.HOSTILE[name]
    clinic.recorded(sound)
    clinic.recorded(SPOKEN, "a1.2-0.wav")
    hearing(clinic, speech.client)
    assert await works(clinic) == [State.DEAD, State.DONE]
    assert clinic.text().state is TextState.FAILED
    assert clinic.text().problem.startswith("the recording cannot be opened: ")
    assert not clinic.message().hang_up
    assert (clinic.recordings / "a1.1-0.wav").read_bytes() == sound
    assert clinic.text(2).text == "four eight"
    assert clinic.files() == ["a1.1-0.wav", "a1.2-0.flac"]


async def test_a_recording_that_is_gone_or_elsewhere_is_told(clinic: Office, speech: Program) -> None:
    clinic.recorded(SPOKEN)
    (clinic.recordings / "a1.1-0.wav").rename(clinic.folder / "out.wav")
    clinic.recorded(SPOKEN, "b.wav")
    messages.keep_recording(clinic.db, "b.wav", "../out.wav")
    hearing(clinic, speech.client)
    assert await works(clinic) == [State.DEAD, State.DEAD]
    for message_id in (1, 2):
        assert clinic.text(message_id).problem == "the recording is not on this box any more"
    assert (clinic.folder / "out.wav").read_bytes() == SPOKEN


async def test_without_the_speech_program_the_message_stands_and_is_tried_again(
    clinic: Office, tmp_path: Path, speech: Program
) -> None:
    clinic.recorded(SPOKEN)
    hearing(clinic, SpeechClient(f"unix://{tmp_path}/nobody.sock"))
    await works(clinic, timedelta(hours=3))
    assert clinic.became == [State.WAITING] * len(clinic.became)
    assert (clinic.text().state, clinic.text().problem) == (
        TextState.WAITING,
        "the speech program did not write it down: unreachable",
    )
    assert [each.id for each in messages.page(clinic.db)] == [1]
    assert (clinic.recordings / "a1.1-0.wav").read_bytes() == SPOKEN
    hearing(clinic, speech.client)
    assert (await works(clinic))[-1] == State.DONE
    assert clinic.text().text == "four eight"


async def test_one_that_is_never_written_down_is_given_up_aloud(clinic: Office, tmp_path: Path) -> None:
    clinic.recorded(SPOKEN)
    clinic.db.execute("UPDATE job SET attempts = ?", (voicemail.WRITE_TRIES - 3,))
    hearing(clinic, SpeechClient(f"unix://{tmp_path}/nobody.sock"))
    assert await works(clinic) == [State.WAITING, State.WAITING, State.DEAD]
    assert clinic.text().state is TextState.NOT_WRITTEN
    assert clinic.job("write_down:1").error.endswith("unreachable")
    assert clinic.files() == ["a1.1-0.wav"]


async def test_where_nothing_writes_messages_down_they_are_to_be_heard(
    clinic: Office, speech: Program
) -> None:
    clinic.recorded(SPOKEN)
    clinic.recorded(SPOKEN, "b.wav")
    hearing(clinic, None)
    assert await works(clinic) == [State.DONE, State.DONE]
    hearing(clinic, speech.client, written_down=False)
    for message_id in (1, 2):
        assert clinic.text(message_id).state is TextState.NOT_WRITTEN
        assert not clinic.message(message_id).hang_up
    assert clinic.files() == ["a1.1-0.flac", "b.flac"]


async def test_one_that_was_killed_between_two_steps_is_done_once(clinic: Office, speech: Program) -> None:
    """The text is on disk, and the worker dies before the original is removed and the job is over."""
    clinic.recorded(SPOKEN)
    hearing(clinic, speech.client)
    await works(clinic)
    (clinic.recordings / "a1.1-0.wav").write_bytes(SPOKEN)
    with database.immediate(clinic.db):
        clinic.db.execute("UPDATE message_text SET original = 'a1.1-0.wav'")
        clinic.db.execute("UPDATE job SET state = 'queued', ended_at = NULL")
        clinic.db.execute("UPDATE message_text SET text = 'as it was'")
    assert await works(clinic) == [State.DONE]
    assert clinic.files() == ["a1.1-0.flac"]
    assert (clinic.text().original, clinic.text().text) == (None, "as it was")


async def test_what_was_left_of_a_try_that_was_killed_is_thrown_away(clinic: Office, speech: Program) -> None:
    clinic.recorded(SPOKEN)
    left = clinic.recordings / ".opening-1"
    left.mkdir()
    (left / "stored.raw").write_bytes(bytes(999))
    hearing(clinic, speech.client)
    assert await works(clinic) == [State.DONE]
    assert clinic.files() == ["a1.1-0.flac"]


async def test_a_place_that_cannot_be_written_is_waited_for(clinic: Office, speech: Program) -> None:
    clinic.recorded(SPOKEN)
    (clinic.recordings / ".opening-1").write_bytes(b"a file where a folder is to be")
    hearing(clinic, speech.client)
    await works(clinic, timedelta(hours=1))
    assert clinic.text().state is TextState.WAITING
    assert "cannot be read or written" in clinic.text().problem
    (clinic.recordings / ".opening-1").unlink()
    assert (await works(clinic))[-1] == State.DONE


@pytest.mark.parametrize("room", [0, 32_768])
async def test_a_full_disk_keeps_the_recording_and_is_waited_for(
    clinic: Office, speech: Program, room: int
) -> None:
    """It is full from the beginning, or in the middle of it: not a byte of the recording goes."""
    with small_disk(clinic.recordings, "512k") as disk:
        clinic.recorded(SPOKEN)
        filler = filled(disk, room)
        hearing(clinic, speech.client)
        became = await works(clinic, timedelta(hours=1))
        assert set(became) == {State.WAITING}
        assert clinic.text().state is TextState.WAITING
        assert "No space left on device" in clinic.text().problem
        # Nothing of the tries is left that would keep it full.
        assert clinic.files() == ["a1.1-0.wav", "filler"]
        assert (disk / "a1.1-0.wav").read_bytes() == SPOKEN
        assert free(disk) == room
        filler.unlink()
        assert (await works(clinic))[-1] == State.DONE
        assert (clinic.files(), clinic.text().text) == (["a1.1-0.flac"], "four eight")


async def test_a_worker_that_stops_gives_it_back(clinic: Office, speech: Program) -> None:
    clinic.recorded(SPOKEN)
    hearing(clinic, speech.client)
    all_kinds = registry(clinic.kinds)
    with database.immediate(clinic.db):
        found = job_leases.claim(clinic.db, [*all_kinds], worker="w", moment=Moment.now(), lease_s=60)
    assert found is not None
    errand = Errand(*found, clinic.db, Turns(), 60)
    errand.stop()
    assert work.do(all_kinds, errand, Moment.now, lambda _: True) == "given back"
    assert clinic.files() == ["a1.1-0.wav"]
    assert clinic.job("write_down:1").state is State.QUEUED


# What the rules make of it -----------------------------------------------------------------------------


class Told:
    """A recogniser's words, as another server would have them: no more than the protocol asks for, or all."""

    def __init__(self, *answers: Recognised) -> None:
        self.answers = [*answers]
        self.asked: list[str] = []

    async def recognise(
        self, pcm_16k: bytes, language: str, within_s: float, *, live: bool = True, words: bool = False
    ) -> Recognised:
        assert (live, words) == (False, True)
        self.asked.append(language)
        return self.answers.pop(0)


async def test_a_message_is_read_by_the_rules_and_marked_as_that(clinic: Office) -> None:
    clinic.recorded(SPOKEN)
    told = "Hi, this is Ana Ruiz. My father can't breathe."
    told += " Call me at four one five five five five oh one two three."
    hearing(clinic, Told(Recognised(told, None, "", speech=True)))
    assert await works(clinic) == [State.DONE]
    text = clinic.text()
    assert (text.name, text.number, text.number_said) == ("Ana Ruiz", "+14155550123", True)
    assert (text.urgency, text.because) == ("emergency", "My father can't breathe.")
    assert (text.summary, text.made_by) == ("My father can't breathe.", "rules")
    assert (text.words, text.confidence, text.language) == ((), None, "en")
    assert clinic.message().told.urgent


async def test_a_language_that_is_hardly_believed_is_asked_again_in_the_clinics(clinic: Office) -> None:
    clinic.recorded(SPOKEN)
    speech = Told(
        Recognised("sju", 0.3, "sv", speech=True, language_sure=0.4),
        Recognised("seven", 0.9, "en", speech=True),
    )
    hearing(clinic, speech)
    await works(clinic)
    assert (speech.asked, clinic.text().text, clinic.text().language) == (["", "en"], "seven", "en")


async def test_a_language_that_is_sure_is_kept_to(clinic: Office) -> None:
    parts = [part for _ in range(36) for part in (ONE, silence(0.8))]
    clinic.recorded(wav(*parts))
    speech = Told(
        Recognised("Necesito una cita.", 0.9, "es", speech=True, language_sure=0.97),
        Recognised("Gracias.", 0.9, "es", speech=True),
    )
    hearing(clinic, speech)
    await works(clinic)
    assert (speech.asked, clinic.text().language) == (["", "es"], "es")
    assert clinic.text().text == "Necesito una cita. Gracias."


async def test_words_that_are_written_where_nobody_speaks_are_left_out(clinic: Office) -> None:
    clinic.recorded(wav(noise(8, 2500), ONE, silence(0.3)))
    words = (SaidWord("Subscribe!", 200, 900, 0.9), SaidWord("one", 8100, 8400, 0.9))
    hearing(clinic, Told(Recognised("Subscribe! one", 0.8, "en", speech=True, words=words)))
    await works(clinic)
    assert clinic.text().text == "one"


async def test_what_recognisers_write_of_a_click_is_no_message(clinic: Office) -> None:
    clinic.recorded(wav(noise(2, 2500)))
    hearing(clinic, Told(Recognised("Thank you.", 0.7, "en", speech=True)))
    await works(clinic)
    assert clinic.text().state is TextState.NO_SPEECH
    assert clinic.message().hang_up


async def test_who_speaks_and_is_not_understood_has_left_a_message(clinic: Office) -> None:
    clinic.recorded(wav(*[SAID] * 4))
    hearing(clinic, Told(Recognised("", None, "en", speech=False)))
    await works(clinic)
    text = clinic.text()
    assert (text.state, text.text) == (TextState.WRITTEN, "")
    assert text.problem == "somebody speaks, and no words were understood"
    assert not clinic.message().hang_up


async def test_a_message_that_the_assistant_recorded_is_written_down_as_well(
    clinic: Office, speech: Program
) -> None:
    clinic.recordings.mkdir()
    (clinic.recordings / "message-1.wav").write_bytes(SPOKEN)
    with database.immediate(clinic.db):
        message_id = messages.add(
            clinic.db,
            call_sid=CALL,
            subject="Message",
            body="one",
            at="2026-01-01T00:00:00.000Z",
            recording_path="message-1.wav",
        )
        voicemail.owe_text(clinic.db, message_id, now=clinic.now)
    hearing(clinic, speech.client)
    assert await works(clinic) == [State.DONE]
    assert clinic.text(message_id).text == "four eight"
    assert clinic.message(message_id).body == "one"
    assert clinic.message(message_id).recording_path == "message-1.flac"


async def test_what_is_summed_up_is_owed_with_the_text_where_the_clinic_allows_it(
    clinic: Office, speech: Program
) -> None:
    clinic.recorded(SPOKEN)
    clinic.recorded(wav(silence(2)), "b.wav")
    hearing(clinic, speech.client, cloud=True)
    await works(clinic, timedelta(0))
    assert {key: state for key, state in clinic.owed().items() if key.startswith("sum_up")} == {
        "sum_up:1": State.QUEUED
    }
