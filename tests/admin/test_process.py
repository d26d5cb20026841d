"""The real process: waitress on a real socket, the link from the real command, and those who mean harm."""

import itertools
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from appliance.store import attempts
from tests.admin import people
from tests.admin.process import ENVIRONMENT, WAIT_S, Browser, attendant, link, prepare, running


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The settings file of a box with rows."""
    return prepare(tmp_path)


@pytest.fixture
def port(config: Path) -> Iterator[int]:
    """The port of the pages of that box."""
    with running(config) as (_, port):
        yield port


@pytest.fixture
def browser(config: Path, port: int) -> Iterator[Browser]:
    """A browser in which the owner is signed in."""
    made = Browser(port)
    made.become_owner(link(config, port))
    yield made
    made.close()


@pytest.fixture
def stranger(browser: Browser, port: int) -> Iterator[Browser]:
    """Another one, in which nobody is."""
    made = Browser(port)
    yield made
    made.close()


def raw(port: int, request: bytes) -> bytes:
    """What is answered to bytes that no browser sends, as far as it comes before the connection is cut."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as asked, suppress(ConnectionError):
        asked.sendall(request)
        with suppress(OSError):  # who has hung up already is no longer connected
            asked.shutdown(socket.SHUT_WR)
        while piece := asked.recv(65536):
            answer += piece
    return answer


def test_the_process_serves_the_pages_and_stops_when_told(config: Path) -> None:
    with running(config) as (process, port):
        browser = Browser(port)
        browser.become_owner(link(config, port))
        answer, page = browser.ask("GET", "/calls/talk")
        assert answer.status == 200
        assert "Server" not in answer.headers
        assert b"Riverside Family Clinic" in page
        part, sound = browser.ask("GET", "/messages/1/recording", Range="bytes=0-3")
        assert (part.status, sound) == (206, b"RIFF")
        assert browser.ask("GET", "/calls", Host="evil.example")[0].status == 421
        browser.close()
        process.terminate()
        process.join(WAIT_S)
        assert process.exitcode == 0


def test_no_password_and_no_link_gets_into_the_log(config: Path) -> None:
    with running(config) as (_, port):
        address, browser = link(config, port), Browser(port)
        browser.become_owner(address)
        browser.fill("/account/password", old="wrong secret words", password="x", again="x")
        stranger = Browser(port)
        assert stranger.fill("/sign-in", name="my secret words", password="other secret words") == 422
        stranger.ask("GET", "/open/secret-token")
        for each in (browser, stranger):
            each.close()
    told = (config.parent / "admin.log").read_text()
    assert "an attempt to come in failed" in told
    for secret in ("secret", people.PASSWORD, address.rpartition("/")[2]):
        assert secret not in told


CLOSED = (
    "/", "/today", "/today/live", "/calls", "/calls/talk", "/messages", "/messages/1/recording", "/people",
    "/people/1", "/audit", "/account",
    "/knowledge", "/knowledge/ask?question=x", "/citations", "/jobs", "/bookings",
    "/static/../calls", "//calls", "/./calls", "/calls/../calls",
    "/%63alls", "/CALLS", "/calls;x", "/calls%00", "/recordings/RE1.wav",
    "/static/../../data/recordings/RE1.wav",
    "/static/%2e%2e/%2e%2e/data/attendant.db", "/messages/1/recording/../../..//data/recordings/RE1.wav",
)  # fmt: skip


def test_no_page_file_or_recording_without_signing_in(stranger: Browser) -> None:
    methods = ("GET", "HEAD", "POST", "PUT", "DELETE", "PROPFIND")
    for path, method in itertools.product(CLOSED, methods):
        answer, body = stranger.ask(method, path, {} if method == "POST" else None)
        assert answer.status in (301, 308, 401, 404, 405), (method, path)
        for secret in (b"Riverside", b"RIFF", b"SQLite format", b"555"):
            assert secret not in body


def test_a_form_that_is_too_large_is_refused_before_it_is_read(stranger: Browser, port: int) -> None:
    head = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n"
    assert raw(port, head + b"x" * 1000)[:12] in (b"", b"HTTP/1.1 413")
    chunked = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"".join(b"4000\r\n" + b"x" * 0x4000 + b"\r\n" for _ in range(8)) + b"0\r\n\r\n"
    assert raw(port, chunked + body)[:12] in (b"", b"HTTP/1.1 413")
    assert stranger.ask("GET", "/sign-in")[0].status == 200


def test_a_document_is_taken_from_who_is_signed_in(browser: Browser, config: Path) -> None:
    data = b"Parking is free.\n" * 200_000
    assert browser.give("/knowledge/new", "/knowledge/file", "guide.txt", data) == 303
    (upload,) = (config.parent / "data" / "knowledge" / "uploads").iterdir()
    assert upload.read_bytes() == data


def test_nobody_else_sends_more_than_a_form(browser: Browser, stranger: Browser, port: int) -> None:
    assert stranger.ask("GET", "/sign-in")[0].status == 200
    cases = (
        ("/knowledge/file", ""), ("/knowledge/file", stranger.cookie),
        ("/knowledge/file", "attendant_session=x"),
        ("/knowledge/page", browser.cookie), ("/nothing", browser.cookie),
    )  # fmt: skip
    for path, cookie in cases:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Length: 1000000\r\n\r\n"
        )
        assert raw(port, head.encode() + b"x" * 1000)[:12] in (b"", b"HTTP/1.1 413"), path
    head = f"POST /knowledge/file HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {browser.cookie}\r\n"
    assert raw(port, f"{head}Content-Length: 40000001\r\n\r\n".encode())[:12] == b"HTTP/1.1 413"
    _, page = browser.ask("GET", "/account")
    browser.ask("POST", "/sign-out", {"form_token": people.form_token(page.decode())})
    late = raw(port, f"{head}Content-Length: 1000000\r\n\r\n".encode() + b"x" * 1000)
    assert late[:12] in (b"", b"HTTP/1.1 413"), "who has signed out gives no documents"


STRANGE = (
    b"GET /calls HTTP/1.1\r\n\r\n",
    b"GET /calls HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET /calls HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
    b"GET /calls HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: 127.0.0.1\r\n\r\n",
    b"GET http://evil.example/calls HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET /calls HTTP/1.1\r\nHost: 127.0.0.1@evil.example\r\n\r\n",
    b"GET /calls HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"y" * 40000 + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
)


def test_requests_that_no_browser_sends_open_nothing(browser: Browser, port: int) -> None:
    cookie = f"\r\nCookie: {browser.cookie}\r\n\r\n".encode()
    for strange in STRANGE:
        for request in (strange, strange.replace(b"\r\n\r\n", cookie, 1)):
            answer = raw(port, request)
            assert not answer.startswith(b"HTTP/1.1 200"), strange
            assert b"Riverside" not in answer


def test_guesses_over_many_sockets_at_once_are_counted_to_the_one(stranger: Browser, port: int) -> None:
    def guess(number: int) -> int:
        each = Browser(port)
        try:
            return each.fill("/sign-in", name="Ana Ruiz", password=f"guess number {number}")
        finally:
            each.close()

    with ThreadPoolExecutor(8) as crowd:
        answers = Counter(crowd.map(guess, range(attempts.MOST + 6)))
    assert answers == {422: attempts.MOST, 429: 6}
    assert stranger.fill("/sign-in", name="Ana Ruiz", password=people.PASSWORD) == 429


def test_a_claimed_address_makes_no_new_guesser(stranger: Browser, browser: Browser) -> None:
    for number in range(attempts.MOST):
        _, page = stranger.ask("GET", "/sign-in")
        sent = {"name": "Ana Ruiz", "password": "wrong", "form_token": people.form_token(page.decode())}
        claimed = f"10.0.0.{number}"
        told = {"X_Forwarded_For": claimed, "Forwarded": f"for={claimed}", "X_Real_IP": claimed}
        assert stranger.ask("POST", "/sign-in", sent, **told)[0].status == 422
    assert stranger.ask("POST", "/sign-in", sent, X_Forwarded_For="10.0.0.99")[0].status == 429
    _, page = browser.ask("GET", "/audit")
    assert b"10.0.0." not in page


def test_one_link_makes_one_owner_however_many_open_it(config: Path, port: int) -> None:
    address = "/" + link(config, port).split("/", 3)[3]

    def take(number: int) -> int:
        each = Browser(port)
        try:
            chosen = f"seven unlit barges {number}"
            return each.fill(address, name=f"Owner {number}", password=chosen, again=chosen)
        except AssertionError:
            return 410  # its form was gone before it could be seen
        finally:
            each.close()

    with ThreadPoolExecutor(6) as crowd:
        answers = Counter(crowd.map(take, range(6)))
    assert answers == {303: 1, 410: 5}


def test_a_port_that_is_taken_is_said(config: Path) -> None:
    with running(config) as (_, port):
        text = config.read_text().replace("admin_port = 0", f"admin_port = {port}")
        second = config.with_name("second.toml")
        second.write_text(text)
        done = subprocess.run(
            attendant(second, "admin"),
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            timeout=WAIT_S,
        )
    assert done.returncode == 1
    assert f"127.0.0.1:{port} cannot be listened on" in done.stderr.splitlines()[-1]
    assert done.stdout == ""
