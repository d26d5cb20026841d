"""The manifest: what was in the stage, by which a restored copy is judged to the row and byte.

May import: the standard library, pydantic, appliance, appliance.core, appliance.store, appliance.backup.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from appliance import VERSION
from appliance.backup.restic import Check, Damaged
from appliance.backup.stage import DATABASE, Missing, Sources, why
from appliance.core import files
from appliance.store import copying, database

FILE = "manifest.json"
PIECE = 1 << 20
NAMED_MOST = 3


class Kept(BaseModel):
    """One file."""

    model_config = ConfigDict(frozen=True)

    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What one backup holds, and where it lay on the box."""

    model_config = ConfigDict(frozen=True)

    version: str
    made_at: str
    host: str
    data_dir: Path
    pbx_dir: Path
    languages_dir: Path
    tables: dict[str, int]
    files: dict[str, Kept]
    missing: Missing = {}
    """What was there and could not be read, and why: the backup is of the rest."""
    orphans: tuple[str, ...] = ()
    """What is wrong with rows of a database that is sound otherwise."""

    @property
    def bytes(self) -> int:
        """How much it is."""
        return sum(each.bytes for each in self.files.values())

    @property
    def lacks(self) -> str:
        """What it lacks, for people; nothing where it is whole."""
        said = [f"{name} could not be read ({reason})" for name, reason in self.missing.items()]
        return _named([*said, *(each.rstrip(".") for each in self.orphans)])


def make(sources: Sources, stage: Path, missing: Missing, *, at: str, host: str, check: Check) -> Manifest:
    """Write the manifest of a stage, in which all else lies by now but for what is missing.

    What cannot be read here is missing, too. Raises Damaged, StoreError, OSError.
    """
    damaged, orphans = database.examined(stage / DATABASE)
    if damaged:
        raise Damaged(
            f"The database is damaged, and was not backed up over a good copy: {damaged[0]}", again=False
        )
    found = _kept_of(stage, missing, check)
    manifest = Manifest(
        version=VERSION,
        made_at=at,
        host=host,
        data_dir=sources.data.absolute(),
        pbx_dir=sources.pbx.absolute(),
        languages_dir=sources.languages.absolute(),
        tables=copying.counts(stage / DATABASE),
        files=found,
        missing=missing,
        orphans=tuple(orphans),
    )
    files.replace(stage / FILE, manifest.model_dump_json(indent=1).encode(), mode=0o600)
    return manifest


def _kept_of(stage: Path, missing: Missing, check: Check) -> dict[str, Kept]:
    """What each file is; one that cannot be read is taken out of the stage. Raises OSError."""
    found = {}
    for path in _all(stage):
        name = str(path.relative_to(stage))
        try:
            found[name] = kept(path, check)
        except OSError as exc:
            if name == DATABASE:
                raise
            missing[name] = why(exc)
            path.unlink()
    return found


def read(text: bytes) -> Manifest:
    """A manifest as it was written. Raises Damaged."""
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as exc:
        raise Damaged("The manifest of the backup cannot be read: take another snapshot.") from exc


def judge(folder: Path, manifest: Manifest, check: Check) -> None:
    """Hold a restored copy against what was there when it was made. Raises Damaged, what check raises."""
    wrong = [*_wrong_files(folder, manifest, check)]
    if wrong:
        raise Damaged(f"What was restored is not what was kept: {_named(wrong)}.")
    damaged, orphans = database.examined(folder / DATABASE)
    if found := [*damaged, *(each for each in orphans if each not in manifest.orphans)]:
        raise Damaged(f"The restored database is damaged: {found[0]}")
    restored = copying.counts(folder / DATABASE)
    for table in sorted({*restored, *manifest.tables}):
        if restored.get(table) != manifest.tables.get(table):
            told = f"{restored.get(table)} rows and had {manifest.tables.get(table)}"
            raise Damaged(f"The restored table {table} has {told}.")


def _wrong_files(folder: Path, manifest: Manifest, check: Check) -> Iterator[str]:
    known = {FILE, *manifest.files}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_symlink() or (path.is_file() and name not in known):
            yield f"{name} does not belong there"
    for name, was in manifest.files.items():
        check()
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif kept(path, check) != was:
            yield f"{name} is another"


def kept(path: Path, check: Check) -> Kept:
    """What a file is. Raises OSError, what check raises."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            check()
            digest.update(piece)
            size += len(piece)
    return Kept(bytes=size, sha256=digest.hexdigest())


def _named(those: Sequence[str]) -> str:
    """The first of them, and how many more."""
    more = f" and {len(those) - NAMED_MOST} more" if len(those) > NAMED_MOST else ""
    return f"{'; '.join(those[:NAMED_MOST])}{more}"


def _all(stage: Path) -> list[Path]:
    return sorted(path for path in stage.rglob("*") if path.is_file())
