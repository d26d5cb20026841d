"""What lies in the service's input buffer in manual turns, where nobody empties it but us. No I/O.

A commit takes all that was heard since the last one. A caller who listens for a minute would have a minute
of silence before the next words: it is paid for, and a transcript of silence is made up. So the buffer is
emptied when the caller has been quiet for long, but for a run-up. May import: the standard library.
"""

QUIET_MS = 5000
"""Beyond the pause that ends a turn: the turn was committed long before."""
RUN_UP_MS = 500


class InputBuffer:
    """Is told all that is sent, in the service's format with so many bytes to a millisecond."""

    def __init__(self, per_ms: int, pause_ms: int) -> None:
        self._most = (QUIET_MS + pause_ms) * per_ms
        self._run_up = RUN_UP_MS * per_ms
        self._quiet = 0
        self._last = bytearray()

    def take(self, audio: bytes, *, loud: bool) -> bytes:
        """What is to be sent after a clear, this audio at its end; empty when nothing is to be cleared."""
        self._quiet = 0 if loud else self._quiet + len(audio)
        self._last += audio
        del self._last[: -self._run_up]
        if self._quiet < self._most:
            return b""
        self._quiet = 0
        return bytes(self._last)
