"""Serves the pages by waitress, on one socket: one of our own, or that which systemd opens for the front.

May import: waitress, admin, appliance.core.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import waitress
from flask import Flask

from admin.app import BODY_MOST
from admin.door import bodies
from appliance.core.errors import SettingsError
from appliance.core.settings import Listen

THREADS = 4
CONNECTIONS = 100
IDLE_S = 60


FIRST_HANDED = 3
"""The number under which systemd hands a socket over: sd_listen_fds(3)."""

FRONT = {
    # On a Unix socket nobody speaks but the front, which says for whom.
    "trusted_proxy": "localhost",
    "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    "trusted_proxy_count": 1,
}


def handed() -> socket.socket | None:
    """The socket that systemd opened for us; None when it has opened none."""
    told = (os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", ""))
    if told != (str(os.getpid()), "1"):
        return None
    bound = socket.socket(fileno=FIRST_HANDED)
    bound.set_inheritable(False)
    return bound


def bind(listen: Listen) -> socket.socket:
    """The socket that the pages are served on. Raises SettingsError when it cannot be had."""
    host, port = listen.admin_host, listen.admin_port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as exc:
        raise SettingsError([f"[listen] {host}:{port} cannot be listened on: {exc.strerror}."]) from exc


def serve(app: Flask, bound: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Answer requests until the process is told to stop; `ready` is called when the first can be."""
    server = waitress.create_server(
        app,
        sockets=[bound],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_S,
        max_request_body_size=BODY_MOST,
        max_request_header_size=16 * 1024,
        ident=None,
        **(FRONT if bound.family == socket.AF_UNIX else {}),
    )
    server.channel_class = bodies.channel_of(app)
    signal.signal(signal.SIGTERM, _stop)
    ready()
    server.run()


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)
