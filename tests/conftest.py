"""What every test may ask of the command line. May import: pytest."""

import pytest


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
