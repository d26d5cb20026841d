"""The process that forks: `python -m tests.warm SOCKET`.

It reads the program without a thread and without an event loop, says so by a line, and forks at each request:
a packet with a Job, and the descriptors of standard output and error. It answers with the pid, and with the
status as the child ends. A child whose connection ends is not wanted any more; when the standard input ends,
all end.
May import: the standard library, appliance.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass

import appliance.service.bridge  # noqa: F401 -- imported late by the command
from appliance.cli.main import main as attendant
from appliance.core import phrases
from appliance.service import tongues

LONGEST_REQUEST = 1 << 17


@dataclass(frozen=True, slots=True)
class Job:
    """What a child is to do: the arguments of `attendant`, and its environment."""

    arguments: list[str]
    environment: dict[str, str]

    def run(self) -> None:
        """Do it, in the child. Ends in SystemExit."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(self.environment)
        time.tzset()
        sys.argv = ["attendant", *self.arguments]
        attendant()


class _Forking:
    """The process that forks: connections by descriptor, each with its child as soon as there is one."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._poll = select.poll()
        self._asking: dict[int, socket.socket] = {}
        self._children: dict[int, tuple[socket.socket, int]] = {}
        """Connection and pid, by the descriptor of the process."""
        for descriptor in (listener.fileno(), sys.stdin.fileno()):
            self._poll.register(descriptor, select.POLLIN)

    def until_child(self) -> Job | None:
        """Fork as asked; return in each child with its job, and here with None at the end."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == sys.stdin.fileno():
                    self._end()
                    return None
                if descriptor == self._listener.fileno():
                    self._accept()
                elif descriptor in self._children:
                    self._tell_end(descriptor)
                elif (job := self._heard(descriptor)) is not None:
                    return job

    def _accept(self) -> None:
        asking, _ = self._listener.accept()
        self._asking[asking.fileno()] = asking
        self._poll.register(asking.fileno(), select.POLLIN)

    def _heard(self, descriptor: int) -> Job | None:
        """A request, or the end of a connection whose child is not wanted any more."""
        asking = self._asking[descriptor]
        data, descriptors, _, _ = socket.recv_fds(asking, LONGEST_REQUEST, 2)
        if not data:
            self._forget(asking)
            return None
        pid = os.fork()
        if pid == 0:
            self._leave()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for number, given in enumerate(descriptors, 1):
                os.dup2(given, number)
                os.close(given)
            return Job(**json.loads(data))
        for given in descriptors:
            os.close(given)
        process = os.pidfd_open(pid)
        self._children[process] = (asking, pid)
        self._poll.register(process, select.POLLIN)
        asking.sendall(b"%d" % pid)
        return None

    def _leave(self) -> None:
        """Let go, in a child, of what belongs to the others."""
        self._listener.close()
        for asking in self._asking.values():
            asking.close()
        for process in self._children:
            os.close(process)

    def _tell_end(self, process: int) -> None:
        """Say how a child ended. Until it is let go its pid is nobody else's."""
        asking, _ = self._children[process]
        self._poll.unregister(process)
        if ended := os.waitid(os.P_PIDFD, process, os.WEXITED | os.WNOWAIT):
            status = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
            with suppress(OSError):
                asking.sendall(b"%d" % status)

    def _forget(self, asking: socket.socket) -> None:
        self._poll.unregister(asking.fileno())
        del self._asking[asking.fileno()]
        for process, (asked, _) in list(self._children.items()):
            if asked is asking:
                self._bury(process)
        asking.close()

    def _bury(self, process: int) -> None:
        _, pid = self._children.pop(process)
        with suppress(KeyError):
            self._poll.unregister(process)
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(process)

    def _end(self) -> None:
        for process in list(self._children):
            self._bury(process)


def _read_program() -> None:
    """Make ready, without a thread, what every process of the box keeps ready beside what it imports."""
    tongues.ready()
    phrases.load()
    if (threads := len(os.listdir("/proc/self/task"))) != 1:
        raise SystemExit(f"the program began {threads - 1} threads as it was read: it cannot be forked")
    gc.collect()
    gc.freeze()


def main(path: str) -> None:
    """Serve at a socket until the standard input ends; a child does its job instead."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _read_program()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(path)
        listener.listen(64)
        print("ready", flush=True)
        job = _Forking(listener).until_child()
    if job is not None:
        job.run()


if __name__ == "__main__":
    main(sys.argv[1])
