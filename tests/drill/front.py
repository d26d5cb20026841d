"""The real front on loopback: nginx by our configuration, the real admin behind it on a socket it is handed.

May import: the standard library, appliance.core, appliance.service.certificate, tests.admin.
"""

import getpass
import http.client
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

from appliance.service.certificate.kept import Folder
from appliance.service.certificate.making import Names
from tests.admin.process import ENVIRONMENT, ROOT, WAIT_S, Browser, attendant, prepare

NAME = "attendant.lan"
CONF = ROOT / "systemd/front.conf"
NAMES = Names((NAME, "localhost"), (IPv4Address("127.0.0.1"),))
HAND_OVER = 'exec 3<&"$1"; shift; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
"""What systemd does of a socket unit."""


@dataclass(frozen=True, slots=True)
class Front:
    """A front that runs, and what is behind it."""

    folder: Path
    config: Path
    plain: int
    secure: int
    admin: subprocess.Popen[str]

    @property
    def certificate(self) -> Folder:
        """Its certificate."""
        return Folder(self.folder / "certificate")

    @property
    def told(self) -> str:
        """What it has written down: who asked, and what went wrong."""
        return "".join((self.folder / name).read_text() for name in ("access.log", "errors.log"))

    def connection(self, source: str = "127.0.0.1") -> http.client.HTTPSConnection:
        """A connection over TLS as of a browser that trusts the box's authority."""
        context = ssl.create_default_context(cafile=str(self.certificate.authority_file))
        return http.client.HTTPSConnection(
            "localhost", self.secure, timeout=WAIT_S, context=context, source_address=(source, 0)
        )

    def browser(self, source: str = "127.0.0.1") -> Browser:
        """A browser at an address of its own."""
        return Browser(self.secure, self.connection(source))


@contextmanager
def fronted(folder: Path, bridge: int) -> Iterator[Front]:
    """A front before a box with a clinic's morning in it; the bridge's own port is somebody else's."""
    config = prepare(folder)
    config.write_text(f'{config.read_text()}[front]\nname = "{NAME}"\n')
    Folder(folder / "certificate").renew(NAMES, datetime.now(UTC))
    with ExitStack() as stack:
        behind = stack.enter_context(socket.socket(socket.AF_UNIX))
        behind.bind(str(folder / "admin.sock"))
        behind.listen()
        plain, secure = (stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2))
        ports = plain.getsockname()[1], secure.getsockname()[1]
        errors = stack.enter_context((folder / "errors.log").open("w"))
        admin = stack.enter_context(_admin(config, behind))
        (folder / "front.conf").write_text(_placed(folder, *ports, bridge))
        command = ["nginx", "-e", "stderr", "-c", str(folder / "front.conf")]
        # It finds its sockets open already: whoever asks before it has begun is answered then.
        handed = {**os.environ, "NGINX": f"{plain.fileno()};{secure.fileno()};"}
        nginx = stack.enter_context(
            subprocess.Popen(command, stderr=errors, env=handed, pass_fds=(plain.fileno(), secure.fileno()))
        )
        stack.callback(nginx.terminate)
        yield Front(folder, config, *ports, admin)


@contextmanager
def _admin(config: Path, behind: socket.socket) -> Iterator[subprocess.Popen[str]]:
    command = ["bash", "-c", HAND_OVER, "handed", str(behind.fileno()), *attendant(config, "admin")]
    with (
        (config.parent / "admin.log").open("w") as log,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=ENVIRONMENT,
            pass_fds=(behind.fileno(),),
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert process.stdout.readline(), (config.parent / "admin.log").read_text()
            yield process
        finally:
            process.terminate()
            process.wait(WAIT_S)


def _placed(folder: Path, plain: int, secure: int, bridge: int) -> str:
    """The configuration as it is shipped, with other places."""
    text = CONF.read_text("utf-8")
    places = {
        "/run/attendant-front/": f"{folder}/",
        "/run/attendant-admin.sock": f"{folder}/admin.sock",
        "/var/lib/attendant-certificate/": f"{folder}/certificate/",
        "listen 80 ": f"listen 127.0.0.1:{plain} ",
        "listen 443 ": f"listen 127.0.0.1:{secure} ",
        "http://127.0.0.1:8081": f"http://127.0.0.1:{bridge}",
    }
    for shipped, here in places.items():
        assert shipped in text
        text = text.replace(shipped, here)
    text, logs = re.subn(r"syslog:server=\S+", f"{folder}/access.log", text)
    assert logs == 1
    return f"user {getpass.getuser()};\n{text}" if os.geteuid() == 0 else text
