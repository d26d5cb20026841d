"""What can be the matter with the database, each with a sentence that says what to do next.

May import: appliance.core.
"""

from appliance.core.errors import AttendantError


class StoreError(AttendantError):
    """The root of what the store reports. A write that was promised and refused is core's StoreRefused."""


class EngineTooOld(StoreError):
    """The SQLite library may damage a database that several processes write. Install the locked one."""


class DatabaseMissing(StoreError):
    """There is no database file, or its folder cannot be reached. Migrating makes one."""


class DatabaseDamaged(StoreError):
    """The file is not a sound database. Restore a backup; nothing may write to it until then."""


class DatabaseReadOnly(StoreError):
    """The disk or the file can be read, not written."""


class DiskFull(StoreError):
    """There is no room for another row."""


class DiskFailed(StoreError):
    """The disk reported an error while reading or writing."""


class DatabaseBusy(StoreError):
    """Another process held the lock for longer than we wait. Trying again can help."""


class MigrationFailed(StoreError):
    """A change of the schema did not succeed; the database is as it was before."""


class ReadTooSlow(StoreError):
    """A read did not end within its deadline and was given up."""


class RowRefused(StoreError):
    """A constraint of the schema forbids this row."""


class NoSuchRow(StoreError):
    """What was to be changed is not there."""


class EventUnreadable(StoreError):
    """A stored event is of a kind or form that this version does not know."""
