"""Structured logs: one JSON object a line on standard error, with the call's id and without what is private.

Numbers of telephones are masked to their last four digits in every text. What is said on a call is never
logged by anybody. May import: the standard library, orjson, appliance.core, appliance.service.log_level,
appliance.service.reporting.
"""

import logging
import re
import sys
import time
from pathlib import Path
from typing import Any

import orjson

from appliance.core.about import words
from appliance.core.last_lines import LastLines, Line
from appliance.core.settings import Settings
from appliance.service import log_level, reporting

# In one piece, or in groups as numbers are written.
_NUMBER = re.compile(
    r"\+?\d{7,15}(?!\d)|(?<!\d)(?:\+?\d{1,3}[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)"
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LEFT_OF_NUMBER = re.compile(r"…\d{4}")
_MAIL = re.compile(r"[^\s@,;<>()]+@[^\s@,;<>()]+")
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


def _line(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says."""
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
    return line


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line = _line(record)
        if record.exc_info:
            line["traceback"] = masked(_plain(self.formatException(record.exc_info)))
        return orjson.dumps(line, default=str).decode()


class Kept(logging.Handler):
    """Keeps the last lines for the pages: without digits of a number, addresses, or what an error says.

    The words of an error may quote what it could not read; where it was raised is told.
    """

    def __init__(self, kept: LastLines) -> None:
        super().__init__()
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        try:
            line = _line(record)
            at, level, logger, said = (str(line.pop(name)) for name in ("at", "level", "logger", "said"))
            line |= {"raised": _raised(record.exc_info)} if record.exc_info else {}
            more = ", ".join(
                f"{key} {value if key in IDS else private(str(value))}"
                for key, value in line.items()
                if value not in (None, "")
            )
            self._kept.add(Line(at, level, logger, private(said), more))
        except (TypeError, ValueError):
            # Words and arguments that do not fit each other: as logging itself has it, that ends nothing.
            self.handleError(record)


def private(text: str) -> str:
    """A line as a page may show it."""
    return _MAIL.sub("…@…", _LEFT_OF_NUMBER.sub("…", masked(text)))


def _raised(raised: Any) -> str:
    """What kind of error it is, and where it was raised."""
    kind, _, trace = raised
    if kind is None:
        return ""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    return f"{kind.__name__}{place}"


def begin_process(settings: Settings, name: str) -> None:
    """As `begin`, for a process of the box: with its last lines, IT's level, and its faults told."""
    begin(settings.box.log_level, LastLines(settings.box.data_dir, name))
    log_level.watch(settings.box.data_dir, settings.box.log_level)
    reporting.begin(settings.reporting, name)


def begin(level: str, kept: LastLines | None = None) -> None:
    """Send all logs of this process to standard error, and keep the last lines.

    Libraries say only what went wrong.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    if kept is not None:
        root.addHandler(Kept(kept))
        kept.begin()
    root.setLevel(level.upper())
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
