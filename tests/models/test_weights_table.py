"""The table of weights: the one that ships, and the mistakes that another may have."""

import re
from pathlib import Path

import pytest

from appliance.core.errors import SettingsError
from models.weights import table
from models.weights.table import NoSuchWeights
from tests.models import hub_table

SHIPPED = table.load()
SUM = "0" * 64


def test_every_entry_has_a_licence_and_a_source() -> None:
    for each in SHIPPED.weights:
        assert each.licence
        assert each.licence_at.startswith("https://")
        assert each.source
        assert each.revision


def test_every_figure_has_a_citation_that_can_be_looked_up() -> None:
    figures = 0
    for each in SHIPPED.weights:
        for file in each.files:
            if file.sha256 or file.size:
                figures += 1
                assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} \S+", file.cited or each.cited)
    assert figures


def test_what_a_clinic_needs_is_in_the_default_set_and_checked() -> None:
    default = SHIPPED.default
    assert sorted(each.kind for each in default) == ["recognition", "voice", "voice"]
    assert {language for each in default if each.kind == "voice" for language in each.languages} == {
        "en",
        "es",
    }
    assert all(each.pinned and each.size for each in default)


def test_whisper_is_there_in_three_sizes() -> None:
    assert [SHIPPED.of(f"whisper-{size}").size for size in ("tiny", "base", "small")] == [
        78_203_619,
        147_882_941,
        486_212_372,
    ]


def test_a_voice_has_its_model_and_its_description_under_the_names_that_piper_expects() -> None:
    for each in SHIPPED.weights:
        if each.kind == "voice":
            assert [file.local for file in each.files] == [f"{each.name}.onnx", f"{each.name}.onnx.json"]


def test_a_name_that_is_not_there_is_answered_by_those_that_are() -> None:
    with pytest.raises(NoSuchWeights, match=r"no weights called whisper-huge\. There are: whisper-tiny, "):
        SHIPPED.of("whisper-huge")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('licence = "CC0"', "", r"weights\.0\.licence: Field required"),
        (
            'licence = "CC0"',
            'licence = "CC0"\nlicense = "CC0"',
            r"^[^\n]*0\.license is not a key of the table of weights\. Did you mean weights\.0\.licence\?$",
        ),
        ('cited = "someone/somewhere@0000000 list.json"', "", "en/config.json has figures without a source"),
        ('path = "en/config.json"', 'path = "../../etc/passwd"', r"weights\.0\.files\.0\.path"),
        ('path = "en/config.json"', 'path = "en/model.bin"', "two files of tiny are called model.bin"),
        ('path = "en/config.json"', 'path = "en/pins.json"', "pins.json is a name that is kept"),
        ('languages = ["en"]', "languages = []", "tiny has no files or no languages"),
        (SUM, "abc", r"files\.0\.sha256"),
        ('name = "tiny"', "name = tiny", "is not valid TOML"),
    ],
)
def test_a_mistake_is_a_sentence(tmp_path: Path, before: str, after: str, said: str) -> None:
    text = hub_table.text(big=SUM, small=SUM)
    assert before in text
    path = tmp_path / "weights.toml"
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(SettingsError, match=said):
        table.load(path)


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.toml"
    path.write_text(hub_table.text() * 2)
    with pytest.raises(SettingsError, match="two entries are called tiny"):
        table.load(path)


def test_no_table_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        table.load(tmp_path / "weights.toml")
