"""A clinic's first minutes and a developer's: both doors, from a clean checkout, on fresh Debian trees."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.drill.debian_tree import CHECKOUT, DebianTree, fresh_tree

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="Debian trees take root: debootstrap, mounts, chroot"),
]

INSTALL = CHECKOUT / "install.sh"

Fresh = Callable[[str], DebianTree]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Fresh]:
    with ExitStack() as trees:
        yield lambda suite: trees.enter_context(fresh_tree(suite, tmp_path / suite))


PLACES = re.compile(
    r"^Recording  (?P<recording>/.+\.wav)  \(.+\)\n"
    r"Call log   (?P<command>/.+) call (?P<call_id>[0-9a-f]+)\n"
    r"           in (?P<database>/.+)\n"
    r"Page       (?P<page>/.+)$",
    re.MULTILINE,
)


def places(output: str) -> dict[str, str]:
    """Where the call for show left what it tells of."""
    found = PLACES.search(output)
    assert found is not None, output
    return found.groupdict()


@pytest.mark.parametrize(("suite", "release"), [("bookworm", "12"), ("trixie", "13")])
def test_try_places_a_call_on_a_fresh_tree(suite: str, release: str, fresh: Fresh) -> None:
    tree = fresh(suite)

    first = tree.run(INSTALL, "--try", timeout_s=900)
    assert first.status == 0, first.output
    assert f"System: debian {release}" in first.output
    assert "System packages: installing python3 python3-venv" in first.output
    assert "simulated" in first.output
    shown = places(first.output)
    for name in ("recording", "database", "page"):
        assert tree.written(Path(shown[name])).stat().st_size > 0, name
    log = tree.run(shown["command"], "call", shown["call_id"], timeout_s=60)
    assert log.status == 0, log.output
    assert "Your message is saved for our team." in log.output

    second = tree.run(INSTALL, "--try", timeout_s=300)
    assert second.status == 0, second.output
    assert "System packages: all there" in second.output
    assert "making" not in second.output


def test_anybody_can_try_once_the_packages_are_there(fresh: Fresh) -> None:
    tree = fresh("bookworm")
    home = Path("/home/jo")
    prepare = (
        "apt-get -qq update && apt-get -qq install --no-install-recommends"
        " python3 python3-venv ca-certificates espeak-ng </dev/null &&"
        f" useradd --create-home jo && cp -r '{CHECKOUT}' '{home}/a box' && chown -R jo: '{home}/a box'"
    )
    prepared = tree.run("bash", "-c", prepare, timeout_s=600)
    assert prepared.status == 0, prepared.output

    tried = tree.run(
        "setpriv",
        "--reuid=jo",
        "--regid=jo",
        "--init-groups",
        home / "a box/install.sh",
        "--try",
        timeout_s=900,
    )
    assert tried.status == 0, tried.output
    assert "System packages: all there" in tried.output


def test_no_network_is_said_in_plain_words(fresh: Fresh) -> None:
    tree = fresh("bookworm")

    tried = tree.run(INSTALL, "--try", timeout_s=300, online=False)
    assert tried.status == 1, tried.output
    assert "apt-get could not install python3 python3-venv" in tried.output
    assert "Is this machine online" in tried.output


def test_developers_start_from_a_fresh_tree(fresh: Fresh, full: bool) -> None:
    tree = fresh("bookworm")
    some = [] if full else ["tests/test_doors.py"]

    tested = tree.run(CHECKOUT / "scripts/dev", "test", *some, timeout_s=1800)
    assert tested.status == 0, tested.output
    assert " passed" in _last_line(tested.output), tested.output


def _last_line(output: str) -> str:
    return output.rstrip().rpartition("\n")[2]
