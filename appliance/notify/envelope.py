"""What a Sentry, or what speaks like one, is told of a fault: an envelope with one event. No I/O.

Of a fault go its kind and the places in the code that it came through, and of a log line the words that stand
in our own code: never values, messages of exceptions, names of machines, or anything of a call.
Source: Sentry's documentation of envelopes and of event payloads. May import: the standard library, orjson.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import orjson

OURS = frozenset({"appliance", "admin", "ari_bridge", "twilio_bridge", "models", "kb", "attendant"})
"""Packages whose log lines are constants: what was found stands beside them, in fields that are not sent."""
FRAMES_MOST = 60
CHAIN_MOST = 5
TEXT_MOST = 200


@dataclass(frozen=True, slots=True)
class Project:
    """Where it is told: what a DSN says."""

    url: str
    key: str

    @classmethod
    def of(cls, dsn: str) -> "Project":
        """`https://key@host/path/3` is `https://host/path/api/3/envelope/` with a key."""
        told = urlsplit(dsn)
        path, _, number = told.path.rpartition("/")
        place = told.netloc.rpartition("@")[2]
        return cls(f"{told.scheme}://{place}{path}/api/{number}/envelope/", told.username or "")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who tells it: the version, which of the box's programs, and which box in a word."""

    version: str
    process: str
    environment: str


def headers(project: Project, origin: Origin) -> dict[str, str]:
    """By which an envelope is let in."""
    client = f"attendant/{origin.version}"
    auth = f"Sentry sentry_version=7, sentry_client={client}, sentry_key={project.key}"
    return {
        "Content-Type": "application/x-sentry-envelope",
        "User-Agent": client,
        "X-Sentry-Auth": auth,
    }


def envelope(event: Mapping[str, Any], sent_at: datetime) -> bytes:
    """An event as it is sent."""
    body = orjson.dumps(event)
    head = {"event_id": event["event_id"], "sent_at": sent_at.astimezone(UTC).isoformat()}
    item = {"type": "event", "content_type": "application/json", "length": len(body)}
    return b"\n".join((orjson.dumps(head), orjson.dumps(item), body, b""))


def event(record: logging.LogRecord, origin: Origin, event_id: str) -> dict[str, Any]:
    """What is told of a log line."""
    fault = record.exc_info[1] if record.exc_info else None
    told: dict[str, Any] = {
        "event_id": event_id,
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        "platform": "python",
        "level": "fatal" if record.levelno >= logging.CRITICAL else record.levelname.lower(),
        "logger": record.name,
        "logentry": {"message": words(record)},
        "release": f"attendant@{origin.version}",
        "environment": origin.environment,
        "tags": {"process": origin.process},
        "sdk": {"name": "attendant", "version": origin.version},
    }
    if fault is not None:
        told["exception"] = {"values": [_fault(each) for each in reversed([*_chain(fault)])]}
    return told


def words(record: logging.LogRecord) -> str:
    """The words of a line of ours; of others only whose it is, as theirs may hold anything."""
    own = record.name.partition(".")[0] in OURS and isinstance(record.msg, str)
    return record.msg[:TEXT_MOST] if own else f"a line of {record.name}"


def place(fault: BaseException | None) -> str:
    """Where a fault came from, in a word: by that the same one is known again."""
    frames = [*_frames(fault.__traceback__)] if fault is not None else []
    last = frames[-1] if frames else {}
    return f"{type(fault).__name__} {last.get('module')} {last.get('function')} {last.get('lineno')}"


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """A fault, and what it was raised from."""
    current: BaseException | None = fault
    for _ in range(CHAIN_MOST):
        if current is None:
            return
        yield current
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)


def _fault(fault: BaseException) -> dict[str, Any]:
    kind = type(fault)
    frames = [*_frames(fault.__traceback__)][-FRAMES_MOST:]
    return {"type": kind.__name__, "module": kind.__module__, "stacktrace": {"frames": frames}}


def _frames(trace: TracebackType | None) -> Iterator[dict[str, Any]]:
    """The places of a traceback, the outermost first: by names of modules, as folders are the machine's."""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", "?"))
        yield {
            "module": module,
            "filename": f"{module.replace('.', '/')}.py",
            "function": trace.tb_frame.f_code.co_name,
            "lineno": trace.tb_lineno,
            "in_app": module.partition(".")[0] in OURS,
        }
        trace = trace.tb_next
