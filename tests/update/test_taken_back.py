"""What is not well goes back, and no rollback leads to it from then on; with a bridge that answers."""

import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from appliance.cli.update import ends_in_order
from appliance.core.installed import COMPLETE, Came, last_update
from appliance.core.settings import Box, Listen, Settings
from appliance.service.update.switching import TakenBack, Update
from appliance.service.update.versions import Unsettled, UpdateFailed, Versions
from appliance.store import trials


@dataclass
class Programs:
    """The bridge, which says of itself what is current, and is not fit in some versions."""

    versions: Versions
    sick: set[str] = field(default_factory=set)
    began: int = 0
    runs: str = ""

    def restart(self) -> None:
        self.began += 1
        self.runs = self.versions.current or ""


class Answers(BaseHTTPRequestHandler):
    def __init__(self, programs: Programs, *given: object) -> None:
        self.programs = programs
        super().__init__(*given)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        number, since = self.programs.versions.number(self.programs.runs), str(self.programs.began)
        self.send_response(503 if self.programs.runs in self.programs.sick else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"version": number, "since": since, "parts": {}}).encode())

    def log_message(self, *said: object) -> None:
        """Nothing."""


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    """Three versions: the second runs, and the first is the one before."""
    versions = Versions(tmp_path / "opt")
    for name in ("1-a", "2-b", "3-c"):
        (versions.folder(name) / "bin").mkdir(parents=True)
        (versions.folder(name) / COMPLETE).write_text(name.partition("-")[0])
    versions.switch("1-a")
    versions.switch("2-b")
    made = Programs(versions)
    made.restart()
    return made


@pytest.fixture
def update(programs: Programs, tmp_path: Path) -> Iterator[Update]:
    with HTTPServer(("127.0.0.1", 0), partial(Answers, programs)) as server:
        answering = threading.Thread(target=server.serve_forever, args=(0.01,))
        answering.start()
        settings = Settings(
            box=Box(data_dir=tmp_path), listen=Listen(local_port=server.server_port, worker_port=0)
        )
        yield Update(
            programs.versions,
            tmp_path / "attendant.toml",
            settings,
            programs,
            lambda _: None,
            watch_s=0.0,
            start_s=0.0,
        )
        server.shutdown()
        answering.join()


def test_what_was_taken_back_is_not_what_a_rollback_leads_to(programs: Programs, update: Update) -> None:
    programs.sick = {"3-c"}
    with pytest.raises(TakenBack, match="2-b is current again, and runs"):
        update.to("3-c")
    assert (programs.versions.current, programs.versions.previous) == ("2-b", "1-a")
    assert programs.versions.unsettled is None
    update.back()
    assert (programs.runs, programs.versions.previous) == ("1-a", "2-b")


def test_a_rollback_to_what_is_not_well_is_taken_back(programs: Programs, update: Update) -> None:
    programs.sick = {"1-a"}
    with pytest.raises(TakenBack, match="2-b is current again, and runs"):
        update.back()
    assert (programs.runs, programs.versions.current, programs.versions.previous) == ("2-b", "2-b", "1-a")


def test_what_came_of_it_is_kept_for_the_pages(programs: Programs, update: Update) -> None:
    def last() -> tuple[str, str, Came, bool]:
        kept = last_update(programs.versions.root)
        assert kept is not None
        return kept.version, kept.before, kept.came, bool(kept.told)

    with pytest.raises(UpdateFailed):
        update.to("no-such")
    assert last() == ("no-such", "2-b", Came.FAILED, True)
    update.to("2-b")
    assert last()[0] == "no-such"
    update.back()
    assert last() == ("1-a", "2-b", Came.RUNS, False)
    programs.sick = {"2-b"}
    with pytest.raises(TakenBack):
        update.back()
    assert last() == ("2-b", "1-a", Came.TAKEN_BACK, True)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_an_update_that_is_told_to_end_leaves_no_copy(tmp_path: Path, number: signal.Signals) -> None:
    before = [(each, signal.getsignal(each)) for each in (signal.SIGHUP, signal.SIGTERM)]
    try:
        # Whoever runs this may have had hang-ups ignored, and the command leaves that so.
        for each in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        ends_in_order()
        with pytest.raises(SystemExit) as ended, trials.folder(tmp_path):
            signal.raise_signal(number)
        assert ended.value.code == 128 + number
        assert [*tmp_path.iterdir()] == []
        signal.raise_signal(signal.SIGHUP)
    finally:
        for each, handler in before:
            signal.signal(each, handler)


def test_the_first_version_has_none_before_it_again(programs: Programs) -> None:
    versions = programs.versions
    (versions.root / "previous").unlink()
    versions.switch("3-c")
    versions.take_back(Unsettled("3-c", "2-b"))
    assert (versions.current, versions.previous) == ("2-b", None)
