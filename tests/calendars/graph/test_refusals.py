"""What Microsoft's refusals become: the trouble, a sentence without a word of a patient's, and waits."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from appliance.calendars.graph.calendar import GraphCalendar
from appliance.calendars.graph.line import Answer
from appliance.calendars.graph.patience import Clock, Patience
from appliance.calendars.graph.refusals import LONGEST_WAIT_S, refusal, wait_of
from appliance.calendars.graph.service import Gate
from appliance.core.calendar import CalendarFailed, Trouble
from tests.calendars.graph.stand import DESK, NOTES, TITLE, QuickClock, account, appointment, span
from tests.peers.graph import Fault, GraphPeer, Mailbox
from tests.peers.graph.faults import Door

EVENT = "AAkx"


def busy(calendar: GraphCalendar) -> object:
    return calendar.busy(DESK, span())


def keep(calendar: GraphCalendar) -> object:
    return calendar.keep(DESK, appointment())


def keep_another(calendar: GraphCalendar) -> object:
    return calendar.keep(DESK, appointment("another"))


def move(calendar: GraphCalendar) -> object:
    return calendar.move(DESK, EVENT, span(), "UTC")


def remove(calendar: GraphCalendar) -> None:
    calendar.remove(DESK, EVENT)


def check(calendar: GraphCalendar) -> None:
    calendar.check(DESK)


Verb = Callable[[GraphCalendar], object]
VERBS: list[tuple[Verb, Door]] = [
    (busy, "schedule"),
    (keep, "find"),
    (keep, "create"),
    (keep, "read"),
    (move, "change"),
    (remove, "delete"),
    (check, "calendar"),
]
each_verb = pytest.mark.parametrize(
    ("verb", "door"), VERBS, ids=lambda value: getattr(value, "__name__", value)
)


def failed(verb: Verb, calendar: GraphCalendar) -> CalendarFailed:
    with pytest.raises(CalendarFailed) as caught:
        verb(calendar)
    return caught.value


def done(verb: Verb, calendar: GraphCalendar) -> None:
    """It is done; but what is to be moved is not there."""
    if verb is move:
        assert failed(verb, calendar).trouble is Trouble.GONE
    else:
        verb(calendar)


@pytest.mark.parametrize(
    ("status", "code", "trouble", "said"),
    [
        (400, "ErrorInvalidRequest", Trouble.OTHER, "not understood"),
        (401, "InvalidAuthenticationToken", Trouble.REFUSED, "the token"),
        (403, "ErrorAccessDenied", Trouble.REFUSED, "Calendars.ReadWrite"),
        (403, "Authorization_RequestDenied", Trouble.REFUSED, "Calendars.ReadWrite"),
        (404, "MailboxNotEnabledForRESTAPI", Trouble.REFUSED, "licence"),
        (404, "ErrorInvalidUser", Trouble.REFUSED, "no such mailbox"),
        (404, "Request_ResourceNotFound", Trouble.REFUSED, "no such mailbox"),
        (404, "UnknownError", Trouble.OTHER, "not understood"),
        (409, "ErrorIrresolvableConflict", Trouble.BUSY, "same moment"),
        (412, "ErrorIrresolvableConflict", Trouble.BUSY, "same moment"),
        (403, "ErrorQuotaExceeded", Trouble.REFUSED, "full"),
        (418, "", Trouble.OTHER, "not understood"),
        (429, "ApplicationThrottled", Trouble.BUSY, "fewer"),
        (500, "ErrorInternalServerError", Trouble.AWAY, "of its own"),
        (502, "", Trouble.AWAY, "of its own"),
        (503, "ServiceUnavailable", Trouble.AWAY, "of its own"),
        (504, "", Trouble.AWAY, "of its own"),
    ],
)
@each_verb
def test_each_refusal_has_its_trouble(
    calendar: GraphCalendar,
    peer: GraphPeer,
    verb: Verb,
    door: Door,
    status: int,
    code: str,
    trouble: Trouble,
    said: str,
) -> None:
    peer.faults.add(*[Fault(door, "status", status, code)] * 2)
    failure = failed(verb, calendar)
    assert failure.trouble is trouble
    assert said in str(failure)
    assert f"({status} {code}".strip() in str(failure)


@each_verb
def test_what_passes_at_once_is_asked_once_more(
    calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox, verb: Verb, door: Door
) -> None:
    for fault in (Fault(door, "status", 500), Fault(door, "cut"), Fault(door, "status", 401)):
        before = peer.doors().count(door)
        peer.faults.add(fault)
        done(verb, calendar)
        assert peer.doors().count(door) == before + 2
        desk.events.clear()
        desk.transactions.clear()


@pytest.mark.parametrize("status", [429, 503, 504])
@each_verb
def test_a_wait_that_fits_is_waited_for(
    calendar: GraphCalendar, peer: GraphPeer, clock: QuickClock, verb: Verb, door: Door, status: int
) -> None:
    peer.faults.add(Fault(door, "status", status, headers={"Retry-After": "2"}))
    done(verb, calendar)
    assert clock.waits == [2.0]


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_long_wait_is_told_and_kept(
    calendar: GraphCalendar, peer: GraphPeer, clock: QuickClock, status: int
) -> None:
    """Nobody asks this mailbox before it is over; another one is not meant."""
    peer.add("other@clinic.example")
    peer.faults.add(Fault("schedule", "status", status, headers={"Retry-After": "30"}))
    first = failed(busy, calendar)
    assert (first.trouble, first.wait_s) == (Trouble.BUSY, 30.0)
    asked = len(peer.asked)
    second = failed(remove, calendar)
    assert second.trouble is Trouble.BUSY
    assert 29 < second.wait_s <= 30
    assert len(peer.asked) == asked
    assert calendar.busy("other@clinic.example", span()) == []
    clock.wait(30)
    assert calendar.busy(DESK, span()) == []


def test_a_wait_may_be_over_while_a_verb_has_patience(
    calendar: GraphCalendar, peer: GraphPeer, clock: QuickClock
) -> None:
    peer.faults.add(Fault("schedule", "status", 429, headers={"Retry-After": "30"}))
    failed(busy, calendar)
    clock.wait(28)
    assert calendar.busy(DESK, span()) == []
    assert 1 < clock.waits[-1] <= 2


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("7", 7), (" 7 ", 7), ("0", 0), ("-5", 0), ("1.5", 0), ("soon", 0), ("", 0), ("9" * 400, 0),
     ("99999999", LONGEST_WAIT_S), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)],
)  # fmt: skip
def test_a_retry_after_is_read_with_care(told: str, seconds: float) -> None:
    assert wait_of({"Retry-After": told}) == min(seconds, LONGEST_WAIT_S)


def test_a_retry_after_may_be_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < wait_of({"Retry-After": soon}) <= 60


@pytest.mark.parametrize("kind", ["hang", "drip"])
@pytest.mark.parametrize(("verb", "door"), VERBS[:2])
def test_what_does_not_come_in_time_is_given_up(
    peer: GraphPeer, desk: Mailbox, tmp_path: Path, kind: str, verb: Verb, door: Door
) -> None:
    calendar = GraphCalendar(account(peer, tmp_path), patience_s=0.6)
    calendar.check(DESK)
    peer.faults.add(Fault(door, "hang" if kind == "hang" else "drip"))
    begun = time.monotonic()
    assert failed(verb, calendar).trouble is Trouble.AWAY
    assert time.monotonic() - begun < 1.5
    calendar.close()


def test_a_line_that_breaks_twice_is_away(calendar: GraphCalendar, peer: GraphPeer) -> None:
    peer.faults.add(Fault("schedule", "cut"), Fault("schedule", "cut"))
    failure = failed(busy, calendar)
    assert failure.trouble is Trouble.AWAY
    assert "broke" in str(failure)


def test_a_service_that_is_not_there_is_away(peer: GraphPeer, desk: Mailbox, tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"https://localhost:{nobody.getsockname()[1]}"
        calendar = GraphCalendar(account(peer, tmp_path, graph_url=url, authority_url=url))
        failure = failed(busy, calendar)
    assert failure.trouble is Trouble.AWAY
    assert "cannot be reached" in str(failure)
    calendar.close()


def test_who_asks_when_it_was_closed_opens_no_connection(calendar: GraphCalendar) -> None:
    calendar.check(DESK)
    calendar.close()
    failure = failed(busy, calendar)
    assert (failure.trouble, str(failure)) == (Trouble.AWAY, "The calendars at Microsoft are closed.")


def test_a_connection_that_was_closed_while_idle_is_no_failure(
    calendar: GraphCalendar, peer: GraphPeer
) -> None:
    calendar.check(DESK)
    peer.hang_up()
    assert calendar.busy(DESK, span()) == []


def test_a_next_page_at_another_place_gets_no_token(
    calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox
) -> None:
    calendar.keep(DESK, appointment())
    desk.search_lags, desk.repeat = True, 409
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        link = f"https://localhost:{elsewhere.getsockname()[1]}/v1.0/users"
        body = f'{{"value": [], "@odata.nextLink": "{link}"}}'.encode()
        peer.faults.add(Fault("view", "body", body=body))
        failure = failed(keep, calendar)
        elsewhere.setblocking(False)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert (failure.trouble, "not its own" in str(failure)) == (Trouble.OTHER, True)


def test_a_view_without_end_is_given_up(calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox) -> None:
    calendar.keep(DESK, appointment())
    desk.search_lags, desk.repeat = True, 409
    more = f'{{"value": [], "@odata.nextLink": "{peer.url}/v1.0/users/{DESK}/calendarView"}}'.encode()
    peer.faults.add(*[Fault("view", "body", body=more)] * 20)
    assert failed(keep, calendar).trouble is Trouble.OTHER
    assert peer.doors().count("view") == 10


def test_a_mailbox_is_asked_four_things_at_once(
    calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox
) -> None:
    calendar.check(DESK)
    peer.faults.add(*[Fault("schedule", "hang")] * 8)
    with ThreadPoolExecutor(8) as threads:
        asking = [threads.submit(busy, calendar) for _ in range(8)]
        assert peer.wait_inside(desk, 4)
        peer.released.set()
        assert [each.result() for each in asking] == [[]] * 8
    assert desk.most_inside == 4


def test_the_fifth_at_a_mailbox_waits_and_is_told_so() -> None:
    clock = Clock()
    gate = Gate(clock)
    with ExitStack() as inside:
        for _ in range(4):
            inside.enter_context(gate.passage(Patience.of(4, clock)))
        with pytest.raises(CalendarFailed) as failed, gate.passage(Patience.of(0.05, clock)):
            pass
    assert failed.value.trouble is Trouble.BUSY
    with gate.passage(Patience.of(0.05, clock)):
        pass


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>no</html>",
        b"[]",
        b'{"error": "no"}',
        b'{"error": {"code": 7, "message": "Cleaning - Ana Ruiz"}}',
        b'{"error": {"code": "Cleaning - Ana Ruiz", "message": "Cleaning - Ana Ruiz"}}',
        b'{"error": {"code": "ErrorInvalidRequest", "message": "Cleaning - Ana Ruiz is too long"}}',
    ],
)
def test_nothing_that_microsoft_quotes_is_in_a_sentence(body: bytes) -> None:
    headers = {"request-id": "Cleaning - Ana Ruiz", "Retry-After": "Cleaning - Ana Ruiz"}
    failure = refusal(Answer(400, headers, body), "1b9c")
    assert "Ana" not in str(failure)
    assert "request 1b9c" in str(failure)


def test_no_title_note_secret_or_token_gets_into_a_log_or_an_error(
    calendar: GraphCalendar, peer: GraphPeer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        calendar.keep(DESK, appointment())
        for status in (400, 500, 403):
            peer.faults.add(*[Fault("create", "status", status)] * 2)
            failure = failed(keep_another, calendar)
            told = f"{failure!r} {failure.__cause__!r} {failure.__context__!r}"
            assert not [word for word in (TITLE, NOTES) if word in told]
    private = [TITLE, NOTES, "Ana Ruiz", "toothache", peer.app.secret, *peer.entra.given]
    assert peer.entra.given
    assert not [word for word in private if word in caplog.text]
