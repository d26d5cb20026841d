"""The system's log: whether it is kept for no longer than the clinic's logs, as journald's files say it."""

import configparser
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.core.examined import Health
from appliance.core.keeping import KeepDays
from appliance.service.doctor import journal

OURS = Path(__file__).parents[2] / "systemd/journald.conf"


def written(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / journal.LIVES).mkdir(parents=True)
    return tmp_path


def health(root: Path, **days: int) -> tuple[Health, str]:
    (told,) = journal.examined(KeepDays(**days), root)
    return told.health, told.told


def test_a_machine_without_systemd_has_no_such_log(tmp_path: Path) -> None:
    assert [*journal.examined(KeepDays(), tmp_path)] == []


@pytest.mark.parametrize(
    "text", ["", "[Journal]\nMaxRetentionSec=0\n", "[Journal]\nMaxRetentionSec=soon\n", "?"]
)
def test_one_that_is_kept_for_ever_is_told_with_what_to_do(root: Path, text: str) -> None:
    written(root, "etc/systemd/journald.conf", text)
    found, told = health(root)
    assert (found, "systemd/journald.conf" in told) == (Health.NOTE, True)


def test_with_ours_it_is_kept_as_long_as_logs_are(root: Path) -> None:
    written(root, "etc/systemd/journald.conf.d/attendant.conf", OURS.read_text("utf-8"))
    assert health(root) == (Health.WELL, "is kept for 90day at most")
    assert health(root, logs=14)[0] is Health.NOTE
    assert health(root, logs=0)[0] is Health.WELL


def test_ours_is_read_as_journald_would() -> None:
    reader = configparser.ConfigParser()
    reader.read_string(OURS.read_text("utf-8"))
    assert journal.span(reader["Journal"]["MaxRetentionSec"]) == timedelta(days=KeepDays().logs)


def test_the_last_drop_in_counts_and_one_of_etc_hides_its_namesake(root: Path) -> None:
    written(root, "usr/lib/systemd/journald.conf", "[Journal]\nMaxRetentionSec=1year\n")
    written(root, "usr/lib/systemd/journald.conf.d/10-a.conf", "[Journal]\nMaxRetentionSec=2w\n")
    written(root, "usr/lib/systemd/journald.conf.d/20-b.conf", "[Journal]\nCompress=yes\n")
    assert health(root)[1] == "is kept for 2w at most"
    written(root, "etc/systemd/journald.conf.d/10-a.conf", "[Journal]\nCompress=yes\n")
    assert health(root)[0] is Health.NOTE


@pytest.mark.parametrize(
    ("told", "days"), [("90day", 90), ("1month 2w", 44.4375), ("86400", 1), ("36h", 1.5), ("1 d", 1)]
)
def test_spans_are_read_as_systemd_writes_them(told: str, days: float) -> None:
    assert journal.span(told) == timedelta(days=days)
