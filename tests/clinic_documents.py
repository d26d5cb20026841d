"""The documents of `tests/data/kb-clinic`, read and indexed as on a box, once for a test run.

May import: the standard library, appliance, this repository's tests.
"""

import shutil
import tempfile
import threading
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from appliance.core.settings import Settings
from appliance.jobs.giving import Said
from appliance.service import knowledge
from appliance.store import database

DOCUMENTS = Path(__file__).parent / "data" / "kb-clinic"
REVIEWED = {"patient-portal": "2024-05-02"}
"""The others were looked at this year."""
ONE_AT_A_TIME = threading.Lock()
TABLES = ("knowledge_doc", "knowledge_chunk", "knowledge_sequence")


@cache
def indexed() -> Settings:
    """The settings of a box that has them, with its database and its index."""
    folder = Path(tempfile.mkdtemp(prefix="attendant-kb-"))
    settings = Settings.model_validate({"box": {"data_dir": folder}})
    began, today = datetime.now(UTC), datetime.now(UTC).date().isoformat()
    for file in sorted([*DOCUMENTS.glob("*/*.md"), *DOCUMENTS.glob("*/*.csv")]):
        reviewed = REVIEWED.get(file.stem, today)
        knowledge.add_file(settings, file, Said(language=file.parent.name, reviewed_on=reviewed))
    with knowledge.doing(settings):
        last = [*knowledge.followed(settings, began)][-1]
    assert not last.problems, last.problems
    return settings


def given_to(data_dir: Path, database_path: Path) -> None:
    """Give a box the same documents and index."""
    with ONE_AT_A_TIME:
        there = indexed()
    target = Settings.model_validate({"box": {"data_dir": data_dir}}).knowledge_index
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(there.knowledge_index, target)
    db = database.connect(database_path)
    try:
        db.execute("ATTACH DATABASE ? AS given", (str(there.database),))
        with database.immediate(db):
            for table in TABLES:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 -- names of our own
                db.execute(f"INSERT INTO {table} SELECT * FROM given.{table}")  # noqa: S608
    finally:
        db.close()
