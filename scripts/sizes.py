"""Keeps files and functions small enough to read: prints the sizes, exits 1 when one is over the limit.

Judged is what people write and read: code, shell, pages, styles, documents and tables. Not judged are lock
files, weights, pictures and the table of all settings, which programs write; golden calls and conversations,
which are one story each (none of these has a suffix of ours); and `tests/data`, whose sets are worth their
length.
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
CODE = ".py"
TEXTS = frozenset({".css", ".html", ".js", ".md", ".sh", ".toml"})
SCRIPT = b"#!"
"""How a file without a suffix begins that is a program."""
MADE = frozenset({Path("docs/settings.md")})
"""Written by scripts/reference.py: as long as there are settings."""
COLLECTED = Path("tests/data")
"""Sentences, recordings and their lists, out of the wide world."""


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """How many lines stand under one name."""

    lines: int
    name: str


def written_files(root: Path) -> list[Path]:
    """Every file of ours that is, or could be, committed; all of them where git cannot tell."""
    named = _known_to_git(root)
    if named is None:
        named = [path for path in root.rglob("*") if not _hidden(path.relative_to(root))]
    return sorted({path for path in named if path.is_file() and _judged(path, root)})


def _known_to_git(root: Path) -> list[Path] | None:
    if shutil.which("git") is None:
        return None
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        return None
    return [root / name for name in listed.stdout.split("\0") if name]


def _judged(path: Path, root: Path) -> bool:
    if path.suffix == CODE:
        return True
    if path.relative_to(root) in MADE or path.relative_to(root).is_relative_to(COLLECTED):
        return False
    return path.suffix in TEXTS or (not path.suffix and _program(path))


def _program(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SCRIPT)) == SCRIPT


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
    texts: list[Size] = []
    functions: list[Size] = []
    for path in written_files(root):
        name, source = str(path.relative_to(root)), path.read_text(encoding="utf-8")
        size = Size(source.count("\n"), name)
        if path.suffix == CODE:
            files.append(size)
            functions += function_sizes(source, name)
        else:
            texts.append(size)
    print(summary("files", files))
    print(summary("functions", functions))
    print(summary("other texts", texts))
    over = [(size, FILE_LINES) for size in files + texts if size.lines > FILE_LINES]
    over += [(size, FUNCTION_LINES) for size in functions if size.lines > FUNCTION_LINES]
    for size, limit in over:
        print(f"{size.name}: {size.lines} lines, at most {limit}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
