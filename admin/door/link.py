"""Makes the links that the box's own console hands out: for the first owner, and for whoever lost a password.

May import: admin.door.hosts, appliance.core, appliance.store.
"""

from admin.door.hosts import reachable
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from appliance.store import access, accounts, audit, database, times
from appliance.store.accounts import Account
from appliance.store.audit import CONSOLE, Actor, Deed
from appliance.store.database import Connection

BY = Actor(CONSOLE, who=CONSOLE)


def new_link(
    settings: Settings, *, name: str = "", port: int | None = None, without_second_step: bool = False
) -> tuple[str, str]:
    """The address to open, once and soon, and for whom: nobody yet, before there is an owner.

    `port` is the real one when the settings leave it open. Its row is on disk when this returns. Raises
    SettingsError or StoreError.
    """
    base = address(settings, port=port)
    db = database.connect(settings.database)
    try:
        with database.immediate(db):
            account = _whose(db, name)
            token = access.add_link(db, account.id if account else None, at=times.utc_now())
            if account and without_second_step:
                accounts.drop_secret(db, account.id)
                _note(db, Deed.TWO_STEP_OFF, account.name)
            _note(db, Deed.LINK_MADE if account else Deed.OWNER_LINK_MADE, account.name if account else "")
    finally:
        db.close()
    return f"{base}/open/{token}", account.name if account else ""


def end_sessions(settings: Settings) -> int:
    """Show everybody out and withdraw the links; return how many sessions held. Raises StoreError."""
    db = database.connect(settings.database)
    try:
        with database.immediate(db):
            _note(db, Deed.ALL_SIGNED_OUT, "")
            return access.end_all(db, at=times.utc_now(), rest_s=settings.admin.idle_minutes * 60)
    finally:
        db.close()


def address(settings: Settings, *, port: int | None = None) -> str:
    """Where the pages are: at the front, where there is one, but for a port of the admin's own.

    Raises SettingsError when nobody can know the port.
    """
    if settings.front.name and port is None:
        return f"https://{settings.front.name}"
    real = port or settings.listen.admin_port
    if not real:
        raise SettingsError(
            ["[listen] admin_port is 0, a free port: say with --port which one the admin took."]
        )
    return f"http://{reachable(settings.listen.admin_host)}:{real}"


def _whose(db: Connection, name: str) -> Account | None:
    """Who is meant; None while there is no owner. Raises SettingsError."""
    if not name and not accounts.has_owner(db):
        return None
    known = [account for account in accounts.every(db) if account.ended_at is None]
    meant = [account for account in known if accounts.key_of(account.name) == accounts.key_of(name)]
    owners = [account for account in known if account.role is accounts.Role.OWNER]
    if not name and len(owners) == 1:
        meant = owners
    if not meant:
        names = ", ".join(account.name for account in known) or "nobody yet"
        raise SettingsError([f"Say with --for whose link it is: {names}."])
    return meant[0]


def _note(db: Connection, deed: Deed, target: str) -> None:
    audit.add(db, BY, deed, at=times.utc_now(), target=target)
