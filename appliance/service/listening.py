"""Serving an application on a port of this machine, by the same rules for every process.

May import: the standard library, aiohttp, appliance.core.
"""

from contextlib import AsyncExitStack

from aiohttp import web

from appliance.core.errors import SettingsError

STOP_S = 5.0
HEADERS_S = 5.0


async def listen_on(
    stack: AsyncExitStack, app: web.Application, host: str, port: int, headers_s: float = HEADERS_S
) -> int:
    """Serve an application; return its port. Raises SettingsError when the port cannot be had.

    A connection on which no whole request has come for `headers_s` is closed.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=STOP_S,
        handle_signals=False,
        # It counts from the connection's beginning, and until the headers of a request are whole.
        keepalive_timeout=headers_s,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, host, port, backlog=256)
    try:
        await site.start()
    except OSError as exc:
        raise SettingsError([f"[listen] {host}:{port} cannot be listened on: {exc.strerror}."]) from exc
    address = runner.addresses[0]
    return int(address[1])
