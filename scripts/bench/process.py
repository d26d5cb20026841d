"""What a process costs, read from the kernel, and on which core it runs.

May import: the standard library.
"""

import ctypes
import os
import platform
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path


def _cores() -> tuple[int, int] | None:
    free = sorted(os.sched_getaffinity(0))
    return (free[0], free[-1]) if len(free) > 1 else None


CORES = _cores()
"""One core for the subject and one for the load, found before anything is pinned; None where there is one."""


def take_the_load_core() -> None:
    """Put this process on the load's core, and first there if that is allowed: it must be in time."""
    if CORES:
        os.sched_setaffinity(0, {CORES[1]})
    if os.geteuid() == 0:
        # What it starts is ordinary again: a bridge with threads is another thing under this policy.
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(5))


def favour(pid: int) -> None:
    """Put a subject that leads a session before the machine's other work, as far as that is allowed.

    Niceness, and the shortest slices there are: an ordinary process, but as on a machine of its own.
    """
    if os.geteuid() != 0:
        return
    group = Path(f"/proc/{pid}/autogroup")
    if group.exists():
        group.write_text("-20")
    call = {"x86_64": 314, "aarch64": 274}.get(platform.machine())
    wanted = _SchedAttr(ctypes.sizeof(_SchedAttr), 0, 0, -20, 0, 100_000, 0, 0)
    if call is None or ctypes.CDLL(None).syscall(call, pid, ctypes.byref(wanted), 0):
        os.setpriority(os.PRIO_PROCESS, pid, -20)


class _SchedAttr(ctypes.Structure):
    """The kernel's struct sched_attr (sched_setattr(2)); for an ordinary process runtime_ns is its slice."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime_ns", ctypes.c_uint64),
        ("deadline_ns", ctypes.c_uint64),
        ("period_ns", ctypes.c_uint64),
    )


def family(pid: int) -> list[int]:
    """The process and all that it started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family(int(child))
    return found


def cpu_s(pid: int) -> float:
    """The CPU time of a process and its children so far, all threads, by the kernel's own clock."""
    return sum(time.clock_gettime(~member << 3 | 2) for member in family(pid))


def memory_mib(pid: int) -> float:
    """The memory that a process and its children hold, shared pages by their share."""
    return sum(_pss_kib(member) for member in family(pid)) / 1024


def stolen_share(before: tuple[int, int]) -> float:
    """The share of the machine's time since then that the hypervisor kept for itself."""
    total, stolen = machine_ticks()
    return (stolen - before[1]) / max(total - before[0], 1)


def machine_ticks() -> tuple[int, int]:
    """All ticks of the machine so far, and the stolen ones."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return sum(fields[:8]), fields[7]


def each_cpu_s() -> dict[int, float]:
    """The CPU time so far of every process of the machine, by the scheduler's own account.

    The ticks of /proc/stat are off by a quarter under a load that keeps time.
    """
    pids = (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal())
    return dict(_cpus_of(pids))


def spent_since(before: dict[int, float]) -> dict[int, float]:
    """What every process has spent since then; of those that ended meanwhile nothing is known."""
    return {pid: now_s - before.get(pid, 0.0) for pid, now_s in each_cpu_s().items()}


def _cpus_of(pids: Iterable[int]) -> Iterator[tuple[int, float]]:
    for pid in pids:
        # It may have ended meanwhile.
        with suppress(OSError):
            yield pid, time.clock_gettime(~pid << 3 | 2)


def _pss_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
