"""Who hung up was led on to nobody: a disposition to people counts where somebody's telephone has rung.

May import: appliance.store.migrations.m0037_corrections_and_days.
"""

from typing import TYPE_CHECKING

from appliance.store.migrations.m0037_corrections_and_days import WHEN_FILED, filed

if TYPE_CHECKING:
    from sqlite_utils import Database

LED = """
    {row}.disposition = '' AND {row}.outcome IN ('transferred', 'unanswered', 'voicemail')
    OR {row}.disposition GLOB 'transfer:*'
"""
STATEMENTS = (
    "DROP TRIGGER tallied_filed",
    f"""
    CREATE TRIGGER tallied_{WHEN_FILED} BEGIN
        {filed("OLD", "", by=-1, led=LED)} {filed("NEW", "", led=LED)}
    END
    """,
    # The name of such a count is how the call was filed, so that calls which are gone are corrected as well.
    """
    DELETE FROM tally WHERE what = 'led'
    AND name GLOB ' *' AND name NOT IN (' transferred', ' unanswered', ' voicemail')
    """,
)


def apply(db: "Database") -> None:
    """State the trigger anew, and take back what was counted."""
    for statement in STATEMENTS:
        db.execute(statement)
