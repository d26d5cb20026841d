"""A box on loopback, for calls that are placed for show, for tests and for measuring.

Settings, secrets and staff's rows lie in a folder of its own; the bridge is the real one, as a process.
May import: the standard library, appliance.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, Protocol, Self

import orjson

from appliance.core import wording
from appliance.core.staff import DEFAULT_LANGUAGE
from appliance.languages import folders
from appliance.store import database, office, visits
from appliance.store.database import Connection
from appliance.store.migrations import migrate

ROOT = Path(__file__).parent.parent
PUBLIC_URL = "https://box.example.test"
ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "loopback-auth-token"  # noqa: S105 -- of a carrier that exists on loopback only
API_KEY = "sk-loopback"
CLINIC = "+15550100001"
CALLER = "+15550100002"
FRONT_DESK = "+15550100010"
GOODBYE_URL = "https://handler.twilio.com/twiml/EH00000000000000000000000000000001"
FALLBACK_URL = "https://handler.twilio.com/twiml/EH00000000000000000000000000000002"
"""TwiML Bins, where the carrier has some."""
READY_S = 60.0
STOP_S = 10.0
AT = "2026-01-01T00:00:00.000Z"
USUAL = "appliance.cli.main"

DEPARTMENTS = (
    ("Billing", ["+15550100011"], ["accounts", "invoice"]),
    ("Nurses", ["+15550100012"], ["nurse", "triage"]),
)


class Process(Protocol):
    """What we use of a process: asyncio's, or one that was begun in another way."""

    @property
    def pid(self) -> int:
        """The system's number for it."""

    @property
    def returncode(self) -> int | None:
        """Its status, or the negative number of the signal, once it has ended."""

    @property
    def stdout(self) -> asyncio.StreamReader | None:
        """What it prints."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""

    async def wait(self) -> int:
        """Wait for its end."""

    async def communicate(self) -> tuple[bytes, bytes]:
        """All that it prints, at its end."""


class BoxFailed(Exception):
    """The bridge did not begin. The text is its log."""


def _toml(tree: Mapping[str, Any]) -> str:
    """The tree of sections as TOML; values are what JSON writes alike."""
    lines: list[str] = []
    for section, values in tree.items():
        lines.append(f"[{section}]")
        lines += [f"{key} = {_toml_value(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def _toml_value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml_value(each)}" for key, each in value.items()) + "}"
    return orjson.dumps(value).decode()


def _menu(language: str) -> list[dict[str, Any]]:
    """A clinic's own menu, in which key 2 leads to the departments."""
    keys = {"hours": "1", "departments": "2", "voicemail": "3", "assistant": "9", "people": "0"}
    return [entry for choice, key in keys.items() if (entry := wording.entry(language, choice, key))]


class LoopbackBox:
    """The box: enter it to start the bridge. `settings` and `staff` add to what a loopback box needs.

    `bookable` is what callers can book. `program` is a module that is run in place of the `attendant`
    command, and does what that does.
    """

    begin: ClassVar[Callable[[list[str], int], Awaitable[Process]] | None] = None
    """Begins `attendant` with arguments and a descriptor for errors, where a test run has a quicker way."""

    def __init__(
        self,
        folder: Path,
        *,
        cloud_url: str = "",
        rest_url: str = "",
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        staff: Mapping[str, Any] | None = None,
        api_key: str = API_KEY,
        bookable: Mapping[str, Any] | None = None,
        program: str = USUAL,
    ) -> None:
        self.folder = folder
        self._program = program
        self.config = folder / "attendant.toml"
        self.log_path = folder / "bridge.log"
        self.ports: dict[str, int] = {}
        self.environment: dict[str, str] = {}
        """What the bridge finds in its environment, beside ours."""
        self._api_key = api_key
        self._bookable = bookable or {}
        self._staff = {
            "business_name": "Riverside Family Clinic",
            "people": [FRONT_DESK],
            **(staff or {}),
        }
        self._tree: dict[str, dict[str, Any]] = {
            "box": {"data_dir": str(folder / "data")},
            "listen": {"public_port": 0, "local_port": 0, "admin_port": 0, "worker_port": 0},
            # Nobody waits here for work that is begun again anyway.
            "jobs": {"stop_s": 1},
            "twilio": {
                "account_sid": ACCOUNT_SID,
                "public_url": PUBLIC_URL,
                "sms_from": CLINIC,
                "goodbye_url": GOODBYE_URL,
            },
            "cloud": {"enabled": bool(cloud_url)},
        }
        if rest_url:
            self._tree["twilio"]["api_url"] = rest_url
        if cloud_url:
            self._tree["cloud"]["url"] = f"{cloud_url}/realtime"
        for section, values in (settings or {}).items():
            self._tree.setdefault(section, {}).update(values)
        self._process: Process | None = None

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / "data" / "attendant.db"

    @property
    def public_base(self) -> str:
        """Where the public listener really is."""
        return f"http://127.0.0.1:{self.ports['public']}"

    @property
    def local_base(self) -> str:
        """Where the loopback listener is."""
        return f"http://127.0.0.1:{self.ports['local']}"

    @property
    def pid(self) -> int:
        """The bridge's process."""
        if self._process is None:
            raise BoxFailed("the bridge was not started")
        return self._process.pid

    def prepare(self) -> None:
        """Write settings, secrets and staff's rows; what is there already stays."""
        secrets = self.folder / "data" / "secrets"
        secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in (("twilio_auth_token", AUTH_TOKEN), ("openai_api_key", self._api_key)):
            path = secrets / name
            path.touch(mode=0o600)
            path.write_text(text)
        self.config.write_text(_toml(self._tree))
        migrate(self.database)
        before, own = folders.looked_in(), self._tree["box"].get("languages_dir")
        folders.look_in(before if own is None else Path(own))
        db = database.connect(self.database)
        try:
            with database.immediate(db):
                self._write_office(db)
        finally:
            db.close()
            folders.look_in(before)

    def keep_ports(self) -> None:
        """Have a bridge that is started again listen where this one does."""
        self._tree["listen"].update(public_port=self.ports["public"], local_port=self.ports["local"])
        self.config.write_text(_toml(self._tree))

    def forget_key(self) -> None:
        """Remove the cloud's key from the disk; a bridge that runs has read it."""
        (self.folder / "data" / "secrets" / "openai_api_key").unlink(missing_ok=True)

    def _write_office(self, db: Connection) -> None:
        self._staff.setdefault("menu", _menu(self._staff.get("language", DEFAULT_LANGUAGE)))
        for key, value in self._staff.items():
            office.set_value(db, key, value, at=AT, by="loopback")
        known = {line.name for line in office.departments(db)}
        for name, numbers, aliases in DEPARTMENTS:
            if name not in known:
                # Calls are played at any time of the day.
                office.add_department(db, name, numbers, aliases, "always")
        visits.replace(db, visits.checked(dict(self._bookable)), now=datetime.now(UTC))

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.prepare)
        await self.start()
        return self

    async def start(self) -> None:
        """Start the bridge and wait until it listens. Raises BoxFailed with its log."""
        with self.log_path.open("ab") as log:
            self._process = await self._run("bridge", errors=log, environment=self.environment)
        try:
            async with asyncio.timeout(READY_S):
                line = await self._process.stdout.readline() if self._process.stdout else b""
            self.ports = orjson.loads(line)
        except (TimeoutError, orjson.JSONDecodeError) as exc:
            await self.stop()
            raise BoxFailed(self.log_path.read_text("utf-8", "replace")[-4000:]) from exc

    async def _run(
        self, *command: str, errors: IO[bytes], environment: Mapping[str, str] | None = None
    ) -> Process:
        begin = type(self).begin
        if begin is not None and self._program == USUAL and not environment:
            return await begin(["--config", str(self.config), *command], errors.fileno())
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self._program, "--config", str(self.config), *command),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )

    @asynccontextmanager
    async def beside(self, command: str) -> AsyncIterator[Process]:
        """Run another process of the box, such as the worker, which has begun when this is entered."""
        with self.log_path.open("ab") as log:
            process = await self._run(command, errors=log)
        try:
            async with asyncio.timeout(READY_S):
                line = await process.stdout.readline() if process.stdout else b""
            if not line:
                raise BoxFailed(self.log_path.read_text("utf-8", "replace")[-4000:])
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            async with asyncio.timeout(STOP_S):
                await process.wait()

    async def printed(self, *command: str) -> str:
        """What a command prints. Raises BoxFailed with the log when it does not end well."""
        with self.log_path.open("ab") as log:
            process = await self._run(*command, errors=log)
        async with asyncio.timeout(READY_S):
            said, _ = await process.communicate()
        if process.returncode:
            raise BoxFailed(self.log_path.read_text("utf-8", "replace")[-4000:])
        return said.decode()

    def signal(self, number: signal.Signals) -> None:
        """Send the bridge a signal, such as SIGKILL or SIGSTOP."""
        os.kill(self.pid, number)

    async def ended(self) -> int:
        """Wait for the bridge's end and return its status."""
        return await self._process.wait() if self._process else 0

    async def stop(self) -> None:
        """Stop the bridge if it runs: kindly first."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
