"""Structured logs: one JSON object a line on standard error, with the call's id and without what is private.

Numbers of telephones are masked to their last four digits in every text. What is said on a call is never
logged by anybody. May import: the standard library, orjson, appliance.core, appliance.service.log_level,
appliance.service.reporting.
"""

import logging
import re
import sys
import time
from typing import Any

import orjson

from appliance.core.about import words
from appliance.core.settings import Settings
from appliance.service import log_level, reporting

# In one piece, or in groups as numbers are written.
_NUMBER = re.compile(
    r"\+?\d{7,15}(?!\d)|(?<!\d)(?:\+?\d{1,3}[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)"
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
TEXT_MOST = 300
LIBRARIES = (
    "twilio", "aiohttp", "asyncio", "openai", "waitress", "msal", "urllib3", "google",
    "google_auth_httplib2", "googleapiclient",
)  # fmt: skip
IDS = frozenset({"call_id", "call_sid", "recording"})


def masked(text: str) -> str:
    """The text with telephone numbers reduced to their last four digits."""
    return _NUMBER.sub(lambda found: "…" + found.group()[-4:], text)


def _plain(text: str) -> str:
    """The text with what is no Unicode replaced: a line is always written."""
    return text.encode("utf-8", "replace").decode()


def _shown(key: str, value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    text = _plain(str(value))
    # Ids of ours and of the carrier are random: digits in them are no telephone number.
    return text[:TEXT_MOST] if key in IDS else masked(text)[:TEXT_MOST]


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "at": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": masked(_plain(record.getMessage()))[:TEXT_MOST],
        }
        extra = {key: _shown(key, value) for key, value in vars(record).items() if key not in _STANDARD}
        # A line is written by whoever had something to say: what it is about is known here.
        about = {key: _shown(key, value) for key, value in words().items()}
        line.update({key: value for key, value in {**about, **extra}.items() if key not in line})
        if record.exc_info:
            line["traceback"] = masked(_plain(self.formatException(record.exc_info)))
        return orjson.dumps(line, default=str).decode()


def begin_process(settings: Settings, name: str) -> None:
    """The same for a process of the box: its level can be changed as it runs, and its faults be reported."""
    begin(settings.box.log_level)
    log_level.watch(settings.box.data_dir, settings.box.log_level)
    reporting.begin(settings.reporting, name)


def begin(level: str) -> None:
    """Send all logs of this process to standard error. Libraries say only what went wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
