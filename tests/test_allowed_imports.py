"""The contract that names what may be imported, as `lint-imports` reads it, on a package of three lines."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = """
[tool.importlinter]
root_packages = ["small"]
include_external_packages = true
contract_types = ["allowed: scripts.allowed_imports.AllowedImports"]

[[tool.importlinter.contracts]]
name = "Small is pure"
type = "allowed"
source_modules = ["small.core"]
allowed = ["numpy"]
"""


def linted(folder: Path, imports: str) -> subprocess.CompletedProcess[str]:
    core = folder / "small" / "core"
    core.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(CONTRACT)
    (folder / "small" / "__init__.py").write_text("import aiohttp\n")
    (core / "__init__.py").touch()
    (core / "inner.py").write_text(f"import json\nimport numpy\nimport small\n{imports}")
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_standard_library_ours_and_what_is_named_may_be_imported(tmp_path: Path) -> None:
    kept = linted(tmp_path, "")
    assert kept.returncode == 0, kept.stdout


def test_anything_else_breaks_the_contract_also_when_a_function_imports_it(tmp_path: Path) -> None:
    broken = linted(tmp_path, "def f() -> None:\n    from yarl import URL\n")
    assert broken.returncode == 1
    assert "small.core.inner imports yarl" in broken.stdout
