"""How much is logged can be changed while the box runs, by a command, and is back by itself."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.service import log_level
from appliance.service.log_level import Level, Wished
from scripts.loopback_box import LoopbackBox

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _root_as_it_was() -> Iterator[None]:
    before = logging.getLogger().level
    yield
    logging.getLogger().setLevel(before)


def test_a_wish_holds_for_its_time_and_no_longer(tmp_path: Path) -> None:
    now = [NOW]
    level, root = Level(tmp_path, "info", lambda: now[0]), logging.getLogger()
    log_level.wish(tmp_path, Wished("debug", NOW + timedelta(minutes=10)))
    level.look()
    assert root.level == logging.DEBUG
    now[0] += timedelta(minutes=10)
    level.look()
    assert root.level == logging.INFO


def test_a_wish_is_withdrawn(tmp_path: Path) -> None:
    level = Level(tmp_path, "warning", lambda: NOW)
    log_level.wish(tmp_path, Wished("error", NOW + timedelta(minutes=10)))
    level.look()
    log_level.withdraw(tmp_path)
    log_level.withdraw(tmp_path)
    level.look()
    assert logging.getLogger().level == logging.WARNING


@pytest.mark.parametrize("text", ["", "[]", '{"level": "loud", "until": "2027-01-01T00:00:00+00:00"}', "{"])
def test_a_file_that_says_nothing_changes_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / log_level.FILE).write_text(text)
    assert log_level.wished(tmp_path, NOW) is None


async def test_a_bridge_logs_at_another_level_without_a_restart(tmp_path: Path) -> None:
    async with LoopbackBox(tmp_path) as box:
        assert "info, as [box] log_level says." in await box.printed("log-level")
        said = await box.printed("log-level", "debug", "--minutes", "5")
        assert said.startswith("debug until ")
        while '"log_level":"debug"' not in await asyncio.to_thread(box.log_path.read_text):
            pass
        assert "info, as" in await box.printed("log-level", "usual")
