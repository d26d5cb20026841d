"""Rehearsals that are typed without a socket of their own: whoever asks, asks turn by turn.

May import: the standard library, appliance.core, appliance.service.
"""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass, field

from appliance.core.errors import AttendantError
from appliance.core.rehearsal import Mode, Step
from appliance.service.rehearsal.desk import Rehearsals
from appliance.service.rehearsal.refused import Refused
from appliance.service.rehearsal.typed import Lines, TypedLeg
from appliance.service.rehearsal.watched import Told

TURN_S = 10.0
"""So long an answer is waited for; what comes later is there when it is asked for again."""
IDLE_S = 300.0
"""Who types nothing for so long is gone."""
KEPT_S, KEPT_MOST = 900.0, 20
"""So long, and of so many, what happened can be looked at when it is over."""
TOLD_MOST = 2000
ENDS = frozenset({"over", "refused", "failed"})
TOO_SOON = "The box has only just begun: try again in a moment."
IDLE = "nothing was typed for some minutes"


@dataclass(slots=True)
class Talk:
    """One of them. `told` is all that happened; `over` says that nothing more will."""

    leg: TypedLeg
    told: list[Told] = field(default_factory=list)
    over: bool = False
    _turn: asyncio.Event = field(default_factory=asyncio.Event)
    _used: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, told: Told) -> None:
        """Keep what happened; of a flood the rest is left out."""
        ends = told["told"] in ENDS
        if ends or len(self.told) < TOLD_MOST:
            self.told.append(told)
        self.over = self.over or ends
        if ends or told["told"] == "your_turn":
            self._turn.set()

    def do(self, step: Step) -> bool:
        """Have a step done; False when too many wait. Once it is over nothing is."""
        if self.over:
            return True
        self._turn.clear()
        self._used.set()
        return self.leg.do(step)

    async def answer(self) -> list[Told]:
        """All that happened, once whoever asks has the word again, or has waited for long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN_S):
                await self._turn.wait()
        return self.told

    async def end_when_idle(self) -> None:
        """End it once nothing was typed for long."""
        while True:
            self._used.clear()
            try:
                async with asyncio.timeout(IDLE_S):
                    await self._used.wait()
            except TimeoutError:
                self.leg.end_for(IDLE)
                return


class Talks:
    """All of them, by names that nobody guesses."""

    def __init__(self, desk: Rehearsals) -> None:
        self._desk = desk
        self._known: dict[str, Talk] = {}
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Hold them, until cancelled."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                await asyncio.Event().wait()
        finally:
            self._tasks = None
            self._known.clear()

    def get(self, name: str) -> Talk | None:
        """The one of this name."""
        return self._known.get(name)

    def begin(self, token: str) -> tuple[str, Talk]:
        """Begin one; its name. That it may not begin is told as what happens in it."""
        lines = Lines()
        name, talk = secrets.token_urlsafe(24), Talk(TypedLeg(lines))
        if self._tasks is None:
            talk.tell({"told": "failed", "why": TOO_SOON})
        else:
            self._known[name] = talk
            over = [each for each, known in self._known.items() if known.over]
            for old in over[:-KEPT_MOST]:
                del self._known[old]
            self._tasks.create_task(self._held(name, talk, token, lines), name="typed rehearsal")
        return name, talk

    async def _held(self, name: str, talk: Talk, token: str, lines: Lines) -> None:
        try:
            async with self._desk.admitted(token, Mode.TYPED, "") as ticket, asyncio.TaskGroup() as tasks:
                idle = tasks.create_task(talk.end_when_idle(), name="idle rehearsal")
                try:
                    await self._desk.hold(ticket, talk.leg, talk.tell, lines)
                except AttendantError as exc:
                    talk.tell(of_failure(exc))
                idle.cancel()
        except AttendantError as exc:
            talk.tell(of_failure(exc))
        asyncio.get_running_loop().call_later(KEPT_S, self._known.pop, name, None)


def of_failure(failed: AttendantError) -> Told:
    """That a rehearsal may not be, or cannot be, and why."""
    if isinstance(failed, Refused):
        return {"told": "refused", "why": str(failed.why)}
    return {"told": "failed", "why": str(failed)}
