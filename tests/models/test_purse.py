"""What the cloud may still cost today."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.purse import Purse

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class Clock:
    day: datetime = MONDAY
    most_usd: float = 5.0

    def today(self) -> tuple[datetime, float]:
        return self.day, self.most_usd


def test_what_calls_spend_is_added_to_what_the_records_say() -> None:
    purse = Purse(Clock().today)
    purse.found(MONDAY, 4.5)
    assert not purse.empty
    purse.spend(0.25)
    assert not purse.empty
    purse.spend(0.25)
    assert purse.empty


def test_without_a_limit_it_is_never_empty() -> None:
    purse = Purse(Clock(most_usd=0).today)
    purse.spend(1000)
    assert not purse.empty


def test_a_new_day_begins_with_nothing_spent() -> None:
    clock = Clock()
    purse = Purse(clock.today)
    purse.found(MONDAY, 6)
    clock.day += timedelta(days=1)
    assert not purse.empty
    purse.spend(1)
    assert not purse.empty
    purse.spend(4)
    assert purse.empty


def test_the_limit_is_what_it_is_now() -> None:
    clock = Clock()
    purse = Purse(clock.today)
    purse.found(MONDAY, 6)
    clock.most_usd = 7.0
    assert not purse.empty
