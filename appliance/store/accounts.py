"""Who may use the admin, and as what: names, roles, hashes of passwords, second steps.

An account is never deleted, it ends: the audit log goes on naming it. Functions that write run in a
transaction of their caller. May import: the standard library, appliance.core, appliance.store.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow, RowRefused

NAME_MOST = 40


class Role(StrEnum):
    """What an account is for."""

    OWNER = "owner"
    """Everything, and who else may."""
    FRONT_DESK = "front_desk"
    """The day's work: calls, messages, callbacks."""
    READ_ONLY = "read_only"
    """Sees the day's work and changes nothing."""
    IT = "it"
    """The box itself, and nothing of patients."""


class NameTaken(RowRefused):
    """Another account has this name, or had it before it ended."""


class LastOwner(RowRefused):
    """Nobody would be left who can let others in."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account, as pages know it."""

    id: int
    name: str
    role: Role
    language: str
    """Of its pages; empty: as the browser asks."""
    invited: bool
    """No password was chosen yet."""
    two_step: bool
    created_at: str
    ended_at: str | None
    department: str = ""
    """Where callers are put whom it takes over, by its slug; empty: at the front desk."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """What an account proves itself with: never shown, never logged."""

    password: str
    """An argon2 hash; empty where none was chosen."""
    secret: str
    """Of the second step, base32; empty without one."""
    offered: str
    """A secret that waits for its first code."""
    last_step: int


def key_of(name: str) -> str:
    """A name as names are compared: two that look alike are one."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def add(db: Connection, name: str, role: Role, *, at: str) -> Account:
    """Make an account without a password. Raises NameTaken."""
    row = db.execute(
        """
        INSERT INTO account (name, key, role, created_at) VALUES (:name, :key, :role, :at)
        ON CONFLICT (key) DO NOTHING
        RETURNING *
        """,
        {"name": name, "key": key_of(name), "role": role, "at": at},
    ).fetchone()
    if row is None:
        raise NameTaken(f"There is an account with the name {name} already.")
    return _account(row)


def one(db: Connection, account_id: int) -> Account:
    """An account. Raises NoSuchRow."""
    row = db.execute("SELECT * FROM account WHERE id = ?", (account_id,)).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no account {account_id}.")
    return _account(row)


def by_name(db: Connection, name: str) -> Account | None:
    """The account of a name, however it is typed."""
    row = db.execute("SELECT * FROM account WHERE key = ?", (key_of(name),)).fetchone()
    return None if row is None else _account(row)


def every(db: Connection) -> list[Account]:
    """All accounts: those that are open first, by name."""
    return [_account(row) for row in db.execute("SELECT * FROM account ORDER BY ended_at IS NOT NULL, key")]


def has_owner(db: Connection) -> bool:
    """Whether somebody owns this box: an owner with a password."""
    row = db.execute(
        "SELECT 1 FROM account WHERE role = 'owner' AND ended_at IS NULL AND password <> '' LIMIT 1"
    )
    return row.fetchone() is not None


def proofs(db: Connection, account_id: int) -> Proofs:
    """What an account proves itself with. Raises NoSuchRow."""
    row = db.execute(
        "SELECT password, secret, secret_offered, last_step FROM account WHERE id = ?", (account_id,)
    ).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no account {account_id}.")
    return Proofs(*row)


def set_password(db: Connection, account_id: int, password: str, *, at: str) -> None:
    """Keep the hash of a password. Raises NoSuchRow."""
    _change(db, account_id, "password = :password, password_at = :at", password=password, at=at)


def set_role(db: Connection, account_id: int, role: Role) -> None:
    """Give an account another role. Raises NoSuchRow or LastOwner."""
    _change(db, account_id, "role = :role", role=role)
    _see_an_owner(db)


def set_language(db: Connection, account_id: int, language: str) -> None:
    """Which language its pages have. Raises NoSuchRow."""
    _change(db, account_id, "language = :language", language=language)


def set_department(db: Connection, account_id: int, department: str) -> None:
    """Where callers are put whom it takes over. Raises NoSuchRow."""
    _change(db, account_id, "department = :department", department=department)


def end(db: Connection, account_id: int, *, at: str) -> None:
    """Let somebody in no more. Raises NoSuchRow or LastOwner."""
    _change(db, account_id, "ended_at = COALESCE(ended_at, :at)", at=at)
    _see_an_owner(db)


def resume(db: Connection, account_id: int) -> None:
    """Open an account again, without its password and second step. Raises NoSuchRow."""
    _change(db, account_id, "ended_at = NULL, password = ''")
    drop_secret(db, account_id)


def offer_secret(db: Connection, account_id: int, secret: str) -> None:
    """Keep a secret until its first code proves that a telephone has it. Raises NoSuchRow."""
    _change(db, account_id, "secret_offered = :secret", secret=secret)


def take_secret(db: Connection, account_id: int, step: int, codes: Sequence[str]) -> None:
    """From now on the offered secret is asked for; these codes do once each instead. Raises NoSuchRow."""
    _change(db, account_id, "secret = secret_offered, secret_offered = '', last_step = :step", step=step)
    set_codes(db, account_id, codes)


def set_codes(db: Connection, account_id: int, codes: Sequence[str]) -> None:
    """Have these recovery codes and no others; only their hashes are kept."""
    db.execute("DELETE FROM account_code WHERE account_id = ?", (account_id,))
    for code in codes:
        db.execute(
            "INSERT INTO account_code (code_hash, account_id) VALUES (?, ?)", (_hash(code), account_id)
        )


def drop_secret(db: Connection, account_id: int) -> None:
    """Ask for no second step any more. Raises NoSuchRow."""
    _change(db, account_id, "secret = '', secret_offered = '', last_step = 0")
    db.execute("DELETE FROM account_code WHERE account_id = ?", (account_id,))


def use_step(db: Connection, account_id: int, step: int) -> bool:
    """Use a telephone's code up; False when it, or a newer one, was used before."""
    row = db.execute(
        "UPDATE account SET last_step = :step WHERE id = :id AND last_step < :step RETURNING id",
        {"id": account_id, "step": step},
    ).fetchone()
    return row is not None


def use_code(db: Connection, account_id: int, code: str, *, at: str) -> bool:
    """Use a recovery code up; False when it is none, or was used before."""
    row = db.execute(
        """
        UPDATE account_code SET used_at = :at
        WHERE code_hash = :hash AND account_id = :id AND used_at IS NULL
        RETURNING account_id
        """,
        {"hash": _hash(code), "id": account_id, "at": at},
    ).fetchone()
    return row is not None


def codes_left(db: Connection, account_id: int) -> int:
    """How many recovery codes were not used yet."""
    row = db.execute(
        "SELECT COUNT(*) FROM account_code WHERE account_id = ? AND used_at IS NULL", (account_id,)
    ).fetchone()
    return int(row[0])


def _change(db: Connection, account_id: int, change: str, **values: str | int) -> None:
    statement = f"UPDATE account SET {change} WHERE id = :id RETURNING id"
    if db.execute(statement, {"id": account_id, **values}).fetchone() is None:
        raise NoSuchRow(f"There is no account {account_id}.")


def _see_an_owner(db: Connection) -> None:
    if not has_owner(db):
        raise LastOwner("There must be an owner who can sign in: make somebody else an owner first.")


def _account(row: Any) -> Account:
    return Account(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        language=row["language"],
        invited=not row["password"],
        two_step=bool(row["secret"]),
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        department=row["department"],
    )


def _hash(code: str) -> str:
    """Codes are random and long: a plain hash of one cannot be turned back."""
    return hashlib.sha256(code.encode()).hexdigest()
