"""The PBX as a doctor sees it: can we talk to it, is it new enough, has it what our dialplan needs.

May import: the standard library, aiohttp, appliance.core, appliance.service, ari_bridge.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator

import aiohttp

from appliance.core.errors import CarrierFailed, SettingsError
from appliance.core.examined import Examined, missing, note, well
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.service.doctor import shared_folder
from appliance.service.pbx.house import House
from appliance.service.pbx.sounds import names
from appliance.service.pbx.trial import CONTEXTS
from ari_bridge.ami_session import ManagerSession, NoManager, NotLetIn
from ari_bridge.ari import Ari, AriAccess
from ari_bridge.control import Access
from ari_bridge.passwords import USER, basic
from ari_bridge.server import PATH

LEAST = {20: 18, 22: 8, 23: 2}
"""The least minor version of each branch whose WebSocket channels speak JSON; all after them do."""
MODULES = (
    *("chan_websocket", "res_websocket_client", "res_http_websocket", "res_curl", "func_curl"),
    *("app_dial", "app_originate", "app_playback", "app_read", "app_record", "app_stack", "app_userevent"),
    "app_senddtmf",
    *("func_callerid", "func_channel", "func_cut", "func_db", "func_dialplan", "func_env", "func_global"),
    *("func_logic", "func_strings"),
    *("func_timeout", "codec_ulaw", "format_pcm", "format_wav", "res_musiconhold"),
    *("res_ari", "res_ari_asterisk", "res_ari_channels"),
)
"""What the dialplan, the media leg and the self-call need of Asterisk."""
ACTIONS = (
    *("Command", "CoreShowChannels", "DBDel", "DBDelTree", "DBGet", "DBGetTree", "ModuleCheck", "PlayDTMF"),
    *("Reload", "Setvar"),
)
"""What the bridge asks for in calls, and this doctor."""
EVENT = "AttendantDoctor"
LATE_S = 2.0
ASK_S = 3.0
_VERSION = re.compile(r"(?:certified[-/])?(\d+)\.(\d+)")


async def examined(settings: Settings, office: Office, local_base: str) -> AsyncIterator[Examined]:
    """Look at everything that can be looked at; what rests on a part that is missing is left out."""
    asterisk = settings.asterisk
    how = "attendant asterisk render --existing" if asterisk.existing else "attendant asterisk render"
    try:
        files = (asterisk.ami_secret_file, asterisk.ari_secret_file, asterisk.media_secret_file)
        ami_secret, ari_secret, media_secret = (settings.secret(file) for file in files)
    except SettingsError as exc:
        yield missing("passwords", f"{exc} `{how}` makes those that are not there.")
        return
    async for each in _manager(settings, ami_secret, how):
        yield each
    yield await _ari(asterisk.http_port, ari_secret, how)
    yield await _media(local_base, media_secret)
    house = House.of(settings)
    yield await asyncio.to_thread(shared_folder.examined, house, asterisk.ami_port)
    yield _sounds(house, office)


async def _manager(settings: Settings, secret: str, how: str) -> AsyncIterator[Examined]:
    """The manager interface, and all that it can tell."""
    part, port = "manager interface", settings.asterisk.ami_port
    try:
        async with ManagerSession(Access("127.0.0.1", port, USER, secret)) as session:
            yield well(part, f"lets {USER!r} in at port {port}")
            async for each in _asked(session, settings, how):
                yield each
    except NoManager as exc:
        yield missing(part, _no_manager(str(exc), port, existing=settings.asterisk.existing))
    except NotLetIn as exc:
        file = settings.secrets_dir / settings.asterisk.ami_secret_file
        yield missing(part, f"{exc}: manager.conf must hold the one in {file}, as `{how}` gives it.")
    except CarrierFailed as exc:
        yield missing(part, f"{exc}: is Asterisk hanging? Restart it.")


def _no_manager(why: str, port: int, *, existing: bool) -> str:
    if existing:
        return (
            f"{why}: start Asterisk, with `enabled = yes` and `port = {port}` in [general] of manager.conf."
        )
    return f"{why}: start Asterisk (`systemctl start attendant-asterisk`)."


async def _asked(ami: ManagerSession, given: Settings, how: str) -> AsyncIterator[Examined]:
    """What the manager interface itself can tell."""
    yield await _permissions(ami, how)
    settings = await ami.ask("CoreSettings")
    yield version(settings.get("AsteriskVersion", ""))
    lacking = [name for name in MODULES if not await _loaded(ami, name)]
    if lacking:
        lines = ", ".join(f"`load = {name}.so`" for name in lacking)
        yield missing("modules", f"{', '.join(lacking)}: add {lines} to modules.conf and restart Asterisk.")
    else:
        yield well("modules", f"all {len(MODULES)} are loaded")
    contexts = [name for name in CONTEXTS if not await _context(ami, name)]
    if contexts:
        etc = House.of(given).folder / "etc"
        read = f", let Asterisk's user read {etc}" if given.asterisk.existing else ""
        lost = ", ".join(contexts)
        yield missing("dialplan", f"{lost} not there: `{how}`{read}, then `dialplan reload` in Asterisk.")
    else:
        yield well("dialplan", "our contexts are there")
    if given.asterisk.existing and (number := given.asterisk.assistant_extension):
        yield await _extension(ami, number, given.asterisk.existing_context, how)
    yield _clock(await ami.ask("Ping"))


async def _permissions(ami: ManagerSession, how: str) -> Examined:
    """What we may ask for, and whether we hear what the dialplan tells."""
    allowed = await ami.ask("ListCommands")
    lacking = [name for name in ACTIONS if name not in allowed]
    if lacking:
        told = (
            f"[{USER}] in manager.conf may not {', '.join(lacking)}: give it the `write =` line of `{how}`."
        )
        return missing("permissions", told)
    if "UserEvent" not in allowed:
        return note("permissions", f"[{USER}] may not send user events: whether it hears them is not known.")
    await ami.ask("UserEvent", UserEvent=EVENT)
    if not await ami.told(EVENT):
        told = f"[{USER}] does not hear what the dialplan tells: give it the `read =` line of `{how}`."
        return missing("permissions", told)
    return well("permissions", "it may do what we need, and hears the dialplan")


def version(text: str) -> Examined:
    """Whether an Asterisk of this version can serve, such as `22.10.1` or `certified-20.7-cert2`."""
    found = _VERSION.match(text)
    if found is None:
        return note("version", f"{text[:40]!r} is no version that we know: 20.18, 22.8 or newer is needed.")
    branch, minor = int(found[1]), int(found[2])
    least = LEAST.get(branch)
    if branch > max(LEAST) or (least is not None and minor >= least):
        return well("version", f"Asterisk {text[:40]}")
    told = (
        f"Asterisk {text[:40]} is too old: WebSocket channels as we need them came with 20.18, 22.8 and 23.2."
    )
    return missing("version", f"{told} Update Asterisk, or let the box run its own.")


async def _loaded(ami: ManagerSession, name: str) -> bool:
    return (await ami.ask("ModuleCheck", Module=name)).get("Response") == "Success"


async def _context(ami: ManagerSession, name: str) -> bool:
    answer = await ami.ask("Command", Command=f"dialplan show {name}")
    return f"'{name}'" in answer.get("Output", "") and "no existence" not in answer.get("Output", "")


async def _extension(ami: ManagerSession, number: str, context: str, how: str) -> Examined:
    """Whether the assistant's extension leads to the assistant, and to nobody else of that PBX."""
    answer = await ami.ask("Command", Command=f"dialplan show {number}@{context}")
    places = extensions(answer.get("Output", ""), number)
    others = [name for name in places if name != f"{context}-custom"]
    if others:
        told = f"{number} is somebody else's in {', '.join(others)}, and ours comes before it"
        return missing("extension", f"{told}: choose a free [asterisk] assistant_extension, then `{how}`.")
    if not places:
        return missing("extension", f"{number} is not in {context}: put in the first piece of `{how}`.")
    return well("extension", f"{number} leads to the assistant")


def extensions(shown: str, number: str) -> list[str]:
    """The contexts that have this very extension, by what `dialplan show` says."""
    found, context = [], ""
    for line in shown.splitlines():
        if begins := re.match(r"\[ (?:Included c|C)ontext '([^']+)'", line.strip()):
            context = begins[1]
        elif line.strip().startswith(f"'{number}' =>"):
            found.append(context)
    return found


def _clock(answer: dict[str, str]) -> Examined:
    """Whether the PBX's clock is ours: opening hours go by it."""
    try:
        ahead_s = float(answer.get("Timestamp", "")) - time.time()
    except ValueError:
        return note("time", "the PBX does not say what time it is.")
    if abs(ahead_s) > LATE_S:
        return missing("time", f"the PBX's clock is {ahead_s:+.0f} s off ours: have both set by NTP.")
    return well("time", "the PBX's clock is ours")


async def _ari(port: int, secret: str, how: str) -> Examined:
    try:
        async with Ari(AriAccess(f"http://127.0.0.1:{port}", USER, secret)) as ari:
            return well("ARI", f"answers at port {port}, version {await ari.version()}")
    except CarrierFailed as exc:
        if exc.retry:
            told = f"`enabled = yes` and `bindport = {port}` belong into http.conf"
            return missing("ARI", f"nobody listens at port {port}: {told} (`{how}`).")
        return missing(
            "ARI", f"{exc}: [{USER}] of `{how}` belongs into ari.conf, and ARI must be enabled there."
        )


async def _media(local_base: str, secret: str) -> Examined:
    """Knock where the PBX connects for a call's sound, with its password: without a handshake we say so."""
    headers = {"Authorization": basic(secret)}
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASK_S))
    try:
        async with session as http, http.get(f"{local_base}{PATH}", headers=headers) as answer:
            status = answer.status
    except (aiohttp.ClientError, TimeoutError):
        return missing("media port", f"the bridge does not answer at {local_base}: start attendant-bridge.")
    if status == 400:
        return well("media port", f"the bridge takes calls at {local_base}")
    if status == 401:
        return missing("media port", "the bridge has another media password: restart attendant-bridge.")
    return missing(
        "media port", f"what answers at {local_base} takes no calls of a PBX: set [asterisk] enabled."
    )


def _sounds(house: House, office: Office) -> Examined:
    needed = names(office, house)
    lacking = [name for name in needed if not (house.sounds / f"{name}.ulaw").exists()]
    if lacking:
        told = f"{', '.join(lacking)} are not in {house.sounds}: `attendant asterisk render` makes them."
        return missing("sounds", told)
    return well("sounds", f"{len(needed)} files are in {house.sounds}")
