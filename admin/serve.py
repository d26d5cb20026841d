"""Serves the pages by waitress, on one socket.

May import: waitress, admin, appliance.core.
"""

import signal
import socket
import sys
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


def bind(listen: Listen) -> socket.socket:
    """The socket that the pages are served on. Raises SettingsError when it cannot be had."""
    host, port = listen.admin_host, listen.admin_port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as exc:
        raise SettingsError([f"[listen] {host}:{port} cannot be listened on: {exc.strerror}."]) from exc


def serve(app: Flask, bound: socket.socket) -> None:
    """Answer requests until the process is told to stop."""
    server = waitress.create_server(
        app,
        sockets=[bound],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_S,
        max_request_body_size=BODY_MOST,
        max_request_header_size=16 * 1024,
        ident=None,
    )
    server.channel_class = bodies.channel_of(app)
    signal.signal(signal.SIGTERM, _stop)
    server.run()


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)
