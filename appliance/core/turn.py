"""The caller's turn: whether the caller speaks, by which ear, and what is owed for it.

May import: the standard library.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class CallerTurn:
    """`speaks` is by the ear that counts, `voice` by our own; times are of the call, by our own ear."""

    speaks: bool = False
    voice: bool = False
    began_ms: int = 0
    ceased_ms: int = 0
    taken: bool = True
    """Whether the brain took note of what was said last."""
    owed: bool = False
    """Whether an answer was asked for and nothing of it was heard."""
    unanswered: bool = False
    """Whether something was said that nothing was answered to."""
    worded: bool = False
    """Whether the words of what was said last are known."""
    broke_in: bool = False
    """Whether the caller's voice cut a reply."""
    muted: bool = False
    """Whether the brain's answer to this turn is not wanted: we have answered it ourselves."""
    at_work: bool = False
    """Whether something was being done for the caller as our ear heard the voice."""
    waits: bool = False
    """Whether that was so, or danger was answered."""
    put_off: bool = False
    """Whether what is owed is to be asked for again in a while."""
    stopped_ms: int = 0
    """When the brain last heard the caller stop."""
    probes: int = 0

    @property
    def talks(self) -> bool:
        """Whether the caller talks just now: by our own ear, or by the brain's where ours hears nothing."""
        return self.voice or (self.speaks and self.taken)

    def told_before(self, at_ms: int) -> bool:
        """Whether what our ear heard end then was heard and written down by the brain before."""
        return self.worded and at_ms <= self.stopped_ms

    def begins(self, at_ms: int, *, goes_on: bool) -> None:
        """Our own ear hears a voice; `goes_on`: what was not understood yet is taken together with it."""
        self.taken, self.probes = False, 0
        if not goes_on:
            self.began_ms = at_ms
            self.worded = self.worded and at_ms <= self.stopped_ms
        self.voice = True

    def ceases(self, at_ms: int, *, noise: bool) -> None:
        """It hears the voice end."""
        # Our ear may be late: what the brain took before, it has answered or is about to.
        late = at_ms <= self.stopped_ms
        self.taken = self.taken or late
        self.unanswered = self.unanswered or not (noise or (late and not self.owed))
