"""The box itself as a doctor sees it, by what is cheap to look at and asks nobody outside.

May import: the standard library, appliance.core, appliance.service, appliance.store, models.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

from appliance.core.errors import AttendantError, SettingsError
from appliance.core.examined import Examined, missing, note, well
from appliance.core.phones import outside
from appliance.core.self_call import State, overdue_after_s
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.service import disk, rendering
from appliance.service.doctor import bridge, certificate, journal, promises, worker
from appliance.service.self_call import alarm
from appliance.store import database, migrations, self_calls, times
from models.local.espeak import PROGRAM
from models.local.speech_client import SpeechClient, SpeechFailed
from models.weights import folder, table

ASK_S = 3.0


async def examined(
    settings: Settings, office: Office, local_base: str, now: datetime | None = None
) -> AsyncIterator[Examined]:
    """Look at everything. `now` is the time by which a self-call is old; None is that of the clock."""
    yield _store(settings.database)
    yield _disk(settings)
    async for each in bridge.examined(local_base):
        yield each
    for each in await worker.examined(settings, now):
        yield each
    async for each in certificate.examined(settings, now):
        yield each
    for each in _secrets(settings):
        yield each
    for each in _weights(settings):
        yield each
    async for each in _speech(settings):
        yield each
    yield sentences(settings, office)
    yield _people(settings, office)
    yield _menu(office)
    for each in promises.examined(settings, office.staff, now):
        yield each
    for each in journal.examined(office.staff.keep_days):
        yield each
    if settings.asterisk.enabled:
        yield _self_call(settings, now or datetime.now(UTC))


def _store(path: Path) -> Examined:
    try:
        lacking = migrations.pending(path)
    except AttendantError as exc:
        return missing("database", f"{exc} Start the bridge once: it makes or mends it.")
    if lacking:
        return missing(
            "database", f"it lacks {', '.join(lacking)}: restart the bridge, which brings it up to date."
        )
    return well("database", f"{path} is up to date")


def _disk(settings: Settings) -> Examined:
    free = disk.free_mb((settings.box.data_dir, settings.asterisk_dir))
    if free is None:
        return note("disk", f"how much room there is at {settings.box.data_dir} cannot be told.")
    if free < disk.LEAST_MB:
        return missing("disk", f"{disk.told(free)}.")
    return well("disk", f"{free} MB are free")


def _secrets(settings: Settings) -> Iterator[Examined]:
    """Keys and passwords that are configured: there, and readable by us alone."""
    wanted = {
        "cloud key": settings.cloud.key_file if settings.cloud.enabled else None,
        "Twilio token": settings.twilio.auth_token_file if settings.twilio.account_sid else None,
        "trunk password": settings.asterisk.trunk.secret_file if settings.asterisk.trunk.user else None,
    }
    for part, file in wanted.items():
        if file is None:
            continue
        try:
            settings.secret(file)
        except SettingsError as exc:
            yield missing(part, str(exc))
        else:
            yield well(part, "is there; `attendant check --online` asks whether it is accepted")


def _weights(settings: Settings) -> Iterator[Examined]:
    wanted = _wanted_weights(settings)
    if not wanted:
        return
    known = {each.name: each for each in table.load(None).weights}
    lacking = [
        name
        for name in sorted(wanted)
        if name in known and folder.state(known[name], settings.models_dir).condition != "there"
    ]
    if lacking:
        yield missing(
            "weights", f"{', '.join(lacking)}: `attendant models fetch {' '.join(lacking)}` brings them."
        )
    else:
        yield well("weights", f"are in {settings.models_dir}")


def _wanted_weights(settings: Settings) -> set[str]:
    """Those of the speech program, and embeddings of the local assistant once they were fetched."""
    speech, local = settings.speech, settings.local
    wanted = set()
    if speech.uri and not speech.recognition_uri:
        wanted.add(speech.whisper)
    if speech.uri and speech.piper and not speech.synthesis_uri:
        wanted.update(speech.voices.values())
    if local.enabled and local.embeddings and (settings.models_dir / local.embeddings).is_dir():
        wanted.add(local.embeddings)
    return wanted


async def _speech(settings: Settings) -> AsyncIterator[Examined]:
    speech = settings.speech
    places = {at for at in (speech.recognition_at, speech.synthesis_at) if at}
    if not places:
        yield note("speech", "no speech program is set ([speech] uri): without the cloud callers use keys.")
    for at in sorted(places):
        try:
            offer = await SpeechClient(at).describe(ASK_S)
        except SpeechFailed as exc:
            yield missing("speech", f"{exc}: start attendant-speech, or correct [speech].")
            continue
        models, voices = (
            ", ".join(each.name for each in named) or "nothing" for named in (offer.models, offer.voices)
        )
        yield well("speech", f"{at} recognises with {models} and speaks with {voices}")
    if shutil.which(PROGRAM) is None:
        yield missing("voice of last resort", f"{PROGRAM} is not installed: `apt install {PROGRAM}`.")


def sentences(settings: Settings, office: Office) -> Examined:
    """Whether what the box is known to say is rendered ahead."""
    kept, voices = rendering.cache(settings), rendering.voices_of(settings)
    lacking, of = rendering.lacking(kept, voices, rendering.texts(office))
    if lacking and not settings.speech.rendered_ahead:
        told = f"{of - lacking} of {of} are rendered ahead, the others when they are first wanted"
        return well("sentences", f"{told}, as `[speech] rendered_ahead = false` wants it")
    if lacking:
        told = f"{lacking} of {of} are not rendered ahead, and callers hear them a moment later"
        return note("sentences", f"{told}: attendant-worker renders them, or `attendant prompts render`.")
    return well("sentences", f"all {of} that are known beforehand are rendered ahead")


def _people(settings: Settings, office: Office) -> Examined:
    """Whether anybody rings when a person is wanted."""
    people = office.staff.people
    reached = people if settings.asterisk.enabled else outside(people)
    if not reached:
        told = "nobody rings when a caller wants a person: `attendant staff set people '[\"101\"]'`."
        return missing("front desk", told)
    return well("front desk", f"{len(reached)} are to ring when a caller wants a person")


def _menu(office: Office) -> Examined:
    """Whether callers are told of all that is in the menu: of what had key 0 once, they are not."""
    menu = office.staff.menu
    if untold := [str(entry.choice) for entry in menu if not (entry.digit or entry.said)]:
        told = f"callers are told of no key for {', '.join(untold)}, as 0 leads to a person alone"
        return note("menu", f"{told}: `attendant staff set menu`, or *Menu and greetings* in the pages.")
    return well("menu", f"each of its {len(menu)} entries has a key, or is told of")


def _self_call(settings: Settings, now: datetime) -> Examined:
    """What the box found when it rang itself last."""
    last = _last(settings.database)
    minutes = settings.asterisk.self_call_minutes
    if last is None:
        return note("self-call", "there was none yet: `attendant self-call` rings the box now.")
    old_s = (now - times.read(last.began_at)).total_seconds()
    if minutes and old_s > overdue_after_s(minutes):
        told = f"the last one was at {last.began_at}, and the box is to ring itself every {minutes} minutes"
        return missing("self-call", f"{told}: `attendant self-call` does it now, and says what hinders it.")
    if last.state is State.UNCHECKED:
        return missing("self-call", f"at {last.began_at} it could look at nothing: `attendant self-call`.")
    if found := "; ".join(alarm.problems(last)):
        return (missing if last.alarm else note)("self-call", f"at {last.began_at} {found}.")
    return well("self-call", f"all was well at {last.began_at}")


def _last(path: Path) -> self_calls.SelfCall | None:
    try:
        db = database.connect_readonly(path)
    except AttendantError:
        return None
    try:
        return self_calls.last(db)
    except database.Error:
        return None
    finally:
        db.close()
