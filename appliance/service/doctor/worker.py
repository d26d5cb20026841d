"""The worker as a doctor sees it: whether it runs, what it says of itself, and what waits while it does not.

May import: the standard library, aiohttp, appliance.core, appliance.store.
"""

from datetime import UTC, datetime

import aiohttp

from appliance.core.examined import Examined, missing, note, well
from appliance.core.settings import Settings
from appliance.store import job_counts
from appliance.store.errors import StoreError
from appliance.store.job_counts import Counts
from appliance.store.jobs import State

ASK_S = 3.0
START = "start attendant-worker"
SERVED = frozenset({"bell", "jobs"})
"""Parts without which jobs are done all the same, or which somebody has to look at."""

EXAMINED = frozenset({"backup"})
"""Parts that the doctor looks at itself."""


async def examined(settings: Settings, now: datetime | None = None) -> list[Examined]:
    """Ask it, and look at what is owed."""
    base = f"http://127.0.0.1:{settings.listen.worker_port}"
    counts = _counts(settings, now or datetime.now(UTC))
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASK_S)) as http,
            http.get(f"{base}/healthz") as answer,
        ):
            told = await answer.json()
            parts = {str(name): dict(part) for name, part in told["parts"].items()}
    except TimeoutError:
        return [missing("worker", f"it hangs: nothing comes from {base} within {ASK_S:g} s. Restart it.")]
    except (aiohttp.ClientError, ValueError, KeyError, TypeError, AttributeError):
        return [_away(base, counts)]
    found = [well("worker", f"answers at {base}; {_told(counts)}")]
    for name, part in parts.items():
        if name not in EXAMINED and not part.get("well", True):
            found.append((note if name in SERVED else missing)(f"worker: {name}", f"{part.get('told')}."))
    return found


def _away(base: str, counts: Counts | None) -> Examined:
    told = f"it does not answer at {base}"
    if counts is not None and not counts.due and not counts.of(State.RUNNING):
        return note("worker", f"{told}; nothing is due now, and nothing will be done before you {START}.")
    return missing("worker", f"{told}, and {_told(counts)}: {START}.")


def _told(counts: Counts | None) -> str:
    if counts is None:
        return "what is owed cannot be read"
    named = {0: "no job is due", 1: "1 job is due"}
    return named.get(counts.due, f"{counts.due} jobs are due")


def _counts(settings: Settings, now: datetime) -> Counts | None:
    """What is owed; None when the database does not say, which its own line does."""
    try:
        return job_counts.of_file(settings.database, now)
    except StoreError:
        return None
