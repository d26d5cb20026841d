"""The dashboard for Grafana is one: each panel in its place, and no metric in it that we do not have."""

import json
import re
from itertools import combinations
from typing import Any

import pytest

from scripts.loopback_box import ROOT

BOARD = ROOT / "docs" / "grafana" / "attendant.json"
PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}
"""What the client library shows of a process by itself (docs/metrics.md)."""
LABELS = {"outcome", "part", "check", "phone", "reason", "kind", "became", "job"}


@pytest.fixture(scope="module")
def panels() -> list[dict[str, Any]]:
    board = json.loads(BOARD.read_text("utf-8"))
    assert board["templating"]["list"][0]["name"] == "datasource"
    found: list[dict[str, Any]] = [each for each in board["panels"] if each["type"] != "row"]
    return found


def test_every_metric_in_it_is_one_of_ours(panels: list[dict[str, Any]]) -> None:
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    known = set(re.findall(r"^\| `(attendant_\w+)`", page, re.MULTILINE)) | PROCESS
    used = {
        re.sub("_bucket$", "", name)
        for each in panels
        for target in each["targets"]
        for name in re.findall(r"\b(?:attendant|process)_\w+", target["expr"])
    }
    assert len(used) > 25
    assert used - known == set()


def test_every_label_in_a_legend_is_one_of_theirs(panels: list[dict[str, Any]]) -> None:
    told = {
        label
        for each in panels
        for target in each["targets"]
        for label in re.findall(r"{{(\w+)}}", target["legendFormat"])
    }
    assert told == LABELS


def test_every_panel_has_a_name_and_a_place_of_its_own(panels: list[dict[str, Any]]) -> None:
    assert len({each["id"] for each in panels}) == len({each["title"] for each in panels}) == len(panels)
    cells = [
        {
            (each["gridPos"]["x"] + across, each["gridPos"]["y"] + down)
            for across in range(each["gridPos"]["w"])
            for down in range(each["gridPos"]["h"])
        }
        for each in panels
    ]
    assert all(x < 24 for places in cells for x, _ in places)
    assert all(not one & other for one, other in combinations(cells, 2))
