"""A Google for all tests of appointments: keys take their time. May import: tests.calendars."""

from tests.calendars.google.desk import peer

__all__ = ["peer"]
