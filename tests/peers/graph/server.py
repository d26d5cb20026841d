"""The peer itself: an HTTPS server with a thread for each connection, in front of Entra ID and Graph.

May import: the standard library, trustme, the other files of this peer.
"""

import contextlib
import copy
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import trustme

from tests.peers.graph.entra import App, Entra
from tests.peers.graph.faults import Door, Fault, Faults
from tests.peers.graph.mailbox import Mailbox
from tests.peers.graph.problem import Asked, NoToken, Problem, Reply
from tests.peers.graph.routes import Graph, door_of

AT_ONCE = 4
DRIP_S = 0.05
WAIT_S = 10


class GraphPeer:
    """`with GraphPeer() as peer:` serves at `peer.url`; `peer.authority` signed its certificate."""

    def __init__(self, authority: trustme.CA | None = None) -> None:
        self.authority = trustme.CA() if authority is None else authority
        self.app = App(str(uuid.uuid4()), secret="the-value~of.the-secret")
        self.entra = Entra(str(uuid.uuid4()), self.app)
        self.graph = Graph(self.entra)
        self.faults = Faults()
        self.asked: list[tuple[Door | None, Asked]] = []
        self.released = threading.Event()
        self.change = threading.Condition()
        """Notified when somebody comes to a mailbox, or leaves."""
        self._lock = threading.Lock()
        self._server = Server(self)
        self.url = f"https://localhost:{self._server.server_address[1]}"
        self.entra.url = self.graph.url = self.url
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="graph")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def add(self, address: str) -> Mailbox:
        """A mailbox of this address."""
        mailbox = self.graph.mailboxes[address.casefold()] = Mailbox(address)
        return mailbox

    def trust(self, folder: Path) -> Path:
        """A file with the certificate to trust."""
        self.authority.cert_pem.write_to_path(folder / "graph-ca.pem")
        return folder / "graph-ca.pem"

    def doors(self) -> list[Door | None]:
        """To which doors they came, in order."""
        return [door for door, _ in self.asked]

    def hang_up(self) -> None:
        """End every connection, as a server does with those that are idle."""
        self._server.hang_up()

    def wait_inside(self, mailbox: Mailbox, count: int) -> bool:
        """Wait until so many requests are at a mailbox; whether they came."""
        with self.change:
            return self.change.wait_for(lambda: mailbox.inside == count, WAIT_S)

    def context(self) -> ssl.SSLContext:
        """What its certificate is."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert("localhost").configure_cert(context)
        return context

    def answer(self, door: Door | None, asked: Asked, *, lie: bool) -> Reply:
        """What is answered when nothing goes wrong, or nothing but that it is a lie."""
        with self._lock:
            before = copy.deepcopy(self.graph.mailboxes) if lie else None
            try:
                return self._answer(door, asked)
            except (Problem, NoToken) as exc:
                return exc.reply()
            finally:
                if before is not None:
                    _put_back(self.graph.mailboxes, before)

    def _answer(self, door: Door | None, asked: Asked) -> Reply:
        if door is None:
            raise Problem(404, "UnknownError", "Resource not found for the segment.")
        if door == "discovery":
            return self.entra.discovery(asked.path[0])
        if door == "token":
            return self.entra.token(asked)
        return self.graph.answer(door, asked)

    @contextlib.contextmanager
    def at_mailbox(self, asked: Asked) -> Iterator[bool]:
        """Be at the mailbox; whether there is room."""
        mailbox = self.graph.mailbox(asked)
        if mailbox is None:
            yield True
            return
        self._count(mailbox, 1)
        try:
            yield mailbox.inside <= AT_ONCE
        finally:
            self._count(mailbox, -1)

    def _count(self, mailbox: Mailbox, more: int) -> None:
        with self.change:
            mailbox.inside += more
            mailbox.most_inside = max(mailbox.most_inside, mailbox.inside)
            self.change.notify_all()


def _put_back(mailboxes: dict[str, Mailbox], before: dict[str, Mailbox]) -> None:
    """Let nothing have happened to what they hold."""
    for name, mailbox in mailboxes.items():
        mailbox.events, mailbox.transactions = before[name].events, before[name].transactions


class Server(ThreadingHTTPServer):
    """The socket. A handshake is done in the thread of its connection."""

    daemon_threads = False

    def __init__(self, peer: GraphPeer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.peer = peer
        self._context = peer.context()
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        plain, address = super().get_request()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        served = self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self._open.add(served)
        return served, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection."""
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves, or does not trust us, is no error of ours."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is http.server's
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 -- the names are http.server's

    def _serve(self) -> None:
        peer, asked = self.server.peer, self._taken()
        door = door_of(asked)
        peer.asked.append((door, asked))
        fault = None if door is None else peer.faults.take(door)
        with peer.at_mailbox(asked) as room:
            if not room:
                self._send(Problem(429, "ApplicationThrottled", "", {"Retry-After": "1"}).reply())
            elif fault is None:
                self._send(peer.answer(door, asked, lie=False))
            else:
                self._go_wrong(door, asked, fault)

    def _taken(self) -> Asked:
        address = urlsplit(self.path)
        path = tuple(unquote(piece) for piece in address.path.strip("/").split("/"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        return Asked(self.command, path, dict(parse_qsl(address.query)), headers, body)

    def _go_wrong(self, door: Door | None, asked: Asked, fault: Fault) -> None:
        peer = self.server.peer
        reply = Reply(500)
        if fault.done or fault.kind == "lie":
            reply = peer.answer(door, asked, lie=fault.kind == "lie")
        if fault.kind == "hang":
            peer.released.wait()
            reply = reply if fault.done else peer.answer(door, asked, lie=False)
        match fault.kind:
            case "status":
                self._send(Problem(fault.status, fault.code, "", fault.headers).reply())
            case "body":
                self._write(fault.status or 200, fault.headers, fault.body, len(fault.body))
            case "cut":
                self._write(200, {}, b'{"val', 1000)
                self.close_connection = True
            case "drip":
                self._drip()
            case _:
                self._send(reply)

    def _drip(self) -> None:
        self._write(200, {}, b"{", 1000)
        self.close_connection = True
        while not self.server.peer.released.wait(DRIP_S):
            self.wfile.write(b" ")

    def _send(self, reply: Reply) -> None:
        self._write(reply.status, reply.headers, reply.body, len(reply.body))

    def _write(self, status: int, headers: dict[str, str], body: bytes, length: int) -> None:
        """The answer in one piece."""
        told = {
            "Content-Type": "application/json",
            "Date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()),
        }
        if status != 204:
            told["Content-Length"] = str(length)
        head = "".join(f"{name}: {value}\r\n" for name, value in {**told, **headers}.items())
        self.wfile.write(f"HTTP/1.1 {status} \r\n{head}\r\n".encode() + body)
