"""Processes that tests begin and end by the dozen, forked from one that has read what they run.

May import: the standard library.
"""

import multiprocessing

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(
    [
        "tests.store.scribe",
        "admin.serve",
        "appliance.cli.main",
        "tests.jobs.program",
        "tests.jobs.deleting",
    ]
)
