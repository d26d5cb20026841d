"""The box rings itself when it is asked to, and keeps what it found: row, metrics, health.

May import: the standard library, aiohttp, appliance.core, appliance.service, ari_bridge.
"""

import asyncio
import logging
import secrets
import wave
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from appliance.core.errors import AttendantError, CarrierFailed
from appliance.core.self_call import Check, Finding, State, overdue_after_s
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.core.steps import VoicemailTaken
from appliance.languages import prompts
from appliance.service.local import LocalAssistant
from appliance.service.metrics import Metrics
from appliance.service.parts import Part
from appliance.service.pbx.house import House
from appliance.service.pbx.messages import brought
from appliance.service.records import BridgeRecords
from appliance.service.self_call import alarm, talk
from appliance.service.self_call.asking import LONGEST_S
from appliance.service.self_call.board import Notes, OwnCalls
from appliance.service.self_call.hearing import tone_ms
from appliance.service.self_call.speech import heard, said
from appliance.store import times
from appliance.store.self_calls import SelfCall
from ari_bridge.ami_events import Told
from ari_bridge.ari import Ari, AriAccess
from ari_bridge.arrival import OWN
from ari_bridge.control import AsteriskControl
from ari_bridge.own_phone import OwnPhone
from ari_bridge.passwords import lets_in

log = logging.getLogger(__name__)

LOOK_S = 30.0
"""How often it is looked what others wrote down: the worker does, of a bridge that did not answer."""
TONE_LEAST_MS = 1000


class NotNow(AttendantError):
    """The box does not ring itself now: too many callers are there, or it does so already."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the caller stands on. `office` reads what staff decided, `control` is the manager interface."""

    settings: Settings
    access: AriAccess
    calls: OwnCalls
    control: AsteriskControl
    house: House
    recordings: Path
    records: BridgeRecords
    local: LocalAssistant
    office: Callable[[], Awaitable[Office]]


class SelfCaller:
    """Rings the box. `key` lets in who asks for it; `last` is what was found, None before the first."""

    def __init__(
        self,
        ground: Ground,
        key: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ground = ground
        self._key = key
        self._now = now
        self._began = now()
        self._told: list[Told] = []
        self._mark = ""
        self._busy = False
        self.last: SelfCall | None = None

    # When ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Know how the last one went, also of a process before this one, until cancelled."""
        while True:
            self.last = await self._ground.records.last_self_call()
            await asyncio.sleep(LOOK_S)

    async def once(self) -> SelfCall:
        """Ring now, and keep what was found. Raises NotNow or StoreError."""
        if self._busy:
            raise NotNow("The box rings itself already: ask again in a minute.")
        self._busy = True
        began, began_s = self._now(), asyncio.get_running_loop().time()
        findings: list[Finding] = []
        try:
            await self._look(findings)
            took_ms = int((asyncio.get_running_loop().time() - began_s) * 1000)
            self.last = await self._ground.records.self_call(began, took_ms, findings)
        finally:
            self._busy = False
            await asyncio.to_thread(self._swept)
        alarm.told(self.last)
        return self.last

    # What ----------------------------------------------------------------------------------------------

    async def _look(self, findings: list[Finding]) -> None:
        """Look at everything, as far as one thing does not stand in the way of the next. Raises NotNow."""
        ground = self._ground
        try:
            async with asyncio.timeout(LONGEST_S), Ari(ground.access) as ari:
                if await ari.channels() >= ground.settings.limits.calls_at_once:
                    raise NotNow("Many calls are up: the box rings itself when there are fewer.")
                if not ground.control.connected:
                    raise CarrierFailed("the PBX's manager interface is not connected", retry=True)
                await self._by_key(ari, findings)
                await self._by_voice(ari, findings)
        except NotNow:
            raise
        except TimeoutError:
            findings.append(Finding(Check.GATE, State.FAILED, f"not done within {LONGEST_S:g} s"))
        except (AttendantError, OSError) as exc:
            findings.append(Finding(Check.GATE, State.FAILED, f"the box cannot ring itself: {exc}"))
        except ExceptionGroup as group:
            # What goes wrong beside our telephone's ear.
            known, others = group.split((AttendantError, OSError))
            if known is None or others is not None:
                raise
            why = known.exceptions[0]
            findings.append(Finding(Check.GATE, State.FAILED, f"the box cannot ring itself: {why}"))

    async def _by_key(self, ari: Ari, findings: list[Finding]) -> None:
        """The greeting, a key, and a message."""
        with self._expected() as notes:
            async with talk.connected(self._phone(ari), notes, self._told) as line:
                findings += await talk.greeted(line)
                if findings[-1].check is Check.GREETING:
                    findings.append(await talk.pressed(line))
                if any(each.check is Check.KEYS and each.state is State.OK for each in findings):
                    findings.append(await talk.left_message(line, self.fetched))

    async def _by_voice(self, ari: Ari, findings: list[Finding]) -> None:
        """A voice, an ear, and a caller who asks for a person in words."""
        ground = self._ground
        language = (await ground.office()).staff.language.partition("-")[0]
        text = prompts.prompts(language).asks_for_person
        spoken = await said(text, language, ground.settings.speech, ground.local.voice)
        ear = await heard(text, spoken.sound, language, ground.local.ears)
        findings.append(spoken.finding)
        served = any(each.check is Check.GREETING for each in findings)
        if ear.state is State.OK and served:
            with self._expected() as notes:
                async with talk.connected(self._phone(ari), notes, self._told) as line:
                    ear = await talk.understood(line, spoken.sound)
        findings.append(ear)

    @contextmanager
    def _expected(self) -> Iterator[Notes]:
        """Have one call of ours let in."""
        self._mark = f"{OWN}{secrets.token_hex(4)}-"
        self._told = []
        notes = self._ground.calls.expected = Notes(self._mark)
        try:
            yield notes
        finally:
            self._ground.calls.expected, self._mark = None, ""

    def _phone(self, ari: Ari) -> OwnPhone:
        async def press(channel: str, digit: str) -> None:
            # The PBX says "queued"; our side of the interface then takes "Async" for granted.
            await self._ground.control.act(
                "PlayDTMF", Channel=channel, Digit=digit, Receive="true", Async="false"
            )

        return OwnPhone(ari, press, self._mark)

    def heard(self, event: Told) -> None:
        """The dialplan tells something of a call of ours; of one that is over it is left out."""
        if self._mark and event.offer.call_sid.startswith(self._mark):
            self._told.append(event)

    # The message ---------------------------------------------------------------------------------------

    async def fetched(self, taken: VoicemailTaken) -> str:
        """Take the recording the way of every message, and out again; what is wrong with it."""
        name = Path(taken.recording_sid).name
        target = self._ground.recordings / name
        try:
            seconds = await asyncio.to_thread(brought, self._ground.house.voicemail / name, target)
            if seconds is None or await asyncio.to_thread(_tone_in, target) < TONE_LEAST_MS:
                return "what was said is not in the recording of the message"
            kept = await self._ground.records.rehearse_voicemail(
                VoicemailTaken(taken.call_sid, name, seconds)
            )
        except (AttendantError, OSError, EOFError, wave.Error) as exc:
            return f"the message is not kept: {exc}"
        return "" if kept else "the message is not in the books as it should be"

    def _swept(self) -> None:
        """Leave nothing of what we said."""
        ground = self._ground
        for folder, pattern in (
            (ground.house.voicemail, f"{OWN}*.wav"),
            (ground.recordings, f"{OWN}*"),
            (ground.recordings, f"message-{OWN}*"),
        ):
            for path in folder.glob(pattern):
                path.unlink(missing_ok=True)

    # What is shown -------------------------------------------------------------------------------------

    def part(self) -> Part:
        """How it went last, for health. One failure alone may be chance."""
        minutes = self._ground.settings.asterisk.self_call_minutes
        if not minutes and self.last is None:
            return Part("off")
        if minutes and self._waited_s() > overdue_after_s(minutes):
            told = "the box has not rung itself for too long: `attendant self-call` says why"
            return Part("overdue", False, {"told": told, **({"at": self.last.began_at} if self.last else {})})
        if self.last is None:
            return Part("not run yet")
        problems = alarm.problems(self.last)
        more = {"at": self.last.began_at, "problems": problems, "in_row": self.last.failed_in_row}
        match self.last.state:
            case State.FAILED if not self.last.alarm:
                return Part("failed once", True, more)
            case State.FAILED | State.DEGRADED:
                return Part(str(self.last.state), False, {**more, "told": "; ".join(problems)})
            case State.UNCHECKED:
                told = "the box rang itself and could look at nothing: `attendant self-call` tries again"
                return Part("nothing checked", False, {**more, "told": told})
            case _:
                return Part("ok", True, {"at": self.last.began_at})

    def _waited_s(self) -> float:
        """Since when there was no call, or since when we are there to place one."""
        last = times.read(self.last.began_at) if self.last else self._began
        return (self._now() - max(last, self._began)).total_seconds()

    def shown(self, metrics: Metrics) -> None:
        """Show it among the metrics."""
        told = (
            "Whether a check of the box's last call to itself went well, by check; unchecked ones are missing"
        )
        metrics.show("self_call_ok", told, "check", self._by_check)
        row = "How many calls of the box to itself have failed in a row"
        metrics.show(
            "self_call_failed_in_row",
            row,
            "",
            lambda: {"": float(self.last.failed_in_row)} if self.last else {},
        )
        age = "How long ago the box rang itself last"
        metrics.show("self_call_age_seconds", age, "", self._age)

    def _by_check(self) -> dict[str, float]:
        found = self.last.findings if self.last else ()
        return {
            str(each.check): float(each.state is not State.FAILED)
            for each in found
            if each.state is not State.UNCHECKED
        }

    def _age(self) -> dict[str, float]:
        if self.last is None:
            return {}
        return {"": (self._now() - times.read(self.last.began_at)).total_seconds()}

    async def asked(self, request: web.Request) -> web.Response:
        """Ring now: for the worker and `attendant self-call`, who know the password; nobody else can."""
        if not lets_in(request.headers.get("Authorization", ""), self._key):
            raise web.HTTPUnauthorized(text="not the password of the self-call")
        try:
            found = await self.once()
        except AttendantError as exc:
            return web.json_response({"problem": str(exc)}, status=409)
        return web.json_response(
            {
                "state": found.state,
                "took_ms": found.took_ms,
                "in_row": found.failed_in_row,
                "findings": [
                    {"check": each.check, "state": each.state, "told": each.told} for each in found.findings
                ],
            }
        )


def _tone_in(path: Path) -> int:
    with wave.open(str(path)) as recording:
        return tone_ms(recording.readframes(recording.getnframes()), talk.MESSAGE_HZ)
