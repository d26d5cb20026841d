"""The end of a Sentry that takes envelopes, on a real socket: strict about their form.

Source: Sentry's documentation of envelopes and of authentication. May import: the standard library, aiohttp,
orjson, tests.peers.web_thread.
"""

import re
from datetime import datetime
from typing import Any

import orjson
from aiohttp import web

from tests.peers.web_thread import WebThread

KEY = "0123456789abcdef0123456789abcdef"
PROJECT = "3"
LEVELS = frozenset({"fatal", "error", "warning", "info", "debug"})
AUTH = re.compile(r"Sentry (sentry_\w+=[^,\s]+)(, sentry_\w+=[^,\s]+)*")


class SentryPeer(WebThread):
    """Serves at `url`; `events` are those that it took. `busy` answers 429 with that `Retry-After`."""

    def __init__(self) -> None:
        super().__init__("sentry", None)
        self.events: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.busy = ""
        self.asked = 0

    @property
    def dsn(self) -> str:
        """As it gives it out for a project that lies below a path."""
        return f"{self.url.replace('://', f'://{KEY}@')}/tracker/{PROJECT}"

    def doors(self, app: web.Application) -> None:
        app.router.add_post(f"/tracker/api/{PROJECT}/envelope/", self._take)

    async def _take(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.busy:
            return web.Response(status=429, headers={"Retry-After": self.busy})
        try:
            _authenticated(request.headers.get("X-Sentry-Auth", ""))
            event = _read(await request.read())
        except (ValueError, KeyError, TypeError, AssertionError) as exc:
            self.refused.append(repr(exc))
            return web.json_response({"detail": "bad envelope"}, status=400)
        self.events.append(event)
        return web.json_response({"id": event["event_id"]})


def _authenticated(header: str) -> None:
    assert AUTH.fullmatch(header), header
    told = dict(each.strip().split("=", 1) for each in header.removeprefix("Sentry ").split(","))
    assert (told["sentry_version"], told["sentry_key"]) == ("7", KEY)
    assert told["sentry_client"]


def _read(body: bytes) -> dict[str, Any]:
    """The one event of an envelope: its header line, an item's header line, so many bytes, an end."""
    head, _, rest = body.partition(b"\n")
    item, _, rest = rest.partition(b"\n")
    told, described = orjson.loads(head), orjson.loads(item)
    length = int(described["length"])
    assert described["type"] == "event"
    assert rest[length:] in (b"", b"\n")
    event: dict[str, Any] = orjson.loads(rest[:length])
    assert re.fullmatch("[0-9a-f]{32}", event["event_id"])
    assert event["event_id"] == told["event_id"]
    assert datetime.fromisoformat(told["sent_at"]).tzinfo is not None
    assert datetime.fromisoformat(event["timestamp"]).tzinfo is not None
    assert event["platform"] == "python"
    assert event["level"] in LEVELS
    for fault in event.get("exception", {}).get("values", []):
        assert fault["type"]
        assert all(frame["lineno"] > 0 for frame in fault["stacktrace"]["frames"])
    return event
