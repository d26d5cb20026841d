"""A box that was there before keeps its menu: since then the default leaves the 2 free for another language.

Where the menu was the default's, it becomes a decision of the staff; key 8 stays that of the other language.
May import: the standard library.
"""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

MENUS = {
    "en": """
1 | hours | hours, opening hours, open, closed | For our opening hours, press 1.
2 | departments | department, departments, transfer | To reach a department, press 2.
3 | voicemail | voicemail, message, leave a message | To leave a message, press 3.
9 | assistant | assistant, appointment, question | To speak with our assistant, press 9.
0 | people | person, human, front desk, representative, operator, somebody | \
To speak with a person, press 0 at any time.
""",
    "es": """
1 | hours | horario, horarios, horas, abierto, cerrado | Para nuestro horario, oprima 1.
2 | departments | departamento, departamentos, transferir | Para comunicarse con un departamento, oprima 2.
3 | voicemail | buzón, mensaje, dejar un mensaje | Para dejar un mensaje, oprima 3.
9 | assistant | asistente, cita, pregunta | Para hablar con nuestro asistente, oprima 9.
0 | people | persona, recepción, representante, operador, operadora, alguien | \
Para hablar con una persona, oprima 0 en cualquier momento.
""",
}
"""The default menu of each language until then: key, where it leads, words, and what is said."""


def apply(db: "Database") -> None:
    """Write the menu down where calls, or decisions of the staff, show that callers know it."""
    (used,) = db.execute(
        """
        SELECT EXISTS (SELECT 1 FROM call_log) OR EXISTS (SELECT 1 FROM business_config)
            OR EXISTS (SELECT 1 FROM department)
        """
    ).fetchone()
    if not used:
        return
    row = db.execute("SELECT value FROM business_config WHERE key = 'language'").fetchone()
    menu = MENUS["es" if row and json.loads(row[0]) == "es-US" else "en"]
    entries = [_entry(*line.split(" | ")) for line in menu.strip().splitlines()]
    db.execute(
        """
        INSERT INTO business_config (key, value, changed_at, changed_by)
        VALUES ('menu', ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'the update') ON CONFLICT (key) DO NOTHING
        """,
        [json.dumps(entries, ensure_ascii=False)],
    )


def _entry(digit: str, choice: str, words: str, said: str) -> dict[str, object]:
    return {"digit": digit, "choice": choice, "words": words.split(", "), "said": said}
