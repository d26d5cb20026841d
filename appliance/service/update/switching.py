"""The switch from one version to another: between calls, watched, taken back when the new one is not well.

May import: the standard library, appliance.core, appliance.store, appliance.service.update.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.core.installed import Came, LastUpdate
from appliance.core.settings import Settings
from appliance.service.update import gate, trial
from appliance.service.update.gate import Gate, Sleep
from appliance.service.update.programs import Programs
from appliance.service.update.versions import Unsettled, UpdateFailed, Versions
from appliance.store import audit, calls, copying, database, times
from appliance.store.audit import Actor, Deed
from appliance.store.errors import StoreError

COPY = "attendant.db.m9999_before_update.copy"
"""Kept beside the books as the copies of migrations are, and gone with them (docs/retention.md)."""
LOOK_S = 0.25
Tell = Callable[[str], None]


class TakenBack(UpdateFailed):
    """The new version was not well, and the one before runs again."""


@dataclass(frozen=True, slots=True)
class Update:
    """How an update is made on this box."""

    versions: Versions
    file: Path
    settings: Settings
    programs: Programs
    tell: Tell
    wait_s: float = 1800.0
    """How long to wait for a moment without a call."""
    watch_s: float = 60.0
    """For how long the new version has to be well."""
    start_s: float = gate.START_S
    """How long its programs may take to answer."""
    sleep: Sleep = time.sleep

    def to(self, name: str) -> None:
        """Have the box run this version. Raises UpdateFailed, of which TakenBack is one, StoreError."""
        if self._kept(name, lambda: self._to(name)):
            return
        self.tell(f"Version {name} runs already.")

    def back(self) -> None:
        """Have the version before run again. Raises UpdateFailed."""
        self._kept(self.versions.previous or "", self._back)

    def _kept(self, name: str, do: Callable[[], bool]) -> bool:
        """Do it, and keep what came of it; what `do` returns: whether there was anything to be done."""
        before = self.versions.current or ""
        try:
            done = do()
        except (UpdateFailed, StoreError) as exc:
            self._note(name, before, Came.TAKEN_BACK if isinstance(exc, TakenBack) else Came.FAILED, str(exc))
            raise
        if done:
            self._note(name, before, Came.RUNS)
        return done

    def _note(self, name: str, before: str, came: Came, told: str = "") -> None:
        # Whoever updates has read it: what cannot be kept is missing on a page alone.
        with contextlib.suppress(UpdateFailed):
            self.versions.note(LastUpdate(name, before, times.utc_now(), came, told))

    def _to(self, name: str) -> bool:
        number = self.versions.number(name)
        self._settled()
        before = self.versions.current
        if before == name:
            return False
        if self.settings.database.exists():
            trial.room(self.settings)
            trial.tried(self.versions.command(name), self.file, self.settings, number)
            self.tell(f"Version {name} comes up over a copy of the books.")
            copying.copy(self.settings.database, self.settings.box.data_dir / COPY)
        watched = Gate.of(self.settings, self.start_s)
        self._quiet(watched)
        switch = Unsettled(name, before or "", self.versions.previous or "")
        self.versions.unsettle(switch)
        self._switch(name)
        self._judge(switch, watched)
        return True

    def _back(self) -> bool:
        self.versions.settle()
        before = self.versions.previous
        if before is None:
            raise UpdateFailed("There is no version before this one.")
        watched = Gate.of(self.settings, self.start_s)
        self._quiet(watched)
        switch = Unsettled(before, self.versions.current or "", before)
        self._switch(before)
        problem = watched.judged(self.versions.number(before), 0.0, self.sleep)
        if problem and switch.went:
            raise TakenBack(f"Version {before} is not well ({problem}); {self._taken_back(switch, watched)}.")
        if problem:
            raise UpdateFailed(f"Version {before} is current again, and {problem}: `attendant doctor`.")
        self.tell(f"Version {before} runs again.")
        return True

    def _settled(self) -> None:
        """Judge a switch that nobody has judged, for whoever did was killed. Raises TakenBack."""
        switch = self.versions.unsettled
        if switch is None:
            return
        self.tell(f"An update to {switch.came} was interrupted.")
        came = self.versions.current == switch.came
        if came and switch.went and "bridge" not in Gate.of(self.settings).ports:
            self.versions.take_back(switch)
            self.programs.restart()
            self.versions.settle()
            raise TakenBack(
                f"Version {switch.came} does not answer; {switch.went} is current. Begin anew when it runs."
            )
        self.versions.settle()

    def _quiet(self, watched: Gate) -> None:
        """Wait for a moment in which nobody is on the line with us. Raises UpdateFailed."""
        if "bridge" not in watched.ports:
            return
        until, told = time.monotonic() + self.wait_s, False
        while True:
            live, open_ = self._calls(watched.ports["bridge"])
            # A call without a media leg is with people, and the carrier has it.
            if not live and (not open_ or time.monotonic() > until):
                return
            if time.monotonic() > until:
                raise UpdateFailed(
                    f"There were calls for {self.wait_s:g} s, and none is cut for an update: try again when"
                    " it is quieter, or with a longer --wait. Nothing was changed."
                )
            if not told:
                self.tell(f"Calls under way: {max(live, open_)}. Waiting for a moment without.")
                told = True
            self.sleep(LOOK_S)

    def _calls(self, port: int) -> tuple[int, int]:
        """How many calls the bridge holds, and how many are open in the books."""
        said = gate.ask(port)
        try:
            db = database.connect_readonly(self.settings.database)
        except StoreError:
            return (said.calls if said else 0), 0
        try:
            return (said.calls if said else 0), len(calls.live(db))
        finally:
            db.close()

    def _switch(self, name: str) -> None:
        self.versions.switch(name)
        self.programs.restart()

    def _judge(self, switch: Unsettled, watched: Gate) -> None:
        """Watch the version that came; with a problem the one before is back. Raises TakenBack."""
        name, before = switch.came, switch.went
        if not watched.ports:
            self.versions.settle()
            self.tell(f"Version {name} is current. Nothing answered before, so nothing was judged.")
            return
        problem = watched.judged(self.versions.number(name), self.watch_s, self.sleep)
        if not problem:
            self.versions.settle()
            self._noted(name)
            self.versions.sweep()
            self.tell(f"Version {name} runs, and was well for {self.watch_s:g} s.")
            return
        if not before:
            raise UpdateFailed(f"{problem}, and there is no version before: `attendant doctor`.")
        self.tell(f"Version {name} is not well: {problem}. Going back to {before}.")
        raise TakenBack(f"Version {name} was not well ({problem}); {self._taken_back(switch, watched)}.")

    def _taken_back(self, switch: Unsettled, watched: Gate) -> str:
        """Have the version before the switch run again; what has become of it."""
        self.versions.take_back(switch)
        self.programs.restart()
        self.versions.settle()
        # That one is known to come up: it has its time.
        patient = replace(watched, start_s=gate.START_S)
        again = patient.judged(self.versions.number(switch.went), 0.0, self.sleep)
        rest = f"and {again}: `attendant doctor`" if again else "and runs"
        return f"{switch.went} is current again, {rest}"

    def _noted(self, name: str) -> None:
        db = database.connect(self.settings.database)
        try:
            with database.immediate(db):
                audit.add(db, Actor(audit.CONSOLE), Deed.BOX_UPDATED, at=times.utc_now(), target=name)
        finally:
            db.close()
