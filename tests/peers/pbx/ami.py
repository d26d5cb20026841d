"""Asterisk's manager interface (AMI 11): login, a few actions, events. On a real socket, with faults.

May import: the standard library, tests.peers.realtime.bell.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.peers.realtime.bell import Bell

T = TypeVar("T")
Packet = dict[str, str]
DONE = {"Hangup": {"Message": "Channel Hungup"}, "Ping": {"Ping": "Pong", "Timestamp": "1.0"}}
BANNER = b"Asterisk Call Manager/11.0.0\r\n"


class ManagerPeer:
    """`async with ManagerPeer(secret) as ami:` listens at `ami.port`; `actions` is what was asked."""

    def __init__(self, secret: str, *, port: int = 0) -> None:
        self.actions: list[Packet] = []
        self.variables: dict[tuple[str, str], str] = {}
        self.channels: list[Packet] = []
        self.database: dict[str, str] = {}
        """What its own database holds, by `/family/key`."""
        self.mute = False
        """Whether nothing is answered any more."""
        self.silent: set[str] = set()
        """Actions that are not answered."""
        self.refuses: set[str] = set()
        self.answers: dict[str, Packet] = {}
        """What is answered to actions of which it knows nothing else."""
        self.etc: Path | None = None
        """Where its dialplan lies, if it has one; it is read at a `Reload`."""
        self.dialplan = ""
        """The dialplan as it was read last."""
        self.cannot_read = "\0"
        """What stands in a dialplan that it does not take."""
        self.port = port
        self._secret = secret
        self._bell = Bell()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.vanish()

    async def listen(self) -> None:
        """Begin to listen (again, at the same port)."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def vanish(self) -> None:
        """Close every connection and listen no more."""
        if self._server is not None:
            self._server.close()
            for writer in [*self._writers]:
                writer.transport.abort()
            await self._bell.wait_for(lambda: not self._writers, 5.0, lambda: "connections stay")
            self._server = None

    async def wait_for(self, met: Callable[[], T], timeout_s: float = 10.0) -> T:
        """Wait, packet by packet, until this is true; return what it returned."""
        return await self._bell.wait_for(met, timeout_s, lambda: str(self.actions[-5:]))

    @property
    def logged_in(self) -> bool:
        """Whether somebody is logged in."""
        return any(each["Action"] == "Login" for each in self.actions) and bool(self._writers)

    def tell(self, **fields: str) -> None:
        """Send an event to everybody."""
        for writer in self._writers:
            _send(writer, {"Event": fields.pop("Event", "UserEvent"), **fields})

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        writer.write(BANNER)
        try:
            while packet := await _packet(reader):
                self.actions.append(packet)
                deaf = self.mute or packet.get("Action") in self.silent
                if not deaf and not self._answer(packet, writer):
                    return
                self._bell.ring()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)
            self._bell.ring()

    def _answer(self, packet: Packet, writer: asyncio.StreamWriter) -> bool:
        """Answer; False when the connection is to be closed."""
        action, about = packet.get("Action", ""), {"ActionID": packet.get("ActionID", "")}
        if action.lower() == "login":
            right = packet.get("Secret") == self._secret
            said = "Authentication accepted" if right else "Authentication failed"
            _send(writer, {"Response": "Success" if right else "Error", **about, "Message": said})
            if right:
                _send(writer, {"Event": "FullyBooted", "Privilege": "system,all", "Status": "Fully Booted"})
            return right
        if action in self.refuses:
            _send(writer, {"Response": "Error", **about, "Message": "No such channel"})
            return True
        match action:
            case "Setvar":
                self.variables[packet["Channel"], packet["Variable"]] = packet["Value"]
                _send(writer, {"Response": "Success", **about, "Message": "Variable Set"})
            case "CoreShowChannels":
                self._list_channels(about, writer)
            case "DBGet" | "DBGetTree" | "DBDel" | "DBDelTree":
                self._of_database(action, packet, about, writer)
            case "Hangup" | "Ping":
                _send(writer, {"Response": "Success", **about, **DONE[action]})
            case "Reload" | "Command" if self.etc is not None:
                _send(writer, {"Response": "Success", **about, **self._of_dialplan(self.etc, packet)})
            case _:
                unknown = {"Response": "Error", "Message": "Invalid/unknown command"}
                _send(writer, {**self.answers.get(action, unknown), **about})
        return True

    def _list_channels(self, about: Packet, writer: asyncio.StreamWriter) -> None:
        head = {
            "Response": "Success",
            **about,
            "EventList": "start",
            "Message": "Channels will follow",
        }
        _send(writer, head)
        for channel in self.channels:
            _send(writer, {"Event": "CoreShowChannel", **about, **channel})
        count = str(len(self.channels))
        over = {
            "Event": "CoreShowChannelsComplete",
            **about,
            "EventList": "Complete",
            "ListItems": count,
        }
        _send(writer, over)

    def _of_database(self, action: str, packet: Packet, about: Packet, writer: asyncio.StreamWriter) -> None:
        """Tell what it holds, or forget it."""
        under = f"/{packet['Family']}/{packet.get('Key', '')}"
        found = {
            key: value
            for key, value in self.database.items()
            if key == under or (action.endswith("Tree") and key.startswith(under))
        }
        if not found and action != "DBGetTree":
            _send(writer, {"Response": "Error", **about, "Message": "Database entry not found"})
            return
        if action.startswith("DBDel"):
            self.database = {key: value for key, value in self.database.items() if key not in found}
            _send(writer, {"Response": "Success", **about, "Message": "Key deleted successfully"})
            return
        head = {"EventList": "start", "Message": "Result will follow"}
        _send(writer, {"Response": "Success", **about, **head})
        for key, value in found.items():
            shown = key if action == "DBGetTree" else packet["Key"]
            _send(writer, {"Event": f"{action}Response", **about, "Key": shown, "Val": value})
        over = {"EventList": "Complete", "ListItems": str(len(found))}
        _send(writer, {"Event": f"{action}Complete", **about, **over})

    def _of_dialplan(self, etc: Path, packet: Packet) -> Packet:
        """Read it, or show it."""
        if packet["Action"] == "Command":
            return {"Message": "Command output follows", "Output": self._shown(packet["Command"])}
        text = (etc / "extensions.conf").read_text()
        self.dialplan = self.dialplan if self.cannot_read in text else text
        return {"Message": "Module Reloaded"}

    def _shown(self, command: str) -> str:
        """What the command line says of a context, `dialplan show [EXTENSION@]CONTEXT`, in one line."""
        _, _, context = command.rpartition(" ")
        _, _, lines = self.dialplan.partition(f"\n[{context.rpartition('@')[2]}]\n")
        known = [line for line in lines.partition("\n[")[0].splitlines() if line.startswith("exten = ")]
        names = {line.removeprefix("exten = ").partition(",")[0] for line in known}
        return (
            f"[ Context '{context}' ] " + " ".join(f"'{name}' =>" for name in sorted(names)) if lines else ""
        )


async def _packet(reader: asyncio.StreamReader) -> Packet:
    """The next packet; empty at the end."""
    found: Packet = {}
    while line := (await reader.readline()).decode().rstrip("\r\n"):
        name, _, value = line.partition(":")
        found[name] = value.strip()
    return found


def _send(writer: asyncio.StreamWriter, packet: Packet) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in packet.items())
    writer.write(f"{lines}\r\n".encode())
