"""Google's HTTP client with one end for everything: look-up, connection, TLS, each byte of the answer.

Every verb has connections of its own: one that was idle since the last call may be dead without a sign, and
would cost a caller all the patience there is.
May import: the standard library, httplib2, appliance.calendars.google.patience.
"""

import queue
import socket
import ssl
import threading
from collections.abc import Callable
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any, ClassVar

import httplib2

from appliance.calendars.google.patience import must_be_left_s

LOOK_UPS_MOST = 4
SLEEPY = frozenset({408, 429, 500, 502, 503, 504})
SLEEPY_WORDS = (b"server_error", b"internal_failure", b"temporarily_unavailable")

Addresses = list[tuple[Any, ...]]
LookUp = Callable[..., Addresses]
_look_ups = threading.BoundedSemaphore(LOOK_UPS_MOST)


class TokensAway(Exception):
    """The token service cannot give a token now. Google's library would sleep for longer than we can wait."""

    def __init__(self, status: int, wait_s: float) -> None:
        super().__init__(status)
        self.status = status
        self.wait_s = wait_s


class TimedHttp(httplib2.Http):  # type: ignore[misc]
    """One thread's HTTP client. Every request ends when the patience around it does."""

    def __init__(self, token_uri: str, ca_file: Path | None, look_up: LookUp = socket.getaddrinfo) -> None:
        super().__init__(proxy_info=None)
        self.follow_redirects = False
        self._token_uri = token_uri
        tls = ssl.create_default_context(cafile=ca_file)
        tls.sslsocket_class = _TimedSocket
        self._connection = type("_Line", (_TimedConnection,), {"tls": tls, "look_up": staticmethod(look_up)})

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: Any = None,
        headers: dict[str, str] | None = None,
        redirections: int = 0,
        connection_type: object = None,
    ) -> tuple[Any, bytes]:
        """Ask once."""
        response, content = super().request(uri, method, body, headers, redirections, self._connection)
        if uri == self._token_uri and _is_sleepy(response.status, content):
            raise TokensAway(response.status, wait_s(response))
        return response, content


def wait_s(response: Any) -> float:
    """How long an answer asks us to wait; 0 when it does not say so in seconds."""
    said = str(response.get("retry-after", ""))
    return float(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0.0


def _is_sleepy(status: int, content: bytes) -> bool:
    return status in SLEEPY or (status != 200 and any(word in content for word in SLEEPY_WORDS))


class _TimedSocket(ssl.SSLSocket):
    """A socket whose reads and writes end with the patience."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(must_be_left_s())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(must_be_left_s())
        super().sendall(*args, **kwargs)


class _TimedConnection(HTTPSConnection):
    tls: ClassVar[ssl.SSLContext]
    look_up: ClassVar[LookUp]

    def __init__(self, host: str, timeout: object = None, proxy_info: object = None) -> None:
        super().__init__(host, context=self.tls)

    def connect(self) -> None:
        self.sock = self.tls.wrap_socket(
            _dialled(self.look_up, self.host, self.port), server_hostname=self.host
        )


def _dialled(look_up: LookUp, host: str, port: int) -> socket.socket:
    """A connection to the first address that takes one."""
    last = OSError("no address")
    for family, kind, protocol, _, address in _looked_up(look_up, host, port):
        dialled = socket.socket(family, kind, protocol)
        try:
            dialled.settimeout(must_be_left_s())
            dialled.connect(address)
            dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            dialled.settimeout(must_be_left_s())
        except OSError as exc:
            dialled.close()
            last = exc
        else:
            return dialled
    raise last


def _looked_up(look_up: LookUp, host: str, port: int) -> Addresses:
    """The addresses of a host: the resolver takes 10 s to fail, and nobody waits so long for it."""
    if not _look_ups.acquire(timeout=must_be_left_s()):
        raise TimeoutError("the resolver does not answer")
    answers: queue.SimpleQueue[Addresses | OSError] = queue.SimpleQueue()
    asked = (look_up, host, port, answers)
    threading.Thread(target=_look_up, args=asked, name=f"look up {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=must_be_left_s())
    except queue.Empty:
        raise TimeoutError("the resolver does not answer") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _look_up(
    look_up: LookUp, host: str, port: int, answers: "queue.SimpleQueue[Addresses | OSError]"
) -> None:
    try:
        answers.put(list(look_up(host, port, type=socket.SOCK_STREAM)))
    except OSError as exc:
        answers.put(exc)
    finally:
        _look_ups.release()
