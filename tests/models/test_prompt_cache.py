"""Sentences rendered ahead: on disk whole or not at all, in memory within bounds, made anew when changed."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.local.espeak import Espeak
from models.local.prompt_cache import PromptCache, PromptNotKept, key_of
from models.local.rendering import CODINGS, render
from models.local.speech_client import SpeechClient
from models.local.voices import chain
from tests.peers.synthesiser import SynthesiserPeer

KEY, OTHER = key_of("espeak-ng:en-us", 8000, "Hello."), key_of("espeak-ng:en-us", 24000, "Hello.")
SOUND = bytes(range(256)) * 5
TEXTS = ["Hello. How can I help?", "Goodbye."]


@pytest.fixture
def cache(tmp_path: Path) -> PromptCache:
    return PromptCache(tmp_path / "prompts")


def files(cache: PromptCache) -> list[Path]:
    return sorted(path for path in cache.folder.iterdir() if path.is_file())


def test_what_is_written_is_read_by_another(cache: PromptCache) -> None:
    assert cache.read(KEY) is None
    cache.write(KEY, SOUND)
    assert cache.held(KEY) is None, "it is taken into memory when it is read"
    assert cache.read(KEY) == cache.held(KEY) == SOUND
    assert PromptCache(cache.folder).read(KEY) == SOUND
    assert [path.suffix for path in files(cache)] == [".sound"]


@given(st.lists(st.tuples(st.text(), st.integers(1, 99999), st.text()), unique=True, min_size=2, max_size=5))
def test_another_voice_rate_or_text_is_another_entry(entries: list[tuple[str, int, str]]) -> None:
    plain = [entry for entry in entries if not any("\0" in str(part) for part in entry)]
    safe = {entry for entry in plain if all(str(part).isprintable() for part in entry)}
    assert len({key_of(*entry) for entry in safe}) == len(safe)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:20], lambda b: b"", lambda b: b[:-1] + b"x"]
)
def test_a_broken_file_counts_as_missing(cache: PromptCache, damage: object) -> None:
    cache.write(KEY, SOUND)
    (path,) = files(cache)
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    assert cache.read(KEY) is None
    cache.write(KEY, SOUND)
    assert cache.read(KEY) == SOUND


def test_a_folder_in_the_place_of_a_file_counts_as_missing(cache: PromptCache) -> None:
    (cache.folder / f"{KEY}.sound").mkdir(parents=True)
    assert cache.read(KEY) is None
    with pytest.raises(PromptNotKept):
        cache.write(KEY, SOUND)
    assert files(cache) == []


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "prompts").write_text("a file")
    with pytest.raises(PromptNotKept, match="cannot be kept"):
        PromptCache(tmp_path / "prompts").write(KEY, SOUND)


def test_stale_sounds_and_remains_are_swept(cache: PromptCache) -> None:
    cache.write(KEY, SOUND)
    cache.write(OTHER, SOUND)
    (cache.folder / f".{KEY}.0badf00d.part").write_bytes(b"half")
    (cache.folder / "README").write_text("not ours")
    assert cache.sweep({KEY}) == 1
    assert [path.name for path in files(cache)] == sorted([f"{KEY}.sound", "README"])
    assert PromptCache(cache.folder / "nothing").sweep(set()) == 0


def test_the_disk_is_bounded(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path, disk_most=3 * (len(SOUND) + 32))
    keys = [key_of("voice", 8000, str(number)) for number in range(5)]
    for age, key in enumerate(keys):
        cache.write(key, SOUND)
        os.utime(tmp_path / f"{key}.sound", (age, age))
    assert [PromptCache(tmp_path).read(key) is not None for key in keys] == [False, False, True, True, True]
    with pytest.raises(PromptNotKept, match="too long"):
        cache.write(KEY, SOUND * 4)


def test_the_memory_is_bounded(cache: PromptCache) -> None:
    small = PromptCache(cache.folder, memory_most=2 * len(SOUND))
    keys = [key_of("voice", 8000, str(number)) for number in range(3)]
    for key in keys:
        small.write(key, SOUND)
    assert small.preload(keys[:2]) == 2
    assert small.held(keys[0])
    assert small.preload([keys[2], key_of("voice", 8000, "never")]) == 1
    assert [small.held(key) is not None for key in keys] == [True, False, True], (
        "the one not used for longest goes"
    )
    small.write(KEY, SOUND * 3)
    assert small.read(KEY) == SOUND * 3
    assert small.held(KEY) is None


def test_many_threads_read_and_write(cache: PromptCache) -> None:
    keys = [key_of("voice", 8000, str(number)) for number in range(8)]

    def work(number: int) -> bool:
        cache.write(keys[number % 8], SOUND)
        return all(PromptCache(cache.folder).read(key) in {None, SOUND} for key in keys)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(40)))
    assert len(files(cache)) == 8


# Rendering ------------------------------------------------------------------------------------------------


async def test_only_what_changed_is_made(cache: PromptCache) -> None:
    voices = chain(None, {})
    first = await render(cache, voices, TEXTS, "en")
    assert (first.made, first.kept) == ({"espeak-ng": 3}, {})
    assert len(files(cache)) == 3 * len(CODINGS)
    again = await render(cache, voices, [*TEXTS, "Goodbye."], "en")
    assert (again.made, again.kept) == ({}, {"espeak-ng": 3})
    edited = await render(cache, voices, [TEXTS[0], "See you."], "en")
    assert (edited.made, edited.kept) == ({"espeak-ng": 1}, {"espeak-ng": 2})
    assert cache.sweep(edited.in_use) == len(CODINGS)
    assert not first.missing
    assert not first.failures


async def test_the_same_words_make_the_same_sound(cache: PromptCache, tmp_path: Path) -> None:
    for each in (cache, PromptCache(tmp_path / "other")):
        await render(each, chain(None, {}), TEXTS, "es")
    names = [path.name for path in files(cache)]
    assert [path.read_bytes() for path in files(cache)] == [
        (tmp_path / "other" / n).read_bytes() for n in names
    ]


async def test_a_better_voice_replaces_a_lesser_one(cache: PromptCache) -> None:
    await render(cache, chain(None, {}), TEXTS, "en")
    async with SynthesiserPeer(("speaks",)) as peer:
        better = chain(SpeechClient(peer.address), {"en": "tone"}, first_s=5)
        done = await render(cache, better, TEXTS, "en")
        assert (done.made, done.kept) == ({"speech": 3}, {})
        assert cache.sweep(done.in_use) == 3 * len(CODINGS)
    gone = await render(cache, better, TEXTS, "en")
    assert (gone.made, gone.kept) == ({}, {"speech": 3}), "what it has made stays good when it is away"


async def test_a_voice_that_fails_is_not_asked_for_every_sentence(cache: PromptCache) -> None:
    async with SynthesiserPeer(("refuses",)) as peer:
        done = await render(cache, chain(SpeechClient(peer.address), {}, first_s=5), TEXTS, "en")
        assert len(peer.asked) == 1
    assert done.made == {"espeak-ng": 3}
    assert "refused" in done.failures["speech"]


async def test_what_no_voice_can_say_is_missing(cache: PromptCache) -> None:
    done = await render(cache, chain(None, {}, Espeak("/nonexistent")), TEXTS, "en")
    assert done.missing == ["Hello.", "How can I help?", "Goodbye."]
    assert "cannot be started" in done.failures["espeak-ng"]
    assert not cache.folder.exists()
