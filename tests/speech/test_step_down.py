"""The weights of the product's own table, one step down after the other: smaller ears, keys, espeak-ng.

Files have their true names and sizes; what recognises is a network of digits in the files of the real one.
"""

import os
import shutil
from itertools import product
from pathlib import Path

import orjson
import pytest

from models.local.speech_client import SpeechFailed
from models.speech.at_hand import problem_with, recognition
from models.weights.table import Weights
from tests.speech import program
from tests.speech.product_weights import RECOGNITION, VOICES, Found, cut_short, lay, was_added_up
from tests.speech.program import WAIT_S, spoken_digit

TINY, _, SMALL = RECOGNITION
FOUND: tuple[Found, ...] = ("whole", "truncated", "absent")
DIGITS = program.WEIGHTS / "whisper-digits-en"


def test_the_table_has_three_sizes_and_a_voice_for_each_language() -> None:
    assert [each.name for each in RECOGNITION] == ["whisper-tiny", "whisper-base", "whisper-small"]
    assert {language for each in VOICES for language in each.languages} == {"en", "es"}


@pytest.mark.parametrize("chosen", RECOGNITION, ids=lambda each: each.name)
@pytest.mark.parametrize("found", [*product(FOUND, repeat=3)], ids="-".join)
def test_the_biggest_whole_ones_up_to_the_chosen_recognise(
    tmp_path: Path, chosen: Weights, found: tuple[Found, ...]
) -> None:
    for weights, how in zip(RECOGNITION, found, strict=True):
        lay(tmp_path, weights, how)
    upto = RECOGNITION[: RECOGNITION.index(chosen) + 1]
    whole = [each.name for each, how in zip(upto, found, strict=False) if how == "whole"]
    name, problem = recognition(chosen.name, tmp_path)
    if whole:
        assert (name, problem) == (whole[-1], "")
    else:
        assert name == chosen.name
        assert f"attendant models fetch {chosen.name}" in problem


@pytest.mark.parametrize("weights", [*RECOGNITION, *VOICES], ids=lambda each: each.name)
def test_any_file_of_them_that_is_cut_short_or_gone_is_noticed(tmp_path: Path, weights: Weights) -> None:
    assert problem_with(weights.name, tmp_path) != ""
    for file in weights.files:
        folder = lay(tmp_path, weights)
        assert problem_with(weights.name, tmp_path) == ""
        cut_short(folder, file)
        assert f"{weights.name} is broken: {file.local} has" in problem_with(weights.name, tmp_path)
        (folder / file.local).unlink()
        assert f"{weights.name} lacks {file.local}" in problem_with(weights.name, tmp_path)
        shutil.rmtree(folder)


def test_bytes_that_have_changed_since_they_were_added_up_are_read_again(tmp_path: Path) -> None:
    folder = lay(tmp_path, TINY)
    with (folder / "config.json").open("r+b") as file:
        file.write(b"?")
    assert "config.json has other bytes" in problem_with(TINY.name, tmp_path)


def lay_digits(models: Path) -> None:
    """Lay a network of digits into the files of whisper-tiny, filled up to their sizes."""
    folder = lay(models, TINY)
    for file in TINY.files:
        source, path = DIGITS / file.local, folder / file.local
        if source.suffix == ".json":
            path.write_bytes(orjson.dumps(orjson.loads(source.read_bytes())).ljust(file.size or 0))
        elif source.exists():
            path.write_bytes(source.read_bytes())
            os.truncate(path, file.size or 0)
        assert path.stat().st_size == file.size
    (folder / "vocabulary.json").symlink_to(DIGITS / "vocabulary.json")
    was_added_up(models, TINY)


async def test_the_smallest_stand_in_for_the_biggest_in_the_program_itself(tmp_path: Path) -> None:
    models = tmp_path / "models"
    lay_digits(models)
    lay(models, SMALL, "truncated")
    for voice in VOICES:
        lay(models, voice, "truncated")
    voices = {language: each.name for each in VOICES for language in each.languages}
    settings = program.settings(tmp_path, whisper=SMALL.name, voices=voices)
    async with program.running(settings) as speech:
        assert (speech.listening["recognition"], speech.listening["voices"]) == (TINY.name, ["espeak-ng"])
        found = await speech.client.recognise(spoken_digit("7_nicolas"), "en", WAIT_S)
        assert found.text == "seven"
    log = (tmp_path / "speech.log").read_text()
    assert all(f"attendant models fetch {each.name}" in log for each in (SMALL, *VOICES))


async def test_with_none_of_them_whole_keys_are_left_and_espeak(tmp_path: Path) -> None:
    models = tmp_path / "models"
    for weights in (TINY, SMALL):
        lay(models, weights, "truncated")
    # What is whole by its note and is no network is noticed when it is loaded.
    voice = VOICES[0]
    lay(models, voice)
    settings = program.settings(tmp_path, whisper=SMALL.name, voices={voice.languages[0]: voice.name})
    async with program.running(settings) as speech:
        offer = await speech.client.describe(WAIT_S)
        assert (offer.models, [each.name for each in offer.voices]) == ((), ["espeak-ng"])
        with pytest.raises(SpeechFailed) as refused:
            await speech.client.recognise(spoken_digit("7_nicolas"), "en", WAIT_S)
        # The box offers keys at once when it is told so, and asks no more.
        assert (refused.value.code, refused.value.retry) == ("unavailable", False)
