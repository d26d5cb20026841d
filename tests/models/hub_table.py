"""A small table of weights, the hub that has them, and a fetch that is watched.

May import: models.weights, tests.peers.
"""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.weights import table
from models.weights.answers import FetchFailed
from models.weights.fetch import Arrived, fetch
from models.weights.hub import Patience
from models.weights.table import Table, Weights
from tests.peers.hub import HubPeer

REVISION = "ab" * 20
BIG = random.Random(1).randbytes(600_000)
DEADLINE_S = 30
SMALL = b'{"rate": 16000}\n'


def text(*, big: str = "", small: str = "", name: str = "tiny") -> str:
    """A table with one entry of two files; a file without a sha256 is unpinned."""
    return f"""
[[weights]]
name = "{name}"
kind = "voice"
what = "A voice for tests"
languages = ["en"]
default = true
licence = "CC0"
licence_at = "https://example.com/licence"
source = "clinic/voices"
revision = "{REVISION}"
cited = "someone/somewhere@0000000 list.json"

[[weights.files]]
path = "en/config.json"
{f"size = {len(SMALL)}" if small else ""}
{f'sha256 = "{small}"' if small else ""}

[[weights.files]]
path = "en/model.bin"
{f"size = {len(BIG)}" if big else ""}
{f'sha256 = "{big}"' if big else ""}
"""


def fill(hub: HubPeer) -> tuple[str, str]:
    """Put the two files into the hub; their checksums, the big one's first."""
    return hub.put("en/model.bin", BIG), hub.put("en/config.json", SMALL, lfs=False)


def pinned(hub: HubPeer, folder: Path) -> Path:
    """The file of a table that knows what the hub has."""
    big, small = fill(hub)
    path = folder / "weights.toml"
    path.write_text(text(big=big, small=small))
    return path


def unpinned(hub: HubPeer, folder: Path) -> Path:
    """The file of a table that knows no checksum of what the hub has."""
    fill(hub)
    path = folder / "weights.toml"
    path.write_text(text())
    return path


def only(path: Path) -> tuple[Table, Weights]:
    """A table and its one entry."""
    known = table.load(path)
    return known, known.weights[0]


@dataclass
class Seen:
    """Watches a fetch."""

    total: int = 0
    came: int = 0
    moves: list[int] = field(default_factory=list)
    waited: list[tuple[str, float]] = field(default_factory=list)
    done: list[Arrived] = field(default_factory=list)

    def begins(self, total: int, have: int) -> None:
        self.total, self.came = total, have

    def moved(self, by: int) -> None:
        self.came += by
        self.moves.append(by)

    def waits(self, failure: FetchFailed, pause_s: float) -> None:
        self.waited.append((str(failure), pause_s))

    def arrived(self, what: Arrived) -> None:
        self.done.append(what)


class Clock:
    """Waits for nobody, and knows how long it was asked to."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def patience(clock: Clock | None = None, **given: Any) -> Patience:
    return Patience(**({"pauses_s": (0.0, 0.0, 0.0)} | given), sleep=(clock or Clock()).sleep)


async def bring(hub: HubPeer, path: Path, models: Path, **given: Any) -> Seen:
    """One fetch of everything in a table."""
    seen, spare = Seen(), given.pop("spare", 0)
    known = only(path)[0]
    async with asyncio.timeout(DEADLINE_S):
        await fetch(known.weights, models, hub.url, seen, patience=patience(**given), spare=spare)
    return seen


def whole(models: Path) -> bool:
    """Whether both files are there with the right bytes, and nothing else but notes."""
    folder = models / "tiny"
    names = {path.name for path in folder.iterdir()} - {"pins.json", "verified.json"}
    assert names == {"model.bin", "config.json"}
    return (folder / "model.bin").read_bytes() == BIG and (folder / "config.json").read_bytes() == SMALL
