"""Sets of questions, as folders, and what is wrong with them."""

from pathlib import Path

import pytest

from kb import trial
from kb.trial import TrialWrong

CORPUS = '{"_id": "d1", "title": "Hours", "text": "We are open from eight to five."}\n'
QUERIES = (
    '{"_id": "q1", "text": "when are you open", "answerable": true}\n{"_id": "q2", "text": "who am I"}\n\n'
)
ANSWERS = "query-id\tcorpus-id\tscore\nq1\td1\t1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "small"
    made.mkdir()
    (made / trial.CORPUS).write_text(CORPUS)
    (made / trial.QUERIES).write_text(QUERIES)
    (made / trial.ANSWERS).write_text(ANSWERS)
    return made


def test_a_folder_is_read(folder: Path) -> None:
    read = trial.read(folder)
    assert (read.name, read.language, read.asked_in) == ("small", "en", "en")
    assert read.answers == {"q1": {"d1"}}
    assert [query.text for query in read.queries] == ["when are you open", "who am I"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (trial.CORPUS, None, "has no corpus.jsonl"),
        (trial.QUERIES, None, "has no queries.jsonl"),
        (trial.ANSWERS, None, "has no qrels.tsv"),
        (trial.CORPUS, "\n", "corpus.jsonl is empty"),
        (trial.CORPUS, CORPUS + "{", r"Line 2 of .*corpus.jsonl"),
        (trial.CORPUS, '{"_id": "d1"}', r"Line 1 of .*corpus.jsonl: text: Field required"),
        (trial.CORPUS, CORPUS + CORPUS, "has the id 'd1' twice"),
        (trial.QUERIES, '{"_id": 7, "text": "x"}', "Line 1 of .*queries.jsonl: _id"),
        (trial.QUERIES, "[]", "Line 1 of .*queries.jsonl"),
        (trial.ANSWERS, ANSWERS + "q1 d1 1\n", "Line 3 of .*qrels.tsv is not a question"),
        (trial.ANSWERS, ANSWERS + "q1\td2\t1\n", "Line 3 of .*qrels.tsv names 'd2', which corpus.jsonl"),
        (trial.ANSWERS, ANSWERS + "q9\td1\t1\n", "names 'q9', which queries.jsonl does not have"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, name: str, text: str | None, said: str) -> None:
    (folder / name).unlink() if text is None else (folder / name).write_text(text)
    with pytest.raises(TrialWrong, match=said):
        trial.read(folder)


def test_what_is_not_text_is_told(folder: Path) -> None:
    (folder / trial.CORPUS).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TrialWrong, match=r"corpus\.jsonl is not text in UTF-8"):
        trial.read(folder)


def test_a_line_without_a_score_answers_nothing(folder: Path) -> None:
    (folder / trial.ANSWERS).write_text(ANSWERS.replace("\t1\n", "\t0\n"))
    assert trial.read(folder).answers == {}


def test_questions_of_another_set_are_asked_of_these_documents(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "otro"
    other.mkdir()
    (other / trial.CORPUS).write_text('{"_id": "d1", "title": "Horario", "text": "Abrimos de ocho a cinco."}')
    (other / trial.QUERIES).write_text('{"_id": "q1", "text": "¿cuándo abren en la clínica los lunes?"}')
    (other / trial.ANSWERS).write_text(ANSWERS)
    both = trial.read(folder).asked(trial.read(other))
    assert (both.name, both.language, both.asked_in) == ("otro on small", "en", "es")
    assert both.answers == {"q1": {"d1"}}


def test_sets_that_do_not_belong_together_are_told(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / trial.CORPUS).write_text(CORPUS.replace("d1", "d7"))
    (other / trial.QUERIES).write_text(QUERIES)
    (other / trial.ANSWERS).write_text(ANSWERS.replace("d1", "d7"))
    with pytest.raises(TrialWrong, match="do not belong together: small has no document 'd7'"):
        trial.read(folder).asked(trial.read(other))


def test_other_folders_are_no_sets(folder: Path, tmp_path: Path) -> None:
    assert trial.is_trial(folder)
    assert not trial.is_trial(tmp_path)
