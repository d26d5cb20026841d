"""`scripts/dev bench`: reads the options, and runs the load on a core of its own.

May import: the standard library, click, uvloop, and of the bench plan, report, page, verdict,
process, profiler.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import click
import uvloop

from scripts.bench import page, profiler, report, verdict
from scripts.bench.plan import UVLOOP, YARDSTICK, Plan, carry_out
from scripts.bench.process import take_the_load_core
from scripts.bench.real import BESIDE_SPEECH, OFF, ON
from scripts.bench.script import Profile

QUICK_STEPS = (40, 120, 200)
FULL_STEPS = (10, 40, 80, 120, 160, 200, 240, 280, 320, 360, 400, 440, 480)
BRIDGES = {"off": (OFF,), "on": (ON,), "both": (OFF, ON), "none": ()}
LOAD_LATE, GOAL_BROKEN = 3, 4

FILE = click.Path(path_type=Path)


def _steps(_context: click.Context, _parameter: click.Parameter, given: str | None) -> tuple[int, ...] | None:
    if given is None:
        return None
    try:
        steps = tuple(int(each) for each in given.split(","))
    except ValueError as exc:
        raise click.BadParameter("numbers of calls with commas between them, such as 40,120") from exc
    if min(steps) < 1 or list(steps) != sorted(steps):
        raise click.BadParameter("calls are added only: each number is at least the one before")
    return steps


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed."""

    calls: int
    seconds: float | None
    rounds: int | None
    profile: Profile
    detector: str
    tls: bool
    speech: bool
    largest: bool | None
    steps: tuple[int, ...] | None
    full: bool
    judge: bool
    json: Path | None
    markdown: Path | None
    profile_cpu: Path | None

    def plan(self) -> Plan:
        """The runs that this asks for."""
        bridges = BRIDGES[self.detector]
        searched = self.full or self.largest
        beside = (BESIDE_SPEECH,) if bridges else ()
        rounds = self.rounds or (5 if self.full else 2)
        steps = self.steps or (FULL_STEPS if searched else QUICK_STEPS)
        return Plan(
            contenders=(YARDSTICK, UVLOOP, *bridges, *beside),
            climbers=(YARDSTICK, *(bridges if searched else bridges[-1:])),
            profile=self.profile,
            calls=self.calls,
            seconds=self.seconds or (20.0 if self.full else 6.0),
            rounds=rounds,
            rounds_beside=rounds if self.speech or self.full else 1,
            steps=() if self.largest is False else steps,
            step_s=12.0 if self.full else 5.0,
            tls=self.tls,
        )


def over_tls(plan: Plan) -> Plan:
    """The same rounds over TLS, fewer of them, without the climb and without speech."""
    contenders = tuple(name for name in plan.contenders if name != BESIDE_SPEECH)
    return replace(plan, contenders=contenders, tls=True, rounds=min(plan.rounds, 2), steps=())


def _say(said: str) -> None:
    click.echo(said, err=True)


@click.command()
@click.option("--calls", default=10, show_default=True, help="Calls at the same time in the rounds.")
@click.option("--seconds", type=float, help="How long a round is measured (6; 20 with --full).")
@click.option("--rounds", type=int, help="How often each contender has its turn (2; 5 with --full).")
@click.option("--profile", type=click.Choice(get_args(Profile)), default="talk", show_default=True)
@click.option("--detector", type=click.Choice([*BRIDGES]), default="both", show_default=True)
@click.option("--tls", is_flag=True, help="The cloud over TLS.")
@click.option("--speech", is_flag=True, help="Beside recognition and synthesis in every round, not in one.")
@click.option("--largest/--no-largest", default=None, help="Every step of the climb, or no climb.")
@click.option(
    "--steps", callback=_steps, help="The climb, such as 40,40,120; a number again is measured again."
)
@click.option("--full", is_flag=True, help="Longer, more often, every step: the published figures.")
@click.option("--judge", is_flag=True, help="Say which goals were kept; exit status 4 if one was not.")
@click.option("--json", type=FILE, help="Write all figures into this file.")
@click.option("--markdown", type=FILE, help="Put the tables into this page, between its marks.")
@click.option("--profile-cpu", type=FILE, help="Instead: write the folded stacks of the bridge here.")
def main(**given: Any) -> None:
    """Measure what the bridge adds and costs, beside a minimal pass-through in the same run.

    --detector none leaves the bridge out. Exit status 3: the load itself was late, the figures say little.
    """
    options = Options(**given)
    if options.markdown is not None:
        page.around(options.markdown)  # not after half an hour
    take_the_load_core()
    if options.profile_cpu is not None:
        name = (YARDSTICK, *BRIDGES[options.detector])[-1]
        seconds = options.seconds or 20.0
        uvloop.run(profiler.record(name, options.profile, options.calls, seconds, options.profile_cpu))
        click.echo(profiler.told(options.profile_cpu))
        return
    results = uvloop.run(carry_out(options.plan(), _say))
    click.echo(report.table(results))
    encrypted = None
    if options.full and not options.tls:
        encrypted = uvloop.run(carry_out(over_tls(results.plan), _say))
        click.echo("\n" + report.table(encrypted))
    if options.markdown is not None:
        page.put(results, encrypted, options.markdown)
    if options.json is not None:
        options.json.write_text(report.as_json(results, encrypted))
    if options.judge:
        verdicts = verdict.judged(results)
        click.echo("\n" + "\n".join(map(str, verdicts)))
        if any(each.judgement is verdict.Judgement.BROKEN for each in verdicts):
            sys.exit(GOAL_BROKEN)
    if not results.valid:
        sys.exit(LOAD_LATE)


if __name__ == "__main__":
    main()
