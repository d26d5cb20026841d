"""The cloud brain: OpenAI's Realtime service, GA protocol, over aiohttp's WebSocket.

session.py, messages.py, faults.py and prices.py do no I/O; dial.py connects; brain.py is the `Brain`.
May import: appliance.core, aiohttp, orjson, av.
"""
