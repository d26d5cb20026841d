"""How quick a call was, by its events."""

import pytest

from appliance.store.timings import ANSWERED, GREETING, RESPONSE, Timing, derived


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ([], []),
        ([(400, "CallAnswered")], [Timing(ANSWERED, 400, 400)]),
        (
            [(400, "CallAnswered"), (1100, "ReplyQueued"), (5000, "ReplyQueued")],
            [Timing(ANSWERED, 400, 400), Timing(GREETING, 1100, 700)],
        ),
        ([(5000, "SpeechStopped"), (5900, "ReplyQueued")], [Timing(RESPONSE, 5900, 900)]),
        # Both ears heard the end: the earlier one is when the caller fell silent.
        (
            [(5000, "VoiceCeased"), (5400, "SpeechStopped"), (5900, "ReplyQueued"), (7000, "ReplyQueued")],
            [Timing(RESPONSE, 5900, 900)],
        ),
        # The caller went on: only the last end counts.
        (
            [
                (5000, "SpeechStopped"),
                (5200, "SpeechStarted"),
                (6000, "SpeechStopped"),
                (6800, "ReplyQueued"),
            ],
            [Timing(RESPONSE, 6800, 800)],
        ),
        # The caller spoke before the greeting: the first reply is an answer, and no greeting follows it.
        (
            [(0, "CallAnswered"), (500, "VoiceCeased"), (900, "ReplyQueued"), (2000, "ReplyQueued")],
            [Timing(ANSWERED, 0, 0), Timing(RESPONSE, 900, 400)],
        ),
    ],
)
def test_spans_are_found(stream: list[tuple[int, str]], expected: list[Timing]) -> None:
    assert derived(stream) == expected
