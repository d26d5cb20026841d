"""What can be booked, as rows: what was put in is what comes out."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.core.booking.visits import Bookable
from appliance.core.hours import DAYS
from appliance.store import visits
from appliance.store.database import Connection, immediate

NOW = datetime(2026, 11, 26, tzinfo=UTC)
spans = st.sampled_from([[], [["08:00", "17:00"]], [["09:00", "12:00"], ["13:00", "16:30"]]])
hours = st.none() | st.dictionaries(st.sampled_from(DAYS), spans)
providers = st.builds(
    lambda hours, calendar, away: {
        "slug": "lee",
        "name": "Dr. Lee",
        "calendar": calendar,
        "away": away,
        **({} if hours is None else {"hours": hours}),
    },
    hours,
    st.sampled_from(["own", "google:a@b.example", "microsoft:a@b.example"]),
    st.lists(st.dates(), max_size=2),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(provider=providers, minutes=st.integers(5, 480), who=st.sampled_from(["anyone", "known", "staff"]))
def test_what_is_put_in_comes_out(db: Connection, provider: object, minutes: int, who: str) -> None:
    visit = {"slug": "a", "name": "A", "minutes": minutes, "who": who, "aliases": ["revisión"]}
    wanted = visits.checked({"provider": [provider], "visit": [visit]})
    with immediate(db):
        visits.replace(db, wanted, now=NOW)
    assert visits.load(db) == wanted


def test_a_day_that_is_not_named_is_a_day_off() -> None:
    made = visits.checked(
        {"provider": [{"slug": "lee", "name": "L", "hours": {"friday": [["08:00", "17:00"]]}}]}
    )
    given = made.provider[0].hours
    assert given is not None
    assert [day for day in DAYS if given.of(day)] == ["friday"]


def test_rows_that_cannot_be_used_book_nothing(db: Connection, caplog: pytest.LogCaptureFixture) -> None:
    with immediate(db):
        db.execute("INSERT INTO provider (slug, place, value) VALUES ('lee', 0, '{\"slug\": \"lee\"}')")
    assert visits.load(db) == Bookable()
    assert "nothing can be booked" in caplog.text
