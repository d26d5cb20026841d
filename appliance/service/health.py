"""The loopback listener: `/alive` for the PBX's gate, `/healthz` for people and probes, `/metrics`.

All three are answered by the loop that carries the calls, so that a loop that hangs does not say it is well,
and from what is known already: nobody is asked.
May import: appliance.core, appliance.store, appliance.service, aiohttp.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from aiohttp import web

from appliance import VERSION
from appliance.core.counters import Counters
from appliance.core.pulse import Pulse
from appliance.service.metrics import Metrics
from appliance.service.parts import Part, Reading, written
from appliance.store.writer import Writer

LATE_S = 0.25
REMEMBERED_S = 5.0
STORE_LATE_S = 5.0

_TOLD = {
    "dead": {"told": "nothing is written down any more: restart attendant-bridge"},
    "trouble": {"told": "the disk takes nothing, and calls are kept in memory alone: is it full, or broken?"},
    "late": {"told": "the disk is slow, and rows wait for longer than 5 s"},
}


class Health:
    """What is known of the parts of the bridge."""

    def __init__(
        self,
        pulse: Pulse,
        writer: Writer,
        counters: Counters,
        metrics: Metrics,
        parts: Mapping[str, Reading],
    ) -> None:
        self._pulse = pulse
        self._writer = writer
        self._counters = counters
        self._metrics = metrics
        self._parts = parts
        self.warnings: dict[str, Callable[[], list[str]]] = {}
        """What is to be said of a part beside its state, sentence by sentence, by the part's name."""
        self._worst = (0.0, 0.0)
        self._since = written(datetime.now(UTC))
        pulse.members.add(self._look)
        metrics.show(
            "part_ok",
            "Whether a part is well: 0 when callers get less than what is configured",
            "part",
            lambda: {name: float(part.well) for name, part in self.parts().items()},
        )

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
        parts = self.parts()
        late = not parts["loop"].well
        state = "late" if late else "ok" if all(part.well for part in parts.values()) else "degraded"
        told = {name: self._told(name, part) for name, part in parts.items()}
        head = {"state": state, "version": VERSION, "since": self._since}
        return web.json_response({**head, "parts": told}, status=503 if late else 200)

    def parts(self) -> dict[str, Part]:
        """How every part is now."""
        late_s = max(self._worst[0], self._pulse.late_s, self._without_beat_s())
        late, store = late_s > LATE_S, self._store()
        return {
            "loop": Part("late" if late else "ok", not late, {"late_s": round(late_s, 4)}),
            "store": Part(store, store == "ok", {"waiting_rows": self._writer.depth, **_TOLD.get(store, {})}),
            "calls": Part("ok", True, {"live": self._counters.live}),
            **{name: read() for name, read in self._parts.items()},
        }

    def _told(self, name: str, part: Part) -> dict[str, object]:
        told = {"state": part.state, **({} if part.well else {"well": False}), **part.more}
        warnings = self.warnings[name]() if name in self.warnings else []
        return {**told, "warnings": warnings} if warnings else told

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
