"""Time zones as Exchange knows them: by Windows' names and by those of IANA; times in, times out.

A wall time that happens twice is taken for the later one, which is not what Python does.
May import: the standard library, the problem of this peer.
"""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from tests.peers.graph.problem import Problem

WINDOWS = {
    "UTC": "UTC",
    "Eastern Standard Time": "America/New_York",
    "Pacific Standard Time": "America/Los_Angeles",
    "GMT Standard Time": "Europe/London",
    "W. Europe Standard Time": "Europe/Berlin",
    "India Standard Time": "Asia/Kolkata",
    "Cen. Australia Standard Time": "Australia/Adelaide",
    "AUS Eastern Standard Time": "Australia/Sydney",
}


class Zones:
    """`unknown` are zones that it has never heard of; in `stale` it goes by the rules of another zone."""

    def __init__(self) -> None:
        self.unknown: set[str] = set()
        self.stale: dict[str, str] = {}
        self._names = available_timezones()

    def zone(self, name: object) -> ZoneInfo:
        """The zone of a name. Raises Problem when there is none."""
        if isinstance(name, str) and name not in self.unknown:
            known = WINDOWS.get(name, name)
            if known in self._names:
                return ZoneInfo(self.stale.get(known, known))
        raise Problem(400, "TimeZoneNotSupportedException", "A valid TimeZone value must be specified.")

    def read(self, told: Any) -> datetime:
        """A time that somebody sent, in UTC."""
        if not isinstance(told, dict) or set(told) != {"dateTime", "timeZone"}:
            raise Problem(400, "ErrorInvalidRequest", "a time has dateTime and timeZone")
        try:
            wall = datetime.fromisoformat(told["dateTime"])
        except (TypeError, ValueError) as exc:
            raise Problem(400, "ErrorInvalidRequest", "a dateTime is ISO 8601") from exc
        if wall.tzinfo is None:
            wall = wall.replace(tzinfo=self.zone(told["timeZone"]), fold=1)
        return wall.astimezone(UTC)

    def written(self, when: datetime, name: str) -> dict[str, str]:
        """A time as it is answered in this zone."""
        wall = when.astimezone(self.zone(name))
        return {"dateTime": f"{wall:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": name}
