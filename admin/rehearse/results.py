"""How a run of the kept rehearsals came out, in words: those first that are not as they should be.

May import: the standard library, admin, appliance.core, appliance.store.
"""

from typing import Any

from admin import visit
from admin.rehearse import shown
from admin.visit import reader_tongue
from appliance.store import rehearsals
from appliance.store.database import Connection


def of(db: Connection, run_id: int) -> dict[str, Any]:
    """What a page shows of a run. Raises NoSuchRow."""
    tongue, office = reader_tongue(), visit.visit().office
    found, known = rehearsals.results(db, run_id), shown.sentences(office, tongue)
    differing = {
        each.rehearsal.id: {
            part: [shown.line(part, line, known, office) for line in lines]
            for part, lines in each.differs.items()
        }
        for each in found
    }
    return {
        "run": rehearsals.run(db, run_id),
        "results": sorted(found, key=lambda each: not (each.problem or each.differs)),
        "differing": differing,
        "all": len(rehearsals.every(db)),
        "parts": shown.PARTS,
        "speaker": lambda who: shown.speaker(who, tongue),
    }
