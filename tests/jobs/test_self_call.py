"""The box rings itself by a job: what is written down of a bridge that is dead, and when nothing is."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.core.self_call import Check, Finding, State
from appliance.jobs import schedules
from appliance.jobs.self_calls import LOOKS, NAME
from appliance.service.jobs.self_calls import self_calling
from appliance.service.self_call.alarm import ALARM
from appliance.store import database, jobs, self_calls, times
from appliance.store.database import Connection
from tests.jobs.office import Office


@pytest.fixture
def box(db: Connection, path: Path, unused_tcp_port: int) -> Office:
    """A box whose bridge, and whose Asterisk, nobody has started."""
    made = Office(db, path.parent)
    settings = made.settings(
        asterisk={"enabled": True, "http_port": unused_tcp_port}, listen={"local_port": unused_tcp_port}
    )
    return made.does(self_calling(settings, lambda: made.now))


def looks(box: Office, name: str) -> jobs.Job:
    with database.immediate(box.db):
        job_id = jobs.owe(box.db, jobs.Wanted(NAME, name), now=box.now)
    box.works(patience=timedelta(0))
    return jobs.get(box.db, job_id)


def test_a_dead_bridge_is_written_down_and_the_second_time_it_is_an_alarm(
    box: Office, caplog: pytest.LogCaptureFixture
) -> None:
    for in_row in (1, 2):
        assert looks(box, f"look {in_row}").state is jobs.State.DONE
        box.put_on(timedelta(minutes=10))
        alarms = [record for record in caplog.records if getattr(record, "code", "") == ALARM]
        assert len(alarms) == in_row - 1
    assert [record.levelno for record in alarms] == [logging.ERROR]
    rows = self_calls.recent(box.db)
    assert [row.failed_in_row for row in rows] == [2, 1]
    (finding,) = rows[0].findings
    assert (finding.check, finding.state) == (Check.GATE, State.FAILED)
    assert "the bridge does not run" in finding.told
    # Nobody says that callers are served by a PBX that is not there either.
    assert "nor does Asterisk answer" in finding.told


def test_a_dead_bridge_is_found_before_the_next_call_is_due(box: Office) -> None:
    with database.immediate(box.db):
        self_calls.add(box.db, times.written(box.now), 1, [Finding(Check.GATE, State.OK)])
    box.put_on(timedelta(minutes=10))
    looks(box, "look")
    assert [row.state for row in self_calls.recent(box.db)] == [State.FAILED, State.OK]


def test_a_box_without_an_asterisk_has_no_such_timetable(box: Office) -> None:
    assert LOOKS in schedules.of(box.settings(asterisk={"enabled": True}))
    assert LOOKS not in schedules.of(box.settings())
