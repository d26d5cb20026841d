"""Versions: a count for each subject that pages watch; it grows with every change of the subject's rows.

The database counts by itself (triggers), so nobody who writes can forget it. May import: appliance.store.
"""

from appliance.store.database import Connection

SUBJECTS = ("calls", "talk", "messages", "callbacks", "office", "knowledge", "jobs", "box")


def of(db: Connection, *subjects: str) -> str:
    """The versions of some subjects as one text: it is another one after every change of theirs."""
    counts = dict(iter(db.execute("SELECT subject, count FROM version")))
    return ".".join(str(counts[subject]) for subject in subjects)
