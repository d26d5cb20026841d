"""`attendant kb eval`, as it is typed."""

import shutil
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from appliance.cli.kb_eval import evaluate
from appliance.core.errors import AttendantError

SETS = Path(__file__).parents[1] / "data" / "kb"
KEYS = {"hit_at_1", "hit_at_3", "mrr", "auroc", "wrong_at_95", "ece", "out_of_scope_answered", "queries"}


def _typed(*arguments: str | Path) -> Result:
    return CliRunner().invoke(evaluate, list(map(str, arguments)))


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A set with nothing beside it."""
    return Path(shutil.copytree(SETS / "clinic_en", tmp_path / "clinic_en"))


def test_the_object_of_one_set(alone: Path) -> None:
    done = _typed(alone, "--json")
    told = orjson.loads(done.output)
    assert done.exit_code == 0
    assert told.keys() >= KEYS
    assert (told["name"], told["language"], told["documents"]) == ("clinic_en", "en", 27)
    assert (told["queries"], told["answerable"], told["out_of_scope_answered"]) == (72, 54, None)
    assert told["hit_at_1"] > 0.8
    assert told["hit_at_3"] >= told["mrr"] >= told["hit_at_1"]


def test_nothing_is_written_into_the_set(alone: Path) -> None:
    before = {path: path.read_bytes() for path in alone.iterdir()}
    assert _typed(alone, "--words-alone").exit_code == 0
    assert {path: path.read_bytes() for path in alone.iterdir()} == before


def test_a_folder_of_sets_and_questions_beside_it(alone: Path) -> None:
    shutil.copytree(SETS / "clinic_es", alone.parent / "clinic_es")
    shutil.copy(SETS / "oos_en.jsonl", alone.parent)
    told = orjson.loads(_typed(alone.parent, "--json").output)
    assert [(each["name"], each["language"]) for each in told["sets"]] == [
        ("clinic_en", "en"),
        ("clinic_es", "es"),
    ]
    assert all(each["out_of_scope_answered"] < 0.05 for each in told["sets"])


def test_a_table_of_one_set(alone: Path) -> None:
    lines = _typed(alone, "--words-alone").output.splitlines()
    assert lines[0].split()[:6] == ["set", "lang", "docs", "queries", "hit@1", "hit@3"]
    assert lines[1].split()[:4] == ["clinic_en", "en", "27", "72"]


def test_questions_of_the_other_language(alone: Path) -> None:
    told = orjson.loads(_typed(alone, "--queries", SETS / "clinic_es", "--json").output)
    assert told["name"] == "clinic_es on clinic_en"
    assert told["hit_at_1"] > 0.4


def test_questions_out_of_scope_can_be_named(alone: Path, tmp_path: Path) -> None:
    beyond = tmp_path / "strays.jsonl"
    beyond.write_text('{"_id": "1", "text": "where can I park my car"}\n')
    told = orjson.loads(_typed(alone, "--out-of-scope", beyond, "--threshold", "0", "--json").output)
    assert told["out_of_scope_answered"] == 1.0


def test_a_broken_set_gets_a_sentence(alone: Path) -> None:
    (alone / "qrels.tsv").unlink()
    done = _typed(alone)
    assert isinstance(done.exception, AttendantError)
    assert "has no qrels.tsv" in str(done.exception)


def test_a_folder_without_sets_gets_a_sentence(tmp_path: Path) -> None:
    done = _typed(tmp_path)
    assert isinstance(done.exception, AttendantError)
    assert "is no set and holds none" in str(done.exception)
