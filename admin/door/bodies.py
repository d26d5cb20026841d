"""How much may be sent in a request: a form; a document where one is given, by who may give it.

What is larger is refused by its head, and is neither received nor kept.
May import: the standard library, flask, waitress, werkzeug, admin.
"""

import copy
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from werkzeug.exceptions import HTTPException

from admin import permits
from admin.door import guard


def channel_of(app: Flask) -> type[HTTPChannel]:
    """Connections to an application, whose own limit is that of forms."""

    class Parser(HTTPRequestParser):  # type: ignore[misc]
        """Reads one request. What it is made from has no types."""

        adj: Any

        def parse_header(self, header_plus: bytes) -> None:
            """Read the head; with it is known how much may follow."""
            super().parse_header(header_plus)
            endpoint = _endpoint(app, self.path, self.command)
            most = permits.BODIES.get(endpoint, 0)
            if most and guard.would_let_in(app, self.headers.get("COOKIE", ""), endpoint):
                roomy = copy.copy(self.adj)
                roomy.max_request_body_size = most
                self.adj = roomy

    class Channel(HTTPChannel):  # type: ignore[misc]
        """One connection."""

        parser_class = Parser

    return Channel


def _endpoint(app: Flask, path: str, method: str) -> str:
    """The endpoint of an address; empty where there is none."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path, method)
    except HTTPException:
        return ""
    return str(endpoint)
