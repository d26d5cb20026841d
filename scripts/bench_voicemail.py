"""What it costs to write a message down: time against its length, and memory, by the real program and job.

`python -m scripts.bench_voicemail` makes weights of the true shape of Whisper base with nothing in them: what
they cost is true. They write 80 tokens for each window, as much as people say in 28 s. `--minutes` tells how
long the recordings are; `--whisper` takes another shape. It also prints what a minute takes on disk.
May import: the standard library, click, numpy, orjson, av, appliance, models, scripts.
"""

import asyncio
import io
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import av
import click
import numpy as np
import orjson
from numpy.typing import NDArray

from appliance.core.settings import Settings
from appliance.jobs import work, writing_down
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import registry
from appliance.jobs.turns import Turns
from appliance.store import database, job_leases, message_texts, times, voicemail
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.migrations import migrate
from models.local.speech_client import SpeechClient
from models.recorded.opening import Task
from scripts.bench import shapes
from scripts.bench_speech import DIGITS, box, program

RATE = 8000
TOKENS = 80
SPEECH = Path(__file__).parent.parent / "tests" / "data" / "speech"
VOICES = ("jfk", "brooklyn", "sb_spk1_snt3", "fleurs_es_002")
FORMS = (("wav", "pcm_s16le", 0), ("flac", "flac", 0), ("ogg", "libopus", 24_000), ("ogg", "libopus", 16_000))
MINUTE_S = 60
WARM_S = 5.0
"""How long the message is by which all is read that is read once."""

Int16 = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one message took."""

    audio_s: float
    took_s: float
    busy_s: float
    """Of processor time, all threads and processes together."""
    ears_mb: float
    opener_mb: float

    def line(self) -> str:
        """One row of the table."""
        took, busy = self.took_s / self.audio_s, self.busy_s / self.audio_s
        minutes = f"{self.audio_s / 60:g}"
        return f"| {minutes} | {took:.3f} | {busy:.3f} | {self.ears_mb:.0f} | {self.opener_mb:.0f} |"


def talk(seconds: float) -> Int16:
    """Recorded people on a telephone, one after the other, for so long."""
    pause = np.zeros(RATE // 2, np.int16)
    once = np.concatenate([part for name in VOICES for part in (_samples(SPEECH / f"{name}.wav"), pause)])
    return np.tile(once, int(seconds * RATE / len(once)) + 1)[: round(seconds * RATE)]


def _samples(path: Path) -> Int16:
    with av.open(str(path), "r") as container:
        fits = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        frames = [made for frame in container.decode(audio=0) for made in fits.resample(frame)]
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.int16)


@contextmanager
def recorded(samples: Int16) -> Iterator[tuple[Settings, Connection]]:
    """A box with one message to write down."""
    with tempfile.TemporaryDirectory() as name:
        settings = Settings.model_validate({"box": {"data_dir": name}})
        folder = Path(name) / "recordings"
        folder.mkdir()
        with wave.open(str(folder / "a-0.wav"), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(samples.tobytes())
        migrate(settings.database)
        db = database.connect(settings.database)
        now = datetime.now(UTC)
        try:
            with database.immediate(db):
                at = times.written(now)
                voicemail.taken_here(db, call_sid="c", name="a-0.wav", seconds=1, at=at, now=now)
            yield settings, db
        finally:
            db.close()


def written_down(seconds: float, client: SpeechClient, weights: Path) -> Cost:
    """Write a recording of this length down as the worker does."""
    with recorded(talk(seconds)) as (settings, db):
        kinds = registry([writing_down.writing_down(settings, client)])
        with database.immediate(db):
            found = job_leases.claim(db, [*kinds], worker="w", moment=Moment.now(), lease_s=99_999)
        if found is None:
            raise click.ClickException("nothing was owed")
        began, busy = time.monotonic(), _busy_s(weights)
        errand = Errand(*found, db, Turns(), writing_down.DEADLINE_S)
        became = work.do(kinds, errand, Moment.now, lambda _: True)
        took_s = time.monotonic() - began
        text = message_texts.of_message(db, 1)
        if became != "done" or text is None or not text.text:
            raise click.ClickException(f"it came to nothing: {became}")
        busy_s = _busy_s(weights) - busy
        return Cost(seconds, took_s, busy_s, _peak_mb(weights), _opener_mb(settings))


def _busy_s(weights: Path) -> float:
    """Processor time until now: of the child that hears, of those that opened, and of this process."""
    of_ears = (_ears(weights) / "stat").read_text().rpartition(")")[2].split()
    ticks = sum(int(each) for each in of_ears[11:13])
    ours = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return ticks / os.sysconf("SC_CLK_TCK") + sum(each.ru_utime + each.ru_stime for each in ours)


def _peak_mb(weights: Path) -> float:
    """The most that the child which hears with these weights has held."""
    return int((_ears(weights) / "status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


def _opener_mb(settings: Settings) -> float:
    """The most that the child held which opens: it opens once more what is kept now."""
    folder = settings.box.data_dir / "recordings"
    task = Task(folder / "a-0.flac", folder / "again.flac", folder / "heard", 7200, True)
    child = subprocess.Popen(
        (sys.executable, "-m", "models.recorded.child", orjson.dumps(asdict(task), default=str).decode()),
        stdout=subprocess.DEVNULL,
    )
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = 0
    return used.ru_maxrss / 1024


def _ears(weights: Path) -> Path:
    """The process that hears with these weights."""
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if "models.speech.ears" in command and str(weights.parent) in command:
            return folder
    raise click.ClickException("the child that hears is not found")


def made(folder: Path, whisper: str) -> None:
    """Make weights of this shape, in a process of its own: what it holds is no memory of the others'."""
    making = multiprocessing.get_context("spawn").Process(
        target=shapes.make, args=(folder, whisper, TOKENS, DIGITS), kwargs={"sure": True}
    )
    making.start()
    making.join()
    if making.exitcode:
        raise click.ClickException("the weights were not made")


async def measured(whisper: str, threads: int, minutes: list[float]) -> list[Cost]:
    """Write each length down."""
    with box("digits", threads, 3) as config:
        weights = config.parent / "models" / "digits"
        weights.unlink()
        weights.mkdir()
        await asyncio.to_thread(made, weights, whisper)
        async with program(config) as client:
            # A worker and a speech program that have been up: each has read what it needs.
            await asyncio.to_thread(written_down, WARM_S, client, weights)
            lengths = [length * MINUTE_S for length in minutes]
            return [await asyncio.to_thread(written_down, each, client, weights) for each in lengths]


def kept() -> Iterator[str]:
    """What a minute takes on disk, and to be made, by how it is kept."""
    samples = talk(MINUTE_S)
    for form, codec, rate in FORMS:
        began, file = time.monotonic(), io.BytesIO()
        with av.open(file, "w", format=form) as container:
            stream = container.add_stream(codec, rate=RATE, layout="mono")
            if not isinstance(stream, av.AudioStream):
                raise click.ClickException(f"{codec} is no coding of sound")
            if rate:
                stream.bit_rate = rate
            for at in range(0, len(samples), 480):
                piece = np.ascontiguousarray(samples[at : at + 480]).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(piece, "s16", "mono")
                frame.sample_rate, frame.pts = RATE, at
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        took_ms = (time.monotonic() - began) * 1000
        name = f"{codec} {rate // 1000} kbit/s" if rate else codec
        yield f"| {name} | {len(file.getvalue()) / 1024:.0f} | {took_ms:.0f} |"


@click.command()
@click.option("--whisper", default="base", help="A shape: tiny, base, small.")
@click.option("--threads", default=2, help="Threads of recognition.")
@click.option("--minutes", default="1,3,10", help="How long the recordings are, separated by commas.")
def main(whisper: str, threads: int, minutes: str) -> None:
    """Measure what it costs to write messages down."""
    click.echo(
        "| minutes | took / length | processor time / length | hearing child, MiB | opening child, MiB |"
    )
    click.echo("| --- | --- | --- | --- | --- |")
    for cost in asyncio.run(measured(whisper, threads, [float(each) for each in minutes.split(",")])):
        click.echo(cost.line())
    click.echo("\n| kept as | KB a minute | ms to make |\n| --- | --- | --- |")
    for line in kept():
        click.echo(line)


if __name__ == "__main__":
    main()
