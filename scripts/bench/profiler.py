"""Where the bridge's time goes: py-spy beside a steady load, and its stacks as two short lists.

May import: the standard library, click, and of the bench load, plan, subject, script.
"""

import asyncio
import shutil
from collections import Counter
from pathlib import Path

import click

from scripts.bench.load import Load
from scripts.bench.plan import subject_of
from scripts.bench.process import CORES
from scripts.bench.script import Profile

WARM_S = 5.0
RATE = 500
SHOWN = 40


async def record(name: str, profile: Profile, calls: int, seconds: float, into: Path) -> None:
    """Sample a contender under load, and write the folded stacks."""
    spy = shutil.which("py-spy")
    if spy is None:
        raise click.ClickException("py-spy is not installed: pip install py-spy, anywhere on the PATH")
    async with Load(profile) as load, subject_of(name, load.cloud_url, calls, None) as subject:
        await load.grow(subject, calls)
        await asyncio.sleep(WARM_S)
        pin = ["taskset", "--cpu-list", str(CORES[1])] if CORES else []
        command = [*pin, spy, "record", "--format", "raw", "--rate", str(RATE), "--nonblocking"]
        command += ["--duration", str(round(seconds)), "--pid", str(subject.pid), "--output", str(into)]
        process = await asyncio.create_subprocess_exec(*command)
        if await process.wait():
            raise click.ClickException("py-spy failed; it must be allowed to read other processes' memory")


def told(into: Path) -> str:
    """What the folded stacks add up to; kept beside them too."""
    text = summary(into.read_text("utf-8"))
    into.with_suffix(".txt").write_text(text)
    return text


def summary(folded: str) -> str:
    """Samples by the function on top of the stack, and by each function on it."""
    on_top, on_stack = Counter[str](), Counter[str]()
    total = 0
    for line in folded.splitlines():
        stack, _, times = line.rpartition(" ")
        frames = stack.split(";")
        total += int(times)
        on_top[frames[-1]] += int(times)
        on_stack.update(dict.fromkeys(frames, int(times)))
    lines = [f"{total} samples", "", "on top of the stack:"]
    lines += [f"{count / total:6.1%}  {frame}" for frame, count in on_top.most_common(SHOWN)]
    lines += ["", "anywhere on it:"]
    lines += [f"{count / total:6.1%}  {frame}" for frame, count in on_stack.most_common(SHOWN)]
    return "\n".join(lines) + "\n"
