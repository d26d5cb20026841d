"""The Asterisk tree of the tests, made once by the real scripts/asterisk-tree and kept in the cache.

Takes root. May import: the standard library, tests.drill.debian_tree.
"""

import functools
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.drill.debian_tree import ROOT, cache_folder

SCRIPT = ROOT / "scripts/asterisk-tree"
MAKE_S = 900


def asterisk(*arguments: str | Path, timeout_s: float = MAKE_S) -> subprocess.CompletedProcess[str]:
    """Run scripts/asterisk-tree; both of its outputs come in `stdout`."""
    return subprocess.run(
        [SCRIPT, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@functools.cache
def asterisk_tree() -> Path:
    """The tree, made at the first call if it is not there. Raises RuntimeError with what the script said."""
    tree = cache_folder() / asterisk("name").stdout.strip()
    made = asterisk("make", tree)
    if made.returncode != 0:
        raise RuntimeError(made.stdout)
    return tree


@contextmanager
def place_for_trees() -> Iterator[Path]:
    """An empty folder on the disk of the cache, gone with all in it when this is left."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="asterisk-test-", dir=cache_folder()) as folder:
        yield Path(folder)


def own_tree(place: Path) -> Path:
    """A whole tree to change and to remove, in a place for trees; its files are links, which take no room."""
    tree = place / "tree"
    subprocess.run(["cp", "-al", asterisk_tree(), tree], check=True)
    return tree
