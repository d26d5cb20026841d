"""The state of the box in plain words: a light for each thing that callers notice, from what processes say.

Pure. May import: the standard library, admin.tongue, admin.today.asking.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from admin.today.asking import Told
from admin.tongue import later

TONES = ("plain", "good", "care", "bad")
"""How much a light presses, the least first."""


@dataclass(frozen=True, slots=True)
class Light:
    """One light; `told` is what helps whoever looks after the box, in the words of the process itself."""

    name: str
    tone: str
    sentence: str
    told: str = ""


OTHER = later("This is not as it should be; whoever looks after the box finds more in `attendant doctor`.")
SAID: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "loop": {
        "ok": ("good", later("Calls are answered.")),
        "late": ("bad", later("The box is overloaded: callers may hear gaps.")),
    },
    "store": {
        "dead": ("bad", later("Nothing is written down any more. The bridge has to be started anew.")),
        "trouble": ("bad", later("The disk takes nothing: calls are answered, but may not be kept.")),
        "late": ("care", later("The disk is slow: what is said appears here late.")),
    },
    "disk": {"nearly full": ("care", later("The disk is nearly full."))},
    "twilio": {
        "ok": ("good", later("Calls come in by Twilio.")),
        "not asked yet": ("good", later("Calls come in by Twilio.")),
        "failing": ("care", later("Twilio does not take what the box asks: texts and recordings wait.")),
    },
    "pbx": {
        "ok": ("good", later("The telephone system runs.")),
        "speaking its sentences": (
            "good", later("The telephone system runs; its sentences are being spoken."),
        ),
        "not connected": ("bad", later("The telephone system (Asterisk) does not answer.")),
        "configuration refused": (
            "care", later("The telephone system keeps to what was decided before the last change."),
        ),
    },
    "phones": {
        "ok": ("good", later("The telephones of the front desk can be reached.")),
        "nobody": ("care", later("No telephone is set to ring for callers who want a person.")),
        "front desk unreachable": ("bad", later("The telephones of the front desk cannot be reached.")),
    },
    "trunk": {
        "ok": ("good", later("The line to the telephone provider stands.")),
        "refused": ("bad", later("The telephone provider refuses the box: no call comes in.")),
        "not registered": ("bad", later("The telephone provider does not answer: no call comes in.")),
        "unreachable": ("bad", later("The telephone provider does not answer: no call goes out.")),
    },
    "cloud": {
        "ok": ("good", later("The cloud assistant talks to callers.")),
        "off": ("plain", later("The cloud is switched off: the box's own assistant talks to callers.")),
        "down": ("care", later("The cloud cannot be reached: the box's own assistant talks to callers.")),
        "over the daily cap": (
            "care",
            later("The cloud has cost what it may for today: the box's own assistant talks to callers."),
        ),
        "no key": ("care", later("There is no key for the cloud: the box's own assistant talks to callers.")),
    },
    "recognition": {
        "ok": ("good", later("The box understands speech by itself.")),
        "not asked yet": ("good", later("The box can understand speech by itself; nobody needed it yet.")),
        "off": ("plain", later("The box's own assistant is switched off.")),
        "absent": ("care", later("The speech program does not run: without the cloud callers use the keys.")),
        "without weights": (
            "care", later("The speech program lacks its models: without the cloud callers use the keys."),
        ),
        "not answering": (
            "care", later("The speech program does not answer: without the cloud callers use the keys."),
        ),
    },
    "synthesis": {
        "absent": ("care", later("The speech program does not run: the box speaks with its spare voice.")),
        "without weights": (
            "care", later("The speech program lacks its voices: the box speaks with its spare voice."),
        ),
        "not answering": (
            "care", later("The speech program does not answer: the box speaks with its spare voice."),
        ),
    },
    "calendars": {
        "ok": ("good", later("The calendars answer.")),
        "failing": ("care", later("A calendar does not answer: appointments are written down as wishes.")),
    },
    "self-call": {
        "degraded": ("care", later("When the box last rang itself, it was not at its best.")),
        "failed": ("bad", later("When the box last rang itself, it was not answered as it should.")),
        "overdue": ("care", later("The box has not rung itself for too long.")),
    },
    "jobs": {
        "ok": ("good", later("Voicemail is written down, texts and e-mails go out.")),
        "some given up": (
            "care", later("Something after a call was given up: a text, a recording or an e-mail."),
        ),
        "late": ("care", later("Work after calls is late: voicemail is written down later than usual.")),
        "cannot be read": ("bad", later("Work after calls stands still.")),
    },
    "backup": {
        "ok": ("good", later("A copy of the box is kept elsewhere each night.")),
        "never": ("care", later("There is no copy of the box yet.")),
        "old": ("bad", later("The last copy of the box is too old: what came since would be lost with it.")),
        "failing": ("care", later("The box could not be copied, or its copy not be restored for a test.")),
        "partly": ("care", later("Something of the box is not in its last copy.")),
        "not verified": (
            "care", later("Nobody has seen for long that the copies of the box can be restored."),
        ),
    },
    "crew": {
        "hangs": ("bad", later("Work after calls stands still.")),
        "some hang": ("care", later("Something after a call hangs; the rest goes on.")),
    },
}  # fmt: skip
"""What a part's state means to the front desk. A part that is well and not named here is not spoken of."""

ANSWERING, LINE, CLOUD, SPEECH, CALENDARS, AFTERWARDS, COPIES = (
    later("Answering"),
    later("Telephone"),
    later("Cloud"),
    later("Speech"),
    later("Calendars"),
    later("After calls"),
    later("Backup"),
)
BRIDGE: Mapping[str, tuple[str, ...]] = {
    ANSWERING: ("loop", "store", "disk", "self-call", "detector", "tasks", "local"),
    LINE: ("twilio", "pbx", "phones", "trunk"),
    CLOUD: ("cloud",),
    SPEECH: ("recognition", "synthesis"),
    CALENDARS: ("calendars",),
}
WORKER: Mapping[str, tuple[str, ...]] = {
    AFTERWARDS: ("jobs", "crew", "bell"),
    COPIES: ("backup",),
}
NO_BRIDGE = Light(
    ANSWERING,
    "bad",
    later("The box does not answer calls just now: they go to the telephones, then to voicemail."),
    "systemctl status attendant-bridge",
)
NO_WORKER = Light(
    AFTERWARDS,
    "care",
    later("What follows calls waits: voicemail is not written down, texts and e-mails do not go out."),
    "systemctl status attendant-worker",
)
LATE = later("It did not say how it is within a moment: it may be busy, or hang.")
UNKNOWN = later("Not known here: its port is another one at each start.")


def lights(bridge: Told, worker: Told) -> list[Light]:
    """The lights, in their order."""
    return [*_process(bridge, BRIDGE, NO_BRIDGE), *_process(worker, WORKER, NO_WORKER)]


def _process(told: Told, groups: Mapping[str, tuple[str, ...]], missing: Light) -> Iterator[Light]:
    if not told.asked:
        yield Light(missing.name, "plain", UNKNOWN)
    elif told.late:
        yield Light(missing.name, "care", LATE, missing.told)
    elif not told.there:
        yield missing
    else:
        for name, parts in groups.items():
            yield from _worst(
                name, [_light(name, part, told.parts[part]) for part in parts if part in told.parts]
            )


def _worst(name: str, found: list[Light | None]) -> Iterator[Light]:
    """What presses most speaks for all of them; of a group of which nothing is known, nothing is said."""
    spoken = [light for light in found if light is not None]
    if spoken:
        yield max(spoken, key=lambda light: TONES.index(light.tone))


def _light(name: str, part: str, told: Mapping[str, Any]) -> Light | None:
    state, well = str(told.get("state", "")), told.get("well", True) is not False
    more = str(told.get("told") or told.get("problem") or told.get("reason") or "")
    if state in SAID.get(part, {}):
        tone, sentence = SAID[part][state]
        return Light(name, tone, sentence, "" if tone in ("good", "plain") else more)
    return None if well else Light(name, "care", OTHER, f"{part}: {state}{': ' if more else ''}{more}")
