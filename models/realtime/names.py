"""Name look-ups that cannot hold anything up: c-ares on the loop, a short deadline, a memory.

The system's resolver takes 10 s to notice a dead name server and fills the threads that others need. This
one asks beside them, and when nobody answers, the last good address serves. May import: aiohttp, aiodns.
"""

import asyncio
import socket
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import AsyncResolver

ASK_S = 0.6


class RememberingResolver(AbstractResolver):
    """Resolves within 0.6 s or from memory; raises OSError when it knows nothing.

    It asks the machine's name servers, or these (`127.0.0.1:53`).
    """

    def __init__(self, nameservers: Sequence[str] | None = None) -> None:
        self._resolver = AsyncResolver(nameservers=nameservers, timeout=ASK_S / 2, tries=2)
        self._known: dict[tuple[str, int, int], list[ResolveResult]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host, fresh or remembered."""
        key = (host, port, int(family))
        try:
            async with asyncio.timeout(ASK_S):
                found = await self._resolver.resolve(host, port, family)
        except (OSError, TimeoutError) as exc:
            if key in self._known:
                return self._known[key]
            raise OSError(None, f"no address for {host}") from exc
        self._known[key] = found
        return found

    async def close(self) -> None:
        """Let go of the sockets."""
        await self._resolver.close()
