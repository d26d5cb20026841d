"""Two phones that call each other directly, as most tests of the phone want them.

May import: the standard library, this package.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.peers.phone.call import PhoneCall
from tests.peers.phone.phone import Phone
from tests.peers.phone.transaction import Timers

QUICK = Timers(t1_s=0.03, t2_s=0.15, t4_s=0.15, ring_s=20.0)
"""A network in which what takes half a second takes 30 ms."""


@asynccontextmanager
async def two_phones(
    anna: dict[str, Any] | None = None, ben: dict[str, Any] | None = None, **both: Any
) -> AsyncIterator[tuple[Phone, Phone]]:
    """Anna and Ben, each as asked, side by side."""
    async with (
        Phone("anna", display="Anna B.", **{"timers": QUICK, **both, **(anna or {})}) as one,
        Phone("ben", **{"timers": QUICK, **both, **(ben or {})}) as other,
    ):
        yield one, other


async def connected(caller: Phone, called: Phone) -> tuple[PhoneCall, PhoneCall]:
    """Both sides of a new call that is up."""
    before = len(called.incoming)
    call = await caller.dial(called.uri)
    await call.answered()
    return call, await (await called.rung(before + 1)).answered()
