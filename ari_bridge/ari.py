"""ARI, Asterisk's REST interface, as far as we use it: how the PBX is, and calls that the box places itself.

May import: the standard library, aiohttp, appliance.core.
"""

from base64 import b64encode
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from appliance.core.errors import CarrierFailed

ASK_S = 3.0
RING_S = 30
NOT_FOUND = 404
UNAUTHORISED = (401, 403)


@dataclass(frozen=True, slots=True)
class AriAccess:
    """Where Asterisk's web server is, such as http://127.0.0.1:8088, and who we are there."""

    base: str
    user: str
    secret: str


class Ari:
    """`async with Ari(access) as ari:` keeps connections. Every method raises CarrierFailed."""

    def __init__(self, access: AriAccess) -> None:
        self.base = access.base
        credentials = b64encode(f"{access.user}:{access.secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}"}

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=ASK_S)
        self.http = aiohttp.ClientSession(headers=self._headers, timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def version(self) -> str:
        """Asterisk's version, such as `22.10.1`."""
        told = await self._asked("GET", "asterisk/info")
        return _said(told, "system", "version")

    async def channels(self) -> int:
        """How many channels there are; a call of somebody has two or more."""
        return len(await self._asked("GET", "channels"))

    async def place(
        self,
        channel_id: str,
        endpoint: str,
        context: str,
        variables: dict[str, str],
        *,
        timeout_s: int = RING_S,
    ) -> None:
        """Call this endpoint; when it answers it goes to the start of a context, with these variables."""
        where = {"endpoint": endpoint, "context": context, "extension": "s", "priority": "1"}
        where["timeout"] = str(timeout_s)
        await self._asked(
            "POST", "channels", params={**where, "channelId": channel_id}, body={"variables": variables}
        )

    async def variable(self, channel_id: str, name: str) -> str:
        """The value of a variable of a channel."""
        told = await self._asked("GET", f"channels/{quote(channel_id)}/variable", params={"variable": name})
        return _said(told, "value")

    async def name(self, channel_id: str) -> str:
        """The name of a channel, by which the manager interface knows it."""
        told = await self._asked("GET", f"channels/{quote(channel_id)}")
        return _said(told, "name")

    async def hang_up(self, channel_id: str) -> None:
        """End a channel; one that is gone is gone."""
        await self._asked("DELETE", f"channels/{quote(channel_id)}", missing={})

    async def _asked(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        missing: Any = None,
    ) -> Any:
        """The answer as JSON; `missing` when there is no such thing and that is an answer, too."""
        try:
            async with self.http.request(
                method, f"{self.base}/ari/{path}", params=params, json=body
            ) as answer:
                if answer.status == NOT_FOUND and missing is not None:
                    return missing
                if answer.status in UNAUTHORISED:
                    raise CarrierFailed("the PBX's ARI refuses our password", retry=False)
                if answer.status >= 300:
                    raise CarrierFailed(f"the PBX's ARI answers {answer.status} to {path}", retry=False)
                return await answer.json() if answer.status != 204 else {}
        except (aiohttp.ClientError, TimeoutError, ValueError) as exc:
            raise CarrierFailed(f"the PBX's ARI cannot be reached at {self.base}", retry=True) from exc


def _said(told: Any, *names: str) -> str:
    """A text within an answer. Raises CarrierFailed where it is not."""
    try:
        for name in names:
            told = told[name]
        return str(told)
    except (KeyError, TypeError) as exc:
        raise CarrierFailed(f"the PBX's ARI does not say the {names[-1]}", retry=False) from exc
