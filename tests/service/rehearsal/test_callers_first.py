"""Callers go first: a box that is full lets nobody rehearse, and who rehearses makes way."""

from pathlib import Path

import pytest

from appliance.core.rehearsal import HangUp, Mode, Refusal
from appliance.jobs.typed_rehearsal import NoRehearsal
from scripts.loopback_box import CALLER, CLINIC
from tests.calls.stage import staged as stage_of
from tests.peers.carrier.happenings import StreamStarted
from tests.service.rehearsal import staged
from tests.service.rehearsal.staged import browser, typed

SCRIPT = """
[[turn]]
on = "greeting"
tone_ms = 20000
repeat = true
"""


async def test_who_rehearses_makes_way_for_a_caller(tmp_path: Path) -> None:
    limits = {"limits": {"calls_at_once": 1}}
    async with stage_of(tmp_path, SCRIPT, settings=limits) as stage:
        box = stage.box
        word = staged.token(box, Mode.TYPED, staged.account(box), origin=staged.ORIGIN)
        async with browser(box, Mode.TYPED, word) as page:
            await page.until("begun")
            caller = await stage.carrier.ring(caller=CALLER, called=CLINIC, plan="wait 30")
            await caller.journal.wait_for(StreamStarted)
            assert (await page.until("refused"))["why"] == Refusal.FULL
            assert "callers need the box" in (await page.until("ends"))["why"]
        with pytest.raises(NoRehearsal) as refused:
            await typed(box, HangUp())
        assert refused.value.why is Refusal.FULL
        assert not caller.is_over
        caller.hang_up()
        await caller.done()
