"""Telling staff what is wrong with the box itself: once for each trouble, and once when it is over.

What is to be told is decided and owed in one transaction (`look`); each receiver is a job of its own. May
import: the standard library, appliance.core, appliance.store, appliance.jobs.
"""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from appliance.core.alert_settings import Alerts
from appliance.core.errors import CarrierFailed
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings
from appliance.core.staff_told import BoxNews
from appliance.core.troubles import AT_ONCE, Found
from appliance.jobs import telling
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import JobFailed, Kind, Payload
from appliance.store import database, jobs, office, times, troubles
from appliance.store.database import Connection
from appliance.store.troubles import Row

ALERT = "alert"
DEADLINE_S = 60.0
DAY = timedelta(days=1)
DOUBLINGS = 4
"""One that came five times within a day is over only when all was well for sixteen times as long."""
By = Literal["email", "text", "webhook"]
Text = Callable[[str, str], Coroutine[Any, Any, object]]
"""Sends a number a text, once. Raises CarrierFailed, SettingsError."""


class Told(Payload):
    """Of which trouble, whether that it is over, by what, and to whom of those who are set."""

    trouble: int
    over: bool
    by: By
    place: int


def look(db: Connection, alerts: Alerts, found: Found, now: datetime) -> int:
    """Note what a look found, owe what staff are to be told of it; how much that is. Raises StoreError."""
    with database.translated():
        known = troubles.still(db)
    if not found.wrong and not known:
        return 0
    with database.immediate(db):
        return _ended(db, alerts, found, now) + _begun(db, alerts, found, now)


def _ended(db: Connection, alerts: Alerts, found: Found, now: datetime) -> int:
    owed = 0
    for row in troubles.still(db):
        if row.kind in found.wrong:
            troubles.seen(db, row.id, found.wrong[row.kind], now=now)
        elif row.kind in found.well and _since(row.seen_at, now) >= _calm(db, alerts, row, now):
            troubles.end(db, row.id, now=now)
            if row.announced_at is not None:
                owed += _owe(db, alerts, row, over=True, now=now)
    return owed


def _begun(db: Connection, alerts: Alerts, found: Found, now: datetime) -> int:
    known, owed = {row.kind for row in troubles.still(db)}, 0
    for kind, told in found.wrong.items():
        if kind not in known:
            troubles.begin(db, kind, told, now=now)
    for row in troubles.still(db):
        waits = timedelta() if row.kind in AT_ONCE else timedelta(minutes=alerts.after_minutes)
        if row.kind in found.wrong and row.announced_at is None and _since(row.began_at, now) >= waits:
            troubles.announce(db, row.id, now=now)
            owed += _owe(db, alerts, row, over=False, now=now)
    return owed


def _since(then: datetime, now: datetime) -> timedelta:
    """How long ago that was; a clock that was set back makes nobody wait."""
    return now - then if then <= now else timedelta.max


def _calm(db: Connection, alerts: Alerts, row: Row, now: datetime) -> timedelta:
    """For how long all has to be well before it is over: the longer, the oftener it came within a day."""
    came = troubles.announced_since(db, row.kind, now - DAY)
    return timedelta(minutes=alerts.well_minutes << min(max(came - 1, 0), DOUBLINGS))


def _owe(db: Connection, alerts: Alerts, row: Row, *, over: bool, now: datetime) -> int:
    wanted: dict[By, int] = {
        "email": len(alerts.emails),
        "text": len(alerts.texts),
        "webhook": int(alerts.webhook),
    }
    receivers = [(by, place) for by, count in wanted.items() for place in range(count)]
    for by, place in receivers:
        told = Told(trouble=row.id, over=over, by=by, place=place)
        key = f"{_key(told)}:{by}:{place}"
        jobs.owe(db, jobs.Wanted(ALERT, key, told.model_dump(mode="json"), tries=12), now=now)
    return len(receivers)


def _key(told: Told) -> str:
    return f"{ALERT}:{told.trouble}:{'over' if told.over else 'began'}"


def alerting(
    settings: Settings, text: Text, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Kind[Told]:
    """The kind that tells one receiver."""

    def run(errand: Errand, told: Told) -> None:
        row, staff = errand.read(lambda db: (troubles.get(db, told.trouble), office.staff(db)))
        if row.over_at is not None and not told.over:
            return  # That it is over says from when to when it was.
        news = _news(row, staff, settings.notify.admin_url)
        try:
            with telling.tried_again():
                match told.by:
                    case "email":
                        _mail(errand, settings, told, news, clock())
                    case "text":
                        _text(errand, settings, text, told, news, row, clock())
                    case "webhook":
                        _post(errand, settings, told, news, row, clock())
        except CarrierFailed as exc:
            raise JobFailed(str(exc), again=exc.retry and not exc.unsure) from exc
        except IndexError as exc:
            raise JobFailed("The settings name this receiver no more.", again=False) from exc

    return Kind(ALERT, Told, run, DEADLINE_S, at_once=2, urgent=True, tries=12)


def _news(row: Row, staff: StaffSettings, link: str) -> BoxNews:
    zone = ZoneInfo(staff.time_zone)

    def shown(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"

    until = "" if row.over_at is None else shown(row.over_at)
    return BoxNews(row.kind, row.told, shown(row.began_at), until, link, staff.language, staff.business_name)


def _mail(errand: Errand, settings: Settings, told: Told, news: BoxNews, now: datetime) -> None:
    to = settings.alerts.emails[told.place]
    key = f"{_key(told).replace(':', '-')}-{told.place}"
    telling.by_mail(errand, settings, to, news.subject, news.body, key=key, at=now)


def _post(errand: Errand, settings: Settings, told: Told, news: BoxNews, row: Row, now: datetime) -> None:
    tree = {
        "event": "box_well" if told.over else "box_trouble",
        "id": _key(told),
        "trouble": str(row.kind),
        "told": news.subject,
        "detail": row.told,
        "since": times.written(row.began_at),
        "until": None if row.over_at is None else times.written(row.over_at),
        "link": news.link,
    }
    telling.by_webhook(errand, settings, tree, key=_key(told), at=now)


def _text(
    errand: Errand,
    settings: Settings,
    text: Text,
    told: Told,
    news: BoxNews,
    row: Row,
    now: datetime,
) -> None:
    """By the worker itself: the bridge may be what is wrong. What the carrier may have is not sent again."""
    number = settings.alerts.texts[told.place]
    happened = row.over_at if told.over and row.over_at is not None else row.announced_at or row.began_at
    telling.see_that_a_text_is_news(errand, number, happened, now)
    errand.awaited(text(number, news.text))
