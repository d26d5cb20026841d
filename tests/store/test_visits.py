"""What can be booked, as rows: what was put in is what comes out."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.core.booking.visits import Bookable, Provider
from appliance.core.errors import SettingsError
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


@pytest.fixture
def offered(db: Connection) -> Connection:
    """Two providers; a visit is with one of them, the other with anybody."""
    tree = {
        "provider": [{"slug": "lee", "name": "Dr. Lee"}, {"slug": "ruiz", "name": "Dr. Ruiz"}],
        "visit": [{"slug": "a", "name": "A", "providers": ["lee", "ruiz"]}, {"slug": "b", "name": "B"}],
    }
    with immediate(db):
        visits.replace(db, visits.checked(tree), now=NOW)
    return db


def slugs(db: Connection) -> tuple[list[str], list[str]]:
    found = visits.load(db)
    return [each.slug for each in found.provider], [each.slug for each in found.visit]


def test_one_is_changed_in_its_place_and_another_comes_behind(offered: Connection) -> None:
    with immediate(offered):
        visits.save_provider(offered, {"slug": "lee", "name": "Dr. Bo Lee"}, now=NOW)
        visits.save_provider(offered, {"slug": "kim", "name": "Dr. Kim"}, now=NOW)
        visits.save_visit(offered, {"slug": "c", "name": "C", "minutes": 5}, now=NOW)
    assert slugs(offered) == (["lee", "ruiz", "kim"], ["a", "b", "c"])
    assert visits.load(offered).provider[0].name == "Dr. Bo Lee"


def test_the_order_is_changed_within_its_bounds(offered: Connection) -> None:
    with immediate(offered):
        visits.move_provider(offered, "ruiz", 0, now=NOW)
        visits.move_visit(offered, "a", 9, now=NOW)
        assert slugs(offered) == (["ruiz", "lee"], ["b", "a"])
        visits.move_visit(offered, "a", -3, now=NOW)
    assert slugs(offered) == (["ruiz", "lee"], ["a", "b"])


def test_a_provider_goes_from_its_visits_but_not_from_one_that_is_with_it_alone(offered: Connection) -> None:
    with immediate(offered):
        visits.remove_provider(offered, "ruiz", now=NOW)
    assert visits.load(offered).visit[0].providers == ("lee",)
    with immediate(offered), pytest.raises(SettingsError, match="with that provider alone"):
        visits.remove_provider(offered, "lee", now=NOW)
    with immediate(offered):
        visits.remove_visit(offered, "a", now=NOW)
        visits.remove_provider(offered, "lee", now=NOW)
    assert slugs(offered) == ([], ["b"])


def test_rows_that_cannot_be_used_are_not_saved_over(offered: Connection) -> None:
    offered.execute("UPDATE provider SET value = '{\"slug\": \"lee\"}' WHERE slug = 'lee'")
    with immediate(offered), pytest.raises(SettingsError):
        visits.save_visit(offered, {"slug": "c", "name": "C"}, now=NOW)
    with immediate(offered):
        visits.save_provider(offered, {"slug": "lee", "name": "Dr. Lee"}, now=NOW)
    assert slugs(offered) == (["lee", "ruiz"], ["a", "b"])


def test_calendars_are_named_by_service_and_id() -> None:
    lee = Provider(slug="lee", name="L", calendar="google:Lee@B.example", busy_too=("own", "microsoft:x"))
    assert lee.calendars == ("google:lee@b.example", "own:lee", "microsoft:x")
