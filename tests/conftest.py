"""What every test may ask of the command line, and processes fit for them.

May import: pytest, hypothesis, scripts.loopback_box, tests.warm.
"""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from scripts.loopback_box import LoopbackBox
from tests.warm.nursery import Nursery

# An example may be late on a machine that is busy with something else. The same code is tried with the same
# examples; `--hypothesis-profile searching` looks for others.
settings.register_profile("unhurried", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("searching", deadline=None, max_examples=1000)
settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="with -m drill: run as long as the published figures take",
    )


@pytest.fixture(scope="module", autouse=True)
def _no_long_collection() -> None:
    """A full collection of garbage over thousands of tests takes 0.3 s, and all peers stand still for it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _begun_warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    nursery = Nursery(tmp_path_factory.mktemp("warm"))
    LoopbackBox.begin = nursery.begin
    yield
    LoopbackBox.begin = None
    nursery.close()


@pytest.fixture(scope="session")
def full(pytestconfig: pytest.Config) -> bool:
    """Whether the drills have all the time they want."""
    return bool(pytestconfig.getoption("--full"))
