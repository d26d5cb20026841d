"""The loopback listener: `/alive` for the PBX's gate, `/healthz` for people and probes, `/metrics`.

All three are answered by the loop that carries the calls, so that a loop that hangs does not say it is well.
May import: appliance.core, appliance.store, appliance.service, aiohttp.
"""

import asyncio
from collections.abc import Callable, Iterable

from aiohttp import web

from appliance.core.counters import Counters
from appliance.core.pulse import Pulse
from appliance.service.metrics import Metrics
from appliance.store.writer import Writer

LATE_S = 0.25
REMEMBERED_S = 5.0
STORE_LATE_S = 5.0


class Health:
    """What is known of the parts of the bridge."""

    def __init__(
        self,
        pulse: Pulse,
        writer: Writer,
        counters: Counters,
        metrics: Metrics,
        parts: dict[str, str],
        deaf: Callable[[], bool] = lambda: False,
    ) -> None:
        self._pulse = pulse
        self._writer = writer
        self._counters = counters
        self._metrics = metrics
        self._parts = parts
        self._deaf = deaf
        self._worst = (0.0, 0.0)
        pulse.members.add(self._look)

    def _look(self, now_s: float) -> None:
        late_s, at_s = self._worst
        if self._pulse.late_s >= late_s or now_s - at_s > REMEMBERED_S:
            self._worst = (self._pulse.late_s, now_s)

    def routes(self) -> Iterable[web.RouteDef]:
        """What the loopback listener serves."""
        return [
            web.get("/alive", self._alive),
            web.get("/healthz", self._healthz),
            web.get("/metrics", self._page),
        ]

    async def _alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _healthz(self, _request: web.Request) -> web.Response:
        late_s = max(self._worst[0], self._pulse.late_s, self._without_beat_s())
        store = self._store()
        parts = {
            "loop": {"state": "late" if late_s > LATE_S else "ok", "late_s": round(late_s, 4)},
            "store": {"state": store, "waiting_rows": self._writer.depth},
            "calls": {"state": "ok", "live": self._counters.live},
            **{name: {"state": state} for name, state in self._parts.items()},
        }
        deaf = self._deaf()
        if deaf:
            parts["detector"] = {"state": "dead"}
        late = late_s > LATE_S
        state = "late" if late else "ok" if store == "ok" and not deaf else "degraded"
        return web.json_response({"state": state, "parts": parts}, status=503 if late else 200)

    def _without_beat_s(self) -> float:
        """How long ago the pulse beat last: should it ever stop, the loop may still answer."""
        since = self._pulse.beaten_at
        return asyncio.get_running_loop().time() - since if since else 0.0

    def _store(self) -> str:
        if not self._writer.alive:
            return "dead"
        if self._writer.trouble:
            return "trouble"
        return "late" if self._writer.waiting_s() > STORE_LATE_S else "ok"

    async def _page(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._metrics.page(), headers={"Content-Type": "text/plain; version=0.0.4"})
