"""The metronome: one absolute 20 ms beat for all calls, each at a phase of its own.

A kernel timer wakes it, since an event loop's own timers are rounded to milliseconds. It keeps count of how
late it was itself: a load that is late measures nothing. May import: the standard library.
"""

import asyncio
import ctypes
import os
from array import array
from collections.abc import Callable
from time import perf_counter

FRAME_S = 0.020
SLOTS = 100
STEP_S = FRAME_S / SLOTS
now = perf_counter
GOLDEN = 0.6180339887498949

_CLOCK_MONOTONIC, _NONBLOCK_CLOEXEC, _ABSTIME = 1, 0o2004000, 1


class _TimeSpec(ctypes.Structure):
    _fields_ = (("sec", ctypes.c_long), ("nsec", ctypes.c_long))


class _TimerSpec(ctypes.Structure):
    _fields_ = (("interval", _TimeSpec), ("value", _TimeSpec))


def phase_of(number: int) -> float:
    """Where in the beat a call has its turn (0..1): evenly spread, however many calls there are."""
    return number * GOLDEN % 1.0


class Metronome:
    """Calls each member once in 20 ms; keeps how late each beat was."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.late: array[float] = array("d")
        self._slots: list[list[Callable[[], None]]] = [[] for _ in range(SLOTS)]
        self._loop = loop
        self._beats = 0
        self._start = now() + 0.01
        self._timer = _timer(self._start, STEP_S)
        loop.add_reader(self._timer, self._wake)

    def join(self, phase: float, beat: Callable[[], None]) -> None:
        """Call beat in every frame from now on, at this phase (0..1)."""
        self._slots[int(phase * SLOTS) % SLOTS].append(beat)

    def stop(self) -> None:
        """Call nobody any more."""
        if self._timer >= 0:
            self._loop.remove_reader(self._timer)
            os.close(self._timer)
            self._timer = -1

    def _wake(self) -> None:
        try:
            ticks = int.from_bytes(os.read(self._timer, 8), "little")
        except BlockingIOError:
            return
        for _ in range(ticks):
            slot = self._slots[self._beats % SLOTS]
            if slot:
                self.late.append(now() - self._start - self._beats * STEP_S)
                for beat in slot:
                    beat()
            self._beats += 1


def _timer(start: float, every: float) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    timer: int = libc.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK_CLOEXEC)
    spec = _TimerSpec(_spec(every), _spec(start))
    if timer < 0 or libc.timerfd_settime(timer, _ABSTIME, ctypes.byref(spec), None):
        raise OSError(ctypes.get_errno(), "no kernel timer for the metronome")
    return timer


def _spec(seconds: float) -> _TimeSpec:
    whole = int(seconds)
    return _TimeSpec(whole, int((seconds - whole) * 1e9))
