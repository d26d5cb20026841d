"""Does what is owed to a knowledge base, and dies at a chosen point: `... DATA POINT`.

POINT is how many calls into the store, the index and the jobs may return before the process kills itself by
SIGKILL; 0 is never, and then the number of all of them is printed. May import: the standard library,
appliance.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from appliance.core.settings import checked
from appliance.jobs import knowledge as kinds
from appliance.jobs import work as doing
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import registry
from appliance.jobs.turns import Turns
from appliance.service import knowledge
from appliance.store import database, job_leases
from appliance.store.job_leases import Moment, Waits

ROOT = str(Path(__file__).parents[2])
WATCHED = tuple(f"{ROOT}/{name}" for name in ("appliance/store/", "appliance/jobs/", "kb/"))


class Point:
    """Counts returns of functions in the watched files, in all threads, and ends the process at one."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0
        self._lock = threading.Lock()

    def watch(self, frame: FrameType, event: str, _: object) -> None:
        """To be called by the interpreter."""
        if event != "return" or not frame.f_code.co_filename.startswith(WATCHED):
            return
        with self._lock:
            self.seen += 1
            if self.seen == self.at:
                os.kill(os.getpid(), signal.SIGKILL)


def work(data: Path, point: Point) -> None:
    """Do all that is due, as the worker does: take over what a dead one left, then job after job."""
    settings = checked({"box": {"data_dir": str(data)}}, "the test")
    registered = registry(kinds.kinds_of(knowledge.place(settings)))
    db = database.connect(settings.database)
    with database.immediate(db):
        job_leases.recover(db, moment=Moment.now(), waits=Waits(first_s=0.001, longest_s=0.001))
    sys.setprofile(point.watch)
    try:
        while True:
            with database.immediate(db):
                name = f"{os.getpid()}/{point.seen}"
                found = job_leases.claim(db, [*registered], worker=name, moment=Moment.now(), lease_s=60)
            if found is None:
                return
            deadline_s = registered[found[0].kind].deadline_s
            doing.do(registered, Errand(*found, db, Turns(), deadline_s), Moment.now, lambda _: True)
    finally:
        sys.setprofile(None)
        db.close()


if __name__ == "__main__":
    chosen = Point(int(sys.argv[2]))
    work(Path(sys.argv[1]), chosen)
    print(chosen.seen)
