"""The on-call rota over the PBX, put together of the settings: what rings, and what is told of it.

May import: the standard library, aiohttp, appliance.core, appliance.service.pbx, ari_bridge.
"""

from collections.abc import Iterable

from aiohttp import web

from appliance.core.on_call import OnCallDesk
from appliance.core.settings import Settings
from appliance.service.pbx.house import known_secret
from ari_bridge.ari import AriAccess
from ari_bridge.on_call import OnCallServer, PbxRinger
from ari_bridge.passwords import USER, Door, password


def ari_access(settings: Settings) -> AriAccess:
    """Who we are at the PBX's ARI. Raises SettingsError when there is no password, and none can be made."""
    asterisk = settings.asterisk
    secret = known_secret(settings, asterisk.ari_secret_file)
    return AriAccess(f"http://127.0.0.1:{asterisk.http_port}", USER, secret)


def ringer(settings: Settings) -> PbxRinger:
    """What rings who is on call. Raises SettingsError."""
    return PbxRinger(ari_access(settings))


def routes(settings: Settings, desk: OnCallDesk) -> Iterable[web.RouteDef]:
    """What the loopback listener serves for it. Raises SettingsError."""
    media_secret = known_secret(settings, settings.asterisk.media_secret_file)
    return OnCallServer(desk, password(media_secret, Door.DIALPLAN)).routes()
