"""TLS on loopback: what is served, and a browser's look at it by OpenSSL, which holds names to constraints.

May import: the standard library.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def served(pem: Path) -> Iterator[int]:
    """A server with a key and a chain, as the front has them; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    taken, _ = listening.accept()
                    with suppress(OSError), context.wrap_socket(taken, server_side=True) as opened:
                        opened.recv(1)

        serving = threading.Thread(target=answer)
        serving.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            serving.join()


def problem(port: int, name: str, authority: Path) -> str:
    """What keeps whoever trusts an authority from opening that name; empty when nothing does."""
    context = ssl.create_default_context(cafile=str(authority))
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=name),
        ):
            return ""
    except ssl.SSLCertVerificationError as exc:
        return exc.verify_message
