"""Keeps files and functions small enough to read: prints the sizes, exits 1 when one is over the limit.

Run by ./scripts/dev check. May import: the standard library.
"""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE_LINES = 500
FUNCTION_LINES = 60


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """How many lines stand under one name."""

    lines: int
    name: str


def python_files(root: Path) -> list[Path]:
    """Every Python file that is, or could be, committed; all of them where git cannot tell."""
    named = _known_to_git(root)
    if named is None:
        named = [path for path in root.rglob("*.py") if not _hidden(path.relative_to(root))]
    return sorted({path for path in named if path.is_file()})


def _known_to_git(root: Path) -> list[Path] | None:
    if shutil.which("git") is None:
        return None
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        return None
    return [root / name for name in listed.stdout.split("\0") if name]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def function_sizes(source: str, filename: str) -> Iterator[Size]:
    """The lines of each function, from its `def` to its end; decorators are not counted."""
    for node in ast.walk(ast.parse(source, filename)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            yield Size(last - node.lineno + 1, f"{filename}:{node.lineno} {node.name}")


def summary(what: str, sizes: list[Size]) -> str:
    """One line: how many, the median, the 90th percentile and the longest."""
    ranked = sorted(sizes)
    if not ranked:
        return f"{what}: none"
    median, ninetieth, most = ranked[len(ranked) // 2], ranked[len(ranked) * 9 // 10], ranked[-1]
    return (
        f"{what}: {len(ranked)}, lines median {median.lines}, 90th {ninetieth.lines},"
        f" most {most.lines} ({most.name})"
    )


def main(root: Path) -> int:
    """Print the sizes under this folder; return the exit status."""
    files: list[Size] = []
    functions: list[Size] = []
    for path in python_files(root):
        name, source = str(path.relative_to(root)), path.read_text(encoding="utf-8")
        files.append(Size(source.count("\n"), name))
        functions += function_sizes(source, name)
    print(summary("files", files))
    print(summary("functions", functions))
    over = [(size, FILE_LINES) for size in files if size.lines > FILE_LINES]
    over += [(size, FUNCTION_LINES) for size in functions if size.lines > FUNCTION_LINES]
    for size, limit in over:
        print(f"{size.name}: {size.lines} lines, at most {limit}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
