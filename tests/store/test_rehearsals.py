"""Rehearsals that are kept, and runs: what is kept comes back, and what differs is told."""

import pytest

from appliance.core.errors import SettingsError
from appliance.core.rehearsal import HangUp, Key, Line, Outline, Part
from appliance.store import rehearsals
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow
from appliance.store.rehearsals import Rehearsal
from tests.store.conftest import AT

SEEN = Outline(
    {Part.TOOLS: ("get_business_hours",), Part.ENDING: ("people",), Part.SENTENCES: ("menu",)},
    (("attendant", "Good morning"), ("caller", "the hours")),
)
OTHER = Outline({**SEEN.parts, Part.ENDING: ("voicemail",)}, (("attendant", "Hi"),))
HOURS = Rehearsal(0, "Hours", "", (Line("the hours"), Key("0"), HangUp()), SEEN, frozenset(Part))


def test_what_is_kept_comes_back(db: Connection) -> None:
    kept = rehearsals.keep(db, HOURS, at=AT, by="Ana")
    found = rehearsals.one(db, kept)
    assert (found.steps, found.expected, found.compared) == (HOURS.steps, SEEN, frozenset(Part))
    assert (found.name, found.kept_by, found.kept_at) == ("Hours", "Ana", AT)
    again = rehearsals.keep(
        db,
        Rehearsal(0, "Hours", "+14155550123", (Key("1"),), OTHER, frozenset({Part.ENDING})),
        at=AT,
        by="Ben",
    )
    assert again == kept
    assert [each.caller for each in rehearsals.every(db)] == ["+14155550123"]
    rehearsals.forget(db, kept)
    with pytest.raises(NoSuchRow):
        rehearsals.forget(db, kept)
    with pytest.raises(NoSuchRow):
        rehearsals.one(db, kept)
    with pytest.raises(NoSuchRow):
        rehearsals.expect(db, kept, SEEN)


def test_what_cannot_be_kept_is_told(db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (
        Rehearsal(0, "", "", (Key("1"),), SEEN, frozenset()),
        Rehearsal(0, "x" * 81, "", (Key("1"),), SEEN, frozenset()),
        Rehearsal(0, "None", "", (), SEEN, frozenset()),
        Rehearsal(0, "Many", "", (Key("1"),) * 61, SEEN, frozenset()),
    ):
        with pytest.raises(SettingsError):
            rehearsals.keep(db, wrong, at=AT, by="Ana")
    monkeypatch.setattr(rehearsals, "KEPT_MOST", 1)
    rehearsals.keep(db, HOURS, at=AT, by="Ana")
    rehearsals.keep(db, HOURS, at=AT, by="Ana")
    with pytest.raises(SettingsError, match="forget one"):
        rehearsals.keep(db, Rehearsal(0, "Two", "", (Key("1"),), SEEN, frozenset()), at=AT, by="Ana")


def test_a_run_tells_what_differs_and_takes_it_as_right(db: Connection) -> None:
    kept = rehearsals.keep(db, HOURS, at=AT, by="Ana")
    run_id = rehearsals.begin(db, "Winter", {"greeting": "Brr"}, at=AT, by="Ana", mark="m")
    assert [run.id for run in rehearsals.unended(db)] == [run_id]
    marked = rehearsals.marked(db, "m")
    assert marked is not None
    assert (marked.id, rehearsals.marked(db, "n")) == (run_id, None)
    rehearsals.add(db, run_id, kept, OTHER)
    rehearsals.add(db, run_id, 99, OTHER)
    (result,) = rehearsals.results(db, run_id)
    assert result.differs == {Part.ENDING: ["- people", "+ voicemail"]}
    assert rehearsals.run(db, run_id).ended_at is None
    rehearsals.end(db, run_id, at=AT)
    assert rehearsals.unended(db) == []
    assert rehearsals.runs(db)[0].ended_at == AT
    assert rehearsals.runs(db)[0].draft == {"greeting": "Brr"}
    rehearsals.expect(db, kept, OTHER)
    assert rehearsals.results(db, run_id)[0].differs == {}
    rehearsals.add(db, run_id, kept, None, "It broke off.")
    assert [(each.seen, each.problem, each.differs) for each in rehearsals.results(db, run_id)] == [
        (None, "It broke off.", {})
    ]
    with pytest.raises(NoSuchRow):
        rehearsals.run(db, 99)


def test_what_is_not_compared_may_differ(db: Connection) -> None:
    kept = rehearsals.keep(
        db, Rehearsal(0, "Tools", "", (Key("1"),), SEEN, frozenset({Part.TOOLS})), at=AT, by="Ana"
    )
    run_id = rehearsals.begin(db, "", {}, at=AT, by="Ana")
    rehearsals.add(db, run_id, kept, OTHER)
    assert rehearsals.results(db, run_id)[0].differs == {}


def test_old_runs_go(db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsals, "RUNS_KEPT", 2)
    for _ in range(4):
        rehearsals.begin(db, "", {}, at=AT, by="Ana")
    assert [each.id for each in rehearsals.runs(db)] == [4, 3]
