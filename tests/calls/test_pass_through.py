"""What the cloud sent is what the caller heard, bit for bit and without a gap, if nobody breaks in."""

from pathlib import Path

import pytest

from tests.calls.stage import staged

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


async def _heard_is_sent(folder: Path, replies: int, length: int, seconds: float) -> None:
    patience_s = seconds * 2 + 30
    plan = f"wait for speech\nwait for reply within {patience_s}\nhang up\n"
    async with staged(folder, _script(replies, length), speedup=1.1, chunk_ms=100) as stage:
        call = await stage.call(plan, patience_s + 30)
        sent = b"".join(bytes(audio) for audio in stage.cloud.sessions[0].audio_out.values())
    assert call.ended_well
    stream = call.stream
    assert len(sent) / 8000 >= seconds
    assert bytes(stream.received_audio) == sent
    assert bytes(stream.played_audio) == sent
    assert stream.timeline.gaps() == []
    assert stream.timeline.ahead_ms_max <= 240
    assert stream.warnings == []


async def test_a_call_is_passed_through_bit_for_bit(tmp_path: Path) -> None:
    await _heard_is_sent(tmp_path, replies=1, length=1, seconds=15)


@pytest.mark.drill
async def test_ten_minutes_are_passed_through_bit_for_bit(tmp_path: Path) -> None:
    await _heard_is_sent(tmp_path, replies=22, length=2, seconds=600)
