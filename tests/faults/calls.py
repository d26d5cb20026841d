"""Cells that are played at once on one bridge: each call is led to its point, cut there, and looked at.

May import: the standard library, tests.golden, tests.peers, this package.
"""

from dataclasses import dataclass, field

from tests.faults.ground import Ground
from tests.faults.measures import measured
from tests.faults.points import Point
from tests.faults.purposes import ENDED_BY_ITSELF, Purpose, message_asked_for, timed, told, unfinished
from tests.faults.ways import Way
from tests.golden.clinic import until
from tests.golden.filed import filed
from tests.peers.carrier import PhoneCall
from tests.peers.carrier import happenings as h
from tests.peers.realtime import Session

SESSION_S = 15.0
POINT_S = 60.0
PURPOSE_S = 60.0
OVER_S = 90.0
DROPPED = frozenset({"box closed", "box vanished"})


@dataclass(slots=True)
class Result:
    """How a cell went. `wrong` is what must not have been; empty is well."""

    way: str
    point: str
    told: str
    goes_local: bool | None = True
    """Whether the box is to take over; None where danger is answered before the cloud is found silent."""
    useful_ms: int | None = None
    silent_ms: int = 0
    local: bool = False
    codes: tuple[str, ...] = ()
    """What the box is to have met, of a fault at the door."""
    wrong: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.way}; {self.point}"


async def lead(ground: Ground, phone: PhoneCall, session: Session, point: Point, way: Way) -> int:
    """Bring a call to its point and cut the cloud there; at which ms of the call that was."""
    await ground.cloud.wait_for(lambda: point.ripe(session, phone), POINT_S)
    await way.act(session, ground.cloud.port)
    return phone.line.now_ms


async def finish(ground: Ground, phone: PhoneCall, purpose: Purpose) -> None:
    """Wait until the caller has what the call was for, and put the telephone down where the caller does."""
    database = ground.box.database
    if purpose is Purpose.MESSAGE:
        await until(lambda: phone.is_over or message_asked_for(database, phone.sid), PURPOSE_S)
        phone.line.caller.recording = True
    if purpose not in ENDED_BY_ITSELF:
        await until(lambda: phone.is_over or told(database, phone.sid, purpose), PURPOSE_S)
        phone.hang_up()
    await phone.done(OVER_S)


async def look(ground: Ground, phone: PhoneCall, purpose: Purpose, fault_ms: int, result: Result) -> None:
    """Judge a call that is over."""
    kept = await until(lambda: filed(ground.box.database, phone.sid))
    assert kept is not None
    seen = measured(phone, purpose, fault_ms, timed(ground.box.database, kept.call.id))
    result.useful_ms, result.silent_ms, result.local = seen.useful_ms, seen.silent_ms, seen.local
    if result.codes and set(result.codes).isdisjoint(seen.reasons):
        result.wrong.append(f"the fault was not met, but {', '.join(seen.reasons) or 'nothing'}")
    dropped = [ended.reason for ended in phone.journal.of(h.StreamEnded) if ended.reason in DROPPED]
    result.wrong += [f"the call was dropped: {reason}" for reason in dropped]
    if phone.line.caller.gave_up is not None:
        result.wrong.append(f"the caller lost patience: {phone.line.caller.gave_up}")
    if result.goes_local not in (None, seen.local):
        taken = "the box took over" if seen.local else "the box did not take over"
        result.wrong.append(f"{taken}: {', '.join(seen.reasons) or 'nothing was met'}")
    if seen.useful_ms is None:
        result.wrong.append("nothing was heard after the fault")
    result.wrong += unfinished(purpose, phone, kept)


async def concluded(
    ground: Ground,
    phone: PhoneCall,
    purpose: Purpose,
    fault_ms: int,
    result: Result,
) -> None:
    """Have a call finished and judged, whose cloud failed at this time."""
    try:
        await finish(ground, phone, purpose)
        await look(ground, phone, purpose, fault_ms, result)
    except TimeoutError as exc:
        result.wrong.append(f"too late: {exc}")
        phone.hang_up()


def complained(ground: Ground, results: list[Result]) -> list[Result]:
    """The results; what the bridge's log complains of is everybody's."""
    for line in ground.complaints():
        for result in results:
            result.wrong.append(f"the bridge wrote: {line[:300]}")
    return results
