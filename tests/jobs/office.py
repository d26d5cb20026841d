"""A box's store and folder with a worker's hand that does what is owed, in this process, and voicemail to do.

May import: the standard library, numpy, appliance, tests.
"""

import asyncio
import io
import wave
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from appliance.core.settings import Settings
from appliance.jobs import work
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import Kind, registry
from appliance.jobs.turns import Turns
from appliance.store import database, job_leases, jobs, message_texts, messages, times, voicemail
from appliance.store.database import Connection
from appliance.store.job_leases import Moment, Waits
from appliance.store.jobs import Job, State
from appliance.store.message_texts import MessageText
from appliance.store.messages import Message
from tests.jobs import job_clock

RATE = 8000
CALL = "CA" + "a" * 32
MOST_TRIES = 200

Int16 = NDArray[np.int16]
T = TypeVar("T")


@dataclass
class Office:
    """What is owed is done by `works`; the clock is put on until nothing is due any more."""

    db: Connection
    folder: Path
    kinds: list[Kind[Any]] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    became: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """What each try failed of."""

    @property
    def recordings(self) -> Path:
        return self.folder / "recordings"

    def settings(self, **sections: dict[str, Any]) -> Settings:
        """The settings of this box."""
        return Settings.model_validate({"box": {"data_dir": str(self.folder)}, **sections})

    def does(self, *kinds: Kind[Any]) -> "Office":
        """Do these kinds."""
        self.kinds = [*kinds]
        return self

    def works(self, *, patience: timedelta = timedelta(days=30)) -> list[str]:
        """Do all that is owed, and what becomes due within this time; what became of each try, in order."""
        found, until = len(self.became), self.now + patience
        for _ in range(MOST_TRIES):
            if self._once():
                continue
            if self.now >= until or not self._waiting():
                break
            self.put_on(timedelta(hours=1))
        return self.became[found:]

    def put_on(self, by: timedelta) -> None:
        """The clocks go on, also that since boot: what waits has waited for so much longer."""
        self.now += by
        job_clock.put_on(self.db, by)

    def _moment(self) -> Moment:
        return replace(Moment.now(), at=self.now)

    def _waiting(self) -> bool:
        return bool(jobs.page(self.db, [State.QUEUED, State.WAITING]))

    def _once(self) -> bool:
        all_kinds, moment = registry(self.kinds), self._moment()
        with database.immediate(self.db):
            job_leases.wake(self.db, moment=moment, waits=Waits())
            found = job_leases.claim(self.db, [*all_kinds], worker="w", moment=moment, lease_s=9999)
        if found is None:
            return False
        deadline_s = all_kinds[found[0].kind].deadline_s
        errand = Errand(*found, self.db, Turns(), deadline_s)
        self.became.append(work.do(all_kinds, errand, self._moment, lambda _: True))
        self.errors.append(jobs.get(self.db, found[0].id).error)
        return True

    # What there is -------------------------------------------------------------------------------------

    def taken(self, number: int = 1, *, ready: bool = True, call_sid: str = CALL) -> str:
        """A voicemail that the carrier holds; its recording's id."""
        sid = f"RE{number:032x}"
        with database.immediate(self.db):
            voicemail.taken(
                self.db,
                call_sid=call_sid,
                recording_sid=sid,
                seconds=3,
                at=times.written(self.now),
                now=self.now,
                ready=ready,
            )
        return sid

    def recorded(self, sound: bytes, name: str = "a1.1-0.wav") -> int:
        """A voicemail whose file is this, among ours; the message's id."""
        self.recordings.mkdir(exist_ok=True)
        (self.recordings / name).write_bytes(sound)
        with database.immediate(self.db):
            return voicemail.taken_here(
                self.db, call_sid=CALL, name=name, seconds=3, at=times.written(self.now), now=self.now
            )

    def message(self, message_id: int = 1) -> Message:
        found = messages.one(self.db, message_id)
        assert found is not None
        return found

    def text(self, message_id: int = 1) -> MessageText:
        found = message_texts.of_message(self.db, message_id)
        assert found is not None
        return found

    def job(self, key: str) -> Job:
        found = jobs.of_key(self.db, key)
        assert found is not None
        return found

    def owed(self) -> dict[str, State]:
        """All jobs by their keys."""
        return {job.key: job.state for job in jobs.page(self.db, limit=1000)}

    def files(self) -> list[str]:
        """What lies in the folder of recordings."""
        return sorted(path.name for path in self.recordings.iterdir())


async def beside(office: Office, do: Callable[[], T]) -> T:
    """Do something with an office in a thread, beside the loop on which a peer serves."""
    path = office.folder / "attendant.db"
    office.db.close()

    def done() -> T:
        office.db = database.connect(path)
        try:
            return do()
        finally:
            office.db.close()

    found = await asyncio.to_thread(done)
    office.db = database.connect(path)
    return found


def silence(seconds: float) -> Int16:
    return np.zeros(round(seconds * RATE), np.int16)


def narrow(pcm_16k: bytes) -> Int16:
    """Every other sample: what a telephone would leave of it, nearly."""
    return np.frombuffer(pcm_16k, np.int16)[::2]


def wav(*parts: Int16, rate: int = RATE) -> bytes:
    """A WAV file of these parts."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(np.concatenate(parts).tobytes())
    return made.getvalue()


def noise(seconds: float, loud: float = 3000, seed: int = 1) -> Int16:
    """White noise."""
    made = np.random.default_rng(seed).standard_normal(round(seconds * RATE)) * loud
    return made.clip(-32768, 32767).astype(np.int16)


def tones(seconds: float, pitches: Iterable[float] = (262, 330, 392, 523), loud: float = 6000) -> Int16:
    """Music of a kind: chords that change twice a second."""
    at = np.arange(round(seconds * RATE)) / RATE
    made = np.zeros(len(at))
    for place, pitch in enumerate(pitches):
        made += np.sin(2 * np.pi * pitch * at) * (1 + np.sin(2 * np.pi * (at * 2 + place / 4)))
    return (made / 8 * loud).astype(np.int16)
