"""Lays a version beside those that are there: its code, and an environment with exactly what its lock names.

It comes as a folder (a checkout), as an archive of one (a bundle, which may hold wheels), or as a wheel with
requirements.lock beside it. May import: the standard library, appliance.core, appliance.service.update.
"""

import hashlib
import os
import re
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from appliance.core.files import replace
from appliance.core.installed import COMPLETE
from appliance.service.update.commands import quietly
from appliance.service.update.versions import UpdateFailed, Versions

LOCK, WHEELS = "requirements.lock", "wheels"
PACKAGES = ("appliance", "ari_bridge", "twilio_bridge", "models", "kb", "admin")
BESIDE = ("systemd", "scripts", "install.sh", LOCK)
"""What a version has beside its packages, where there is such a thing."""
MEGABYTES = 1500
"""The room that an environment takes."""
PIP_S = 1800.0
_VERSION = re.compile(r'^VERSION = "([0-9A-Za-z.+-]{1,40})"$', re.MULTILINE)
_COMMAND = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export PYTHONPATH="$here/../code" PYTHONDONTWRITEBYTECODE=1
exec "$here/../environment/bin/python" -P -c \\
    'import sys; sys.argv[0] = "attendant"; from appliance.cli.main import main; sys.exit(main())' "$@"
"""


def place(versions: Versions, source: Path, *, sha256: str = "", environment: Path | None = None) -> str:
    """Lay a version ready, and return its name; one that is there already is taken as it is.

    `environment` is used in the place of one of its own. Raises UpdateFailed.
    """
    if sha256 and not (source.is_file() and _digest([source]) == sha256.lower()):
        raise UpdateFailed(f"{source} is not what the sum was made of: fetch it again. Nothing was changed.")
    # The box's users read what root lays ready, by whatever umask root has.
    was = os.umask(0o022)
    try:
        (versions.root / "versions").mkdir(parents=True, exist_ok=True)
        with _opened(source) as tree:
            return _placed(versions, tree, environment)
    except OSError as exc:
        raise UpdateFailed(f"The version cannot be laid ready: {exc}. What runs goes on.") from exc
    finally:
        os.umask(was)


def _placed(versions: Versions, tree: Path, environment: Path | None) -> str:
    number = _number(tree)
    name = f"{number}-{_digest(sorted(_code(tree)), tree)[:8]}"
    folder = versions.folder(name)
    if (folder / COMPLETE).exists():
        return name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "code").mkdir(parents=True)
    for part in (*PACKAGES, *BESIDE):
        if (tree / part).is_dir():
            shutil.copytree(tree / part, folder / "code" / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif (tree / part).exists():
            shutil.copy2(tree / part, folder / "code" / part)
    _readable(folder / "code")
    used = environment or _environment(versions, tree)
    (folder / "environment").symlink_to(used)
    (folder / "bin").mkdir()
    versions.command(name).write_text(_COMMAND, "ascii")
    versions.command(name).chmod(0o755)
    # Compiled beforehand: programs are up sooner, and may not write there.
    compiled = [str(used / "bin" / "python"), "-m", "compileall", "-q", str(folder / "code")]
    quietly(compiled, "Its code could not be compiled", PIP_S)
    _completed(folder, number)
    return name


def _readable(code: Path) -> None:
    """Have the box's users read it, by whatever umask its source was made."""
    for folder, _, names in os.walk(code):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _environment(versions: Versions, tree: Path) -> Path:
    """The environment of a lock file, made when there is none. Raises UpdateFailed."""
    lock = tree / LOCK
    digest = f"{_digest([lock])[:16]}-{sys.version_info.major}.{sys.version_info.minor}"
    folder = versions.environment(digest)
    if (folder / COMPLETE).exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder.parent).free < MEGABYTES * 1_000_000:
        raise UpdateFailed(f"The disk is too full: {MEGABYTES} MB are needed in {folder.parent}.")
    python = str(folder / "bin" / "python")
    quietly(
        [_system_python(), "-m", "venv", str(folder)], "No environment could be made (python3-venv)", PIP_S
    )
    wheels = ["--no-index", "--find-links", str(tree / WHEELS)] if (tree / WHEELS).is_dir() else []
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    exact = ["--require-hashes", "--only-binary", ":all:", *wheels, "-r", str(lock)]
    quietly([*pip, *exact], "The pinned packages could not be had; is the package index reachable?", PIP_S)
    _completed(folder, digest)
    return folder


def _completed(folder: Path, what: str) -> None:
    """Say that a folder is whole: after a power cut, too, all that was written into it is there."""
    os.sync()
    replace(folder / COMPLETE, f"{what}\n".encode(), mode=0o644)


def _system_python() -> str:
    """The system's own, of the version that we run by: an environment must not rest on another one."""
    return str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))


def _number(tree: Path) -> str:
    try:
        found = _VERSION.search((tree / "appliance" / "__init__.py").read_text("utf-8"))
    except OSError:
        found = None
    if found is None or not (tree / LOCK).is_file():
        raise UpdateFailed(
            f"{tree} is no version of Attendant: no number in appliance/__init__.py, or no {LOCK}."
        )
    return found[1]


def _code(tree: Path) -> Iterator[Path]:
    for part in (*PACKAGES, LOCK):
        top = tree / part
        for path in top.rglob("*") if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def _digest(paths: list[Path], tree: Path | None = None) -> str:
    """The sum of files, in a tree with their names."""
    whole = hashlib.sha256()
    for path in paths:
        if tree is not None:
            whole.update(f"{path.relative_to(tree)}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                whole.update(piece)
    return whole.hexdigest()


@contextmanager
def _opened(source: Path) -> Iterator[Path]:
    """The tree of what was given. Raises UpdateFailed."""
    if source.is_dir():
        yield source.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="attendant-update-") as folder:
        tree = Path(folder)
        try:
            if source.suffix == ".whl":
                with zipfile.ZipFile(source) as wheel:
                    wheel.extractall(tree)  # noqa: S202 -- it drops what climbs out
                shutil.copy2(source.with_name(LOCK), tree / LOCK)
            else:
                with tarfile.open(source) as archive:
                    archive.extractall(tree, [*_plain(archive)])  # noqa: S202 -- of what was looked at
        except (tarfile.TarError, zipfile.BadZipFile, EOFError) as exc:
            raise UpdateFailed(f"{source} cannot be opened: {exc}. Is it whole?") from exc
        inside = [path for path in tree.iterdir() if path.is_dir()]
        yield inside[0] if len(inside) == 1 and not (tree / "appliance").exists() else tree


def _plain(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """What is in an archive: files and folders that stay in their place, and are ours. Raises UpdateFailed.

    Debian 12's Python does not know the filters of tarfile yet.
    """
    for each in archive:
        path = PurePosixPath(each.name)
        if path.is_absolute() or ".." in path.parts or not (each.isreg() or each.isdir()):
            raise UpdateFailed(f"{each.name[:80]!r} is in the archive, and in no bundle of ours.")
        each.uid, each.gid, each.uname, each.gname = os.geteuid(), os.getegid(), "", ""
        each.mode = 0o755 if each.isdir() or each.mode & 0o100 else 0o644
        yield each
