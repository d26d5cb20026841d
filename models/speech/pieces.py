"""Cuts long audio where it is quiet, so that a live call waits for one piece of a voicemail and not for all.

Pure. May import: numpy.
"""

from collections.abc import Iterator

import numpy as np

RATE = 16000
# The network looks at 30 s at once: one piece is one look.
LONGEST_S = 28
SEARCHED_S = 6
STEP = RATE // 50


def pieces(pcm_16k: bytes) -> Iterator[bytes]:
    """The audio in parts of at most 28 s, cut in the quietest 20 ms of each part's last 6 s."""
    begin, longest = 0, LONGEST_S * RATE * 2
    while len(pcm_16k) - begin > longest:
        searched = pcm_16k[begin + longest - SEARCHED_S * RATE * 2 : begin + longest]
        steps = np.frombuffer(searched, np.int16).astype(np.float32).reshape(-1, STEP)
        quietest = int(np.argmin((steps**2).mean(axis=1)))
        end = begin + longest - len(searched) + (quietest * STEP + STEP // 2) * 2
        yield pcm_16k[begin:end]
        begin = end
    if begin < len(pcm_16k) or not pcm_16k:
        yield pcm_16k[begin:]
