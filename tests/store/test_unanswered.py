"""Questions that nobody could answer: kept without who asked, grouped by meaning, settled, forgotten."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from appliance.core.citations import Asked, Citation
from appliance.store import citations, unanswered
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow
from appliance.store.unanswered import Missed, State, Why
from models.embed import Embedder

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ALIKE = (
    ("do you repair bicycles", "can you fix my bicycle", "do you do bicycle repairs"),
    ("is there a swimming pool", "do you have a pool for swimming"),
    ("can I rent a wheelchair from you", "do you rent out wheelchairs"),
)


def rows(db: Connection, table: str, column: str) -> list[str]:
    return [str(row[0]) for row in db.execute(f"SELECT {column} FROM {table}")]  # noqa: S608


def missed(question: str, language: str = "en", **different: object) -> Missed:
    return Missed(question, language, Why.NOT_KNOWN, **different)  # type: ignore[arg-type]


def test_questions_that_mean_the_same_are_one_by_their_embeddings(db: Connection) -> None:
    embedder = Embedder()
    asked = [question for group in ALIKE for question in group]
    vectors = dict(zip(asked, embedder.embed(asked), strict=True))
    for place in range(3):
        for group in ALIKE:
            for question in group[place : place + 1]:
                told = missed(question, embedding=vectors[question], model=embedder.model_id)
                unanswered.keep(db, told, NOW)
    found = unanswered.groups(db)
    assert sorted(group.times for group in found) == [2, 2, 3]
    by_first = {group.question: set(unanswered.questions(db, group.id)) for group in found}
    assert by_first == {group[0]: set(group) for group in ALIKE}


def test_without_a_model_the_words_decide(db: Connection) -> None:
    for question in ("do you repair bicycles", "Do you repair bicycles?", "do you sell bread"):
        unanswered.keep(db, missed(question), NOW)
    assert [(group.question, group.times) for group in unanswered.groups(db)] == [
        ("do you repair bicycles", 2),
        ("do you sell bread", 1),
    ]


def test_languages_and_models_stay_apart(db: Connection) -> None:
    vector = np.ones(4, np.float32) / 2
    for language, model in (("en", "a"), ("es", "a"), ("en", "b")):
        unanswered.keep(db, missed(f"{model} asks {language}", language, embedding=vector, model=model), NOW)
    assert len(unanswered.groups(db)) == 3
    assert [group.question for group in unanswered.groups(db, language="es")] == ["a asks es"]


def test_who_asked_is_not_kept(db: Connection) -> None:
    group = unanswered.keep(db, missed("my name is Maria Lopez, 415 555 0133, do you repair bicycles"), NOW)
    assert unanswered.questions(db, group) == ["my name is … #, do you repair bicycles"]


def test_the_most_asked_comes_first_and_bad_answers_are_counted(db: Connection) -> None:
    unanswered.keep(db, missed("do you sell bread"), NOW)
    for later in range(2):
        told = Missed("do you repair bicycles", "en", Why.BAD_ANSWER)
        unanswered.keep(db, told, NOW + timedelta(hours=later))
    first, second = unanswered.groups(db)
    assert (first.times, first.bad_answers, second.bad_answers) == (2, 2, 0)
    assert (first.first_at, first.last_at) == ("2026-11-24T09:00:00.000Z", "2026-11-24T10:00:00.000Z")


def test_what_is_settled_is_listed_no_more_and_opens_anew_when_it_is_asked_again(db: Connection) -> None:
    group = unanswered.keep(db, missed("do you repair bicycles"), NOW)
    assert unanswered.settle(db, group, State.ANSWERED, NOW).state is State.ANSWERED
    assert unanswered.groups(db) == []
    assert unanswered.keep(db, missed("do you repair bicycles"), NOW) != group
    assert [each.id for each in unanswered.groups(db, State.ANSWERED)] == [group]
    with pytest.raises(NoSuchRow):
        unanswered.settle(db, 99, State.DISMISSED, NOW)


def test_a_question_goes_with_its_call_and_a_group_with_the_last_of_its_questions(
    db: Connection, call: str
) -> None:
    unanswered.keep(db, missed("do you repair bicycles", call_id=call), NOW)
    unanswered.keep(db, missed("do you sell bread"), NOW + timedelta(days=2))
    db.execute("DELETE FROM call_log WHERE id = ?", (call,))
    assert rows(db, "unanswered_group", "question") == ["do you sell bread"]
    db.execute("DELETE FROM unanswered_question")
    assert rows(db, "unanswered_group", "question") == []


def test_a_group_is_called_by_its_next_question_when_the_first_is_gone(db: Connection, call: str) -> None:
    unanswered.keep(db, missed("do you repair old bicycles", call_id=call), NOW)
    unanswered.keep(db, missed("do you repair bicycles"), NOW + timedelta(days=2))
    db.execute("DELETE FROM call_log WHERE id = ?", (call,))
    (group,) = unanswered.groups(db)
    assert (group.question, group.times) == ("do you repair bicycles", 1)
    db.execute("DELETE FROM unanswered_group")
    assert rows(db, "unanswered_question", "question") == []


def test_a_bad_answer_is_kept_with_its_question(db: Connection, call: str) -> None:
    asked = Asked("do you repair bicycles", "en", 0.8, (), "Yes.")
    citations.cite(db, call, Citation(asked, answered=True, verified=True), "2026-11-24T09:00:00.000Z")
    (row,) = citations.of_call(db, call)
    group = unanswered.group(db, unanswered.disliked(db, row.id, NOW))
    assert (group.question, group.bad_answers) == ("do you repair bicycles", 1)
    assert citations.of_call(db, call)[0].rating == -1
    with pytest.raises(NoSuchRow):
        unanswered.disliked(db, 99, NOW)


def test_an_answer_that_was_called_bad_by_mistake_counts_as_before(db: Connection, call: str) -> None:
    for question in ("do you repair bicycles", "call me at 415 555 0133 about bread"):
        asked = Asked(question, "en", 0.8, (), "Yes.")
        citations.cite(db, call, Citation(asked, answered=True, verified=True), "2026-11-24T09:00:00.000Z")
    first, second = citations.of_call(db, call)
    unanswered.keep(db, missed("do you repair bicycles", call_id=call), NOW)
    for row in (first, second):
        unanswered.disliked(db, row.id, NOW)
    for row in (first, second):
        unanswered.disliked_no_more(db, row.id)
        assert citations.one(db, row.id).rating == 0
    (group,) = unanswered.groups(db)
    assert (group.question, group.times, group.bad_answers) == ("do you repair bicycles", 1, 0)
    with pytest.raises(NoSuchRow):
        unanswered.disliked_no_more(db, 99)


def test_what_was_answered_meanwhile_stays_answered(db: Connection, call: str) -> None:
    asked = Asked("do you repair bicycles", "en", 0.8, (), "Yes.")
    citations.cite(db, call, Citation(asked, answered=True, verified=True), "2026-11-24T09:00:00.000Z")
    (row,) = citations.of_call(db, call)
    group = unanswered.disliked(db, row.id, NOW)
    unanswered.settle(db, group, State.ANSWERED, NOW)
    unanswered.disliked_no_more(db, row.id)
    assert unanswered.group(db, group).bad_answers == 1


def test_a_question_of_no_words_is_kept_as_well(db: Connection) -> None:
    group = unanswered.keep(db, missed("?!"), NOW)
    assert unanswered.group(db, group).times == 1
