"""A table as a file for a spreadsheet.

Pure. May import: the standard library, admin.analytics.tables.
"""

import csv
import io

from admin.analytics.tables import Table

MARK = "\ufeff"
"""By this spreadsheets know that it is UTF-8."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would compute, or send somewhere, when a cell begins so."""


def written(table: Table) -> str:
    """The table, its cells as they are: numbers plain, text so that no spreadsheet takes it for a formula."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([guarded(table.head), *(guarded(column.label) for column in table.columns)])
    for place, name in enumerate(table.names):
        values = (column.values[place] for column in table.columns)
        writer.writerow([guarded(name), *("" if value is None else f"{value:.10g}" for value in values)])
    return MARK + file.getvalue()


def guarded(text: str) -> str:
    """Text that stays text."""
    return f"'{text}" if text.startswith(FORMULA) else text
