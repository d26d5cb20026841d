"""The audit log: who did what, when, from where. It is only added to; each row seals the one before it.

A row names ids and people of the office, never what a caller said. Functions that write run in the
transaction of what they tell of. May import: the standard library, orjson, appliance.store.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from appliance.store.database import Connection

CONSOLE = "console"
"""The source of what was done at the box's own command line."""

NOTHING = "0" * 64


class Deed(StrEnum):
    """What was done."""

    SIGNED_IN = "signed in"
    SIGN_IN_FAILED = "sign-in failed"
    SIGN_IN_REFUSED = "sign-in refused"
    """Too many had failed; nothing was looked at."""
    CODE_FAILED = "second step failed"
    RECOVERY_CODE_USED = "recovery code used"
    SIGNED_OUT = "signed out"
    SIGNED_OUT_EVERYWHERE = "signed out everywhere"
    ALL_SIGNED_OUT = "all signed out"
    LINK_MADE = "link made"
    LINK_FAILED = "link opened nothing"
    OWNER_LINK_MADE = "link made for the owner"
    OWNER_MADE = "owner made"
    PASSWORD_SET = "password set"  # noqa: S105 -- what was done, not a password
    PASSWORD_CHECK_FAILED = "password check failed"  # noqa: S105
    TWO_STEP_ON = "second step on"
    TWO_STEP_OFF = "second step off"
    CODES_MADE = "recovery codes made"
    LANGUAGE_CHOSEN = "language chosen"
    ACCOUNT_ADDED = "account added"
    ROLE_CHANGED = "role changed"
    ACCOUNT_ENDED = "account ended"
    ACCOUNT_RESUMED = "account resumed"
    RECORDING_HEARD = "recording heard"
    CALL_TAKEN_OVER = "call taken over"
    CALL_PUT_THROUGH = "call put through"
    CALL_HUNG_UP = "call ended by staff"
    LINE_CHOSEN = "own telephone chosen"
    RECORDING_FETCHED = "recording fetched"
    MESSAGE_DONE = "message done"
    MESSAGE_OPENED = "message opened again"
    MESSAGE_CORRECTED = "message corrected"
    MESSAGE_AS_BEFORE = "message as before"
    MESSAGE_WRITTEN_AGAIN = "message written again"
    CALLBACK_TAKEN = "callback taken"
    CALLBACK_GIVEN_BACK = "callback given back"
    CALLBACK_NOTED = "callback noted"
    CALLBACK_TRIED = "callback tried"
    CALLBACK_NOT_TRIED = "callback not tried"
    CALLBACK_PUT_OFF = "callback put off"
    CALLBACK_DONE = "callback done"
    CALLBACK_UNDONE = "callback undone"
    TODAY_CLOSED = "closed for today"
    TODAY_UNTIL = "open until"
    TODAY_PLANNED = "today as planned"
    WEEK_SET = "week set"
    DAY_SET = "day set"
    DAY_DROPPED = "day as usual"
    HOLIDAYS_SET = "holidays set"
    DEPARTMENT_ADDED = "department added"
    DEPARTMENT_CHANGED = "department changed"
    DEPARTMENT_MOVED = "department moved"
    DEPARTMENT_REMOVED = "department removed"
    ROTA_CHANGED = "rota changed"
    PROVIDER_ADDED = "provider added"
    PROVIDER_CHANGED = "provider changed"
    PROVIDER_REMOVED = "provider removed"
    VISIT_ADDED = "visit added"
    VISIT_CHANGED = "visit changed"
    VISIT_REMOVED = "visit removed"
    OFFER_MOVED = "offer moved"
    """A provider or a visit is offered earlier or later."""
    CALENDARS_ASKED = "calendars asked"
    LANGUAGE_ON = "language on"
    LANGUAGE_OFF = "language off"
    MENU_CHANGED = "menu changed"
    WORDS_CHANGED = "words of a language changed"
    DOCUMENT_GIVEN = "document given"
    DOCUMENT_REVIEWED = "document reviewed"
    DOCUMENT_REMOVED = "document removed"
    ANSWER_WRITTEN = "answer written"
    ANSWER_DISLIKED = "answer called bad"
    ANSWER_NOT_BAD = "answer not bad after all"
    QUESTION_DISMISSED = "question dismissed"
    QUESTION_OPENED = "question opened again"
    JOB_RETRIED = "job retried"
    JOBS_RETRIED = "jobs retried"
    JOB_DROPPED = "job dropped"
    SETTINGS_CHANGED = "settings changed"
    SETTING_PUT_BACK = "setting put back"
    SECRET_SET = "secret set"  # noqa: S105
    PHONE_ADDED = "phone added"
    PHONE_SHOWN = "phone's password shown"
    PHONE_CHANGED = "phone changed"
    PHONE_REMOVED = "phone removed"
    BOX_EXAMINED = "box examined"
    BUNDLE_TAKEN = "support bundle taken"
    BACKUP_ASKED = "backup asked for"
    VERIFICATION_ASKED = "verification asked for"
    BOX_RESTORED = "box restored"
    BOX_UPDATED = "box updated"
    REHEARSED = "rehearsed"
    REHEARSAL_KEPT = "rehearsal kept"
    REHEARSAL_EXPECTED = "rehearsal taken as right"
    REHEARSAL_FORGOTTEN = "rehearsal forgotten"
    REHEARSALS_PLAYED = "rehearsals played"
    DRAFT_KEPT = "draft kept"
    DRAFT_CHANGED = "draft changed"
    DRAFT_DECIDED = "draft decided"
    DRAFT_DECIDED_ANYWAY = "draft decided in spite of rehearsals"
    DRAFT_FORGOTTEN = "draft forgotten"
    NOT_ALLOWED = "not allowed"
    """A page was asked for that the role has not."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and from where."""

    source: str
    account_id: int | None = None
    who: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    id: int
    at: str
    actor: Actor
    deed: str
    target: str
    detail: Mapping[str, str]


def add(
    db: Connection,
    actor: Actor,
    deed: Deed,
    *,
    at: str,
    target: str = "",
    detail: Mapping[str, str] | None = None,
) -> None:
    """Add a row."""
    last = db.execute("SELECT chain FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    values = (
        at, actor.account_id, actor.who, actor.role, actor.source, deed.value, target,
        orjson.dumps(dict(detail or {}), option=orjson.OPT_SORT_KEYS).decode(),
    )  # fmt: skip
    db.execute(
        """
        INSERT INTO audit (at, account_id, who, role, source, deed, target, detail, chain)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (*values, _sealed(NOTHING if last is None else last[0], values)),
    )


def lately(db: Connection, actor: Actor, deed: Deed, target: str, *, since: str) -> bool:
    """Whether somebody has done the same since."""
    row = db.execute(
        """
        SELECT 1 FROM audit
        WHERE account_id IS :account AND deed = :deed AND target = :target AND source = :source
            AND at > :since
        LIMIT 1
        """,
        {
            "account": actor.account_id, "deed": deed.value, "target": target, "source": actor.source,
            "since": since,
        },
    ).fetchone()  # fmt: skip
    return row is not None


def page(
    db: Connection,
    *,
    before_id: int | None = None,
    account_id: int | None = None,
    deeds: Sequence[str] = (),
    limit: int = 50,
) -> list[Row]:
    """Rows, the newest first: of one account, of some deeds, before one of them."""
    rows = db.execute(
        """
        SELECT id, at, account_id, who, role, source, deed, target, detail FROM audit
        WHERE (:before IS NULL OR id < :before)
            AND (:account IS NULL OR account_id = :account)
            AND (:deeds = '[]' OR deed IN (SELECT value FROM json_each(:deeds)))
        ORDER BY id DESC LIMIT :limit
        """,
        {
            "before": before_id, "account": account_id, "deeds": orjson.dumps([*deeds]).decode(),
            "limit": limit,
        },
    )  # fmt: skip
    return [_row(row) for row in rows]


def broken(db: Connection) -> int | None:
    """The first row that is not as it was written, or whose neighbour is gone; None where all is well.

    The oldest row is taken as it is: retention takes the rows before it.
    """
    before: str | None = None
    rows = db.execute(
        "SELECT id, at, account_id, who, role, source, deed, target, detail, chain FROM audit ORDER BY id"
    )
    for row in rows:
        if before is not None and _sealed(before, tuple(row)[1:-1]) != row["chain"]:
            return int(row["id"])
        before = row["chain"]
    return None


def _sealed(before: str, values: Sequence[object]) -> str:
    return hashlib.sha256(before.encode() + orjson.dumps([*values])).hexdigest()


def _row(row: Any) -> Row:
    actor = Actor(row["source"], row["account_id"], row["who"], row["role"])
    return Row(row["id"], row["at"], actor, row["deed"], row["target"], orjson.loads(row["detail"]))
