"""Files that cannot be read: without the rights of root to read all, and on a disk with an error.

May import: the standard library, pytest.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

VERSION_3, DAC_OVERRIDE, DAC_READ_SEARCH = 0x20080522, 1, 2


class _Head(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Rights(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@contextmanager
def as_anybody() -> Iterator[None]:
    """What a file's mode forbids is forbidden to this thread, though it may be root's."""
    libc, head, rights = ctypes.CDLL(None, use_errno=True), _Head(VERSION_3, 0), (_Rights * 2)()
    if libc.capget(ctypes.byref(head), rights) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    had = rights[0].effective
    rights[0].effective = had & ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH)
    _set(libc, head, rights)
    try:
        yield
    finally:
        rights[0].effective = had
        _set(libc, head, rights)


def _set(libc: ctypes.CDLL, head: _Head, rights: "ctypes.Array[_Rights]") -> None:
    if libc.capset(ctypes.byref(head), rights) != 0:
        raise OSError(ctypes.get_errno(), "capset")


@contextmanager
def bad_sector(path: Path) -> Iterator[None]:
    """Have reading a file fail as on a bad sector, with EIO; without root the test is skipped."""
    # The first page of a process is in no memory: whoever reads it is told of an input/output error.
    mount = ["mount", "--bind", f"/proc/{os.getpid()}/mem", str(path)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a bind mount needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", str(path)], check=True)
