"""How much may be sent in a request: a form; a document where one is given, by who was let in.

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
            most = _most(app, self.path, self.command)
            if most and guard.was_let_in(app, self.headers.get("COOKIE", "")):
                roomy = copy.copy(self.adj)
                roomy.max_request_body_size = most
                self.adj = roomy

    class Channel(HTTPChannel):  # type: ignore[misc]
        """One connection."""

        parser_class = Parser

    return Channel


def _most(app: Flask, path: str, method: str) -> int:
    """What the endpoint of an address takes; 0 for that of forms."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path, method)
    except HTTPException:
        return 0
    return permits.BODIES.get(endpoint, 0)
