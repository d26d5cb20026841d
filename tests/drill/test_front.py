"""The front: nginx by our configuration, with the real admin behind it, and what it may never do."""

import http.client
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from admin.door import link
from admin.door.guard import HEADERS
from appliance.core import settings as boot
from appliance.service.certificate.kept import Renewed
from appliance.store import attempts
from tests.admin import people
from tests.admin.process import WAIT_S, Browser
from tests.drill.front import NAME, NAMES, Front, fronted

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(
        shutil.which("nginx") is None, reason="nginx is missing; Debian has it in `nginx-light`"
    ),
]

SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
ELSEWHERE = "127.0.0.2"
"""Another computer of the office."""


@dataclass(slots=True)
class Line:
    """The bridge's own port: it takes a WebSocket, and says what it was asked."""

    port: int
    heads: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    """A bridge that takes each WebSocket and returns what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Line(listening.getsockname()[1])

        def take() -> None:
            with suppress(OSError):
                while True:
                    taken, _ = listening.accept()
                    with taken:
                        made.heads.append(taken.recv(65536).decode())
                        taken.sendall(SWITCHED)
                        while heard := taken.recv(4096):
                            taken.sendall(heard)

        taking = threading.Thread(target=take)
        taking.start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
        taking.join(WAIT_S)


@pytest.fixture(scope="module")
def front(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The front of a box."""
    with fronted(tmp_path_factory.mktemp("front"), line.port) as made:
        yield made


@pytest.fixture(scope="module")
def owner(front: Front) -> Iterator[Browser]:
    """A browser in which the owner is signed in."""
    address, _ = link.new_link(boot.load(front.config))
    assert address.startswith(f"https://{NAME}/open/")
    made = front.browser()
    made.become_owner(address)
    yield made
    made.close()


@pytest.fixture
def stranger(front: Front, owner: Browser) -> Iterator[Browser]:
    """A browser elsewhere, in which nobody is."""
    made = front.browser(ELSEWHERE)
    yield made
    made.close()


def test_nginx_has_nothing_to_say_of_the_configuration(front: Front) -> None:
    judged = subprocess.run(
        ["nginx", "-t", "-e", "stderr", "-c", str(front.folder / "front.conf")],
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )
    assert judged.returncode == 0, judged.stderr
    assert not re.search(r"\[(warn|emerg|alert)\]", judged.stderr)


def test_pages_come_over_tls_as_the_admin_gives_them(stranger: Browser) -> None:
    answer, page = stranger.ask("GET", "/sign-in", Accept_Encoding="gzip, br")
    assert answer.status == 200
    assert b'name="password"' in page
    for name, value in HEADERS.items():
        assert answer.headers.get_all(name) == [value]
    assert answer.headers.get_all("Cache-Control") == ["no-store"]
    assert answer.headers["Content-Encoding"] is None
    assert answer.headers["Server"] == "nginx"
    kept = answer.headers["Set-Cookie"]
    assert kept.startswith("__Host-attendant_session=")
    assert "Secure" in kept


def test_plain_http_leads_to_tls_and_nowhere_else(front: Front) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", front.plain, timeout=WAIT_S)) as plain:
        for method, path in (("GET", "/calls?text=x"), ("POST", "/sign-in"), ("GET", "/rehearse")):
            plain.request(method, path, headers={"Host": NAME})
            answer = plain.getresponse()
            answer.read()
            assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}{path}")


def test_old_tls_is_not_spoken(front: Front) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", front.secure), timeout=WAIT_S) as plain,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(plain)


def test_a_certificate_that_is_renewed_is_served_at_once(front: Front) -> None:
    def shown() -> bytes | None:
        with closing(front.connection()) as asked:
            asked.connect()
            assert isinstance(asked.sock, ssl.SSLSocket)
            return asked.sock.getpeercert(binary_form=True)

    before = shown()
    assert front.certificate.renew(NAMES, datetime.now(UTC), anew=True) is Renewed.MADE
    assert shown() != before


def test_another_name_is_not_answered(owner: Browser) -> None:
    for host in ("evil.example", f"{NAME}.evil.example", "203.0.113.9"):
        answer, page = owner.ask("GET", "/calls", Host=host)
        assert answer.status == 421
        assert b"Riverside" not in page
    assert owner.ask("GET", "/calls", Host=NAME)[0].status == 200


def test_who_tries_is_counted_by_the_real_address_whatever_is_claimed(
    stranger: Browser, owner: Browser
) -> None:
    for number in range(attempts.MOST + 1):
        _, page = stranger.ask("GET", "/sign-in")
        sent = {"name": "Nobody", "password": "wrong", "form_token": people.form_token(page.decode())}
        claimed = f"10.0.0.{number}"
        told = {"X_Forwarded_For": claimed, "Forwarded": f"for={claimed};proto=http", "X_Real_IP": claimed}
        answer, _ = stranger.ask("POST", "/sign-in", sent, **told)
        assert answer.status == (422 if number < attempts.MOST else 429)
    _, page = owner.ask("GET", "/audit")
    assert ELSEWHERE.encode() in page
    assert b"10.0.0." not in page
    assert owner.ask("GET", "/calls")[0].status == 200


def test_nobody_makes_the_pages_believe_it_was_plain_http(stranger: Browser) -> None:
    answer, _ = stranger.ask("GET", "/signed-out", X_Forwarded_Proto="http", X_Forwarded_Host="evil.example")
    assert answer.status == 200
    _, page = stranger.ask("GET", "/sign-in", X_Forwarded_Proto="http")
    assert b"evil.example" not in page
    assert stranger.cookie.startswith("__Host-")


def test_a_document_is_taken_and_nothing_else_is_large(
    front: Front, owner: Browser, stranger: Browser
) -> None:
    data = b"Parking is free.\n" * 200_000
    assert owner.give("/knowledge/new", "/knowledge/file", "guide.txt", data) == 303
    (upload,) = (front.folder / "data" / "knowledge" / "uploads").iterdir()
    assert upload.read_bytes() == data
    large = {"form_token": "x" * 70_000}
    assert owner.ask("POST", "/account/language", large)[0].status == 413
    answer, _ = stranger.ask("POST", "/sign-in", large)
    assert answer.status == 413


def test_rehearse_is_passed_on_to_the_bridge_and_nothing_else_of_it(front: Front, line: Line) -> None:
    head = (
        f"GET /rehearse?token=spell HTTP/1.1\r\nHost: {NAME}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Origin: https://{NAME}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nX-Forwarded-For: 10.0.0.9\r\n\r\n"
    )
    with closing(front.connection(ELSEWHERE)) as asked:
        asked.connect()
        asked.sock.sendall(head.encode())
        assert asked.sock.recv(4096).startswith(b"HTTP/1.1 101 ")
        asked.sock.sendall(b"\x82\x03ulaw"[:5])
        assert asked.sock.recv(16) == b"\x82\x03ula"
    (told,) = line.heads
    assert told.startswith("GET /rehearse?token=spell HTTP/1.1\r\n")
    for each in (f"X-Forwarded-For: {ELSEWHERE}", f"Origin: https://{NAME}", f"Host: {NAME}"):
        assert f"\r\n{each}\r\n" in told
    assert "10.0.0.9" not in told
    with closing(front.connection()) as asked:
        for path in ("/healthz", "/metrics", "/alive", "/rehearse/", "/rehearse/../metrics", "/twilio/voice"):
            asked.request("GET", path)
            answer = asked.getresponse()
            answer.read()
            assert answer.status == 404
    assert len(line.heads) == 1


def test_what_is_asked_for_is_written_down_nowhere_also_when_the_pages_are_away(
    front: Front, owner: Browser
) -> None:
    secrets = ("earache", "spell", "one-time-token", "wrong")
    asked = ("/calls?text=earache", "/open/one-time-token", "/sign-in?next=/calls%3Ftext%3Dearache")
    for path in asked:
        assert owner.ask("GET", path)[0].status in (200, 303, 410)
    front.admin.terminate()
    front.admin.wait(WAIT_S)
    (front.folder / "admin.sock").unlink()
    for path in asked:
        answer, page = owner.ask("GET", path)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
        assert b"Calls are answered all the same" in page
    told = front.told
    assert '"path":"/calls","status":503' in told
    assert '"path":"/open/-","status":503' in told
    for secret in secrets:
        assert secret not in told
