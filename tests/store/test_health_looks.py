"""What the doctor found is kept, the newest first, and not for ever."""

from appliance.core.examined import missing, well
from appliance.store import database, health_looks, versions
from appliance.store.database import Connection

AT = "2026-11-24T16:30:00.000Z"


def test_the_newest_is_found_and_the_oldest_go(db: Connection) -> None:
    assert health_looks.last(db) is None
    before = versions.of(db, "box")
    with database.immediate(db):
        for took_ms in range(health_looks.KEPT + 5):
            health_looks.add(db, AT, took_ms, [well("disk", "there is room"), missing("bridge", "start it")])
    look = health_looks.last(db)
    assert look is not None
    assert look.took_ms == health_looks.KEPT + 4
    assert look.findings == (well("disk", "there is room"), missing("bridge", "start it"))
    assert db.execute("SELECT COUNT(*) FROM health_look").fetchone()[0] == health_looks.KEPT
    assert versions.of(db, "box") != before
