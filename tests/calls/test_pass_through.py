"""What the cloud sent is what the caller heard, bit for bit and without a gap, if nobody breaks in."""

import asyncio
from collections.abc import Collection
from pathlib import Path

import pytest

from tests.calls.stage import DISTANCES, ahead_ms, gaps, staged

WORDS = (
    "On Monday and Tuesday we open at eight, on Wednesday at nine, and on Thursday and Friday at eight again;"
    " the laboratory opens an hour earlier, the pharmacy an hour later, and parking is behind the house. "
)


def _script(replies: int, length: int) -> str:
    """A greeting that goes on and on: answers that follow each other without a pause."""
    follow_up = "".join(
        f'[[turn.follow_up]]\nsay = "Part {part}. {WORDS * length}"\n' for part in range(replies)
    )
    return f'[[turn]]\non = "greeting"\nsay = "Good morning. {WORDS}"\n{follow_up}'


async def _heard_is_sent(folder: Path, script: str, seconds: float, far: Collection[str]) -> None:
    """One call from each of these distances, at the same time."""
    patience_s = seconds * 2 + 30
    plan = f"wait for speech\nwait for reply within {patience_s}\nhang up\n"
    async with staged(folder, script, speedup=1.1, chunk_ms=100) as stage:
        calls = [await stage.ring(plan, DISTANCES[each]) for each in far]
        await asyncio.gather(*(call.done(patience_s + 30) for call, _ in calls))
    for (call, session), each in zip(calls, far, strict=True):
        sent = b"".join(bytes(audio) for audio in session.audio_out.values())
        assert call.ended_well
        stream = call.stream
        assert len(sent) / 8000 >= seconds
        assert bytes(stream.received_audio) == sent
        assert bytes(stream.played_audio) == sent
        # Nothing was meant to be silent.
        assert gaps(stream, stage.crowding, shorter_than_ms=int(seconds * 1000)) == []
        assert ahead_ms(stream, stage.crowding) <= 240 + DISTANCES[each].jitter_ms
        assert stream.warnings == []


async def test_a_call_is_passed_through_bit_for_bit(tmp_path: Path) -> None:
    await _heard_is_sent(tmp_path, _script(replies=1, length=0), 10, DISTANCES)


@pytest.mark.drill
async def test_ten_minutes_are_passed_through_bit_for_bit(tmp_path: Path) -> None:
    await _heard_is_sent(tmp_path, _script(replies=22, length=2), 600, ["near", "150 ms away"])
