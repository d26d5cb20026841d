"""`attendant eval intents`, as it is typed."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from appliance.cli.eval_intents import departments_of, intents, judged, read
from appliance.core.errors import AttendantError
from tests.models import intent_sets, small_network

ROWS: list[dict[str, str | None]] = [
    {"text": "what are your hours", "intent": "hours"},
    {"text": "con facturación por favor", "intent": "transfer_department", "department": "Facturacion"},
    {"text": "the pharmacy please", "intent": "transfer_department", "department": "pharmacy"},
    {"text": "please cancel my appointment", "intent": "goodbye", "department": None},
]


def _typed(*arguments: str) -> Result:
    return CliRunner().invoke(intents, list(arguments))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, ROWS)) + b"\n\n")
    return path


def test_the_object_tells_total_right_and_the_wrong_lines(file: Path) -> None:
    done = _typed(str(file), "--json")
    told = orjson.loads(done.output)
    assert (done.exit_code, told["total"], told["right"], told["share"]) == (0, 4, 3, 0.75)
    (wrong,) = told["wrong"]
    assert (wrong["text"], wrong["intent"], wrong["found"]) == (
        "please cancel my appointment",
        "goodbye",
        "cancel",
    )


def test_a_network_of_more_languages_has_its_say(file: Path, tmp_path: Path) -> None:
    weights = small_network.put(tmp_path / "multilingual-e5-small", ("horario",))
    done = _typed(str(file), "--lang", "es", "--embeddings", str(weights), "--json")
    assert (done.exit_code, orjson.loads(done.output)["total"]) == (0, 4)
    unknown = _typed(str(file), "--embeddings", str(tmp_path / "unknown"))
    assert isinstance(unknown.exception, AttendantError)
    assert "Nobody taught us" in str(unknown.exception)


def test_what_a_call_does_first_comes_first(tmp_path: Path) -> None:
    said = {
        "my husband can't breathe": "emergency",
        "let me talk to somebody please": "person",
        "press zero": "person",
        "almohadilla": "repeat",
        "can you bump me up to an earlier slot": "move",
        "how much ibuprofen can i take": "question",
    }
    path = tmp_path / "said.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps({"text": text, "intent": said[text]}) for text in said))
    assert orjson.loads(_typed(str(path), "--json").output)["wrong"] == []


@pytest.mark.parametrize("name", ["en_eighth", "es_ninth"])
def test_a_set_that_nothing_was_adjusted_to_does_well_in_a_call(name: str) -> None:
    lines = read(intent_sets.FOLDER / f"{name}.jsonl")
    found = judged(lines, departments_of([line.department or "" for line in lines]), None)
    assert sum(each.right for each in found) >= 0.9 * len(lines)


def test_the_table_tells_each_wish(file: Path) -> None:
    done = _typed(str(file), "--lang", "en")
    lines = done.output.splitlines()
    assert lines[0].split() == ["Intent", "Lines", "Right", "Share"]
    assert lines[1].split() == ["hours", "1", "1", "100.0%"]
    assert "all                  4      3      75.0%" in lines
    assert lines[-1] == "goodbye, found cancel: please cancel my appointment"


def test_departments_can_be_given(file: Path) -> None:
    told = orjson.loads(_typed(str(file), "--json", "--departments", "Radiology, Billing").output)
    assert [row["found_department"] for row in told["wrong"]] == ["Billing", "", ""]


def test_departments_that_differ_by_accents_are_one() -> None:
    lines = departments_of(["Facturación", "facturacion", "", "Medical Records"])
    assert [(line.slug, line.name) for line in lines] == [
        ("facturacion", "Facturación"),
        ("medical-records", "Medical Records"),
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"text": "hi", "intent": "none"}\nnot json\n', "Line 2 of .* is not a JSON object"),
        (b'{"text": "hi", "intent": "dance"}\n', "Line 1 of .*: intent: "),
        (b'{"intent": "none"}\n', "Line 1 of .*: text: "),
        (b"[1]\n", "Line 1 of .*: the line: "),
        (b"\xff\xfe\n", "Line 1 of "),
        (b"\n", "has no line"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(content)
    done = _typed(str(path))
    assert isinstance(done.exception, AttendantError)
    with pytest.raises(AttendantError, match=problem):
        raise done.exception


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in str(_typed(str(tmp_path / "none.jsonl")).exception)
