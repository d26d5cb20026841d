"""The cloud's two addresses: the one for talks stands in the settings, the other lies beside it. Pure.

May import: the standard library, appliance.core.
"""

from urllib.parse import urlsplit, urlunsplit

from appliance.core.settings import Cloud


def rest_url(cloud: Cloud) -> str:
    """The REST address beside a realtime address: `wss://host/v1/realtime` has `https://host/v1`."""
    parts = urlsplit(cloud.url)
    scheme = "https" if parts.scheme == "wss" else "http"
    return urlunsplit((scheme, parts.netloc, parts.path.removesuffix("/realtime"), "", ""))
