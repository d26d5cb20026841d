"""Takes from a process what it needs not to read a document: sockets, programs, writing, memory and time.

Linux alone. A machine that cannot filter system calls keeps the limits. May import: the standard library.
"""

import ctypes
import os
import platform
import resource
import signal
import struct

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2
LD_W_ABS, JEQ_K, JSET_K, JGE_K, RET_K = 0x20, 0x15, 0x45, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1
"""The second is an error: EPERM."""
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
X32 = 0x40000000
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# By the tables of the kernel (syscall_64.tbl for x86, asm-generic/unistd.h for ARM): sockets, other
# processes, programs, names in folders, modes of files, and doors past this filter.
_REFUSED = {
    "x86_64": (
        41, 42, 43, 44, 46, 49, 50, 53, 288, 307, 56, 57, 58, 435, 59, 322, 101, 62, 129, 200, 234, 297,
        310, 311, 82, 83, 84, 85, 86, 87, 88, 258, 259, 263, 264, 265, 266, 316, 76, 77, 90, 91, 92, 93,
        94, 260, 268, 452, 161, 165, 272, 308, 304, 425, 426, 427, 437, 438, 298, 321, 248, 249, 250,
    ),
    "aarch64": (
        198, 199, 200, 201, 202, 203, 206, 211, 242, 269, 220, 435, 221, 281, 117, 129, 130, 131, 138, 240,
        270, 271, 33, 34, 35, 36, 37, 38, 276, 45, 46, 52, 53, 54, 55, 452, 51, 40, 97, 268, 265, 425, 426,
        427, 437, 438, 241, 280, 217, 218, 219,
    ),
}  # fmt: skip
_OPENING = {"x86_64": ((2, 1), (257, 2)), "aarch64": ((56, 2),)}
"""What opens a file, and which of its arguments says how."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def limit(*, memory: int, cpu_s: int) -> None:
    """Bound this process for good: bytes of memory, seconds of computing; it ends with who began it."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))


def shut() -> bool:
    """Refuse this process sockets, programs, and whatever would change a file; False when that fails."""
    machine = platform.machine()
    if machine not in _AUDIT:
        return False
    code = b"".join(_filter(machine))
    kept = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(kept, ctypes.c_void_p))
    return _prctl(PR_SET_NO_NEW_PRIVS, 1) and _prctl(
        PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program)
    )


def _filter(machine: str) -> list[bytes]:
    """The filter: each step is a jump to one of the next two, the last of them refuse and allow."""
    steps: list[tuple[int, str, str, int]] = [
        (LD_W_ABS, "", "", ARCHITECTURE),
        (JEQ_K, "", "refuse", _AUDIT[machine]),
        (LD_W_ABS, "", "", NUMBER),
        (JGE_K, "refuse", "", X32),
        *((JEQ_K, "refuse", "", number) for number in _REFUSED[machine]),
    ]
    for number, place in _OPENING[machine]:
        # Only what opens a file looks at its argument; the number is loaded again behind it.
        steps += [
            (JEQ_K, "", "over", number),
            (LD_W_ABS, "", "", ARGUMENTS + 8 * place),
            (JSET_K, "refuse", "allow", WRITING),
        ]
    steps += [(RET_K, "", "", ALLOW), (RET_K, "", "", REFUSE)]
    places = {"allow": len(steps) - 2, "refuse": len(steps) - 1}

    def jump(at: int, to: str) -> int:
        return {"": 0, "over": 2}[to] if to not in places else places[to] - at - 1

    return [
        struct.pack("=HBBI", code, jump(at, yes), jump(at, no), value)
        for at, (code, yes, no, value) in enumerate(steps)
    ]


def _prctl(what: int, value: int, more: int = 0) -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    return bool(library.prctl(what, ctypes.c_ulong(value), ctypes.c_ulong(more), 0, 0) == 0)
