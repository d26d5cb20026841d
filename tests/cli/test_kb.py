"""`attendant kb add|list|remove|reindex`, as typed: with a worker, without one, for what cannot be read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from appliance.service.jobs.lock import LOCK, only_one
from kb.index import Index
from tests.cli.conftest import Typed
from tests.kb import writing
from tests.kb.writing import Pdf
from tests.peers.website import Website

ROOT = Path(__file__).parents[2]


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    file = tmp_path / "Visitor guide.md"
    file.write_text("# Visitor guide\n\nParking is free.\n\nQ: Do you take walk-ins?\nA: Yes, before noon.\n")
    return file


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def index_of(config: Path) -> list[str]:
    with Index(config.parent / "data" / "knowledge" / "index.db") as index:
        return [each.text for _, each in sorted(index.passages(range(1, 1000)).items())]


def listed(typed: Typed) -> list[tuple[str, str, int]]:
    trees = json.loads(done(typed("kb", "list", "--json")))
    return [(tree["slug"], tree["state"], tree["passages"]) for tree in trees]


def test_without_a_worker_the_command_does_it(typed: Typed, config: Path, guide: Path) -> None:
    said = done(typed("kb", "add", str(guide), "--wait", "--reviewed", "2026-05-01"))
    assert said == (
        "No worker runs: it is done by this command.\nvisitor-guide is read: callers are answered from it.\n"
    )
    assert index_of(config) == ["Parking is free.", "Yes, before noon."]
    shown = done(typed("kb", "list")).splitlines()
    assert shown[0].split() == [
        "Document", "Title", "State", "Passages", "Language", "Reviewed", "Version", "Model",
    ]  # fmt: skip
    told = "visitor-guide Visitor guide ready 2 en 2026-05-01 1 all-MiniLM-L6-v2-int8"
    assert " ".join(shown[1].split()) == told
    done(typed("kb", "reindex"))
    assert index_of(config) == ["Parking is free.", "Yes, before noon."]
    assert done(typed("kb", "remove", "visitor-guide", "--wait")).startswith("visitor-guide is removed.")
    assert index_of(config) == []
    assert done(typed("kb", "list")) == "There are no documents yet: attendant kb add FILE\n"


def test_what_is_given_waits_for_the_worker(typed: Typed, config: Path, guide: Path) -> None:
    assert "The worker reads it" in done(typed("kb", "add", str(guide)))
    assert listed(typed) == [("visitor-guide", "queued", 0)]
    assert "waits to be read" in done(typed("kb", "list"))
    (upload,) = (config.parent / "data" / "knowledge" / "uploads").iterdir()
    assert upload.read_bytes() == guide.read_bytes()


def test_a_worker_that_runs_does_it(typed: Typed, config: Path, guide: Path) -> None:
    config.write_text(config.read_text() + "[listen]\nworker_port = 0\n[speech]\nrendered_ahead = false\n")
    code = "from appliance.cli.main import main; main()"
    worker = subprocess.Popen(
        [sys.executable, "-c", code, "--config", str(config), "worker"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    assert worker.stdout is not None
    try:
        assert b"worker" in worker.stdout.readline()
        assert done(typed("kb", "add", str(guide), "--wait")).startswith("The worker does it.\n")
        assert index_of(config) == ["Parking is free.", "Yes, before noon."]
        done(typed("kb", "reindex"))
        assert listed(typed) == [("visitor-guide", "ready", 2)]
    finally:
        worker.terminate()
        worker.wait(60)
        worker.stdout.close()
    # It lets go of the box when it ends.
    os.close(only_one(config.parent / "data" / LOCK))


def test_what_cannot_be_read_says_why(typed: Typed, tmp_path: Path) -> None:
    locked = tmp_path / "fees.pdf"
    locked.write_bytes(writing.locked(Pdf().page("Hello.").bytes(), "secret"))
    failed = typed("kb", "add", str(locked), "--wait")
    assert failed.exit_code == 1
    assert "The PDF has a password: save it without one." in failed.output
    assert "cannot be read" in done(typed("kb", "list"))
    for name, told in (
        ("nothing.md", "No such file"),
        ("a.mp3", "files of this kind are not read"),
        ("http://127.0.0.1/", "is not on the public internet"),
        ("ftp://clinic.example/", "begins with https"),
    ):
        failed = typed("kb", "add", name if "://" in name else str(tmp_path / name))
        assert failed.exit_code == 1
        assert told in failed.output
    missing = typed("kb", "remove", "nothing")
    assert missing.exit_code == 1
    assert "There is no document 'nothing'" in missing.output


def test_options_that_make_no_sense_are_refused(typed: Typed, guide: Path) -> None:
    for option, value, told in (
        ("--reviewed", "May", "a day such as 2026-05-01"),
        ("--language", "xx", "one of en, es"),
        ("--slug", "My Guide", "such as my-guide"),
    ):
        failed = typed("kb", "add", str(guide), option, value)
        assert failed.exit_code == 2
        assert told in failed.output


def test_a_document_is_replaced_by_its_file_or_its_name(typed: Typed, guide: Path, tmp_path: Path) -> None:
    done(typed("kb", "add", str(guide)))
    done(typed("kb", "add", str(guide)))
    assert [slug for slug, _, _ in listed(typed)] == ["visitor-guide"]
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "visitor-guide.md"
    other.write_text("# Other\n\nText.")
    done(typed("kb", "add", str(other)))
    done(typed("kb", "add", str(other), "--slug", "visitor-guide"))
    assert [slug for slug, _, _ in listed(typed)] == ["visitor-guide", "visitor-guide-2"]


def test_a_page_of_the_own_network_is_read_where_that_is_allowed(typed: Typed, config: Path) -> None:
    config.write_text(config.read_text() + '[knowledge]\nprivate_hosts = ["127.0.0.1"]\n')
    with Website() as site:
        site.page("/about/hours.html", "<h1>Hours</h1><p>We are open from 8 to 5 on Mondays.</p>")
        done(typed("kb", "add", f"{site.url}/about/hours.html", "--wait"))
        assert index_of(config) == ["We are open from 8 to 5 on Mondays."]
        ((slug, _, _),) = listed(typed)
        assert slug.endswith("-about-hours")
        site.answers.clear()
        failed = typed("kb", "add", f"{site.url}/about/hours.html", "--wait")
        assert failed.exit_code == 1
        assert (
            "There is no such page any more (status 404). What was read of it before is still told."
            in failed.output
        )


def test_embeddings_by_the_cloud_need_their_key(typed: Typed, config: Path, guide: Path) -> None:
    config.write_text(config.read_text() + '[knowledge]\nembeddings = "openai"\n')
    failed = typed("kb", "add", str(guide), "--wait")
    assert failed.exit_code == 1
    assert "openai_api_key cannot be read" in failed.output
    # By their words its passages are found all the same.
    assert index_of(config) == ["Parking is free.", "Yes, before noon."]
    assert "The worker: The secret file" in done(typed("kb", "list"))
