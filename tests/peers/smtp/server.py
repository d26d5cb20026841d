"""Speaks SMTP (RFC 5321) with STARTTLS (3207) and AUTH (4954) as a clinic's mail server does, in a thread.

A command out of order is refused, so that a client that is wrong is found. May import: the standard library.
"""

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum

DRIP_S = 0.2
START_S = 10


class Fault(StrEnum):
    """What goes wrong, from when it is put into `faults` until it is taken out."""

    SILENT = "silent"
    """It takes the connection and says nothing."""
    DRIPS = "drips"
    """It answers a letter at a time."""
    NO_STARTTLS = "no starttls"
    WRONG_ACCOUNT = "wrong account"
    UNKNOWN_RECEIVER = "unknown receiver"
    FULL = "full"
    """It defers what it is given."""
    SPAM = "spam"
    """It refuses the e-mail for good."""
    NEVER_SAYS_YES = "never says yes"
    """It has taken an e-mail, and does not say so as long as the client waits."""
    DIES_BEFORE_YES = "dies before yes"
    """It has taken an e-mail, and the line breaks before it can say so."""


@dataclass
class MailServer:
    """Serves while it is `running`. `taken` are the e-mails in the order in which they came."""

    tls: ssl.SSLContext | None = None
    at_once: bool = False
    """Whether TLS begins with the connection, and not by STARTTLS."""
    account: tuple[str, str] | None = None
    faults: set[Fault] = field(default_factory=set)
    taken: list[EmailMessage] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    logins: int = 0
    """How often somebody began to tell an account, allowed or not."""
    secret: list[bool] = field(default_factory=list)
    """Of each e-mail, whether it came over TLS."""

    @property
    def delivered(self) -> set[str]:
        """The e-mails as a mailbox shows them: one that came twice, by its id, is one."""
        return {str(each["Message-ID"]) for each in self.taken}

    @contextmanager
    def running(self) -> Iterator["MailServer"]:
        """Listen on loopback."""
        loop, ready = asyncio.new_event_loop(), threading.Event()
        over = asyncio.Event()

        async def serve() -> None:
            tls = self.tls if self.at_once else None
            server = await asyncio.start_server(self._session, "127.0.0.1", 0, ssl=tls)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await over.wait()
            server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        def live() -> None:
            loop.run_until_complete(serve())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

        thread = threading.Thread(target=live, name="mail server")
        thread.start()
        assert ready.wait(START_S)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join(START_S)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await _Session(self, reader, writer).run()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


class _Session:
    """One client."""

    def __init__(
        self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._greeted = False
        self._secret = server.at_once
        self._known = server.account is None
        self._sender = ""
        self._receivers: list[str] = []

    async def run(self) -> None:
        if Fault.SILENT in self._server.faults:
            await self._reader.read()  # until the client goes
            return
        await self._say("220 mail.example.test ready")
        while line := await self._reader.readline():
            verb, _, rest = line.decode("ascii").strip().partition(" ")
            self._server.logins += verb.upper() == "AUTH"
            if verb.upper() == "QUIT":
                await self._say("221 bye")
                return
            await self._do(verb.upper(), rest)

    async def _do(self, verb: str, rest: str) -> None:
        match verb:
            case "EHLO":
                await self._greet()
            case "STARTTLS" if self._offers_tls:
                await self._say("220 go ahead")
                await self._writer.start_tls(self._server.tls)  # type: ignore[arg-type]
                self._secret, self._greeted = True, False
            case "AUTH" if self._greeted and self._may_log_in:
                await self._log_in(rest)
            case "MAIL" if self._greeted and self._known:
                self._sender, self._receivers = rest, []
                await self._say("250 ok")
            case "RCPT" if self._sender:
                await self._receiver(rest)
            case "DATA" if self._receivers:
                await self._take()
            case "RSET":
                self._sender, self._receivers = "", []
                await self._say("250 ok")
            case "MAIL" if self._greeted:
                await self._say("530 log in first")
            case _:
                await self._say("503 not now")

    @property
    def _offers_tls(self) -> bool:
        able = self._server.tls is not None and Fault.NO_STARTTLS not in self._server.faults
        return able and not self._secret

    @property
    def _may_log_in(self) -> bool:
        # No sane server takes a password in the open.
        return self._server.account is not None and (self._secret or self._server.tls is None)

    async def _greet(self) -> None:
        self._greeted = True
        offers = ["mail.example.test", "8BITMIME"]
        offers += ["STARTTLS"] if self._offers_tls else []
        offers += ["AUTH PLAIN LOGIN"] if self._may_log_in else []
        for offer in offers[:-1]:
            await self._say(f"250-{offer}")
        await self._say(f"250 {offers[-1]}")

    async def _log_in(self, rest: str) -> None:
        kind, _, first = rest.partition(" ")
        if kind.upper() == "PLAIN":
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            user = base64.b64decode(first).decode()
            await self._say(f"334 {base64.b64encode(b'Password:').decode()}")
            password = base64.b64decode(await self._reader.readline()).decode()
        good = (user, password) == self._server.account and Fault.WRONG_ACCOUNT not in self._server.faults
        self._known = good
        await self._say("235 welcome" if good else "535 wrong account")

    async def _receiver(self, rest: str) -> None:
        if Fault.UNKNOWN_RECEIVER in self._server.faults:
            await self._say("550 nobody of that name")
        elif Fault.FULL in self._server.faults:
            await self._say("452 no room")
        else:
            self._receivers.append(rest)
            await self._say("250 ok")

    async def _take(self) -> None:
        await self._say("354 go on")
        lines: list[bytes] = []
        while (line := await self._reader.readuntil(b"\n")) != b".\r\n":
            lines.append(line.removeprefix(b"."))  # of each that begins so: RFC 5321, 4.5.2
        if not all(line.endswith(b"\r\n") for line in lines):
            await self._say("550 bare line feed")
            return
        if Fault.SPAM in self._server.faults:
            await self._say("554 not here")
            return
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        self._server.taken.append(mail)
        self._server.secret.append(self._secret)
        if Fault.NEVER_SAYS_YES in self._server.faults:
            await self._reader.read()
        if Fault.DIES_BEFORE_YES in self._server.faults:
            raise ConnectionResetError
        await self._say("250 taken")

    async def _say(self, line: str) -> None:
        wire = f"{line}\r\n".encode()
        if Fault.DRIPS in self._server.faults:
            for letter in wire:
                self._writer.write(bytes([letter]))
                await self._writer.drain()
                await asyncio.sleep(DRIP_S)
            return
        self._writer.write(wire)
        await self._writer.drain()
