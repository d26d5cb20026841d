"""`attendant prompts render`: all sentences of the clinic, by the best voice that is there."""

import asyncio
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Typed, settings_file, typing
from tests.peers.synthesiser import SynthesiserPeer


@pytest.fixture
def speech() -> Iterator[SynthesiserPeer]:
    """A speech program in a thread of its own: commands run a loop of theirs."""
    peer, loop = SynthesiserPeer(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(peer.__aenter__(), loop).result(10)
    yield peer
    asyncio.run_coroutine_threadsafe(peer.__aexit__(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def made(output: str) -> dict[str, tuple[str, int, int]]:
    """The table that was printed: by language the voice, how many were made, and how many kept."""
    lines = [line.split() for line in output.splitlines() if line.startswith(("en ", "es "))]
    return {line[0]: (line[1], int(line[2]), int(line[3])) for line in lines}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A new box's folder of sentences, and what was printed when they were rendered."""
    folder = tmp_path_factory.mktemp("rendered")
    result = typing(settings_file(folder))("prompts", "render")
    assert result.exit_code == 0, result.output
    return folder / "data" / "prompts", result.output


@pytest.fixture
def sentences(config: Path, rendered: tuple[Path, str]) -> Path:
    """The folder of this box's sentences, all rendered."""
    return Path(shutil.copytree(rendered[0], config.parent / "data" / "prompts"))


def test_a_new_box_gets_its_sentences(typed: Typed, sentences: Path, rendered: tuple[Path, str]) -> None:
    table = made(rendered[1])
    assert table.keys() == {"en", "es"}
    assert all(voice == "espeak-ng" and count > 50 for voice, count, _ in table.values())
    assert len(list(sentences.glob("*.sound"))) == 2 * sum(count for _, count, _ in table.values())
    again = made(typed("prompts", "render").output)
    assert all(count == 0 and kept == table[language][1] for language, (_, count, kept) in again.items())


@pytest.mark.usefixtures("morning", "sentences")
def test_an_edit_makes_what_changed(typed: Typed) -> None:
    typed("prompts", "render")
    edited = typed("staff", "set", "business_name", "Cedar Dental").output
    count = re.search(r"rendered ahead: (\d+)", edited)
    assert count is not None
    assert 0 < int(count[1]) < 12
    result = typed("prompts", "render")
    assert all(count == 0 for _, count, _ in made(result.output).values())
    assert "Stale sounds removed: 0." not in result.output


@pytest.mark.parametrize(
    "edit",
    [
        ("staff", "set", "hours", '{"monday": [["09:00", "12:00"]]}'),
        ("staff", "set", "emergency_number", "112"),
        ("staff", "set", "greeting", "Good morning."),
        ("departments", "add", "X-Ray", "+14155550100"),
    ],
)
def test_what_callers_are_told_is_rendered_as_it_is_edited(
    typed: Typed, config: Path, edit: tuple[str, ...]
) -> None:
    result = typed(*edit)
    assert result.exit_code == 0, result.output
    assert "rendered ahead" in result.output
    assert list((config.parent / "data" / "prompts").glob("*.sound"))


def test_what_callers_do_not_hear_renders_nothing(typed: Typed, config: Path) -> None:
    assert "rendered" not in typed("staff", "set", "ring_s", "30").output
    assert not (config.parent / "data" / "prompts").exists()


def test_an_edit_is_kept_without_a_voice(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = typed("staff", "set", "business_name", "Cedar Dental")
    assert result.exit_code == 0
    assert "attendant prompts render" in result.output
    assert 'business_name = "Cedar Dental"' in typed("staff", "list").output


def test_an_edit_is_kept_when_nothing_can_be_rendered(typed: Typed, config: Path) -> None:
    typed("staff", "set", "ring_s", "30")
    (config.parent / "data" / "prompts").write_text("no folder")
    result = typed("staff", "set", "business_name", "Cedar Dental")
    assert result.exit_code == 0
    assert "are not rendered ahead" in result.output


@pytest.mark.drill
def test_the_speech_program_is_the_better_voice(typed: Typed, speech: SynthesiserPeer, config: Path) -> None:
    """It is asked for the voices of the settings, but for those that are named."""
    config.write_text(config.read_text() + '[speech]\nvoices = { en = "clear", es = "clara" }\n')
    result = typed("prompts", "render", "--speech", speech.address, "--voice", "en=tone")
    assert result.exit_code == 0, result.output
    assert {voice for voice, _, _ in made(result.output).values()} == {"speech"}
    asked = {asked.data["voice"]["language"]: asked.data["voice"]["name"] for asked in speech.asked}
    assert asked == {"en": "tone", "es": "clara"}
    assert "Thank you for calling the clinic." in speech.texts


def test_an_edit_is_spoken_by_the_voice_that_callers_will_hear(
    typed: Typed, speech: SynthesiserPeer, config: Path
) -> None:
    said = f'[speech]\nuri = "{speech.address}"\nvoices = {{ en = "clear", es = "clara" }}\n'
    config.write_text(config.read_text() + said)
    result = typed("staff", "set", "business_name", "Cedar Dental")
    assert "rendered ahead" in result.output
    assert {asked.data["voice"]["name"] for asked in speech.asked} == {"clear", "clara"}


def test_without_any_voice_it_says_what_to_do(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = typed("prompts", "render", "--speech", "unix:///nonexistent")
    assert result.exit_code == 1
    assert "Install espeak-ng, or start the speech program." in result.output
    assert "speech was not used" in result.output


def test_a_voice_needs_a_language_and_a_name(typed: Typed) -> None:
    assert typed("prompts", "render", "--voice", "tone").exit_code == 2
