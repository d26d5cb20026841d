"""Speech under load: callers who finish a sentence at the same moment, and the real program that hears them.

The weights have the true shape of `tiny` and nothing in them: what they cost is true.
"""

import subprocess
import sys

import pytest

from scripts.loopback_box import ROOT

pytestmark = pytest.mark.drill

MOST_MS = 2000.0
CALLERS, ROUNDS = 4, 10
TRIES = 3
"""A busy machine cannot be told from a slow program: the best counts."""
RUN_S = 300


def measured(callers: int, rounds: int) -> tuple[float, int]:
    """What 95 % waited at most, in ms, and how many were sent away at once."""
    options = ("--whisper", "tiny", "--callers", callers, "--rounds", rounds, "--within", 30)
    ran = subprocess.run(
        (sys.executable, "-m", "scripts.bench_speech", *map(str, options)),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=RUN_S,
        check=True,
    )
    _, _, _, p95, _, refused, *_ = ran.stdout.splitlines()[-1].split("|")
    return float(p95), int(refused)


def test_four_callers_at_once_are_heard_within_two_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    tried = [measured(CALLERS, ROUNDS) for _ in range(TRIES)]
    with capsys.disabled():
        print(f"\nfour callers at once, tiny: p95 {[round(p95_ms) for p95_ms, _ in tried]} ms")
    # One who comes at the moment at which another leaves may be sent away: of a hundred, five may.
    assert sum(refused for _, refused in tried) <= 0.05 * TRIES * ROUNDS * CALLERS
    assert min(p95_ms for p95_ms, _ in tried) <= MOST_MS


def test_more_of_them_are_sent_to_the_keys_at_once() -> None:
    _, refused = measured(8, 3)
    assert refused >= 3 * (8 - 4 - 1)
