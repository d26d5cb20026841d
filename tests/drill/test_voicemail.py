"""Messages written down by weights of the true shape of Whisper base: a tenth of their length, 400 MiB."""

import subprocess
import sys

import pytest

from scripts.loopback_box import ROOT

pytestmark = pytest.mark.drill

FACTOR_MOST, MB_MOST = 0.1, 400.0
TRIES = 3
"""A busy machine cannot be told from a slow program: the best counts."""
RUN_S = 1500


def measured(minutes: str) -> tuple[float, float, float]:
    """Time against length, and the most memory of the child that hears and of the one that opens, in MB."""
    ran = subprocess.run(
        (sys.executable, "-m", "scripts.bench_voicemail", "--whisper", "base", "--minutes", minutes),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=RUN_S,
        check=True,
    )
    _, _, _, factor, ears_mb, opener_mb, *_ = ran.stdout.splitlines()[2].split("|")
    return float(factor), float(ears_mb), float(opener_mb)


def test_a_message_takes_a_tenth_of_its_length_and_bounded_memory(capsys: pytest.CaptureFixture[str]) -> None:
    tried = [measured("3") for _ in range(TRIES)]
    with capsys.disabled():
        print(f"\nbase, 3 minutes: took / length {[each[0] for each in tried]}, MB {tried[-1][1:]}")
    assert min(factor for factor, _, _ in tried) <= FACTOR_MOST
    assert max(ears for _, ears, _ in tried) <= MB_MOST
    assert max(opener for _, _, opener in tried) <= MB_MOST


def test_two_hours_take_no_more_memory_than_a_minute(full: bool) -> None:
    _, ears_mb, opener_mb = measured("120" if full else "20")
    assert ears_mb <= MB_MOST
    assert opener_mb <= MB_MOST
