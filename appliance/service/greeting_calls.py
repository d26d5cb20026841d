"""Staff record the clinic's greetings by a telephone outside: asked for a number that they know, and no more.

Only who rings from a telephone that staff named is asked, and everything behind it is for a call in which the
right number was keyed in. What was recorded is judged, heard, and kept only with a key.
May import: the standard library, appliance.core, appliance.languages, appliance.service, appliance.store.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from appliance.core.errors import AttendantError, CarrierFailed, WireError
from appliance.core.files import folder_made
from appliance.core.greeting_calls import Turn
from appliance.core.other_languages import keys_beside, offer
from appliance.core.settings import Settings
from appliance.core.staff import CLOSED, Office
from appliance.core.steps import Say
from appliance.languages.folders import code_of
from appliance.languages.tables import table
from appliance.service.greeting_sound import judged, kept_said
from appliance.service.greetings import Greetings, in_use
from appliance.store import codes, greeting_pin, office, voicemail
from appliance.store.database import Connection
from appliance.store.greeting_pin import DIGITS
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

AT_ONCE, KEPT_S = 8, 900.0
"""So many calls can be recording, each for so long."""
FETCH_S, DELETE_S, WRITE_S = 2.0, 1.0, 2.0
"""Of the carrier's patience with an answer."""
DELETED_AFTER = timedelta(seconds=KEPT_S + 300.0)
"""Later than it can be wanted in the call, the carrier's copy goes in any case."""
LOOKS_MOST, MISSED_MOST = 10, 3
"""How often a recording is looked for that is not given out yet, and how often nothing is pressed or said."""
WHAT = {"1": "", "2": "open", "3": "closed"}


class Recordings(Protocol):
    """The carrier's recordings."""

    async def fetch_recording(self, recording_sid: str, path: Path) -> int:
        """Download one. Raises CarrierFailed and other AttendantErrors."""

    async def delete_recording(self, recording_sid: str) -> None:
        """Have the carrier keep it no longer. Raises CarrierFailed."""


@dataclass(slots=True)
class _Call:
    """A call in which the right number was keyed in."""

    caller: str
    until_s: float
    hours: str = ""
    """Which: empty for that of the menus, else `open` or `closed` of those before a message."""
    language: str = ""
    sid: str = ""
    """What the carrier has recorded."""
    name: str = ""
    """What is heard, and can be kept."""
    looks: int = 0
    missed: int = 0

    @property
    def place(self) -> str:
        """Where it is heard, as `codes` has it: empty for the menus."""
        if not self.hours:
            return ""
        return self.language + (CLOSED if self.hours == "closed" else "")


@dataclass(slots=True)
class GreetingCalls:
    """The desk of such calls. `now_office` is the office as it is now."""

    recordings: Recordings
    writer: Writer
    greetings: Greetings
    now_office: Callable[[], Awaitable[Office]]
    folder: Path
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    clock: Callable[[], float] = time.monotonic
    _calls: dict[str, _Call] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        settings: Settings,
        recordings: Recordings,
        writer: Writer,
        greetings: Greetings,
        now_office: Callable[[], Awaitable[Office]],
    ) -> "GreetingCalls":
        """Of this box; what is fetched lies among the recordings for a moment."""
        return cls(recordings, writer, greetings, now_office, settings.box.data_dir / "recordings")

    async def begins(self, caller: str) -> Turn | None:
        """Ask for the number, if the call comes from a telephone that staff named."""
        clinic = await self.now_office()
        if not caller or caller not in clinic.staff.greeting_phones:
            return None
        now = self.now()
        asks = await self.writer.promise(
            lambda db: greeting_pin.asked_of(db, caller, now=now), within_s=WRITE_S
        )
        return Turn(_asked(clinic, "pin"), "keys", "pin", DIGITS) if asks else None

    async def pressed(self, call_sid: str, caller: str, step: str, digits: str) -> Turn:
        """Keys were pressed at a step, or none. Raises WireError where no such step is open."""
        clinic = await self.now_office()
        if step == "pin":
            return await self._pin(clinic, call_sid, caller, digits)
        call = self._known(call_sid)
        steps = {"what": self._what, "language": self._language, "record": self._silent}
        steps |= {"check": self._check, "keep": self._keep}
        if step not in steps:
            raise WireError("not a step of a greeting", step)
        turn = await steps[step](clinic, call, digits)
        if turn.does == "end":
            self._calls.pop(call_sid, None)
        return turn

    async def recorded(self, call_sid: str, recording_sid: str) -> Turn:
        """The carrier has recorded something: it is fetched while the caller waits."""
        call, now = self._known(call_sid), self.now()
        # Whoever hangs up now comes to no further step.
        await self.writer.promise(
            lambda db: voicemail.owe_deletion(db, recording_sid, DELETED_AFTER, now=now),
            within_s=WRITE_S,
        )
        call.sid, call.looks, call.name = recording_sid, 0, ""
        return Turn((), "wait", "check")

    def _known(self, call_sid: str) -> _Call:
        """The call, if it was let in. Raises WireError."""
        call = self._calls.get(call_sid)
        if call is None or call.until_s < self.clock():
            raise WireError("nobody was let in by this call", call_sid)
        return call

    # Steps ---------------------------------------------------------------------------------------------

    async def _pin(self, clinic: Office, call_sid: str, caller: str, digits: str) -> Turn:
        if caller not in clinic.staff.greeting_phones:
            raise WireError("nobody was asked by this call", call_sid)
        now = self.now()
        if not await self.writer.promise(
            lambda db: greeting_pin.tried(db, caller, digits, now=now), within_s=WRITE_S
        ):
            log.warning("a wrong number was keyed in to record a greeting")
            return Turn(_asked(clinic, "wrong"), "door")
        self._calls = {sid: each for sid, each in self._calls.items() if each.until_s >= self.clock()}
        if len(self._calls) >= AT_ONCE:
            return Turn(_said(clinic, "code_failed"), "end")
        self._calls[call_sid] = _Call(caller, self.clock() + KEPT_S, language=code_of(clinic.staff.language))
        return _what(clinic)

    async def _what(self, clinic: Office, call: _Call, digits: str) -> Turn:
        if digits not in WHAT:
            return self._missed(clinic, call, _what(clinic))
        call.hours = WHAT[digits]
        others = keys_beside(clinic.staff, code_of(clinic.staff.language))
        if not call.hours or not others:
            return _record(clinic)
        asked = (*_said(clinic, "code_voicemail_language"), *(Say(*offer(*each)) for each in others))
        return Turn(asked, "keys", "language")

    async def _language(self, clinic: Office, call: _Call, digits: str) -> Turn:
        home = code_of(clinic.staff.language)
        keys = {"0": home, **{key: code for code, key in keys_beside(clinic.staff, home)}}
        if digits not in keys:
            others = (Say(*offer(*each)) for each in keys_beside(clinic.staff, home))
            asked = (*_said(clinic, "code_voicemail_language"), *others)
            return self._missed(clinic, call, Turn(asked, "keys", "language"))
        call.language = keys[digits]
        return _record(clinic)

    async def _silent(self, clinic: Office, call: _Call, digits: str) -> Turn:
        """Nothing sounded while it was recorded."""
        return self._missed(clinic, call, _record(clinic, "code_quiet"))

    async def _check(self, clinic: Office, call: _Call, digits: str) -> Turn:
        """Fetch what was recorded, judge it, and have it heard."""
        if not call.sid:
            raise WireError("nothing was recorded in this call", "")
        path = self.folder / f".greeting-{call.sid}.wav"
        try:
            await asyncio.to_thread(folder_made, self.folder)
            async with asyncio.timeout(FETCH_S):
                await self.recordings.fetch_recording(call.sid, path)
        except (TimeoutError, CarrierFailed) as exc:
            call.looks += 1
            if call.looks < LOOKS_MOST and getattr(exc, "retry", True):
                return Turn((), "wait", "check")
            log.warning("a greeting is not fetched", extra={"problem": str(exc)})
            return Turn(_said(clinic, "code_failed"), "end")
        found = await asyncio.to_thread(judged, path)
        await asyncio.to_thread(path.unlink, missing_ok=True)
        await self._forget(call.sid)
        if not found.sound:
            return self._missed(clinic, call, _record(clinic, f"code_{found.said}"))
        call.name = await self.greetings.keep(call.language, found.sound, in_use(clinic.staff))
        return Turn(_said(clinic, "code_keep"), "keys", "keep", plays=call.name)

    async def _forget(self, sid: str) -> None:
        """Have the carrier keep no copy: it is no message."""
        try:
            async with asyncio.timeout(DELETE_S):
                await self.recordings.delete_recording(sid)
        except (TimeoutError, AttendantError) as exc:
            log.warning("a greeting stays with the carrier", extra={"problem": str(exc)})

    async def _keep(self, clinic: Office, call: _Call, digits: str) -> Turn:
        match digits if call.name else "":
            case "1":
                return Turn(_said(clinic, await self._used(call, call.name)), "end")
            case "2":
                return _record(clinic)
            case "3":
                await self._used(call, "")
                return Turn(_said(clinic, "code_spoken"), "end")
            case "0":
                return Turn(_said(clinic, "code_dropped"), "end")
            case _:
                again = Turn(_said(clinic, "code_keep"), "keys", "keep", plays=call.name)
                return self._missed(clinic, call, again)

    async def _used(self, call: _Call, name: str) -> str:
        """Have a recording heard, or with no name the spoken words; by a sentence when that is so."""
        now = self.now()

        def use(db: Connection) -> str:
            if call.place:
                codes.use_voicemail(db, call.caller, call.place, name, now=now)
            else:
                codes.use_greeting(db, call.caller, name, now=now)
            return f"code_{kept_said(office.staff(db), call.place)}"

        return await self.writer.promise(use, within_s=WRITE_S)

    def _missed(self, clinic: Office, call: _Call, again: Turn) -> Turn:
        """Nothing that was asked for came: once more, but not for ever."""
        call.missed += 1
        return again if call.missed < MISSED_MOST else Turn(_said(clinic, "code_dropped"), "end")


def _what(clinic: Office) -> Turn:
    return Turn(_asked(clinic, "what"), "keys", "what")


def _record(clinic: Office, why: str = "") -> Turn:
    return Turn(_said(clinic, why) if why else _asked(clinic, "record"), "record", "record")


def _said(clinic: Office, name: str) -> tuple[Say, ...]:
    """A sentence that desk phones hear, too, in the clinic's own language: staff speak it."""
    return _sentence(clinic, "sentences", name)


def _asked(clinic: Office, name: str) -> tuple[Say, ...]:
    """A sentence for telephones outside."""
    return _sentence(clinic, "outside", name)


def _sentence(clinic: Office, part: str, name: str) -> tuple[Say, ...]:
    told: dict[str, str] = table(clinic.staff.language, "desk")[part]
    return (Say(told[name], clinic.staff.language),)
