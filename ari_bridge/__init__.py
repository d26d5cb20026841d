"""Calls that come through a local Asterisk: media, manager interface, configuration.

media_events.py, ami_events.py, arrival.py and rendering.py do no I/O; leg.py, control.py and server.py do.
May import: appliance.core, aiohttp, orjson, panoramisk. Reaches the rest through the port `Switchboard`.
"""
