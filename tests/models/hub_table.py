"""A small table of weights, and the hub that has them.

May import: tests.peers.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path

from models.weights import table
from models.weights.answers import FetchFailed
from models.weights.fetch import Arrived
from models.weights.table import Table, Weights
from tests.peers.hub import HubPeer

REVISION = "ab" * 20
BIG = random.Random(1).randbytes(600_000)
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
