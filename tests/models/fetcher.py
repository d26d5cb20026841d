"""A fetch as a process of its own, to be killed in its middle: prints a line whenever bytes have come.

`python -m tests.models.fetcher TABLE MODELS URL`. May import: models.weights.
"""

import asyncio
import sys
from pathlib import Path

from models.weights import table
from models.weights.answers import FetchFailed
from models.weights.fetch import Arrived, fetch


class _Says:
    def begins(self, total: int, have: int) -> None:
        print("begins", total, have, flush=True)

    def moved(self, by: int) -> None:
        print("moved", by, flush=True)

    def waits(self, failure: FetchFailed, pause_s: float) -> None:
        print("waits", pause_s, failure, flush=True)

    def arrived(self, what: Arrived) -> None:
        print("arrived", what.weights.name, flush=True)


def main() -> None:
    known = table.load(Path(sys.argv[1]))
    asyncio.run(fetch(known.weights, Path(sys.argv[2]), sys.argv[3], _Says(), spare=0))


if __name__ == "__main__":
    main()
