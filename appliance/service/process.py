"""What a process has the system and the interpreter do for it, once, as it begins.

May import: the standard library.
"""

import gc
import logging
import os
import pwd
import resource
from pathlib import Path

log = logging.getLogger(__name__)


def spare_the_loop() -> int:
    """Let the garbage collector pass over all that was made until now, for good; how many objects that is.

    They live as long as we do. Looked through at each full collection, they would stop us for some 75 ms.
    """
    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()


def allow_connections() -> None:
    """Hold as many connections as the system lets us: the usual soft limit is meant for `select`."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError) as exc:
        log.warning("the limit of open files stays", extra={"problem": str(exc)})


def become_owner(folder: Path) -> None:
    """Go on as whose folder it is, where root began us: what we make there can be read by all parts."""
    if os.geteuid() != 0 or not (owner := folder.stat()).st_uid:
        return
    try:
        os.initgroups(pwd.getpwuid(owner.st_uid).pw_name, owner.st_gid)
    except KeyError:
        os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
