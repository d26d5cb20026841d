"""What every test may ask of the command line. May import: pytest, hypothesis."""

import pytest
from hypothesis import settings

# An example may be late on a machine that is busy with something else.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="with -m drill: run as long as the published figures take",
    )


@pytest.fixture(scope="session")
def full(pytestconfig: pytest.Config) -> bool:
    """Whether the drills have all the time they want."""
    return bool(pytestconfig.getoption("--full"))
