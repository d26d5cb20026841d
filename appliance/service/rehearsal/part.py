"""Rehearsals as a part of the bridge: who is let in, what is served, what runs beside the calls.

May import: the standard library, aiohttp, appliance.core, appliance.service, appliance.store.
"""

from aiohttp import web

from appliance.core.counters import Counters
from appliance.service.metrics import Metrics
from appliance.service.rehearsal.desk import MakeCall, Rehearsals
from appliance.service.rehearsal.room import Outside
from appliance.service.rehearsal.server import RehearsalServer
from appliance.store import scratch
from appliance.store.writer import Writer


class RehearsalPart:
    """All of it. Rooms that a process before this one has left are removed."""

    def __init__(self, outside: Outside, writer: Writer, make_call: MakeCall, counters: Counters) -> None:
        self._data_dir = outside.settings.box.data_dir
        self._desk = Rehearsals(outside, writer, make_call, counters)
        self._server = RehearsalServer(self._desk, outside.settings.limits)

    def open(self, app: web.Application, metrics: Metrics) -> None:
        """Serve them on the loopback listener; nobody rehearses yet."""
        scratch.sweep(self._data_dir)
        app.add_routes(self._server.routes())
        app.on_shutdown.append(self._server.close)
        told = "Rehearsals that were refused: their token was no good, or callers need the box"
        metrics.count("rehearsals_refused", told, lambda: self._desk.refused)
        going = "How many members of staff rehearse now"
        metrics.show("rehearsals_live", going, "", lambda: {"": float(self._desk.going)})

    async def run(self) -> None:
        """What is to run beside the calls."""
        await self._server.talks.run()
