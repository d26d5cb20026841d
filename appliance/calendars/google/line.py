"""One thread's way to Google Calendar: its own credentials, its own connections, Google's own client.

Loads 32 MiB of libraries: appliance.calendars.google.calendar imports it when a calendar is opened.
May import: the standard library, googleapiclient, google.auth, google_auth_httplib2, appliance.core,
appliance.calendars.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from google.oauth2.service_account import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build

from appliance.calendars.google.errors import FAILURES, NotSo, understood
from appliance.calendars.google.http import TimedHttp
from appliance.calendars.google.patience import left_s, patience
from appliance.core.calendar import CalendarFailed, Trouble
from appliance.core.calendar_settings import Google
from appliance.core.errors import SettingsError

SCOPES = (
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.freebusy",
)
AGAIN = frozenset({Trouble.AWAY, Trouble.BUSY})
PAUSE_S = 0.2
ATTEMPT_S = 0.25
"""What an attempt needs at the least: one that cannot end well is not begun."""

T = TypeVar("T")

# It would log bodies that it cannot read, and they may hold what we wrote into a calendar.
logging.getLogger("googleapiclient.http").setLevel(logging.ERROR)


class Line:
    """What one thread asks Google Calendar with. Raises SettingsError for a key that is none."""

    def __init__(self, key: Mapping[str, Any], google: Google) -> None:
        self._patience_s = google.patience_ms / 1000
        try:
            credentials = Credentials.from_service_account_info(key, scopes=SCOPES)  # type: ignore[no-untyped-call]
        except (ValueError, TypeError, AttributeError):
            said = f"[google] {google.key_file} is not the key of a service account, as Google gives it out."
            raise SettingsError([said]) from None
        if not key["token_uri"].startswith("https://"):
            raise SettingsError([f"[google] {google.key_file}: its token_uri must begin with https://."])
        self._http = TimedHttp(key["token_uri"], google.ca_file)
        authorized = AuthorizedHttp(credentials, http=self._http, max_refresh_attempts=1)
        self.service = build(
            "calendar",
            "v3",
            http=authorized,
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": f"{google.api_url}/calendar/v3/"},
        )

    def ask(self, request: Any) -> dict[str, Any]:
        """The answer to one request, {} for an empty one. Raises CalendarFailed."""
        try:
            answer = request.execute()
        except FAILURES as exc:
            raise understood(exc) from None
        return answer if isinstance(answer, dict) else {}

    def patiently(self, do: Callable[["Line"], T]) -> T:
        """Do what can be done twice, again and again while that can help and the caller's patience lasts."""
        with patience(self._patience_s):
            pause_s = PAUSE_S
            while True:
                try:
                    return do(self)
                except CalendarFailed as exc:
                    wait_s = max(exc.wait_s, pause_s * random.uniform(0.5, 1.0))  # noqa: S311 -- spreads the load
                    if not (exc.trouble in AGAIN or isinstance(exc, NotSo)) or wait_s + ATTEMPT_S > left_s():
                        raise
                finally:
                    self._http.close()
                time.sleep(wait_s)
                pause_s *= 2
