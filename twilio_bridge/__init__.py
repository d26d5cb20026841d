"""Calls that come through Twilio: webhooks, TwiML, Media Streams, REST.

webhook.py, signature.py, twiml.py and media_stream.py do no I/O; leg.py, rest.py and server.py do.
May import: appliance.core, aiohttp, orjson, twilio. Reaches the rest through the port `Switchboard`.
"""
