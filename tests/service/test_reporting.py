"""Faults of the program reach a Sentry, and nothing of callers does."""

import ast
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import orjson
import pytest

from appliance import VERSION
from appliance.core.errors import SettingsError
from appliance.core.reporting_settings import Reporting
from appliance.core.settings import checked
from appliance.notify.envelope import OURS
from appliance.service.reporting import AN_HOUR_MOST, HOUR_S, Reports, begin
from scripts.loopback_box import ROOT
from tests.peers.sentry import KEY, SentryPeer

NUMBER, NAME = "+14155550199", "Ana Ruiz"
CALLS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})


@dataclass
class Clock:
    """A clock that a test moves."""

    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def sentry() -> Iterator[SentryPeer]:
    with SentryPeer() as running:
        yield running


@dataclass
class Program:
    """A process that reports; what it logs is sent at once."""

    reports: Reports
    logger: logging.Logger

    def sends(self) -> list[bool]:
        """Send all that waits."""
        sent = []
        while not self.reports.waiting.empty():
            sent.append(self.reports.send(self.reports.waiting.get()))
        return sent

    def fails(self, code: str = "here") -> None:
        """Run into a fault whose message and values are somebody's."""
        try:
            _look_up(NUMBER, code)
        except LookupError:
            self.logger.exception("the call's book cannot be read", extra={"caller": NUMBER, "who": NAME})


def _look_up(number: str, code: str) -> None:
    book: dict[str, str] = {}
    try:
        book[number]
    except KeyError as exc:
        raise LookupError(f"{NAME} {code} has no {number}") from exc


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def program(sentry: SentryPeer, clock: Clock) -> Iterator[Program]:
    reports = Reports(Reporting(dsn=sentry.dsn, environment="test"), "bridge", clock)
    logger = logging.getLogger("appliance.of.the.test")
    logger.addHandler(reports)
    yield Program(reports, logger)
    logger.removeHandler(reports)


def test_a_fault_is_told_by_its_kind_and_places(program: Program, sentry: SentryPeer) -> None:
    program.fails()
    assert program.sends() == [True]
    (event,) = sentry.events
    assert (event["level"], event["release"]) == ("error", f"attendant@{VERSION}")
    assert (event["environment"], event["tags"]) == ("test", {"process": "bridge"})
    assert event["logentry"]["message"] == "the call's book cannot be read"
    first, last = event["exception"]["values"]
    assert (first["type"], last["type"]) == ("KeyError", "LookupError")
    assert last["stacktrace"]["frames"][-1]["function"] == "_look_up"


def test_nothing_of_callers_and_of_the_machine_is_told(program: Program, sentry: SentryPeer) -> None:
    program.fails()
    logging.getLogger("appliance.of.the.test").error("it is %s", NUMBER)
    logging.getLogger("appliance.of.the.test").error(ValueError(NUMBER))
    program.sends()
    assert len(sentry.events) == 3
    whole = orjson.dumps(sentry.events).decode()
    for secret in (NUMBER, NUMBER[1:], NAME, "Ruiz", str(ROOT), KEY):
        assert secret not in whole


def test_the_words_of_others_are_not_told(sentry: SentryPeer, clock: Clock) -> None:
    reports = Reports(Reporting(dsn=sentry.dsn), "bridge", clock)
    program = Program(reports, logging.getLogger("aiohttp.server"))
    reports.handle(logging.LogRecord("aiohttp.server", logging.ERROR, "x", 1, f"of {NUMBER}", (), None))
    assert program.sends() == [True]
    assert sentry.events[0]["logentry"]["message"] == "a line of aiohttp.server"


def test_the_same_is_told_once_an_hour(program: Program, sentry: SentryPeer, clock: Clock) -> None:
    for code in ("a", "b", "c"):
        program.fails(code)
    program.logger.warning("no fault at all")
    program.sends()
    assert len(sentry.events) == 1
    clock.now_s += HOUR_S + 1
    program.fails()
    program.sends()
    assert len(sentry.events) == 2


def test_a_flood_of_faults_is_cut_off(program: Program, sentry: SentryPeer) -> None:
    for place in range(AN_HOUR_MOST + 20):
        program.logger.error(f"fault {place}")
    program.sends()
    assert len(sentry.events) == AN_HOUR_MOST


def test_one_who_asks_to_be_left_alone_is(program: Program, sentry: SentryPeer, clock: Clock) -> None:
    sentry.busy = "120"
    program.fails()
    assert program.sends() == [False]
    sentry.busy = ""
    program.logger.error("another fault")
    assert program.sends() == []
    clock.now_s += 121
    program.logger.error("a third")
    assert program.sends() == [True]
    assert sentry.asked == 2


def test_one_that_is_not_there_keeps_nobody(sentry: SentryPeer, clock: Clock) -> None:
    gone = Reports(Reporting(dsn=f"http://{KEY}@127.0.0.1:1/3"), "bridge", clock)
    program = Program(gone, logging.getLogger("appliance.of.the.test"))
    gone.handle(logging.LogRecord("appliance.x", logging.ERROR, "x", 1, "a fault", (), None))
    assert program.sends() == [False]
    for place in range(200):
        record = logging.LogRecord("appliance.x", logging.ERROR, "x", 1, f"fault {place}", (), None)
        gone.handle(record)


def test_a_process_reports_beside_its_work(sentry: SentryPeer) -> None:
    taken = threading.Event()
    take = sentry.events.append

    class Events(list[dict[str, object]]):
        def append(self, event: dict[str, object]) -> None:
            take(event)
            taken.set()

    sentry.events = Events()
    reports = begin(Reporting(dsn=sentry.dsn), "worker")
    assert reports is not None
    try:
        logging.getLogger("appliance.of.the.test").error("a fault of the worker")
        assert taken.wait(10)
    finally:
        logging.getLogger().removeHandler(reports)


def test_nobody_is_told_where_nothing_is_set() -> None:
    before = [*logging.getLogger().handlers]
    assert begin(Reporting(), "bridge") is None
    assert logging.getLogger().handlers == before


@pytest.mark.parametrize("dsn", ["http://key@sentry.example.com/3", "https://sentry.example.com/3", "x"])
def test_a_dsn_that_is_none_or_open_to_all_is_refused(dsn: str) -> None:
    with pytest.raises(SettingsError):
        checked({"reporting": {"dsn": dsn}}, "the test")


def test_the_words_of_every_log_line_of_ours_are_constants() -> None:
    """What was found stands beside them: so a report may hold the words."""
    wrong = []
    for folder in OURS - {"attendant"}:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                of_log = isinstance(node.func.value, ast.Name) and node.func.value.id == "log"
                if of_log and node.func.attr in CALLS and not _constant(node.args[0]):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not wrong


def _constant(node: ast.expr) -> bool:
    """A text, a name that stands for one, or a choice of two."""
    if isinstance(node, ast.IfExp):
        return _constant(node.body) and _constant(node.orelse)
    return isinstance(node, ast.Constant | ast.Name)


@pytest.mark.parametrize(
    ("process", "place", "begins"),
    [
        ("worker", "https://k@sentry.example.com/3", True),
        ("admin", "https://k@sentry.example.com/3", False),
        ("speech", "https://k@sentry.example.com/3", False),
        ("admin", "http://k@localhost:9000/3", True),
    ],
)
def test_programs_that_are_shut_in_report_to_this_machine_alone(
    process: str, place: str, begins: bool
) -> None:
    reports = begin(Reporting(dsn=place), process)
    if reports is not None:
        logging.getLogger().removeHandler(reports)
    assert (reports is not None) == begins
