"""SQL and SQLite are spoken in the store alone, and in the search index of the knowledge base."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("appliance", "twilio_bridge", "ari_bridge", "models", "kb", "admin", "scripts")
ALLOWED = ("appliance/store/", "kb/index.py")
STATEMENT = re.compile(
    r"^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|PRAGMA\s|BEGIN\s+IMMEDIATE"
    r"|(CREATE|ALTER|DROP)\s+(VIRTUAL\s+)?(TABLE|INDEX|TRIGGER)\s)",
    re.DOTALL,
)
ENGINES = {"pysqlite3", "sqlite3", "sqlite_utils", "apsw", "aiosqlite", "cysqlite"}


def speaks_sql(source: str) -> list[str]:
    """The engines that a source imports, and the strings in it that are statements."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found += [name.name for name in names if name.name.partition(".")[0] in ENGINES]
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in ENGINES:
                found.append(module)
            case ast.Constant(value=str(text)) if STATEMENT.match(text):
                found.append(text.strip()[:40])
    return found


def test_nobody_else_speaks_sql() -> None:
    files = [file for folder in CODE for file in (ROOT / folder).rglob("*.py")]
    others = {file: str(file.relative_to(ROOT)) for file in files}
    found = {
        name: words
        for file, name in others.items()
        if not name.startswith(ALLOWED) and (words := speaks_sql(file.read_text("utf-8")))
    }
    assert found == {}


def test_the_store_itself_would_be_found() -> None:
    store = ROOT / "appliance" / "store"
    assert speaks_sql((store / "database.py").read_text("utf-8"))
    assert speaks_sql((store / "calls.py").read_text("utf-8"))
    assert not speaks_sql('"Select a department from the list"')
