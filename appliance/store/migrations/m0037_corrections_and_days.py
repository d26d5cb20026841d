"""What staff correct in messages, and counts by the office's days: calls come and go, their numbers stay.

May import: appliance.store.office_clock.
"""

import json
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import available_timezones

from appliance.store import office_clock

if TYPE_CHECKING:
    from sqlite_utils import Database

DEFAULT_ZONE = "America/New_York"
CORRECTIONS = (
    """
    CREATE TABLE message_correction (
        id INTEGER PRIMARY KEY,
        message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
        at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z'),
        by TEXT NOT NULL CHECK (by <> ''),
        text TEXT NOT NULL,
        name TEXT NOT NULL,
        number TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX message_correction_of ON message_correction (message_id, id)",
    "CREATE INDEX message_open ON message (id) WHERE handled_at IS NULL AND hang_up = 0",
    # What was corrected is found beside what was heard.
    "DROP VIEW call_words",
    """
    CREATE VIEW call_words AS
    SELECT
        id AS call_id,
        CASE WHEN ended_at IS NULL THEN '' ELSE
            COALESCE((
                SELECT group_concat(text, char(10)) FROM (
                    SELECT text FROM transcript
                    WHERE transcript.call_id = call_log.id AND speaker IN ('caller', 'attendant')
                    ORDER BY place
                )
            ), '')
            || COALESCE((
                SELECT char(10) || group_concat(
                    subject || char(10) || body || char(10) || COALESCE(message_text.text, '') || char(10)
                    || COALESCE((
                        SELECT text FROM message_correction
                        WHERE message_correction.message_id = message.id ORDER BY id DESC LIMIT 1
                    ), ''), char(10)
                )
                FROM message LEFT JOIN message_text ON message_text.message_id = message.id
                WHERE message.call_id = call_log.id
            ), '')
        END AS said,
        COALESCE('is' || outcome, '') || ' ' || COALESCE((
            SELECT group_concat(DISTINCT 'in' || replace(language, '-', ''))
            FROM language_log WHERE language_log.call_sid = call_log.call_sid
        ), '') || ' ' || {ends} AS facts
    FROM call_log
    """.format(
        ends=" || ' ' || ".join(f"substr(replace(from_number, '+', ''), -{size})" for size in range(3, 13))
    ),
    *(
        f"""
        CREATE TRIGGER searched_message_{name} AFTER {change} ON message_correction BEGIN
            UPDATE call_search SET (said, facts) = (
                SELECT said, facts FROM call_words JOIN message USING (call_id)
                WHERE message.id = {row}.message_id
            ) WHERE rowid = (
                SELECT call_place.id FROM call_place JOIN message USING (call_id)
                WHERE message.id = {row}.message_id);
        END
        """
        for name, change, row in (("corrected", "INSERT", "NEW"), ("uncorrected", "DELETE", "OLD"))
    ),
    *(
        f"""
        CREATE TRIGGER message_correction_watched_{change.lower()} AFTER {change} ON message_correction BEGIN
            UPDATE version SET count = count + 1 WHERE subject = 'messages';
        END
        """
        for change in ("INSERT", "DELETE")
    ),
)

TABLES = (
    """
    CREATE TABLE office_clock (
        since TEXT PRIMARY KEY NOT NULL, minutes INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # The office's hour in which a call began, such as 2026-11-24T09.
    "ALTER TABLE call_log ADD COLUMN office_hour TEXT CHECK (office_hour GLOB '????-??-??T??')",
    """
    CREATE TABLE call_wish (
        call_id TEXT NOT NULL REFERENCES call_log (id) ON DELETE CASCADE,
        wish TEXT NOT NULL CHECK (wish <> ''),
        PRIMARY KEY (call_id, wish)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE tally (
        what TEXT NOT NULL,
        day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
        name TEXT NOT NULL,
        count INTEGER NOT NULL,
        usd REAL NOT NULL DEFAULT 0,
        PRIMARY KEY (what, day, name)
    ) STRICT, WITHOUT ROWID
    """,
)

HOUR = """
    strftime('%Y-%m-%dT%H', {at}, COALESCE((
        SELECT minutes FROM office_clock WHERE since <= {at} ORDER BY since DESC LIMIT 1
    ), 0) || ' minutes')
"""
EDGES = (250, 320, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3200, 4000, 5000, 6300, 8000, 10000)
"""An answer that took up to so many milliseconds; each is a quarter more than the one before."""
UP_TO = " ".join(f"WHEN ms <= {edge} THEN '{edge:05d}'" for edge in EDGES)
ANSWERS = f"""
    CREATE VIEW answer_took AS
    SELECT call_id, seq, substr(office_hour, 1, 10) AS day,
        CASE {UP_TO} ELSE '99999' END AS up_to
    FROM call_timing JOIN call_log ON call_log.id = call_id
    WHERE call_timing.name = 'response' AND office_hour IS NOT NULL
"""


def counted(what: str, name: str, day: str, source: str, *, by: str = "1", usd: str = "0") -> str:
    """The statement that counts what `source` gives: a table with a condition, or a condition alone."""
    return f"""
        INSERT INTO tally (what, day, name, count, usd) SELECT '{what}', {day}, {name}, {by}, {usd} {source}
        ON CONFLICT (what, day, name) DO UPDATE SET count = count + excluded.count, usd = usd + excluded.usd;
    """


LED = "{row}.disposition = '' OR {row}.disposition GLOB 'transfer:*'"


def filed(row: str, source: str, by: int = 1, *, led: str = LED) -> str:
    """What a call that is over counts for; with `by` -1 it counts for it no more. `led`: which led."""
    day = f"substr({row}.office_hour, 1, 10)"
    over = f"{row}.outcome IS NOT NULL AND {row}.office_hour IS NOT NULL"
    known = f"CASE {row}.cost_complete WHEN 1 THEN 'known' ELSE 'part' END"
    return "".join(
        (
            counted("outcome", f"{row}.outcome", day, f"{source} WHERE {over}", by=str(by)),
            counted("hour", f"substr({row}.office_hour, 12)", day, f"{source} WHERE {over}", by=str(by)),
            counted(
                "led", f"{row}.disposition || ' ' || {row}.outcome", day,
                f"{source} WHERE {over} AND ({led.format(row=row)})", by=str(by),
            ),
            counted(
                "cost", known, day, f"{source} WHERE {over}", by=str(by), usd=f"{by} * {row}.cost_usd"
            ),
        )
    )  # fmt: skip


KEYED = {
    "main:hours": "hours", "main:departments": "transfer_department", "main:voicemail": "leave_message",
    "main:people": "person",
}  # fmt: skip
DONE = {
    "get_business_hours": "hours", "transfer_to_department": "transfer_department",
    "transfer_to_human": "person", "take_message": "leave_message", "take_spoken_message": "leave_message",
    "call_back": "leave_message", "find_slots": "book", "book_appointment": "book",
    "book_spoken_appointment": "book", "request_appointment": "book", "text_booking_link": "book",
    "send_booking_link": "book", "move_appointment": "move", "cancel_appointment": "cancel",
    "answer_question": "question", "get_policy": "question", "set_language": "language_switch",
}  # fmt: skip
"""What a key, or a tool of the assistant, tells of the caller's wish."""
OF_THE_CALL = "substr(call_log.office_hour, 1, 10)"
DOCUMENT = """COALESCE(
    (SELECT value ->> 'slug' FROM json_each({row}.sources) WHERE value ->> 'passage' = {row}.passage LIMIT 1),
    {row}.sources ->> '$[0].slug')"""


def wished(row: str, of: str = "") -> str:
    """A wish; it stands once with each call."""
    return counted(
        "wish", f"{row}.wish", OF_THE_CALL,
        f"FROM call_log {of or 'WHERE'} call_log.id = {row}.call_id AND office_hour IS NOT NULL",
    )  # fmt: skip


def wanted(of: str, source: str) -> str:
    """The statement that has a call wish for something."""
    return f"INSERT OR IGNORE INTO call_wish (call_id, wish) SELECT {of}, {source};"


def keyed(row: str, source: str) -> str:
    """By the way through the menus."""
    return wanted(
        f"{row}.id", f"column2 FROM {source} (VALUES {_pairs(KEYED)}) AS pressed"
        f" WHERE instr(' ' || {row}.menu_path || ' ', ' ' || column1 || ' ')",
    )  # fmt: skip


def done(row: str, source: str) -> str:
    """By what the assistant did."""
    return wanted(
        f"{row}.call_id", f"column2 FROM {source} json_each({row}.data, '$.calls') AS one"
        f" JOIN (VALUES {_pairs(DONE)}) AS tool ON column1 = one.value ->> 'name'"
        f" WHERE {row}.kind = 'ToolsAsked'",
    )  # fmt: skip


def _pairs(meant: "dict[str, str]") -> str:
    return ", ".join(f"('{name}', '{wish}')" for name, wish in meant.items())


def spoken(row: str, of: str = "") -> str:
    """A language counts once for each call."""
    return counted(
        "language", f"{row}.language", OF_THE_CALL,
        f"FROM call_log {of or 'WHERE'} call_log.call_sid = {row}.call_sid AND office_hour IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM language_log AS other WHERE other.call_sid = {row}.call_sid"
        f" AND other.language = {row}.language AND other.id < {row}.id)",
    )  # fmt: skip


def asked(row: str, of: str = "") -> str:
    """A question to the documents, by what became of it, and the document that answered it."""
    source = f"FROM call_log {of or 'WHERE'} call_log.id = {row}.call_id AND office_hour IS NOT NULL"
    fate = f"CASE WHEN {row}.verified THEN 'sure' WHEN {row}.answered THEN 'unsure' ELSE 'unknown' END"
    slug = DOCUMENT.format(row=row)
    return counted("question", fate, OF_THE_CALL, source) + counted(
        "document", slug, OF_THE_CALL, f"{source} AND {row}.verified AND {slug} IS NOT NULL"
    )


def in_vain(row: str, source: str) -> str:
    """A question that was asked in vain."""
    day = f"""COALESCE(
        (SELECT substr(office_hour, 1, 10) FROM call_log WHERE call_log.id = {row}.call_id),
        substr({HOUR.format(at=f"{row}.at")}, 1, 10))"""
    return counted("unanswered", f"{row}.why", day, source)


WHEN_FILED = """
    filed AFTER UPDATE OF office_hour, outcome, disposition, cost_usd, cost_complete ON call_log
    WHEN (OLD.office_hour, OLD.outcome, OLD.disposition, OLD.cost_usd, OLD.cost_complete)
    IS NOT (NEW.office_hour, NEW.outcome, NEW.disposition, NEW.cost_usd, NEW.cost_complete)
""".strip()
TRIGGERS = {
    "begun AFTER INSERT ON call_log WHEN NEW.office_hour IS NULL": f"""
        UPDATE call_log SET office_hour = {HOUR.format(at="NEW.started_at")} WHERE id = NEW.id;
    """,
    WHEN_FILED: filed("OLD", "", by=-1) + filed("NEW", ""),
    "understood AFTER INSERT ON intent_log": wanted("NEW.call_id", "NEW.intent"),
    "keyed AFTER UPDATE OF menu_path ON call_log": keyed("NEW", ""),
    "done AFTER INSERT ON call_event WHEN NEW.kind = 'ToolsAsked'": done("NEW", ""),
    "wished AFTER INSERT ON call_wish": wished("NEW"),
    "spoken AFTER INSERT ON language_log": spoken("NEW"),
    "asked AFTER INSERT ON citations_log": asked("NEW"),
    "rated AFTER UPDATE OF rating ON citations_log WHEN (OLD.rating = -1) <> (NEW.rating = -1)": counted(
        "question", "'bad'", OF_THE_CALL,
        "FROM call_log WHERE call_log.id = NEW.call_id AND office_hour IS NOT NULL",
        by="CASE NEW.rating WHEN -1 THEN 1 ELSE -1 END",
    ),
    "missed AFTER INSERT ON unanswered_question": in_vain("NEW", "WHERE TRUE"),
    "answered AFTER INSERT ON call_timing WHEN NEW.name = 'response'": counted(
        "answer", "up_to", "day", "FROM answer_took WHERE call_id = NEW.call_id AND seq = NEW.seq"
    ),
}  # fmt: skip
"""What is deleted goes on being counted: a count names nobody."""

FILLED = (
    wanted("call_id", "intent FROM intent_log"),
    keyed("each", "call_log AS each JOIN"),
    done("each", "call_event AS each JOIN"),
    filed("each", "FROM call_log AS each"),
    wished("each", "JOIN call_wish AS each WHERE"),
    spoken("each", "JOIN language_log AS each WHERE"),
    asked("each", "JOIN citations_log AS each WHERE"),
    counted(
        "question", "'bad'", OF_THE_CALL,
        "FROM call_log JOIN citations_log AS each WHERE call_log.id = each.call_id AND each.rating = -1"
        " AND office_hour IS NOT NULL",
    ),
    in_vain("each", "FROM unanswered_question AS each WHERE TRUE"),
    counted("answer", "up_to", "day", "FROM answer_took WHERE TRUE"),
)  # fmt: skip


def _zone(db: "Database") -> str:
    """What staff decided, where it is a zone."""
    row = db.execute("SELECT value FROM business_config WHERE key = 'time_zone'").fetchone()
    zone = DEFAULT_ZONE if row is None else json.loads(row[0])
    return str(zone) if zone in available_timezones() else DEFAULT_ZONE


def apply(db: "Database") -> None:
    """Make the tables, count what there is, and have all that comes counted."""
    for statement in (*CORRECTIONS, *TABLES):
        db.execute(statement)
    office_clock.keep(cast(Any, db), _zone(db))
    db.execute(f"UPDATE call_log SET office_hour = {HOUR.format(at='started_at')}")
    db.execute(ANSWERS)
    for statements in FILLED:
        for statement in statements.split(";"):
            if statement.strip():
                db.execute(statement)
    for head, body in TRIGGERS.items():
        name, _, when = head.partition(" ")
        db.execute(f"CREATE TRIGGER tallied_{name} {when} BEGIN {body} END")
