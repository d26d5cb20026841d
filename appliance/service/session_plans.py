"""How the cloud's sessions of a call are to be set up, one plan for each language.

May import: appliance.core, appliance.service.desk, models.
"""

import logging
from dataclasses import replace
from typing import Literal

from appliance.core.coding import Coding
from appliance.core.other_languages import spoken
from appliance.core.settings import Cloud
from appliance.core.sources import cues
from appliance.core.staff import Office, StaffSettings
from appliance.service.desk import schemas
from models import prompt
from models.realtime.messages import SessionPlan

Turns = Literal["server", "semantic", "manual"]
log = logging.getLogger(__name__)


def session_plans(
    cloud: Cloud,
    office: Office,
    coding: Coding,
    *,
    detector: bool,
    greeted: bool = False,
    links: bool = False,
) -> dict[str, SessionPlan]:
    """The plans by language, such as `es`.

    `detector`: whether our own ear listens in every call. `greeted`: whether a recording greets. `links`:
    whether links to book by are texted.
    """

    def instructed(language: str) -> str:
        return prompt.instructions(office, language, greeted=greeted, links=links)

    turns, tools = turn_detection(office.staff, detector=detector), schemas(office, links=links)
    plans = {code: _plan(cloud, office, coding, code, instructed(code), turns) for code in spoken(office)}
    return {code: replace(plan, tools=tools) for code, plan in plans.items()}


def _plan(
    cloud: Cloud, office: Office, coding: Coding, language: str, instructions: str, turns: Turns
) -> SessionPlan:
    return SessionPlan(
        model=cloud.model,
        voice=prompt.voice(office, language),
        instructions=instructions,
        prompt=prompt.VERSION,
        transcription_model=cloud.transcription_model,
        languages=(language, *(code for code in spoken(office) if code != language)),
        keywords=tuple(line.name for line in office.departments),
        turn_detection=turns,
        silence_ms=office.staff.turn_silence_ms,
        audio=cloud.audio,
        leg=coding,
        max_output_tokens=cloud.max_output_tokens,
        watched=cues(),
    )


def turn_detection(staff: StaffSettings, *, detector: bool) -> Turns:
    """Who says when the caller has finished: we only where we have an ear of our own for it."""
    if staff.turn_detection == "manual" and not detector:
        log.warning("turns cannot be ended by us without the detector: the cloud ends them")
        return "server"
    return staff.turn_detection
