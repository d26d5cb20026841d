"""Makes the link that opens the pages once.

May import: admin.door.hosts, appliance.core, appliance.store.
"""

from admin.door.hosts import reachable
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from appliance.store import access, database, times


def new_link(settings: Settings, *, port: int | None = None) -> str:
    """The address to open, once and soon; `port` is the real one when the settings leave it open.

    Its row is on disk when this returns. Raises SettingsError or StoreError.
    """
    base = address(settings, port=port)
    db = database.connect(settings.database)
    try:
        with database.immediate(db):
            token = access.add_link(db, at=times.utc_now())
    finally:
        db.close()
    return f"{base}/open/{token}"


def end_sessions(settings: Settings) -> int:
    """Show everybody out and withdraw the links; return how many sessions held. Raises StoreError."""
    db = database.connect(settings.database)
    try:
        with database.immediate(db):
            return access.end_all(db, at=times.utc_now())
    finally:
        db.close()


def address(settings: Settings, *, port: int | None = None) -> str:
    """Where the pages are. Raises SettingsError when nobody can know the port."""
    real = port or settings.listen.admin_port
    if not real:
        raise SettingsError(
            ["[listen] admin_port is 0, a free port: say with --port which one the admin took."]
        )
    return f"http://{reachable(settings.listen.admin_host)}:{real}"
