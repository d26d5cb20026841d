"""What a call took and cost: the [measures] section, and what must hold of the figures of any call.

The prices are read from the table anew, and the tokens from what the service sent: nothing of the product
counts here. May import: the standard library, appliance.core.events, appliance.store, tests.peers.realtime.
"""

import math
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from appliance.core.events import Event, UsageMissed
from appliance.store.calls import SWEPT, WholeCall
from appliance.store.timings import ANSWERED
from appliance.store.usage import UsageRow
from tests.peers.realtime import Session

KINDS = ("text_in", "text_cached", "audio_in", "audio_cached", "text_out", "audio_out")
SHOWN = ("text_in", "audio_in", "text_out", "audio_out")
"""What was cached is not shown: whether something was depends on the length of the talk."""


def measures(whole: WholeCall, sessions: Sequence[Session]) -> list[str]:
    """The lines of a call."""
    models = sorted({row.model for row in whole.usage})
    return [
        f"timings: {' '.join(timing.name for timing in whole.timings) or '-'}",
        *(_used(model, [row for row in whole.usage if row.model == model]) for model in models),
        f"usage: {'as the service told' if _told(sessions) == _kept(whole.usage) else 'less than it told'}",
        f"cost: {_cost(whole)}",
    ]


def _used(model: str, rows: list[UsageRow]) -> str:
    if model in _table()["per_minute"]:
        return f"used of {model}: by the minute"
    kinds = [kind.replace("_", " ") for kind in SHOWN if any(getattr(row, kind) for row in rows)]
    return f"used of {model}: {', '.join(kinds) or 'nothing'}"


def _cost(whole: WholeCall) -> str:
    known = "" if whole.call.cost_complete else ", and what has no price"
    return ("more than nothing" if whole.call.cost_usd > 0 else "nothing") + known


def _kept(rows: Sequence[UsageRow]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for row in rows:
        counted.update({kind: getattr(row, kind) for kind in KINDS})
        if a_minute := _table()["per_minute"].get(row.model):
            counted["ms"] += round((row.cost_usd or 0.0) / a_minute * 60_000)
    return counted


def _told(sessions: Sequence[Session]) -> Counter[str]:
    """The tokens of all answers, and the tokens or the ms of all transcriptions, as sent."""
    counted: Counter[str] = Counter()
    for session in sessions:
        for event in session.sent_of("response.done"):
            counted.update(_of_answer(event["response"].get("usage") or {}))
        for event in session.sent_of("conversation.item.input_audio_transcription.completed"):
            counted.update(_of_transcription(event.get("usage") or {}))
    return counted


def _of_answer(usage: dict[str, Any]) -> dict[str, int]:
    into, out = usage.get("input_token_details", {}), usage.get("output_token_details", {})
    cached = into.get("cached_tokens_details", {})
    found = {}
    for kind in ("text", "audio"):
        found[f"{kind}_cached"] = cached.get(f"{kind}_tokens", 0)
        found[f"{kind}_in"] = into.get(f"{kind}_tokens", 0) - found[f"{kind}_cached"]
        found[f"{kind}_out"] = out.get(f"{kind}_tokens", 0)
    return found


def _of_transcription(usage: dict[str, Any]) -> dict[str, int]:
    if usage.get("type") == "duration":
        return {"ms": round(usage["seconds"] * 1000)}
    into = usage.get("input_token_details", {})
    return {
        "text_in": into.get("text_tokens", 0),
        "audio_in": into.get("audio_tokens", 0),
        "text_out": usage.get("output_tokens", 0),
    }


# Of any call ---------------------------------------------------------------------------------------------


def wrong(whole: WholeCall, happened: Sequence[Event]) -> Iterator[str]:
    """What does not hold of the figures of a call that was kept."""
    for row in whole.usage:
        due = _price(row)
        if due is not None and not _same(row.cost_usd or 0.0, due):
            yield f"an answer of {row.model} costs {row.cost_usd}, by the table {due}"
    if not _same(whole.call.cost_usd, sum(row.cost_usd or 0.0 for row in whole.usage)):
        yield f"the call costs {whole.call.cost_usd}, which is not the sum of its answers"
    known = all(row.cost_usd is not None for row in whole.usage)
    told = not any(isinstance(event, UsageMissed) for event in happened)
    # Of a call whose process died it depends on what was under way.
    if whole.call.reason != SWEPT and whole.call.cost_complete != (known and told):
        yield "the cost is not complete, or says so wrongly"
    ends = [timing.at_ms for timing in whole.timings]
    if ends != sorted(ends) or any(not 0 <= timing.ms <= timing.at_ms for timing in whole.timings):
        yield f"the timings are out of order: {whole.timings}"
    if whole.timings and whole.timings[0].name != ANSWERED:
        yield f"something was timed before the call was answered: {whole.timings}"


def _price(row: UsageRow) -> float | None:
    """By the table; None for what is paid by the minute, or has no price."""
    rates = _table()["models"].get(row.model)
    return None if rates is None else sum(getattr(row, kind) * rates[kind] for kind in KINDS) / 1e6


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


@cache
def _table() -> dict[str, Any]:
    tree = tomllib.loads((files("models.realtime") / "prices.toml").read_text("utf-8"))
    by_name = {name: row for row in tree["model"] for name in row["names"]}
    return {"models": by_name, "per_minute": tree["per_minute"]}
