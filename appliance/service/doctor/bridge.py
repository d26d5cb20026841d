"""The bridge as a doctor sees it: what it says of its own parts, a line for each that is not well.

May import: the standard library, aiohttp, appliance.core.
"""

from collections.abc import AsyncIterator, Mapping

import aiohttp

from appliance.core.examined import Examined, missing, note, well

ASK_S = 3.0
SERVED = frozenset({"cloud", "twilio", "detector", "local", "recognition", "synthesis", "tasks"})
"""Parts without which callers get less, and get it all the same; the others have to be well."""
EXAMINED = frozenset({"self-call", "disk"})
"""Parts that the doctor looks at itself."""


async def examined(local_base: str) -> AsyncIterator[Examined]:
    """Ask it."""
    try:
        timeout = aiohttp.ClientTimeout(total=ASK_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.get(f"{local_base}/healthz") as answer,
        ):
            told = await answer.json()
            parts = {str(name): dict(part) for name, part in told["parts"].items()}
    except TimeoutError:
        yield missing("bridge", f"it hangs: nothing comes from {local_base} within {ASK_S:g} s. Restart it.")
        return
    except (aiohttp.ClientError, ValueError, KeyError, TypeError, AttributeError):
        yield missing("bridge", f"it does not answer at {local_base}: start attendant-bridge.")
        return
    yield well("bridge", f"answers at {local_base}")
    for name, part in parts.items():
        if name not in EXAMINED and (not part.get("well", True) or part.get("unreachable")):
            yield _part(name, part)


def _part(name: str, part: Mapping[str, object]) -> Examined:
    """A part that is not well, or of which something is to be said."""
    sentence = str(part.get("told") or "")
    if part.get("well", True):
        away = part.get("unreachable")
        named = ", ".join(map(str, away)) if isinstance(away, list) else ""
        return note(name, f"{named} cannot be reached: is it on, and set up as `attendant phones show` says?")
    said = (
        sentence + "." * (not sentence.endswith("?"))
        if sentence
        else f"{part.get('state')}; docs/metrics.md tells what that means."
    )
    return (note if name in SERVED else missing)(name, said)
