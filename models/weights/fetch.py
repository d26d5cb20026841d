"""Brings weights from the hub: goes on where it ended, checks every byte, and puts files in place whole.

What a file must be comes from the table or from a pin; where neither says, from the hub's own listing, and
what came is pinned. May import: the standard library, appliance.core, models.weights.
"""

import fcntl
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from appliance.core.errors import WireError
from models.weights import folder, notes
from models.weights.answers import FetchFailed, Offer
from models.weights.bringing import Bringing, Moved, Owed
from models.weights.checksum import Checksum, sha256_of
from models.weights.hub import Hub, Patience
from models.weights.notes import Pin
from models.weights.table import File, Weights
from models.weights.tries import Tries

SPARE = 200_000_000
"""Bytes of the disk that stay free: the calls need them more."""


class Watcher(Moved, Protocol):
    """Sees a fetch go on."""

    def begins(self, total: int, have: int) -> None:
        """So many bytes are to come in all, and so many of them are there from an earlier time."""

    def arrived(self, what: "Arrived") -> None:
        """An entry is there and whole."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """An entry that is there now. `pinned` are the files whose checksum came from the hub alone."""

    weights: Weights
    files: int
    pinned: dict[str, Pin] = field(default_factory=dict)


async def fetch(
    wanted: Sequence[Weights],
    models: Path,
    url: str,
    watcher: Watcher,
    *,
    patience: Patience | None = None,
    spare: int = SPARE,
) -> None:
    """Bring what is wanted and not there. Raises FetchFailed; what came until then is kept."""
    patience = patience or Patience()
    with _alone(models):
        async with Hub(url, patience) as hub:
            on_the_way = {
                weights.name: await _owed(hub, weights, models, Tries(patience, watcher.waits))
                for weights in wanted
            }
            every = [one for some in on_the_way.values() for one in some]
            total, have = sum(one.owed.size for one in every), sum(one.have for one in every)
            _room_for(models, total - have, spare)
            watcher.begins(total, have)
            for weights in wanted:
                mine = on_the_way[weights.name]
                pinned = {}
                for one in mine:
                    pin = await one.bring(hub, patience, watcher)
                    if one.owed.pins:
                        notes.pin(models / weights.name, one.owed.file.local, pin)
                        pinned[one.owed.file.local] = pin
                _settle(weights, models)
                watcher.arrived(Arrived(weights, len(mine), pinned))


def _settle(weights: Weights, models: Path) -> None:
    """Note that the files are right. Raises FetchFailed when something changed them meanwhile."""
    found = folder.state(weights, models)
    if found.condition != "there":
        raise FetchFailed(found.reason)


async def _owed(hub: Hub, weights: Weights, models: Path, tries: Tries) -> list[Bringing]:
    """What is to come for an entry: what is not there, and what is there and wrong."""
    place = models / weights.name
    pins = _place(place)
    listed: dict[str, Offer] = {}
    owed = []
    for file in weights.files:
        size, sha256 = folder.expected(file, pins)
        if sha256 is not None and _is_right(place / file.local, sha256):
            continue
        if size is None or sha256 is None:
            if file.path not in listed:
                listed |= await _listing(hub, weights, file, tries)
            owed.append(_by_listing(hub, weights, file, sha256, listed))
        else:
            owed.append(Owed(weights, file, size, Checksum("sha256", sha256), pins=False))
    return [Bringing(one, place) for one in owed]


def _place(place: Path) -> dict[str, Pin]:
    """Make an entry's folder; its pins. Every process of the box may read it, whoever fetched."""
    try:
        place.mkdir(exist_ok=True)
        place.chmod(0o755)
    except OSError as exc:
        raise FetchFailed(f"{place} cannot be written: {exc.strerror}.") from exc
    return notes.pins(place)


def _is_right(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path) == sha256


def _by_listing(hub: Hub, weights: Weights, file: File, sha256: str | None, listed: dict[str, Offer]) -> Owed:
    """What a file must be by our own word where there is one, by the hub's where not. Raises FetchFailed."""
    offer = listed.get(file.path)
    if offer is None:
        raise FetchFailed(f"{hub.host} does not have {file.path} of {weights.source}.")
    if sha256 is not None:
        return Owed(weights, file, offer.size, Checksum("sha256", sha256), pins=False)
    if offer.checksum is None:
        raise FetchFailed(
            f"{file.path} of {weights.source} was not taken: neither our table nor {hub.host} has a checksum "
            "of it that it could be held against."
        )
    return Owed(weights, file, offer.size, offer.checksum, pins=True)


async def _listing(hub: Hub, weights: Weights, file: File, tries: Tries) -> dict[str, Offer]:
    """What the hub says of the files beside this one. Raises FetchFailed."""
    while True:
        try:
            return await hub.listing(weights, file.path.rpartition("/")[0])
        except WireError as exc:
            raise FetchFailed(f"{hub.host} is no hub that we understand: {exc}.") from exc
        except FetchFailed as exc:
            await tries.again_after(exc)


def _room_for(models: Path, size: int, spare: int) -> None:
    free = shutil.disk_usage(models).free
    if size and free < size + spare:
        raise FetchFailed(
            f"The disk has too little room: {_mb(size)} are to come, {_mb(spare)} must stay free, and "
            f"{models} has {_mb(free)}."
        )


def _mb(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"


@contextmanager
def _alone(models: Path) -> Iterator[None]:
    """Keep a second fetch away; a killed one holds nothing up."""
    try:
        models.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        models.mkdir(mode=0o755, exist_ok=True)
        lock = (models / ".fetch.lock").open("w")
    except OSError as exc:
        raise FetchFailed(f"{models} cannot be written: {exc.strerror}.") from exc
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise FetchFailed("Another fetch is under way on this box: wait until it has ended.") from exc
        yield
