"""The carrier peer as a program: one call, printed, with its sound and its journal as files."""

import asyncio
import sys
from pathlib import Path

import orjson

from tests.peers.carrier.stand import STREAM
from tests.peers.carrier.toy_box import MediaSocket, ToyBox

ROOT = Path(__file__).parents[1]


async def run(box: ToyBox, folder: Path, plan: str) -> tuple[int | None, str]:
    (folder / "plan.txt").write_text(plan)
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        *(
            "-m",
            "tests.peers.carrier",
            "--voice-url",
            f"{box.PUBLIC}/voice",
            "--map",
            f"{box.PUBLIC}={box.local}",
        ),
        *(
            "--plan",
            str(folder / "plan.txt"),
            "--wav",
            str(folder / "out.wav"),
            "--json",
            str(folder / "out.json"),
        ),
        *("--pace", "instant"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await program.communicate()
    return program.returncode, out.decode()


async def test_a_call_is_printed_and_written_down(tmp_path: Path) -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.media(b"\x10\x90" * 800)
        await media.drain()

    box = ToyBox()
    box.talk = talk
    box.twiml("/voice", STREAM)
    async with box.open():
        code, out = await run(box, tmp_path, "wait for reply\nsay df_book_a_room\nhang up\n")
    assert code == 0
    assert "agent begins to be heard" in out
    assert "ended: caller-hung-up" in out
    assert (tmp_path / "out.wav").read_bytes()[22] == 2
    report = orjson.loads((tmp_path / "out.json").read_bytes())
    assert report["disposition"] == "caller-hung-up"
    assert report["streams"][0]["played_bytes"] == 1600


async def test_a_call_that_fails_exits_with_1(tmp_path: Path) -> None:
    box = ToyBox()
    async with box.open():
        code, out = await run(box, tmp_path, "wait 1\n")
    assert code == 1
    assert "11200" in out


async def test_a_plan_that_cannot_be_read_exits_with_2(tmp_path: Path) -> None:
    box = ToyBox()
    async with box.open():
        code, _ = await run(box, tmp_path, "shout\n")
    assert code == 2
