"""What answers cost, and which models end when: a table that is data. No network.

May import: the standard library, appliance.core.
"""

import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from appliance.core.errors import SettingsError

KINDS = ("text_in", "text_cached", "audio_in", "audio_cached", "text_out", "audio_out")
LONGEST_S = 86_400
SOON = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one answer; what was cached is not counted as in again."""

    text_in: int = 0
    text_cached: int = 0
    audio_in: int = 0
    audio_cached: int = 0
    text_out: int = 0
    audio_out: int = 0


@dataclass(frozen=True, slots=True)
class Prices:
    """The price table: dollars per million tokens by model and kind, and announced ends of models."""

    as_of: str
    of_model: dict[str, dict[str, float]]
    ends: dict[str, date]
    per_minute: dict[str, float] = field(default_factory=dict)

    def cost_of_usage(self, model: str, usage: Any) -> float | None:
        """What a `usage` object says was used costs, by tokens or by duration; None when not known."""
        if not isinstance(usage, dict) or usage.get("type") != "duration":
            return self.cost_usd(model, tokens_of(usage))
        a_minute = self.per_minute.get(model)
        return None if a_minute is None else _seconds(usage) / 60 * a_minute

    def cost_usd(self, model: str, tokens: Tokens) -> float | None:
        """What these tokens cost; None when the model has no price."""
        rates = self.of_model.get(model)
        if rates is None:
            return None
        return sum(float(getattr(tokens, kind)) * rates[kind] for kind in KINDS) / 1_000_000

    def knows(self, model: str) -> bool:
        """Whether the model has a price."""
        return model in self.of_model or model in self.per_minute

    def notices(self, models: tuple[str, ...], today: date) -> list[str]:
        """What is to be known about these models: one without a price, one that has ended or ends soon."""
        said = []
        for model in filter(None, models):
            if not self.knows(model):
                said.append(
                    f"The model {model} has no price in the table of {self.as_of}: what calls cost with it "
                    "is unknown. Enter its price in a table of your own, [cloud] prices_file."
                )
            end = self.ends.get(model)
            if end is not None and end - today <= SOON:
                said.append(self.warning(model, today))
        return said

    def warning(self, model: str, today: date) -> str:
        """A sentence about the model's announced end; empty when it has none."""
        end = self.ends.get(model)
        if end is None:
            return ""
        if end <= today:
            return f"The model {model} was shut down on {end:%Y-%m-%d}: choose another in [cloud]."
        return f"The model {model} will be shut down on {end:%Y-%m-%d}: choose another in [cloud]."


def load(path: Path | None = None) -> Prices:
    """Read the table that comes with the product, or another one. Raises SettingsError."""
    source = path or files("models.realtime") / "prices.toml"
    try:
        tree = tomllib.loads(source.read_text("utf-8"))
        return _table(tree)
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as exc:
        raise SettingsError([f"The price table {source} cannot be used: {exc}."]) from exc


def _table(tree: dict[str, Any]) -> Prices:
    of_model: dict[str, dict[str, float]] = {}
    ends = {name: date.fromisoformat(end) for name, end in tree.get("ends", {}).items()}
    per_minute = {name: float(price) for name, price in tree.get("per_minute", {}).items()}
    for row in tree["model"]:
        rates = {kind: float(row[kind]) for kind in KINDS}
        of_model.update(dict.fromkeys(row["names"], rates))
        ends.update({name: date.fromisoformat(end) for name, end in row.get("shutdown", {}).items()})
    return Prices(str(tree["as_of"]), of_model, ends, per_minute)


def tokens_of(usage: Any) -> Tokens:
    """The tokens in a `usage` object of the service; any field may be missing or null."""
    into = _sub(usage, "input_token_details")
    cached = _sub(into, "cached_tokens_details")
    out = _sub(usage, "output_token_details")
    # Without details the kinds are those of a transcription: it hears audio and writes text.
    into = into or {"audio_tokens": _whole(usage, "input_tokens")}
    out = out or {"text_tokens": _whole(usage, "output_tokens")}
    text_cached, audio_cached = _count(cached, "text_tokens"), _count(cached, "audio_tokens")
    return Tokens(
        text_in=max(0, _count(into, "text_tokens") - text_cached),
        text_cached=text_cached,
        audio_in=max(0, _count(into, "audio_tokens") - audio_cached),
        audio_cached=audio_cached,
        text_out=_count(out, "text_tokens"),
        audio_out=_count(out, "audio_tokens"),
    )


def _sub(tree: Any, key: str) -> dict[str, Any]:
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, dict) else {}


def _whole(usage: Any, key: str) -> int:
    return _count(usage, key) if isinstance(usage, dict) else 0


def _seconds(usage: Any) -> float:
    found = usage.get("seconds") if isinstance(usage, dict) else None
    return float(found) if isinstance(found, int | float) and 0 < found < LONGEST_S else 0.0


def _count(tree: dict[str, Any], key: str) -> int:
    found = tree.get(key)
    return found if isinstance(found, int) and found > 0 else 0
