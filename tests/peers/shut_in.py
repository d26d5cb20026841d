"""A thread that is refused folders with the bit of their group, as by `RestrictSUIDSGID=yes` of our units.

May import: the standard library.
"""

import ctypes
import errno
import os
import platform
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

NO_NEW_PRIVILEGES, SET_SECCOMP, BY_A_FILTER = 38, 22, 2
"""What prctl(2) is asked for."""
MKDIR, MKDIRAT = {"x86_64": (83, 258), "aarch64": (0xFFFF, 34)}.get(platform.machine(), (0xFFFF, 0xFFFF))
LOAD, EQUAL, ANY_BIT, GO, RETURN = 0x20, 0x15, 0x45, 0x05, 0x06
"""Of the instructions of seccomp(2)."""
CALL_AT, SECOND_AT, THIRD_AT = 0, 24, 32
"""Where the number of a call lies, and the low half of an argument."""
ALLOWED, REFUSED = 0x7FFF0000, 0x00050000 | errno.EPERM


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("met", ctypes.c_ubyte),
        ("else_", ctypes.c_ubyte),
        ("k", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


STEPS = (
    (LOAD, 0, 0, CALL_AT),
    (EQUAL, 2, 0, MKDIR),
    (EQUAL, 3, 0, MKDIRAT),
    (RETURN, 0, 0, ALLOWED),
    (LOAD, 0, 0, SECOND_AT),
    (GO, 0, 0, 1),
    (LOAD, 0, 0, THIRD_AT),
    (ANY_BIT, 0, 1, 0o6000),
    (RETURN, 0, 0, REFUSED),
    (RETURN, 0, 0, ALLOWED),
)


def shut_in(do: Callable[[], None]) -> None:
    """Do it in a thread of its own that is shut in so, and raise what it raises."""

    def run() -> None:
        _shut()
        do()

    with ThreadPoolExecutor(1, "shut-in") as threads:
        threads.submit(run).result()


def _shut() -> None:
    """For this thread, and for as long as it lives."""
    libc = ctypes.CDLL(None, use_errno=True)
    steps = (_Step * len(STEPS))(*(_Step(*step) for step in STEPS))
    program = _Program(len(STEPS), steps)
    for asked in ((NO_NEW_PRIVILEGES, 1, 0, 0, 0), (SET_SECCOMP, BY_A_FILTER, ctypes.byref(program), 0, 0)):
        if libc.prctl(*asked):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
