"""What the tests of calendars share. May import: this package."""

from tests.calendars.google.desk import calendar, google, peer

__all__ = ["calendar", "google", "peer"]
