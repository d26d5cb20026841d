"""What left the building and no other row tells: questions to be embedded, desks outside that rang."""

from typing import Any

import pytest

from appliance.core.events import PhonesRang
from appliance.core.steps import CallOffered
from appliance.store import calls, events, left_building, office, sent_out
from appliance.store.database import Connection, immediate
from appliance.store.left_building import BRIDGED, CALL_BY_TRUNK, CLOUD, EMBEDDED, RUNG, TRUNK, Left
from tests.store.conftest import AT

MODEL = "text-embedding-3-small-512"


def begin(db: Connection, carrier: str = "asterisk", caller: str = "101", **staff: Any) -> None:
    with immediate(db):
        calls.begin(db, "c1", CallOffered("CA1", caller, "+14155550199", carrier), AT, "p1")
        for key, value in staff.items():
            office.set_value(db, key, value, at=AT, by="ana")


def rings(db: Connection, department: str, result: str) -> None:
    with immediate(db):
        sent_out.phones_rang(db, "c1", PhonesRang(department, result, 9))


def test_questions_that_were_embedded_elsewhere_are_told(db: Connection) -> None:
    begin(db)
    assert left_building.of_call(db, "c1") == []
    with immediate(db):
        for _ in range(3):
            sent_out.question_asked(db, "c1", MODEL)
        sent_out.question_asked(db, "nobody", MODEL)
    told = (("count", 3), ("model", MODEL))
    assert left_building.of_call(db, "c1") == [Left(CLOUD, EMBEDDED, told, certain=False)]
    with immediate(db):
        sent_out.question_answered(db, "c1", MODEL)
    (left,) = left_building.of_call(db, "c1")
    assert (left.certain, left.what) == (True, f"questions to the documents (3) to {MODEL}, to be embedded")


@pytest.mark.parametrize(
    ("people", "result", "left"),
    [
        (["101"], "answered", []),
        (["+14155550111"], "no-answer", [Left(TRUNK, RUNG, (("count", 1),))]),
        (["+14155550111"], "answered", [Left(TRUNK, RUNG, (("count", 1),)), Left(TRUNK, BRIDGED)]),
        # Nobody can say whether it was the desk or the telephone outside that answered.
        (
            ["101", "+14155550111", "+14155550112"],
            "answered",
            [Left(TRUNK, RUNG, (("count", 2),)), Left(TRUNK, BRIDGED, certain=False)],
        ),
    ],
)
def test_a_front_desk_outside_is_told(
    db: Connection, people: list[str], result: str, left: list[Left]
) -> None:
    begin(db, people=people)
    rings(db, "front-desk", result)
    assert left_building.of_call(db, "c1") == left


def test_a_department_outside_is_told_beside_the_trunk_that_brought_the_call(db: Connection) -> None:
    begin(db, caller="+14155550100")
    with immediate(db):
        office.add_department(db, "Billing", ["+14155550111"])
    rings(db, "billing", "no-answer")
    rings(db, "billing", "answered")
    # One that is handed on by a desk is none of ours.
    rings(db, "elsewhere", "answered")
    assert left_building.of_call(db, "c1") == [
        Left(TRUNK, CALL_BY_TRUNK),
        Left(TRUNK, RUNG, (("count", 1),)),
        Left(TRUNK, BRIDGED),
    ]


def test_what_twilio_rings_is_twilios_and_told_with_the_call(db: Connection) -> None:
    begin(db, carrier="twilio", people=["+14155550111"])
    rings(db, "front-desk", "answered")
    assert [left.to for left in left_building.of_call(db, "c1")] == ["Twilio"]
    assert events.rings(db, "CA1") == []
